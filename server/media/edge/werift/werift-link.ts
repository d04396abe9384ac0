import { RTCPeerConnection, RTCRtpCodecParameters, RtpHeader } from 'werift';
import type { RTCDtlsTransport, RTCRtpTransceiver, SrtcpSession, SrtpSession } from 'werift';
import { AppError } from '../../../base/app-error.ts';
import { delay, withDeadline } from '../../../base/deadline.ts';
import type { G711Name } from '../../codec/g711.ts';
import { RTP_HEADER_BYTES } from '../../rtp/packet.ts';
import { findAudio, isWebRtc } from '../../sdp/audio-section.ts';
import type { AudioSection } from '../../sdp/audio-section.ts';
import { agreeOnAudio, OFFERED_EVENT_PAYLOAD_TYPE } from '../../sdp/negotiate-plain.ts';
import type { AgreedAudio } from '../../sdp/negotiate-plain.ts';
import { parseSdp } from '../../sdp/session-description.ts';
import type { EdgeLink, EdgeNegotiation, PacketSink } from '../edge.ts';
import { announceAddress, narrowBrowserSdp } from './browser-sdp.ts';

/** Candidates of one local address take milliseconds; more is a fault. */
const GATHER_MS = 2_000;
/** From both descriptions known to DTLS complete. */
const CONNECT_MS = 20_000;
/** A browser checks its path every 2.5 s at most; silent for so long it is gone (RFC 7675 §5.1: 30 s). */
const CONSENT_MS = 30_000;

/** What a link to one browser needs. */
export interface WeriftLinkOptions {
  readonly host: string;
  readonly announcedHost: string;
  readonly sink: PacketSink;
  readonly preferences: readonly G711Name[];
  readonly onClosed: () => void;
}

type Filter = NonNullable<ConstructorParameters<typeof RTCPeerConnection>[0]>['iceFilterStunResponse'];
type StunFilter = NonNullable<Filter>;

/**
 * One browser: werift does ICE (lite), DTLS and the descriptions; packets pass it by on their way
 * between its SRTP contexts and the engine.
 * @remarks ICE lite, RFC 8445 §2.5: we have one known address, and the browser nominates.
 */
export class WeriftLink implements EdgeLink {
  readonly ssrc: number;
  readonly #options: WeriftLinkOptions;
  readonly #peer: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #dtls: RTCDtlsTransport;
  #srtp: SrtpSession | undefined;
  #srtcp: SrtcpSession | undefined;
  #lastHeardMs = performance.now();
  #connecting: AbortController | undefined;
  #isConnected = false;
  #closing: Promise<void> | undefined;

