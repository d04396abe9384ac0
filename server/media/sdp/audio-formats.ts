import { DIGITS } from '../../model/digit.ts';
import type { Digit } from '../../model/digit.ts';
import { VOICE_CODECS } from '../../model/media-terms.ts';
import type { VoiceCodec } from '../../model/media-terms.ts';
import { CODEC_FACTS } from '../codec/voice-codec.ts';
import { attributeValues } from './session-description.ts';
import type { SdpMedia } from './session-description.ts';

/** A voice format that a description lists. */
export interface AudioFormat {
  readonly codec: VoiceCodec;
  readonly payloadType: number;
}

/** The clocks of telephone-event: that of the voice beside it (RFC 4733 §2.1). */
export type EventClockRate = 8_000 | 48_000;

/** A telephone-event format that a description lists. */
export interface EventFormat {
  readonly payloadType: number;
  readonly clockRate: EventClockRate;
  /** The keys that its writer understands as events. */
  readonly keys: ReadonlySet<Digit>;
}

/** The formats of an audio section that mean something to Allo, each in the writer's order of preference. */
export interface AudioFormats {
  readonly voices: readonly AudioFormat[];
  readonly events: readonly EventFormat[];
  /** Payload types of comfort noise (RFC 3389). */
  readonly comfortNoise: readonly number[];
}

/** Formats that need no `rtpmap` (RFC 3551 table 4). */
const STATIC_FORMATS = [['0', 'PCMU/8000'], ['8', 'PCMA/8000'], ['9', 'G722/8000'], ['13', 'CN/8000']] as const;

const CODEC_BY_NAME: ReadonlyMap<string, VoiceCodec> =
  new Map(VOICE_CODECS.map((codec) => [`${codec}/${CODEC_FACTS[codec].rate}`.toUpperCase(), codec]));

const EVENT_CLOCKS: Readonly<Record<string, EventClockRate>> = { 'TELEPHONE-EVENT/8000': 8_000, 'TELEPHONE-EVENT/48000': 48_000 };

/** Reads what the formats of a section are. */
export function readFormats(media: SdpMedia): AudioFormats {
  const voices: AudioFormat[] = [];
  const events: EventFormat[] = [];
  const comfortNoise: number[] = [];
  for (const [payloadType, name] of formatNames(media)) {
    const codec = CODEC_BY_NAME.get(name);
    const clockRate = EVENT_CLOCKS[name];
    if (codec !== undefined) voices.push({ codec, payloadType });
    else if (clockRate !== undefined) events.push({ payloadType, clockRate, keys: readKeys(media, payloadType) });
    else if (name.startsWith('CN/')) comfortNoise.push(payloadType);
  }
  return { voices, events, comfortNoise };
}

/** Payload types of the section with the upper-case `encoding/rate` of each, in order. */
function formatNames(media: SdpMedia): (readonly [number, string])[] {
  const maps = new Map<string, string>(STATIC_FORMATS);
  for (const value of attributeValues(media.attributes, 'rtpmap')) {
    const [payloadType, encoding] = value.split(/\s+/);
    if (payloadType === undefined || encoding === undefined) continue;
    maps.set(payloadType, encoding.toUpperCase().replace(/\/1$/, ''));
  }
  return [...new Set(media.formats)].flatMap((format) => {
    const name = maps.get(format);
    const payloadType = Number(format);
    return name === undefined || !/^\d{1,3}$/.test(format) || payloadType > 127 ? [] : [[payloadType, name] as const];
  });
}

/** @remarks RFC 4733 §2.4.1: `a=fmtp:101 0-11,16`; nothing said means the sixteen keys. */
function readKeys(media: SdpMedia, payloadType: number): ReadonlySet<Digit> {
  const line = attributeValues(media.attributes, 'fmtp').find((value) => value.startsWith(`${payloadType} `));
  const ranges = line?.slice(String(payloadType).length).trim().replace(/^events=/i, '');
  if (ranges === undefined || !/^[\d,\s-]+$/.test(ranges)) return new Set(DIGITS);
  const keys = new Set<Digit>();
  for (const range of ranges.split(',')) {
    const [first, last = first] = range.trim().split('-').map(Number);
    if (first === undefined || last === undefined) continue;
    for (const key of DIGITS.slice(first, last + 1)) keys.add(key);
  }
  return keys;
}
