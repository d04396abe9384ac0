import { G711 } from '../../../server/media/codec/g711.ts';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from '../../../server/media/dtmf/keypad.ts';
import type { Digit } from '../../../server/model/digit.ts';

/** How a key's two tones are made; what is absent is a clean key at −10 dBm0. */
export interface KeySignal {
  /** Levels of the low and the high tone, dBm0. */
  readonly lowDbm0?: number;
  readonly highDbm0?: number;
  /** Relative errors of their frequencies, for instance 0.015. */
  readonly lowError?: number;
  readonly highError?: number;
  /** White noise so many decibels below the tones together; absent: none. */
  readonly noiseBelowDb?: number;
  readonly onMs?: number;
  readonly offMs?: number;
  /** Samples of silence before it, so that it begins anywhere in a block. */
  readonly leadSamples?: number;
  readonly times?: number;
}

/** Peak of a tone: 0 dBm0 is 3.14 dB below the largest sine of A-law (ITU-T G.711). */
const amplitude = (dbm0: number): number => 32_768 * 10 ** ((dbm0 - 3.14) / 20);

/** A generator of numbers that is the same in each run. @returns 0 to 1. */
export function makeDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 1) / 0x8000_0000;
  };
}

/** Makes a key as a gateway would hand it over: through A-law, 8 kHz, with random phases. */
export function makeKey(key: Digit, signal: KeySignal, dice: () => number): Int16Array {
  const { lowDbm0 = -10, highDbm0 = -10, lowError = 0, highError = 0, noiseBelowDb, onMs = 100, offMs = 60, leadSamples = 0, times = 1 } = signal;
  const row = KEYPAD.findIndex((keys) => keys.includes(key));
  const tones = [
    { hertz: (ROW_HZ[row] ?? 0) * (1 + lowError), peak: amplitude(lowDbm0) },
    { hertz: (COLUMN_HZ[KEYPAD[row]?.indexOf(key) ?? 0] ?? 0) * (1 + highError), peak: amplitude(highDbm0) },
  ];
  const power = tones.reduce((sum, { peak }) => sum + peak ** 2 / 2, 0);
  const noise = noiseBelowDb === undefined ? 0 : Math.sqrt(power / 10 ** (noiseBelowDb / 10));
  const samples = new Float64Array(leadSamples + times * (onMs + offMs) * 8);
  for (let press = 0; press < times; press += 1) {
    const start = leadSamples + press * (onMs + offMs) * 8;
    for (const { hertz, peak } of tones) {
      const phase = 2 * Math.PI * dice();
      for (let i = 0; i < onMs * 8; i += 1) samples[start + i] = (samples[start + i] ?? 0) + peak * Math.sin((2 * Math.PI * hertz * i) / 8_000 + phase);
    }
  }
  return Int16Array.from(samples, (sample) => throughALaw(sample + noise * gaussian(dice)));
}

const gaussian = (dice: () => number): number => Math.sqrt(-2 * Math.log(dice() + 1e-12)) * Math.cos(2 * Math.PI * dice());

function throughALaw(sample: number): number {
  const { fromLinear, toLinear } = G711.PCMA;
  const cut = Math.max(-32_768, Math.min(32_767, Math.round(sample)));
  return toLinear[fromLinear[cut & 0xffff] ?? 0] ?? 0;
}
