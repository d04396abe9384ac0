import { analyseTone, dominantFrequency, levelDbfs } from '../../media/listen/tone.ts';
import { silentGaps } from '../../media/listen/silent-gaps.ts';

/** What a second of audio seems to be. */
export type Sound = 'silence' | 'tone' | 'speech' | 'music';

/** What was heard in a call. */
export interface Heard {
  readonly seconds: number;
  readonly levelDbfs: number;
  /** Silences of a quarter of a second and more. */
  readonly gaps: { readonly count: number; readonly longestMs: number };
  /** Hertz, when one tone carries nearly all of the sound. */
  readonly toneHz: number | undefined;
  /** Seconds by what they seem to be: a guess. */
  readonly guess: Readonly<Record<Sound, number>>;
}

const SAMPLE_RATE = 8_000;
const FRAME = SAMPLE_RATE / 50;
const SILENT_DBFS = -55;
const GAP_MS = 250;
/** A tone has nearly all of its energy in one place. */
const TONE_SHARE = 0.85;
/** Syllables and pauses: the loud frames of a second of speech stand that far above its quiet ones, in dB. */
const SPEECH_SPREAD_DB = 18;

/**
 * Describes what came in on a telephone line.
 * @param samples - 16 bits, 8 kHz, mono.
 * @remarks Speech and music are told apart by how much the level moves within a second; that is a guess, and is
 *   called one where it is shown.
 */
export function hear(samples: Int16Array): Heard {
  const guess: Record<Sound, number> = { silence: 0, tone: 0, speech: 0, music: 0 };
  let loudest = new Int16Array(0);
  for (let at = 0; at + SAMPLE_RATE / 2 <= samples.length; at += SAMPLE_RATE) {
    const second = samples.subarray(at, at + SAMPLE_RATE);
    guess[classify(second)] += second.length / SAMPLE_RATE;
    if (levelDbfs(second) > levelDbfs(loudest)) loudest = new Int16Array(second);
  }
  const gaps = silentGaps(samples, { minimumMs: GAP_MS, thresholdDbfs: SILENT_DBFS });
  return {
    seconds: samples.length / SAMPLE_RATE,
    levelDbfs: levelDbfs(samples),
    gaps: { count: gaps.length, longestMs: Math.max(0, ...gaps.map(({ lengthMs }) => lengthMs)) },
    toneHz: guess.tone > 0 && guess.speech + guess.music === 0 ? dominantFrequency(loudest) : undefined,
    guess,
  };
}

function classify(second: Int16Array): Sound {
  if (levelDbfs(second) < SILENT_DBFS) return 'silence';
  const frequency = dominantFrequency(second);
  if (frequency !== undefined && analyseTone(second, frequency).share >= TONE_SHARE) return 'tone';
  return spreadDb(second) >= SPEECH_SPREAD_DB ? 'speech' : 'music';
}

/** Between the loud (90th percentile) and the quiet (10th) frames of 20 ms. */
function spreadDb(samples: Int16Array): number {
  const levels: number[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) levels.push(levelDbfs(samples.subarray(at, at + FRAME)));
  levels.sort((one, other) => one - other);
  const at = (share: number): number => levels[Math.floor(share * (levels.length - 1))] ?? 0;
  return at(0.9) - Math.max(at(0.1), -80);
}

/** Says what was heard, line by line. */
export function describeHeard(heard: Heard): readonly string[] {
  if (heard.seconds < 0.5) return ['heard nothing'];
  const lines = [`heard ${heard.seconds.toFixed(1)} s of audio at ${heard.levelDbfs.toFixed(1)} dBFS`];
  lines.push(heard.gaps.count === 0
    ? 'no silent gaps'
    : `${heard.gaps.count} silent gap${heard.gaps.count === 1 ? '' : 's'} of ${GAP_MS} ms or more, the longest ${(heard.gaps.longestMs / 1000).toFixed(1)} s`);
  if (heard.toneHz !== undefined) lines.push(`a tone of ${Math.round(heard.toneHz)} Hz`);
  const parts = (['speech', 'music', 'tone', 'silence'] as const)
    .filter((sound) => heard.guess[sound] >= 0.5)
    .map((sound) => `${sound} about ${Math.round(heard.guess[sound])} s`);
  if (parts.length > 0) lines.push(`a guess, by how the level moves: ${parts.join(', ')}`);
  return lines;
}
