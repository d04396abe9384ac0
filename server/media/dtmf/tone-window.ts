import type { Digit } from '../../model/digit.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';
import { GoertzelBank } from './goertzel-bank.ts';
import type { SpectrumRow } from './goertzel-bank.ts';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from './keypad.ts';

/** Samples of one block: 8 ms. Its phase says frequencies within ±62 Hz of the nominal one. */
export const BLOCK_SAMPLES = 64;
/** Blocks that must agree: 32 ms. A tone of 40 ms covers four whole ones wherever it begins (ITU-T Q.24: accept 40 ms). */
const BLOCKS = 4;
const WINDOW_SAMPLES = BLOCK_SAMPLES * BLOCKS;

/**
 * Between 1.5 %, which must be accepted with noise, and 3.5 %, which must not (ITU-T Q.24, annex A); below 1.85 %, from
 * where the third and fourth harmonics of one voice at 308 Hz are both taken for the tones of `*`.
 */
const MAX_DEVIATION = 0.018;
/** Each tone at −27 dBm0 at least (accept −24 dBm0, Q.24), as the mean square of 16-bit samples; full scale is +3.14 dBm0. */
const MIN_POWER = 10 ** ((-27 - 3.14) / 10) * (32_768 ** 2 / 2);
/** The high tone may be 4 dB above to 8 dB below the low one (Q.24), with 2 dB for the measurement. */
const MAX_HIGH_OVER_LOW = 10 ** (6 / 10);
const MAX_LOW_OVER_HIGH = 10 ** (10 / 10);
/** Share of the energy that the two tones must have, noise of 8 dB below them: voices have more in between. */
const MIN_SHARE = 0.87;
/** The weakest of the blocks against the strongest, in amplitude: a tone has begun or ended when it is less. */
const MIN_STEADINESS = 0.45;
/** A voice's vowel has overtones, a key has none: they are 12 dB weaker than their tone at least. */
const MAX_HARMONIC = 10 ** (-12 / 10);

const ALL_HZ = [...ROW_HZ, ...COLUMN_HZ];
const TONES = ALL_HZ.length;
const FIRST_COLUMN = ROW_HZ.length;

interface Tone {
  readonly hertz: number;
  /** Mean square of the tone. */
  readonly power: number;
}

interface Block extends SpectrumRow {
  /** Squares of the moduli. */
  readonly powers: Float64Array;
  /** Sum of the squares of the samples. */
  energy: number;
}

/**
 * The last 32 ms of a voice, and whether they are a key. Nothing is made for a block that is none.
 * @remarks ITU-T Q.23 (frequencies), Q.24 annex A (what must and must not be taken for a key).
 */
export class ToneWindow {
  readonly #bank = new GoertzelBank(ALL_HZ, SAMPLE_RATE);
  readonly #samples = new Int16Array(WINDOW_SAMPLES);
  /** The oldest first. */
  readonly #blocks: Block[] = Array.from({ length: BLOCKS }, makeBlock);
  #filled = 0;

  /** Moves on by one block of 64 samples. */
  push(samples: Int16Array): void {
    this.#samples.copyWithin(0, BLOCK_SAMPLES);
    this.#samples.set(samples, WINDOW_SAMPLES - BLOCK_SAMPLES);
    const block = this.#blocks.shift() ?? makeBlock();
    this.#blocks.push(block);
    this.#bank.measure(samples, block);
    for (let k = 0; k < TONES; k += 1) block.powers[k] = (block.re[k] ?? 0) ** 2 + (block.im[k] ?? 0) ** 2;
    block.energy = 0;
    for (let i = 0; i < BLOCK_SAMPLES; i += 1) block.energy += (samples[i] ?? 0) ** 2;
    this.#filled += 1;
  }

  /** Audio is missing: nothing before it can be compared with what follows. */
  reset(): void {
    this.#filled = 0;
  }

