import { G722LowBand } from './g722-low-band.ts';

/** Largest values of the lower band: 15 bits. */
const MAX_BAND = 16_383;
const MIN_BAND = -16_384;

/** Where one step of the quantizer ends and the next begins, in 1/4,096 of the scale (ITU-T G.722 §6.2.1.1, Q6). */
const DECISION_LEVELS = Int32Array.of(
  35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786,
  858, 940, 1_023, 1_121, 1_219, 1_339, 1_458, 1_612, 1_765, 1_980, 2_195, 2_557, 2_919,
);
/** Middles of the steps, in 1/32,768 of the scale, from the smallest on (§6.2.1.3, QM6). */
const STEP_MIDDLES = Int32Array.of(
  136, 432, 728, 1_040, 1_360, 1_688, 2_032, 2_400, 2_776, 3_168, 3_576, 4_008, 4_464, 4_944, 5_456, 6_000,
  6_576, 7_192, 7_856, 8_576, 9_360, 10_232, 11_192, 12_280, 13_512, 14_984, 16_704, 19_008, 21_904, 24_808,
);
const STEPS = STEP_MIDDLES.length;

/** Six bits by step: two small negative ones stand apart, so that no code is all zeros. */
const POSITIVE_CODES = Uint8Array.from({ length: STEPS }, (_, step) => 61 - step);
const NEGATIVE_CODES = Uint8Array.from({ length: STEPS }, (_, step) => (step < 2 ? 63 - step : 33 - step));
const DIFFERENCES = makeDifferences();

/** The upper band at rest: the code that keeps its scale at the smallest, where it decodes to nothing. */
const QUIET_UPPER_BAND = 0xc0;

function makeDifferences(): Int32Array {
  // Codes that no encoder makes decode as the smallest negative step does.
  const differences = new Int32Array(64).fill(-(STEP_MIDDLES[0] ?? 0));
  for (let step = 0; step < STEPS; step += 1) {
    differences[POSITIVE_CODES[step] ?? 0] = STEP_MIDDLES[step] ?? 0;
    differences[NEGATIVE_CODES[step] ?? 0] = -(STEP_MIDDLES[step] ?? 0);
  }
  return differences;
}

/**
 * Decodes the lower band of G.722 at 64 kbit/s: one sample of 8 kHz for each octet, which is the voice up to 4 kHz.
 * @remarks ITU-T G.722 §4, mode 1. The band above 4 kHz is left out: what is mixed or recorded here is sampled at 8 kHz.
 *   The receiving QMF is left out with it, because without an upper band it would only double the rate.
 */
export class G722Decoder {
  readonly #band = new G722LowBand();

  /** @param samples - at least as long as `codes`. */
  decode(codes: Uint8Array, samples: Int16Array): void {
    decodeWith(this.#band, codes, samples);
  }
}

/**
 * Encodes 8 kHz samples as G.722 with an upper band at rest: any G.722 telephone plays them.
 * @remarks ITU-T G.722 §3, mode 1.
 */
export class G722Encoder {
  readonly #band = new G722LowBand();

  /** @param codes - at least as long as `samples`. */
  encode(samples: Int16Array, codes: Uint8Array): void {
    const band = this.#band;
    for (let i = 0; i < samples.length; i += 1) {
      const code = quantize(((samples[i] as number) >> 1) - band.prediction, band.scale);
      codes[i] = QUIET_UPPER_BAND | code;
      band.learn(code >> 2);
    }
  }

  /**
   * Keeps in step with a far decoder that is sent somebody else's codes, so that ours can follow on them.
   * @param samples - gets what it hears; at least as long as `codes`.
   */
  follow(codes: Uint8Array, samples: Int16Array): void {
    decodeWith(this.#band, codes, samples);
  }
}

function decodeWith(band: G722LowBand, codes: Uint8Array, samples: Int16Array): void {
  for (let i = 0; i < codes.length; i += 1) {
    const code = (codes[i] as number) & 0x3f; // Within the codes; six bits are within the table.
    const value = band.prediction + ((band.scale * (DIFFERENCES[code] as number)) >> 15);
    samples[i] = 2 * Math.min(MAX_BAND, Math.max(MIN_BAND, value));
    band.learn(code >> 2);
  }
}

/** The code of a difference: the step that it lies in. */
function quantize(difference: number, scale: number): number {
  const size = difference < 0 ? -(difference + 1) : difference;
  let step = 0;
  while (step < STEPS - 1 && size >= ((DECISION_LEVELS[step] as number) * scale) >> 12) step += 1;
  return (difference < 0 ? NEGATIVE_CODES : POSITIVE_CODES)[step] as number; // Within the table.
}
