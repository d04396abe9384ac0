import { answerDirection, isPlainRtp, wantsToHear, willSend } from './audio-section.ts';
import type { AudioSection, Direction, MediaAddress } from './audio-section.ts';
import type { SessionDescription } from './session-description.ts';
import type { G711Name } from '../codec/g711.ts';

/** What both sides agreed on, for the leg that sends and receives by it. */
export interface AgreedAudio {
  /** The codec that we send. */
  readonly codec: G711Name;
  readonly payloadType: number;
  /** Every payload type that we understand when it comes in. */
  readonly inbound: ReadonlyMap<number, G711Name | 'telephone-event'>;
  /** Payload type for RFC 4733 towards the peer; absent when it does not understand it. */
  readonly eventPayloadType?: number;
  /** Whether the peer wants to hear us (it does not on hold). */
  readonly peerListens: boolean;
  /** Whether the peer will send. */
  readonly peerSends: boolean;
}

/** Where a plain peer receives. */
export interface PlainPeer {
  readonly rtp?: MediaAddress;
  readonly rtcp?: MediaAddress;
  readonly rtcpMux: boolean;
}

/** Whether audio was agreed, and why not. */
export type AudioNegotiation =
  | { readonly kind: 'agreed'; readonly audio: AgreedAudio; readonly peer: PlainPeer; readonly section: AudioSection }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Our end of a plain leg, as a description announces it. */
export interface LocalEnd {
  readonly address: string;
  readonly port: number;
  readonly sessionId: string;
  /** Grows by one with each description that differs (RFC 3264 §8). */
  readonly version: number;
}

/** Payload type of telephone-event in our own offers. */
export const OFFERED_EVENT_PAYLOAD_TYPE = 101;

/**
 * Finds what an audio section and we have in common.
 * @param prefer - taken when the section lists it; else the section's first choice.
 */
export function agreeOnAudio(section: AudioSection, prefer?: G711Name): AudioNegotiation {
  const format = section.formats.find(({ codec }) => codec === prefer) ?? section.formats[0];
  if (format === undefined) return { kind: 'unsupported', reason: `no codec in common: need PCMA or PCMU, got ${section.media.formats.join(' ').slice(0, 100)}` };
  const inbound = new Map<number, G711Name | 'telephone-event'>();
  for (const { codec, payloadType } of section.formats) inbound.set(payloadType, codec);
  if (section.telephoneEventPayloadType !== undefined) inbound.set(section.telephoneEventPayloadType, 'telephone-event');
  return {
    kind: 'agreed', section,
    audio: {
      codec: format.codec, payloadType: format.payloadType, inbound,
      peerListens: wantsToHear(section), peerSends: willSend(section),
      ...(section.telephoneEventPayloadType === undefined ? {} : { eventPayloadType: section.telephoneEventPayloadType }),
    },
    peer: {
      rtcpMux: section.rtcpMux,
      ...(section.rtp === undefined ? {} : { rtp: section.rtp }),
      ...(section.rtcp === undefined ? {} : { rtcp: section.rtcp }),
    },
  };
}

/** As {@link agreeOnAudio}, for a section that must be plain RTP. */
export function agreeOnPlain(section: AudioSection | undefined, prefer?: G711Name): AudioNegotiation {
  if (section === undefined) return { kind: 'unsupported', reason: 'no audio section' };
  if (!isPlainRtp(section)) return { kind: 'unsupported', reason: `profile ${section.media.protocol} is not spoken on plain legs` };
  return agreeOnAudio(section, prefer);
}

/**
 * Writes the answer to a plain offer: one codec, telephone-event when offered, other sections refused.
 * @remarks RFC 3264 §6; port 0 refuses a section.
 */
export function writePlainAnswer(offer: SessionDescription, agreed: Extract<AudioNegotiation, { kind: 'agreed' }>, local: LocalEnd): string {
  const { section, audio } = agreed;
  // The old hold names no address: the peer will not hear us, whatever its direction says.
  const offered: Direction = section.rtp === undefined && section.direction === 'sendrecv' ? 'sendonly' : section.direction;
  const sections = offer.media.flatMap((media, index) => (index === section.index
    ? audioLines({
      protocol: media.protocol, port: local.port, direction: answerDirection(offered), rtcpMux: section.rtcpMux,
      formats: [{ codec: audio.codec, payloadType: audio.payloadType }],
      ...(audio.eventPayloadType === undefined ? {} : { eventPayloadType: audio.eventPayloadType }),
    })
    : [`m=${media.kind} 0 ${media.protocol} ${media.formats.join(' ') || '0'}`]));
  return joinLines([...sessionLines(local), ...sections]);
}

/** Writes our own offer of plain audio; the codec that is preferred comes first. */
export function writePlainOffer(local: LocalEnd, prefer: G711Name): string {
  const formats = [{ codec: 'PCMA' as const, payloadType: 8 }, { codec: 'PCMU' as const, payloadType: 0 }];
  return joinLines([...sessionLines(local), ...audioLines({
    protocol: 'RTP/AVP', port: local.port, direction: 'sendrecv', rtcpMux: false,
    formats: prefer === 'PCMA' ? formats : formats.toReversed(),
    eventPayloadType: OFFERED_EVENT_PAYLOAD_TYPE,
  })]);
}

function sessionLines(local: LocalEnd): string[] {
  const family = local.address.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=allo ${local.sessionId} ${local.version} IN ${family} ${local.address}`,
    's=-',
    `c=IN ${family} ${local.address}`,
    't=0 0',
  ];
}

interface AudioLines {
  readonly protocol: string;
  readonly port: number;
  readonly direction: Direction;
  readonly rtcpMux: boolean;
  readonly formats: readonly { readonly codec: G711Name; readonly payloadType: number }[];
  readonly eventPayloadType?: number;
}

function audioLines(audio: AudioLines): string[] {
  const event = audio.eventPayloadType;
  const payloadTypes = [...audio.formats.map(({ payloadType }) => payloadType), ...(event === undefined ? [] : [event])];
  return [
    `m=audio ${audio.port} ${audio.protocol} ${payloadTypes.join(' ')}`,
    ...audio.formats.map(({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec}/8000`),
    ...(event === undefined ? [] : [`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-15`]),
    'a=ptime:20',
    ...(audio.rtcpMux ? ['a=rtcp-mux'] : []),
    `a=${audio.direction}`,
  ];
}

const joinLines = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