  /** The key that sounded through all of the window. */
  key(): Digit | undefined {
    if (this.#filled < BLOCKS) return undefined;
    let energy = 0;
    for (const block of this.#blocks) energy += block.energy;
    if (energy < 2 * MIN_POWER * WINDOW_SAMPLES) return undefined;
    const row = this.#strongest(0, FIRST_COLUMN);
    const column = this.#strongest(FIRST_COLUMN, TONES);
    const low = this.#measureTone(row);
    const high = low && this.#measureTone(column);
    if (low === undefined || high === undefined) return undefined;
    if (high.power > low.power * MAX_HIGH_OVER_LOW || low.power > high.power * MAX_LOW_OVER_HIGH) return undefined;
    if ((low.power + high.power) * WINDOW_SAMPLES < MIN_SHARE * energy) return undefined;
    return this.#hasOvertone(low, 3) || this.#hasOvertone(high, 2) ? undefined : KEYPAD[row]?.[column - FIRST_COLUMN];
  }

  /** Whether the tones of a key are most of the last block: whether a key that sounded goes on. */
  goesOn(key: Digit): boolean {
    const block = this.#blocks.at(-1);
    const row = KEYPAD.findIndex((keys) => keys.includes(key));
    const column = FIRST_COLUMN + (KEYPAD[row]?.indexOf(key) ?? 0);
    if (block === undefined || block.energy === 0) return false;
    return (2 * ((block.powers[row] ?? 0) + (block.powers[column] ?? 0))) / BLOCK_SAMPLES > block.energy / 2;
  }

  #strongest(from: number, to: number): number {
    let best = from;
    let bestPower = -1;
    for (let k = from; k < to; k += 1) {
      let power = 0;
      for (const block of this.#blocks) power += block.powers[k] ?? 0;
      if (power <= bestPower) continue;
      best = k;
      bestPower = power;
    }
    return best;
  }

  /** @returns undefined when the tone is weak, unsteady, or not where it should be. */
  #measureTone(k: number): Tone | undefined {
    if (!this.#isSteady(k)) return undefined;
    const nominalHz = ALL_HZ[k] ?? 0;
    const nominalStep = (2 * Math.PI * nominalHz * BLOCK_SAMPLES) / SAMPLE_RATE;
    const drift = this.#phaseDrift(k, nominalStep);
    const hertz = nominalHz + (drift * SAMPLE_RATE) / (2 * Math.PI * BLOCK_SAMPLES);
    if (Math.abs(hertz - nominalHz) > MAX_DEVIATION * nominalHz) return undefined;
    const amplitude = this.#coherentAmplitude(k, nominalStep + drift) / blockResponse(drift);
    const power = amplitude ** 2 / 2;
    return power < MIN_POWER ? undefined : { hertz, power };
  }

  #isSteady(k: number): boolean {
    let weakest = Infinity;
    let strongest = 0;
    for (const block of this.#blocks) {
      weakest = Math.min(weakest, block.powers[k] ?? 0);
      strongest = Math.max(strongest, block.powers[k] ?? 0);
    }
    return weakest >= MIN_STEADINESS ** 2 * strongest;
  }

  /** How much further than expected the phase moves in a block, −π to π. */
  #phaseDrift(k: number, nominalStep: number): number {
    let re = 0;
    let im = 0;
    let before: Block | undefined;
    for (const block of this.#blocks) {
      if (before !== undefined) {
        const [a, b, c, d] = [block.re[k] ?? 0, block.im[k] ?? 0, before.re[k] ?? 0, before.im[k] ?? 0];
        re += a * c + b * d;
        im += b * c - a * d;
      }
      before = block;
    }
    const drift = Math.atan2(im, re) - nominalStep;
    return drift - 2 * Math.PI * Math.round(drift / (2 * Math.PI));
  }

  /** The amplitude of a tone whose phase moves by `step` in a block. */
  #coherentAmplitude(k: number, step: number): number {
    let re = 0;
    let im = 0;
    for (const [i, block] of this.#blocks.entries()) {
      const [cosine, sine] = [Math.cos(step * i), Math.sin(step * i)];
      const [a, b] = [block.re[k] ?? 0, block.im[k] ?? 0];
      re += a * cosine + b * sine;
      im += b * cosine - a * sine;
    }
    return (2 * Math.hypot(re, im)) / WINDOW_SAMPLES;
  }

  /** @param order - the second of a low tone lies among the high tones: its third is looked at instead. */
  #hasOvertone(tone: Tone, order: 2 | 3): boolean {
    const row = { re: new Float64Array(1), im: new Float64Array(1) };
    new GoertzelBank([order * tone.hertz], SAMPLE_RATE).measure(this.#samples, row);
    const amplitude = (2 * Math.hypot(row.re[0] ?? 0, row.im[0] ?? 0)) / WINDOW_SAMPLES;
    return amplitude ** 2 / 2 > MAX_HARMONIC * tone.power;
  }
}

const makeBlock = (): Block => ({
  re: new Float64Array(TONES), im: new Float64Array(TONES), powers: new Float64Array(TONES), energy: 0,
});

/** What a block makes of a tone beside its frequency: the main lobe of its rectangle. @param drift - phase in a block. */
const blockResponse = (drift: number): number => (Math.abs(drift) < 1e-6 ? 1 : Math.sin(drift / 2) / (drift / 2));
