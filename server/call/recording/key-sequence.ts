import type { Clock, Milliseconds } from '../../base/time.ts';
import type { Digit } from '../../model/digit.ts';

/** Keys that belong together are pressed this close. */
const BETWEEN_KEYS_MS: Milliseconds = 3_000;

/**
 * Listens for keys pressed one after the other, for instance `*2`.
 * @returns a listener for each key.
 */
export function onKeySequence(sequence: string, clock: Clock, onPressed: () => void): (digit: Digit) => void {
  let pressed = '';
  let lastAt = 0;
  return (digit) => {
    const at = clock();
    pressed = (at - lastAt > BETWEEN_KEYS_MS ? '' : pressed) + digit;
    lastAt = at;
    if (!pressed.endsWith(sequence)) {
      pressed = pressed.slice(-sequence.length);
      return;
    }
    pressed = '';
    onPressed();
  };
}
