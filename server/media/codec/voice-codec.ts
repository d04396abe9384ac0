import type { VoiceCodec } from '../../model/media-terms.ts';
import { FRAME_SAMPLES } from './frame.ts';
import { G711, decodeG711, encodeG711 } from './g711.ts';
import type { G711Name } from './g711.ts';
import { G722Decoder, G722Encoder } from './g722.ts';

/** The codecs that can be decoded and encoded here: an octet for each sample of 8 kHz in all of them. */
export type MixableCodec = Exclude<VoiceCodec, 'opus'>;

/** What a codec is on the wire. */
export interface CodecFacts {
  /** As in `a=rtpmap`, without the name. */
  readonly rate: string;
  /** Units of the RTP timestamp in a second; G.722's is 8,000 though it samples 16,000 (RFC 3551 §4.5.2). */
  readonly clockRate: 8_000 | 48_000;
  /** The type of our own offers: static where there is one (RFC 3551 table 4). */
  readonly payloadType: number;
  readonly fmtp?: string;
}

/** @remarks RFC 3551 §4.5.14, §4.5.2; RFC 7587 §7 (Opus is always `48000/2`). */
export const CODEC_FACTS: Readonly<Record<VoiceCodec, CodecFacts>> = {
  PCMU: { rate: '8000', clockRate: 8_000, payloadType: 0 },
  PCMA: { rate: '8000', clockRate: 8_000, payloadType: 8 },
  G722: { rate: '8000', clockRate: 8_000, payloadType: 9 },
  opus: { rate: '48000/2', clockRate: 48_000, payloadType: 111, fmtp: 'minptime=20;useinbandfec=1' },
};

export const isG711 = (codec: VoiceCodec): codec is G711Name => codec === 'PCMA' || codec === 'PCMU';
export const isMixable = (codec: VoiceCodec): codec is MixableCodec => codec !== 'opus';

/** Whether the payload of a packet can be sent on in another codec at once, by table or as it is. */
export const canForward = (from: VoiceCodec, to: VoiceCodec): boolean => from === to || (isG711(from) && isG711(to));

/** Decodes one voice; it remembers what came before where the codec does. */
export interface VoiceDecoder {
  /** @param samples - at least as long as `codes`; 8 kHz. */
  decode(codes: Uint8Array, samples: Int16Array): void;
}

/** Encodes one voice. */
export interface VoiceEncoder {
  encode(samples: Int16Array, codes: Uint8Array): void;
  /** Fills codes with silence. */
  encodeSilence(codes: Uint8Array): void;
  /**
   * The far decoder is sent codes of somebody else in between.
   * @returns what it hears, valid until the next call; undefined where the codec has no memory, and decoding can wait.
   */
  follow(codes: Uint8Array): Int16Array | undefined;
}

export function makeDecoder(codec: MixableCodec): VoiceDecoder {
  if (codec === 'G722') return new G722Decoder();
  const law = G711[codec];
  return { decode: (codes, samples) => decodeG711(law, codes, samples) };
}

export function makeEncoder(codec: MixableCodec): VoiceEncoder {
  if (codec === 'G722') return makeG722Encoder();
  const law = G711[codec];
  return {
    encode: (samples, codes) => encodeG711(law, samples, codes),
    encodeSilence: (codes) => { codes.fill(law.silence); },
    follow: () => undefined,
  };
}

function makeG722Encoder(): VoiceEncoder {
  const encoder = new G722Encoder();
  const silence = new Int16Array(FRAME_SAMPLES);
  const followed = new Int16Array(FRAME_SAMPLES);
  return {
    encode: (samples, codes) => encoder.encode(samples, codes),
    encodeSilence: (codes) => encoder.encode(silence, codes),
    follow: (codes) => {
      const samples = codes.length === FRAME_SAMPLES ? followed : new Int16Array(codes.length);
      encoder.follow(codes, samples);
      return samples;
    },
  };
}
