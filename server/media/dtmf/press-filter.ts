import type { Milliseconds } from '../../base/time.ts';
import type { Digit } from '../../model/digit.ts';

/** How a key came: RFC 4733, SIP INFO, or its two tones in the voice. */
export type KeySource = 'event' | 'info' | 'tone';

/** A key by another way, so close before or after a press, is that press. */
const ECHO_MS: Milliseconds = 250;
/** Presses that are remembered; nobody makes more within the time of an echo. */
const MAX_PRESSES = 16;

interface Press {
  readonly digit: Digit;
  readonly source: KeySource;
  endMs: number;
  hasEcho: boolean;
}

/**
 * Tells a press from its echo: some telephones and gateways send each key in two ways at once.
 * @remarks Each press has one echo at most, so that a key pressed twice in a row counts twice, whichever order the four
 *   messages come in.
 */
export class PressFilter {
  #presses: Press[] = [];

  /** A key began. @param atMs - monotonic. @returns false when it is the echo of a press that was told. */
  begin(digit: Digit, source: KeySource, atMs: number): boolean {
    this.#presses = this.#presses.filter(({ endMs }) => atMs - endMs < ECHO_MS).slice(-MAX_PRESSES);
    const told = this.#presses.find((press) => !press.hasEcho && press.source !== source && press.digit === digit);
    if (told === undefined) this.#presses.push({ digit, source, endMs: atMs, hasEcho: false });
    else told.hasEcho = true;
    return told === undefined;
  }

  /** A key that was told is still held. */
  goesOn(digit: Digit, source: KeySource, atMs: number): void {
    const press = this.#presses.findLast((one) => one.source === source && one.digit === digit);
    if (press !== undefined) press.endMs = atMs;
  }
}
