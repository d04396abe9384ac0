/** The two laws of G.711, named as in SDP (RFC 3551 §4.5.14). */
export type G711Name = 'PCMA' | 'PCMU';

/** One law of G.711 as tables, for everything that decodes, mixes or sends frames. */
export interface G711Codec {
  readonly name: G711Name;
  /** The code that decodes to (nearly) nothing: what silence is filled with. */
  readonly silence: number;
  /** 256 entries: code to 16-bit linear sample. */
  readonly toLinear: Int16Array;
  /** 65,536 entries: 16-bit linear sample, as unsigned, to code. */
  readonly fromLinear: Uint8Array;
}

/** The lowest bits that the law's 8-bit code cannot hold are cut, as G.711 does. */
function encodeALaw(sample: number): number {
  // 13-bit magnitude; the ones' complement of negative values keeps both halves symmetric.
  const magnitude = (sample < 0 ? ~sample : sample) >> 3;
  const exponent = magnitude < 32 ? 0 : 27 - Math.clz32(magnitude);
  const mantissa = (magnitude >> Math.max(exponent, 1)) & 0x0f;
  const sign = sample < 0 ? 0 : 0x80;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function decodeALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 0x07;
  const step = ((bits & 0x0f) << 1) | 1;
  const magnitude = exponent === 0 ? step << 3 : (step + 32) << (exponent + 2);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

const MU_BIAS = 33;
const MU_CLIP = 8158;

function encodeMuLaw(sample: number): number {
  const magnitude = Math.min((sample < 0 ? -sample : sample) >> 2, MU_CLIP) + MU_BIAS;
  const exponent = 26 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 1)) & 0x0f;
  const sign = sample < 0 ? 0x80 : 0;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function decodeMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const exponent = (bits >> 4) & 0x07;
  const magnitude = (((((bits & 0x0f) << 1) | 1) + 32) << exponent) - MU_BIAS;
  return ((bits & 0x80) === 0 ? magnitude : -magnitude) * 4;
}

function makeCodec(name: G711Name, encode: (sample: number) => number, decode: (code: number) => number): G711Codec {
  const toLinear = Int16Array.from({ length: 256 }, (_, code) => decode(code));
  const fromLinear = Uint8Array.from({ length: 65_536 }, (_, bits) => encode(bits < 32_768 ? bits : bits - 65_536));
  return { name, silence: fromLinear[0] ?? 0, toLinear, fromLinear };
}

/**
 * Both laws, as tables made at start.
 * @remarks ITU-T G.711 tables 1 and 2.
 */
export const G711: Readonly<Record<G711Name, G711Codec>> = {
  PCMA: makeCodec('PCMA', encodeALaw, decodeALaw),
  PCMU: makeCodec('PCMU', encodeMuLaw, decodeMuLaw),
};

/** Decodes codes to samples; `samples` must be at least as long as `codes`. */
export function decodeG711(codec: G711Codec, codes: Uint8Array, samples: Int16Array): void {
  const table = codec.toLinear;
  // The assertions of indices: a byte is always within a table of 256.
  for (let i = 0; i < codes.length; i += 1) samples[i] = table[codes[i] as number] as number;
}

/** Encodes samples to codes; `codes` must be at least as long as `samples`. */
export function encodeG711(codec: G711Codec, samples: Int16Array, codes: Uint8Array): void {
  const table = codec.fromLinear;
  // The assertions of indices: a sample masked to 16 bits is always within a table of 65,536.
  for (let i = 0; i < samples.length; i += 1) codes[i] = table[(samples[i] as number) & 0xffff] as number;
}
