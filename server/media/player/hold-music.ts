import { SAMPLE_RATE } from '../codec/frame.ts';

/** Semitones above A3 of four calm chords; each is played as a rising and falling arpeggio. */
const CHORDS: readonly (readonly number[])[] = [[3, 7, 10, 15], [0, 3, 7, 12], [8, 12, 15, 20], [5, 8, 12, 17]];
const NOTE_SAMPLES = SAMPLE_RATE * 0.4;
const PATTERN = [0, 1, 2, 3, 2, 1] as const;
const LEVEL = 2_200;

/**
 * Makes the music that is heard on hold when no recording is set up: a quiet arpeggio that
 * loops without a seam, the same on every machine.
 * @returns 16-bit samples, 8 kHz.
 */
export function makeHoldMusic(): Int16Array {
  const notes = CHORDS.flatMap((chord) => PATTERN.map((step) => chord[step] ?? 0));
  const samples = new Int16Array(notes.length * NOTE_SAMPLES);
  const tail = new Float64Array(samples.length);
  for (const [place, semitone] of notes.entries()) addNote(tail, place * NOTE_SAMPLES, 220 * 2 ** (semitone / 12));
  for (let i = 0; i < samples.length; i += 1) samples[i] = Math.round((tail[i] ?? 0) * LEVEL);
  return samples;
}

/** A plucked note that rings over the next ones; past the end it goes on at the beginning. */
function addNote(mix: Float64Array, start: number, frequency: number): void {
  const length = NOTE_SAMPLES * 4;
  for (let i = 0; i < length; i += 1) {
    const rise = Math.min(1, i / 80);
    const fall = Math.exp((-3.2 * i) / length) * Math.min(1, (length - i) / 400);
    const phase = (2 * Math.PI * frequency * i) / SAMPLE_RATE;
    const voice = Math.sin(phase) + 0.3 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
    const at = (start + i) % mix.length;
    mix[at] = (mix[at] ?? 0) + voice * rise * fall;
  }
}
