/**
 * What a script of the benchmark was started with; it ends when the benchmark does, whatever way that ends.
 * @typeParam T - what {@link BenchChild.spawn} was given.
 */
export function settingsFromParent<T>(): T {
  process.once('disconnect', () => process.exit());
  return JSON.parse(process.argv[2] ?? '') as T; // Written by the benchmark from the same type.
}

/** Sends a message to the benchmark. @throws Error when the script was started by hand. */
export function tellParent(message: object): void {
  if (!process.send) throw new Error('this script is a part of the benchmark');
  process.send(message);
}
