import { SAMPLE_RATE } from '../codec/frame.ts';
import type { AudioSource } from '../../model/audio.ts';

/** The names of tones that a leg can hear. */
export type ToneName = Extract<AudioSource, { kind: 'tone' }>['name'];

interface Cadence {
  readonly frequencies: readonly number[];
  /** Milliseconds of tone and of silence, in turn. */
  readonly pattern: readonly number[];
}

/** @remarks European usage, which Algeria and France share: 425/440 Hz (ITU-T E.180, supplement 2). */
const CADENCES: Readonly<Record<ToneName, Cadence>> = {
  ringback: { frequencies: [440], pattern: [1_500, 3_500] },
  busy: { frequencies: [440], pattern: [500, 500] },
  congestion: { frequencies: [440], pattern: [250, 250] },
};

const LEVEL = 3_000;
/** Samples over which a tone rises and falls, so that it does not click: 5 ms. */
const EDGE_SAMPLES = 40;

/** Makes one period of a tone's cadence (16-bit samples, 8 kHz), to be looped. */
export function makeTone(name: ToneName): Int16Array {
  const { frequencies, pattern } = CADENCES[name];
  const lengths = pattern.map((ms) => (ms * SAMPLE_RATE) / 1_000);
  const samples = new Int16Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [part, length] of lengths.entries()) {
    if (part % 2 === 0) fillTone(samples.subarray(at, at + length), frequencies, LEVEL);
    at += length;
  }
  return samples;
}

function toneSample(frequencies: readonly number[], at: number, level: number): number {
  let sum = 0;
  for (const frequency of frequencies) sum += Math.sin((2 * Math.PI * frequency * at) / SAMPLE_RATE);
  return Math.round((sum * level) / frequencies.length);
}

function fillTone(samples: Int16Array, frequencies: readonly number[], level: number): void {
  for (let i = 0; i < samples.length; i += 1) {
    const edge = Math.min(1, (i + 1) / EDGE_SAMPLES, (samples.length - i) / EDGE_SAMPLES);
    samples[i] = toneSample(frequencies, i, level * edge);
  }
}
