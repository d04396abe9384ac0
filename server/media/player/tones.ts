import { SAMPLE_RATE, SAMPLES_PER_MS } from '../codec/frame.ts';
import { toneSegments, type ToneName, type ToneSegment } from './tone-tables.ts';

const LEVEL = 3_000;
/** Samples over which a tone rises and falls, so that it does not click: 5 ms. */
const EDGE_SAMPLES = 40;

/**
 * Makes one period of a tone (16-bit samples, 8 kHz), to be looped.
 * @param country - ISO 3166 code; the default table without one, or with one that has no table.
 */
export function makeTone(name: ToneName, country?: string): Int16Array {
  const segments = toneSegments(name, country);
  const samples = new Int16Array(segments.reduce((sum, { lengthMs }) => sum + lengthMs * SAMPLES_PER_MS, 0));
  // A continuous tone goes on where it began: its period must not fade at its ends.
  const edgeSamples = segments.length > 1 ? EDGE_SAMPLES : 0;
  let at = 0;
  for (const segment of segments) {
    const end = at + segment.lengthMs * SAMPLES_PER_MS;
    if (segment.frequencies.length > 0) fillTone(samples.subarray(at, end), segment, edgeSamples);
    at = end;
  }
  return samples;
}

function fillTone(samples: Int16Array, { frequencies, modulation }: ToneSegment, edgeSamples: number): void {
  for (let i = 0; i < samples.length; i += 1) {
    const edge = edgeSamples === 0 ? 1 : Math.min(1, (i + 1) / edgeSamples, (samples.length - i) / edgeSamples);
    const swell = modulation === undefined ? 1 : (1 + Math.cos((2 * Math.PI * modulation * i) / SAMPLE_RATE)) / 2;
    samples[i] = toneSample(frequencies, i, LEVEL * edge * swell);
  }
}

function toneSample(frequencies: readonly number[], at: number, level: number): number {
  let sum = 0;
  for (const frequency of frequencies) sum += Math.sin((2 * Math.PI * frequency * at) / SAMPLE_RATE);
  return Math.round((sum * level) / frequencies.length);
}
