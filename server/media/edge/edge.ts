import type { VoiceCodec } from '../../model/media-terms.ts';
import type { AgreedAudio } from '../sdp/agree-audio.ts';

/** Where a leg's packets go; plain RTP and every WebRTC edge implement it. */
export interface PacketLink {
  /** Synchronization source to send with, as announced where a description announces it. */
  readonly ssrc: number;
  /** Packets that came in and were not heard (foreign, not authentic, too many), and sends that the network refused. */
  readonly refused: number;
  /**
   * Sends one RTP packet (12-byte header and payload, not encrypted). The link may change the
   * buffer, and it must not be touched after. Dropped without a word while the path is not up.
   */
  send(packet: Buffer): void;
  /** Sends one compound RTCP packet, not encrypted. */
  sendControl(packet: Buffer): void;
  /** Closes ports; idempotent; nothing reaches the sink after. */
  close(): Promise<void>;
}

/** Who takes what comes in over a link. */
export interface PacketSink {
  /** Whether a datagram from a source that is not locked yet looks like this leg's audio. */
  isPlausible(packet: Buffer): boolean;
  /** One RTP packet, decrypted and authenticated where the link encrypts; the sink may keep and change it. */
  onPacket(packet: Buffer): void;
  /** One compound RTCP packet, decrypted. */
  onControl(packet: Buffer): void;
  /** The link can send for the first time. */
  onReady(): void;
  /** The link failed for good; never after `close`. */
  onFailed(reason: string): void;
}

/** How a description was taken by an edge. */
export type EdgeNegotiation<T> =
  | ({ readonly kind: 'agreed'; readonly audio: AgreedAudio } & T)
  | { readonly kind: 'unsupported'; readonly reason: string };

/** A link to a browser: ICE, DTLS and SRTP end in it. */
export interface EdgeLink extends PacketLink {
  /** Makes a new offer on the same link. @param codecs - best first. */
  propose(codecs: readonly VoiceCodec[]): Promise<string>;
  /** Takes the browser's answer to our offer. */
  acceptAnswer(sdp: string): Promise<EdgeNegotiation<object>>;
  /** Answers a new offer on the same link: hold, refresh, ICE restart. */
  reoffer(sdp: string): Promise<EdgeNegotiation<{ readonly sdp: string }>>;
}

/**
 * What ends WebRTC for the engine. Descriptions are complete (no trickle): all our candidates are
 * in them, and the browser's may be hidden behind mDNS names, since it sends checks to us.
 * @remarks Implementations: `werift`; `mediasoup` comes later behind the same contract, with a
 *   plain transport on loopback as the link.
 */
export interface WebRtcEdge {
  /** @param preferences - codecs, best first. */
  answer(offer: string, sink: PacketSink, preferences: readonly VoiceCodec[]):
    Promise<EdgeNegotiation<{ readonly link: EdgeLink; readonly sdp: string }>>;
  offer(sink: PacketSink, preferences: readonly VoiceCodec[]): Promise<{ readonly link: EdgeLink; readonly sdp: string }>;
  /** Ends what the edge itself holds; links are closed by their legs before. */
  close(): Promise<void>;
}
