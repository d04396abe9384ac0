import type { KeyWay, VoiceCodec } from '../../model/media-terms.ts';
import { CODEC_FACTS } from '../codec/voice-codec.ts';
import { usesEvents } from './agree-audio.ts';
import type { InboundFormat } from './agree-audio.ts';
import type { PlainAgreement } from './agree-plain.ts';
import type { AudioFormat } from './audio-formats.ts';
import { answerDirection } from './audio-section.ts';
import type { AudioSection, Direction } from './audio-section.ts';
import type { SdpMedia, SessionDescription } from './session-description.ts';

/** Our end of a plain leg, as a description announces it. */
export interface LocalEnd {
  readonly address: string;
  readonly port: number;
  readonly sessionId: string;
  /** Grows by one with each description that differs (RFC 3264 §8). */
  readonly version: number;
}

/** Payload type of telephone-event in our own offers, by its clock. */
export const OFFERED_EVENT_TYPES = { 8_000: 101, 48_000: 110 } as const;

/** What our own offer lists. */
export interface PlainOffer {
  /** Best first. */
  readonly codecs: readonly VoiceCodec[];
  readonly dtmf: KeyWay;
  readonly protocol: 'RTP/AVP' | 'RTP/SAVP';
  /** Values of `a=crypto`, best first. */
  readonly crypto: readonly string[];
}

/** Longest packets that are taken: ours have 20 ms. */
const MAX_PTIME_MS = 60;

/**
 * Writes the answer to a plain offer: one codec, telephone-event when it was agreed on, other sections refused in their places.
 * @remarks RFC 3264 §6; port 0 refuses a section.
 * @param crypto - value of our own `a=crypto`, when the voice is encrypted.
 */
export function writePlainAnswer(offer: SessionDescription, { section, audio }: PlainAgreement, local: LocalEnd, crypto?: string): string {
  const { codec, payloadType, events } = audio;
  return joinLines([
    ...sessionLines(local),
    ...offer.media.flatMap((media, index) => (index === section.index
      ? audioLines({
        protocol: media.protocol, port: local.port, direction: directionOfAnswer(section), rtcpMux: section.rtcpMux,
        formats: [{ codec, payloadType }], events: events === undefined ? [] : [events],
        crypto: crypto === undefined ? [] : [crypto],
      })
      : [refusal(media)])),
  ]);
}

/** Writes the answer to an offer that switches all audio off: every section refused (RFC 3264 §8.2). */
export const writeRefusals = (offer: SessionDescription, local: LocalEnd): string =>
  joinLines([...sessionLines(local), ...offer.media.map(refusal)]);

/** Writes our own offer of plain audio. */
export function writePlainOffer(local: LocalEnd, { codecs, dtmf, protocol, crypto }: PlainOffer): string {
  return joinLines([...sessionLines(local), ...audioLines({
    protocol, crypto, port: local.port, direction: 'sendrecv', rtcpMux: false,
    formats: codecs.map((codec) => ({ codec, payloadType: CODEC_FACTS[codec].payloadType })),
    events: usesEvents(dtmf) ? offeredEvents(codecs) : [],
  })]);
}

/** What our offer of these codecs lets a peer send to us. */
export function offeredFormats(codecs: readonly VoiceCodec[], dtmf: KeyWay): ReadonlyMap<number, InboundFormat> {
  const voices = codecs.map((codec) => [CODEC_FACTS[codec].payloadType, codec] as const);
  const events = usesEvents(dtmf) ? offeredEvents(codecs).map(({ payloadType, clockRate }) => [payloadType, `event-${clockRate}`] as const) : [];
  return new Map<number, InboundFormat>([...voices, ...events]);
}

interface EventLines {
  readonly payloadType: number;
  readonly clockRate: 8_000 | 48_000;
}

/** One for each clock among the codecs (RFC 4733 §2.1). */
function offeredEvents(codecs: readonly VoiceCodec[]): readonly EventLines[] {
  const rates = new Set(codecs.map((codec) => CODEC_FACTS[codec].clockRate));
  return [...rates].map((clockRate) => ({ clockRate, payloadType: OFFERED_EVENT_TYPES[clockRate] }));
}

/** The old hold names no address: the peer will not hear us, whatever its direction says. */
function directionOfAnswer({ direction, isNowhere }: AudioSection): Direction {
  if (!isNowhere) return answerDirection(direction);
  return direction === 'sendrecv' || direction === 'sendonly' ? 'recvonly' : 'inactive';
}

const refusal = (media: SdpMedia): string => `m=${media.kind} 0 ${media.protocol} ${media.formats.join(' ') || '0'}`;

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
  readonly formats: readonly AudioFormat[];
  readonly events: readonly EventLines[];
  readonly crypto: readonly string[];
}

function audioLines(audio: AudioLines): string[] {
  const payloadTypes = [...audio.formats, ...audio.events].map(({ payloadType }) => payloadType);
  return [
    `m=audio ${audio.port} ${audio.protocol} ${payloadTypes.join(' ')}`,
    ...audio.formats.flatMap(voiceLines),
    ...audio.events.flatMap(({ payloadType, clockRate }) => [`a=rtpmap:${payloadType} telephone-event/${clockRate}`, `a=fmtp:${payloadType} 0-15`]),
    ...audio.crypto.map((value) => `a=crypto:${value}`),
    'a=ptime:20',
    `a=maxptime:${MAX_PTIME_MS}`,
    ...(audio.rtcpMux ? ['a=rtcp-mux'] : []),
    `a=${audio.direction}`,
  ];
}

function voiceLines({ codec, payloadType }: AudioFormat): string[] {
  const { rate, fmtp } = CODEC_FACTS[codec];
  return [`a=rtpmap:${payloadType} ${codec}/${rate}`, ...(fmtp === undefined ? [] : [`a=fmtp:${payloadType} ${fmtp}`])];
}

const joinLines = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
