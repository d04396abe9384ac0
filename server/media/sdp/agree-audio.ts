import type { KeyWay, VoiceCodec } from '../../model/media-terms.ts';
import { CODEC_FACTS, isG711, isMixable } from '../codec/voice-codec.ts';
import type { AudioFormat, EventFormat } from './audio-formats.ts';
import { wantsToHear, willSend } from './audio-section.ts';
import type { AudioSection } from './audio-section.ts';

/** What a packet that comes in may be, by its payload type. */
export type InboundFormat = VoiceCodec | 'event-8000' | 'event-48000' | 'comfort-noise';

/** What both sides agreed on, for the leg that sends and receives by it. */
export interface AgreedAudio {
  /** The codec that we send. */
  readonly codec: VoiceCodec;
  readonly payloadType: number;
  /** Every payload type that we understand when it comes in. */
  readonly inbound: ReadonlyMap<number, InboundFormat>;
  /** How keys go to the peer; absent when it does not understand RFC 4733, and they must sound. */
  readonly events?: EventFormat;
  /** Whether the peer's keys are to be looked for in its voice. */
  readonly listensForTones: boolean;
  /** Whether the peer wants to hear us (it does not on hold). */
  readonly peerListens: boolean;
  /** Whether the peer will send. */
  readonly peerSends: boolean;
}

/** What our side would like. */
export interface AudioWishes {
  /** The codec that the call speaks already: taken when it is listed, for then nothing needs transcoding. */
  readonly prefer?: VoiceCodec;
  /**
   * Codecs that may be taken, best first; absent: all, in the writer's order, G.711 before G.722. Opus is only taken when
   * it is preferred, because it cannot be mixed, recorded or played to.
   */
  readonly codecs?: readonly VoiceCodec[];
  readonly dtmf?: KeyWay;
  /** Our own offer, when the section answers it: its types are what the peer sends (RFC 3264 §5.1), its choice of them counts. */
  readonly offered?: ReadonlyMap<number, InboundFormat>;
}

/** The type of comfort noise that needs no `rtpmap` (RFC 3551 table 4). */
const COMFORT_NOISE = 13;

/**
 * Finds what an audio section and we have in common.
 * @returns undefined when there is no codec in common.
 */
export function agreeOnAudio(section: AudioSection, wishes: AudioWishes): AgreedAudio | undefined {
  const format = chooseFormat(section.formats.voices, wishes);
  if (format === undefined) return undefined;
  const { dtmf = 'auto' } = wishes;
  const events = usesEvents(dtmf) ? chooseEvents(section.formats.events, CODEC_FACTS[format.codec].clockRate) : undefined;
  return {
    codec: format.codec, payloadType: format.payloadType,
    inbound: inboundFormats(section, format, wishes),
    listensForTones: dtmf === 'inband' || (dtmf === 'auto' && events === undefined),
    peerListens: wantsToHear(section), peerSends: willSend(section),
    ...(events === undefined ? {} : { events }),
  };
}

/** Whether telephone-event is spoken at all. */
export const usesEvents = (dtmf: KeyWay): boolean => dtmf === 'auto' || dtmf === 'rfc4733';

function chooseFormat(voices: readonly AudioFormat[], { prefer, codecs, offered }: AudioWishes): AudioFormat | undefined {
  if (offered !== undefined) return voices.find(({ codec }) => [...offered.values()].includes(codec));
  const may = voices.filter(({ codec }) => (isMixable(codec) || codec === prefer) && codecs?.includes(codec) !== false);
  const preferred = may.find(({ codec }) => codec === prefer);
  if (preferred !== undefined) return preferred;
  if (codecs === undefined) return may.find(({ codec }) => isG711(codec)) ?? may[0];
  return may.toSorted((one, other) => codecs.indexOf(one.codec) - codecs.indexOf(other.codec))[0];
}

function chooseEvents(events: readonly EventFormat[], clockRate: number): EventFormat | undefined {
  return events.find((format) => format.clockRate === clockRate) ?? events[0];
}

/**
 * The peer may send what it listed of the chosen codec, and what we offered; some send the other law of G.711, or comfort
 * noise, without having agreed to it.
 */
function inboundFormats({ formats }: AudioSection, chosen: AudioFormat, wishes: AudioWishes): ReadonlyMap<number, InboundFormat> {
  const inbound = new Map<number, InboundFormat>([[COMFORT_NOISE, 'comfort-noise']]);
  for (const payloadType of formats.comfortNoise) inbound.set(payloadType, 'comfort-noise');
  for (const { codec, payloadType } of formats.voices) {
    if (codec === chosen.codec || (isG711(codec) && isG711(chosen.codec))) inbound.set(payloadType, codec);
  }
  if (usesEvents(wishes.dtmf ?? 'auto')) for (const { payloadType, clockRate } of formats.events) inbound.set(payloadType, `event-${clockRate}`);
  for (const [payloadType, format] of wishes.offered ?? []) if (!inbound.has(payloadType)) inbound.set(payloadType, format);
  return inbound;
}
