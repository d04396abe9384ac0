/** A promise that is resolved from outside, once: later values are ignored. Never rejects. */
export class Settlement<T> {
  readonly promise: Promise<T>;
  readonly settle: (value: T) => void;

  constructor() {
    let resolveOutside: (value: T) => void = () => undefined;
    this.promise = new Promise<T>((resolve) => { resolveOutside = resolve; });
    this.settle = resolveOutside;
  }
}
