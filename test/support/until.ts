/**
 * Waits in a test for something that real sockets bring about.
 * @param condition - asked every 10 ms; what it returns ends the wait when it is truthy.
 * @param what - named in the error.
 * @throws Error when it does not come about within `timeoutMs`.
 */
export async function until<T>(condition: () => T | Promise<T>, what: string, timeoutMs = 8000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
