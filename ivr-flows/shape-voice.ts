import type { Sound } from './wav.ts';

/** The sampling rate of the telephone (ITU-T G.711). */
export const TELEPHONE_RATE = 8_000;
/** The level of all prompts, so that none is louder than the next: −20 dBFS RMS of what is speech. */
export const TARGET_RMS = 10 ** (-20 / 20);
/** No sample is above −3 dBFS. */
export const PEAK_LIMIT = 10 ** (-3 / 20);

/** Below this share of the loudest moment a 10 ms block counts as silence (−40 dB). */
const SILENCE_SHARE = 0.01;
/** Left at each end, so that a consonant is not cut. */
const MARGIN_MS = 20;
/** At each end, because a speech engine begins and stops in mid-wave, which clicks between two pieces. */
const FADE_MS = 4;
const BLOCK_MS = 10;

/**
 * Makes a voice fit for the telephone: 8 kHz, trimmed and faded at both ends, at one level.
 * @returns `undefined` when there is no sound in it.
 */
export function shapeVoice(voice: Sound): Sound | undefined {
  const trimmed = trim(resample(voice, TELEPHONE_RATE));
  return trimmed && fade(level(trimmed));
}

/** Zero crossings of the filter on each side, at the lower rate. */
const HALF_WIDTH = 32;
/** Share of the lower rate's band that is kept; the rest is for the filter to fall in. */
const BAND_SHARE = 0.95;

/**
 * Changes the sampling rate by a windowed sinc (64 taps at the lower rate, Hann window), which
 * also removes what the new rate cannot carry.
 * @remarks The places between two samples repeat, so each is worked out once: free text is shaped
 *   while a caller waits.
 */
export function resample(sound: Sound, sampleRate: number): Sound {
  if (sound.sampleRate === sampleRate) return sound;
  const ratio = sound.sampleRate / sampleRate;
  const reach = Math.ceil(HALF_WIDTH * Math.max(1, ratio));
  const phases = sampleRate / greatestCommonDivisor(sound.sampleRate, sampleRate);
  const taps = Array.from({ length: phases }, (_, phase) => tapsFor((phase * ratio) % 1, reach, Math.min(1, 1 / ratio) * BAND_SHARE));
  const samples = new Float32Array(Math.floor(sound.samples.length / ratio));
  for (let i = 0; i < samples.length; i += 1) {
    samples[i] = convolve(sound.samples, Math.floor((i * sound.sampleRate) / sampleRate) - reach, taps[i % phases] ?? new Float32Array());
  }
  return { sampleRate, samples };
}

/** The filter around a place that lies `fraction` of a sample after one. */
function tapsFor(fraction: number, reach: number, cutoff: number): Float32Array {
  return Float32Array.from({ length: 2 * reach + 2 }, (_, tap) => {
    const x = tap - reach - fraction;
    if (Math.abs(x) > reach) return 0;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / reach);
    return window * cutoff * (x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff));
  });
}

/** Sum of samples from `from` on, each times its tap; there is silence on both sides of the sound. */
function convolve(samples: Float32Array, from: number, taps: Float32Array): number {
  let sum = 0;
  for (let tap = Math.max(0, -from); tap < taps.length && from + tap < samples.length; tap += 1) {
    sum += (samples[from + tap] ?? 0) * (taps[tap] ?? 0);
  }
  return sum;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** Takes the silence off both ends; `undefined` when nothing else is there. */
function trim(sound: Sound): Sound | undefined {
  const levels = blockLevels(sound);
  const loudest = Math.max(0, ...levels);
  if (loudest < 1e-4) return undefined;
  const isSpeech = (blockLevel: number): boolean => blockLevel >= loudest * SILENCE_SHARE;
  const block = samplesOf(sound, BLOCK_MS);
  const margin = samplesOf(sound, MARGIN_MS);
  const from = Math.max(0, levels.findIndex(isSpeech) * block - margin);
  const to = Math.min(sound.samples.length, (levels.findLastIndex(isSpeech) + 1) * block + margin);
  return { sampleRate: sound.sampleRate, samples: sound.samples.slice(from, to) };
}

/** Lets a sound rise from nothing and fall to nothing. */
function fade(sound: Sound): Sound {
  const { sampleRate, samples } = sound;
  const length = Math.max(1, samplesOf(sound, FADE_MS));
  return { sampleRate, samples: samples.map((sample, i) => sample * Math.min(1, i / length, (samples.length - 1 - i) / length)) };
}

/** Brings the speech, without the pauses between words, to the target; peaks stay below the limit. */
function level(sound: Sound): Sound {
  const gain = TARGET_RMS / speechRms(sound);
  return { sampleRate: sound.sampleRate, samples: sound.samples.map((sample) => softLimit(sample * gain)) };
}

/** RMS level of a sound's speech, 0 to 1: pauses of more than 10 ms are left out. */
export function speechRms(sound: Sound): number {
  const levels = blockLevels(sound);
  const loudest = Math.max(0, ...levels);
  const speech = levels.filter((blockLevel) => blockLevel >= loudest * SILENCE_SHARE * 5);
  return Math.sqrt(speech.reduce((sum, blockLevel) => sum + blockLevel ** 2, 0) / Math.max(1, speech.length));
}

/** Linear up to 70 % of the limit, then bent towards it: no audible clipping. */
function softLimit(sample: number): number {
  const knee = PEAK_LIMIT * 0.7;
  const size = Math.abs(sample);
  if (size <= knee) return sample;
  const room = PEAK_LIMIT - knee;
  return Math.sign(sample) * (knee + room * Math.tanh((size - knee) / room));
}

function blockLevels(sound: Sound): number[] {
  const block = samplesOf(sound, BLOCK_MS);
  const levels: number[] = [];
  for (let from = 0; from < sound.samples.length; from += block) {
    const part = sound.samples.subarray(from, from + block);
    levels.push(Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length));
  }
  return levels;
}

const samplesOf = (sound: Sound, ms: number): number => Math.round((sound.sampleRate * ms) / 1000);