  constructor(options: WeriftLinkOptions) {
    this.#options = options;
    this.#peer = new RTCPeerConnection({
      codecs: { audio: listCodecs(options.preferences), video: [] },
      iceServers: [],
      iceLite: true,
      // Only the address that we were given: no interface is looked up, no STUN server asked.
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [options.host],
      iceInterfaceAddresses: options.host.includes(':') ? { udp6: options.host } : { udp4: options.host },
      iceFilterStunResponse: (message, address) => this.#admitCheck(message, address),
    });
    this.#transceiver = this.#peer.addTransceiver('audio', { direction: 'sendrecv' });
    this.#dtls = this.#transceiver.dtlsTransport;
    this.ssrc = this.#transceiver.sender.ssrc;
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#connected();
      else if (state === 'failed' || state === 'closed') this.#fail(`webrtc-${state}`);
    });
    this.#dtls.onStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed') this.#fail(`dtls-${state}`);
    });
  }

  /** Makes our offer, with all candidates. */
  async makeOffer(): Promise<string> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    return this.#localSdp();
  }

  async acceptAnswer(sdp: string): Promise<EdgeNegotiation<object>> {
    const narrowed = this.#narrow(sdp);
    if (narrowed.kind === 'unsupported') return narrowed;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: narrowed.sdp });
    this.#expectConnection();
    return { kind: 'agreed', audio: narrowed.audio };
  }

  async reoffer(sdp: string): Promise<EdgeNegotiation<{ readonly sdp: string }>> {
    const narrowed = this.#narrow(sdp);
    if (narrowed.kind === 'unsupported') return narrowed;
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: narrowed.sdp });
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    this.#expectConnection();
    return { kind: 'agreed', audio: narrowed.audio, sdp: await this.#localSdp() };
  }

  send(packet: Buffer): void {
    if (this.#srtp === undefined) return;
    this.#transmit(this.#srtp.encrypt(packet.subarray(RTP_HEADER_BYTES), RtpHeader.deSerialize(packet)));
  }

  sendControl(packet: Buffer): void {
    if (this.#srtcp === undefined) return;
    this.#transmit(this.#srtcp.encrypt(packet));
  }

  /** Fails when the browser has not checked the path for so long that it must be gone. */
  checkConsent(): void {
    if (this.#isConnected && performance.now() - this.#lastHeardMs > CONSENT_MS) this.#fail('ice-consent-lost');
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#connecting?.abort();
    this.#srtp = undefined;
    this.#srtcp = undefined;
    this.#options.onClosed();
    await this.#peer.close();
  }

  #transmit(encrypted: Buffer): void {
    // A datagram that the network refuses is a lost packet; a path that is gone is found by consent.
    this.#dtls.iceTransport.connection.send(encrypted).catch(() => { this.#refusedSends += 1; });
  }

  #refusedSends = 0;

  /**
   * Takes checks only from the browser that we described ourselves to, and follows it when it
   * nominates another path.
   * @remarks RFC 8445 §7.3: both user names, which only the two descriptions carry.
   */
  #admitCheck(message: Parameters<StunFilter>[0], address: Parameters<StunFilter>[1]): boolean {
    const { connection } = this.#dtls.iceTransport;
    const userName: unknown = message.getAttributeValue('USERNAME');
    if (connection.remoteUsername !== '' && userName !== `${connection.localUsername}:${connection.remoteUsername}`) return false;
    this.#lastHeardMs = performance.now();
    const { nominated } = connection;
    if (nominated !== undefined && message.attributesKeys.includes('USE-CANDIDATE')
      && (nominated.remoteAddr[0] !== address[0] || nominated.remoteAddr[1] !== address[1])) connection.resetNominatedPair();
    return true;
  }

  #narrow(sdp: string): { readonly kind: 'narrowed'; readonly sdp: string; readonly audio: AgreedAudio } | { readonly kind: 'unsupported'; readonly reason: string } {
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return { kind: 'unsupported', reason: `the description is malformed: ${parsed.reason}` };
    const others = parsed.session.media.filter(({ kind, port }) => kind !== 'audio' && port !== 0);
    if (others.length > 0) return { kind: 'unsupported', reason: `only audio is spoken, not ${others.map(({ kind }) => kind).join(', ')}` };
    const section = findAudio(parsed.session);
    if (section === undefined || !isWebRtc(section)) return { kind: 'unsupported', reason: 'no audio section with DTLS-SRTP' };
    const agreed = agreeOnAudio(section, this.#preferredOf(section));
    if (agreed.kind === 'unsupported') return agreed;
    const { codec, payloadType } = agreed.audio;
    return {
      kind: 'narrowed',
      sdp: narrowBrowserSdp(sdp, section, { codec, payloadType }),
      // A browser always has an address of its own: 0.0.0.0 in its description is not a hold (RFC 8840 §4.1).
      audio: { ...agreed.audio, peerListens: section.direction === 'sendrecv' || section.direction === 'recvonly' },
    };
  }

  #preferredOf(section: AudioSection): G711Name | undefined {
    return this.#options.preferences.find((name) => section.formats.some(({ codec }) => codec === name));
  }

  async #localSdp(): Promise<string> {
    await withDeadline(GATHER_MS, async (signal) => {
      while (this.#peer.iceGatheringState !== 'complete' && !signal.aborted) await delay(5, signal);
    });
    const sdp = this.#peer.localDescription?.sdp;
    if (sdp === undefined || !sdp.includes('a=candidate:')) {
      throw new AppError({ code: 'media.no-candidates', category: 'config', message: `no UDP port could be opened on ${this.#options.host} for WebRTC` });
    }
    return announceAddress(sdp, this.#options.host, this.#options.announcedHost);
  }

  #expectConnection(): void {
    if (this.#isConnected || this.#connecting !== undefined) return;
    this.#connecting = new AbortController();
    void delay(CONNECT_MS, this.#connecting.signal).then((how) => {
      if (how === 'elapsed') this.#fail('webrtc-timeout');
    });
  }

  #connected(): void {
    if (this.#isConnected || this.#closing !== undefined) return;
    this.#isConnected = true;
    this.#connecting?.abort();
    this.#lastHeardMs = performance.now();
    this.#srtp = this.#dtls.srtp;
    this.#srtcp = this.#dtls.srtcp;
    this.#transceiver.receiver.stop(); // Its own reports and track would only double ours.
    this.#dtls.onRtp.subscribe((packet) => this.#options.sink.onPacket(packet.serialize()));
    this.#dtls.onRtcp.subscribe((packet) => this.#options.sink.onControl(packet.serialize()));
    this.#options.sink.onReady();
  }

  #fail(reason: string): void {
    if (this.#closing !== undefined) return;
    this.#connecting?.abort();
    this.#options.sink.onFailed(reason);
  }
}

const listCodecs = (preferences: readonly G711Name[]): RTCRtpCodecParameters[] => [
  ...preferences.map((name) => new RTCRtpCodecParameters({ mimeType: `audio/${name}`, clockRate: 8_000, channels: 1, payloadType: name === 'PCMA' ? 8 : 0 })),
  new RTCRtpCodecParameters({ mimeType: 'audio/telephone-event', clockRate: 8_000, channels: 1, payloadType: OFFERED_EVENT_PAYLOAD_TYPE, parameters: '0-15' }),
];

