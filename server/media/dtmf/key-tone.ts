import type { Digit } from '../../model/digit.ts';
import { FRAME_SAMPLES, SAMPLE_RATE } from '../codec/frame.ts';
import { EVENT_FRAMES } from './event-sender.ts';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from './keypad.ts';

/** Amplitudes of the low tone at −11 dBm0 and the high one at −9; full scale is +3.14 dBm0. */
const LOW_AMPLITUDE = 32_768 * 10 ** ((-11 - 3.14) / 20);
const HIGH_AMPLITUDE = 32_768 * 10 ** ((-9 - 3.14) / 20);
/** Samples over which a key rises and falls: 2 ms. */
const EDGE_SAMPLES = 16;

/**
 * Makes one frame of a key's two tones, for peers without telephone-event: 160 samples, 8 kHz.
 * @remarks ITU-T Q.23; the levels of ETSI ES 201 235-2, the high tone stronger because lines weaken it more.
 * @param frame - number of the frame within the key, so that the phase goes on; the key has {@link EVENT_FRAMES}.
 */
export function makeKeyTone(digit: Digit, frame: number): Int16Array {
  const row = KEYPAD.findIndex((keys) => keys.includes(digit));
  const low = ROW_HZ[row] ?? ROW_HZ[0];
  const high = COLUMN_HZ[KEYPAD[row]?.indexOf(digit) ?? 0] ?? COLUMN_HZ[0];
  return Int16Array.from({ length: FRAME_SAMPLES }, (_, i) => {
    const at = frame * FRAME_SAMPLES + i;
    const edge = Math.min(1, (at + 1) / EDGE_SAMPLES, (EVENT_FRAMES * FRAME_SAMPLES - at) / EDGE_SAMPLES);
    return Math.round(edge * (LOW_AMPLITUDE * sineAt(low, at) + HIGH_AMPLITUDE * sineAt(high, at)));
  });
}

const sineAt = (hertz: number, at: number): number => Math.sin((2 * Math.PI * hertz * at) / SAMPLE_RATE);
