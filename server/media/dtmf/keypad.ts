import type { Digit } from '../../model/digit.ts';

/** The low and the high group of tones, in hertz: a key is one of each (ITU-T Q.23 §2). */
export const ROW_HZ = [697, 770, 852, 941] as const;
export const COLUMN_HZ = [1_209, 1_336, 1_477, 1_633] as const;

/** The keys by row and column. */
export const KEYPAD: readonly (readonly Digit[])[] = [
  ['1', '2', '3', 'A'],
  ['4', '5', '6', 'B'],
  ['7', '8', '9', 'C'],
  ['*', '0', '#', 'D'],
];
