const STEP_MS = 10;

/**
 * How long to wait after a 491 before the same is tried again, so that both ends do not collide again.
 * @param ownsCallId - whether we made the Call-ID of the dialog.
 * @param random - in [0, 1).
 * @returns milliseconds in steps of 10: 2.1 to 4 seconds for the owner, 0 to 2 for the other.
 * @remarks RFC 3261 §14.1.
 */
export function waitAfterGlare(ownsCallId: boolean, random: number): number {
  const [from, to] = ownsCallId ? [2_100, 4_000] : [0, 2_000];
  return from + STEP_MS * Math.floor(random * ((to - from) / STEP_MS + 1));
}
