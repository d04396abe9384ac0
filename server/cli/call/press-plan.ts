import { isDigit, type Digit } from '../../model/digit.ts';

/** One step of what the caller does at the keypad. */
export type PressStep =
  | { readonly kind: 'press'; readonly digit: Digit }
  | { readonly kind: 'wait'; readonly seconds: number };

const MAX_STEPS = 100;
const MAX_WAIT_S = 600;

/**
 * Reads a key sequence such as `1,2`, `w3,2` (wait three seconds, then 2) or `12#`.
 * @returns nothing when some part of it is neither keys nor a wait.
 */
export function parsePressPlan(text: string): readonly PressStep[] | undefined {
  const steps: PressStep[] = [];
  for (const part of text.split(',').map((item) => item.trim().toUpperCase())) {
    const wait = /^W(\d{1,3}(?:\.\d{1,3})?)$/.exec(part);
    if (wait) steps.push({ kind: 'wait', seconds: Number(wait[1]) });
    else if (part !== '' && [...part].every(isDigit)) steps.push(...[...part].filter(isDigit).map((digit) => ({ kind: 'press' as const, digit })));
    else return undefined;
  }
  const isSane = steps.length <= MAX_STEPS && steps.every((step) => step.kind === 'press' || step.seconds <= MAX_WAIT_S);
  return isSane ? steps : undefined;
}
