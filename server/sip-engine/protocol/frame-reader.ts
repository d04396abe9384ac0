/** Most digits of a frame's length. */
const MAX_DIGITS = 7;

/**
 * Cuts the byte stream of an application into frames `length#payload`.
 * @remarks The counterpart of drachtio-srf's `wire-protocol.js`; lengths count bytes, and so do
 *   binary strings.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #text = '';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes bytes (binary string).
   * @returns the complete payloads; `undefined` when the stream makes no sense or a frame is too
   *   large, after which the connection must be closed.
   */
  push(chunk: string): string[] | undefined {
    this.#text += chunk;
    const payloads: string[] = [];
    for (;;) {
      const mark = this.#text.indexOf('#');
      if (mark < 0) return this.#text.length > MAX_DIGITS || !/^\d*$/.test(this.#text) ? undefined : payloads;
      const digits = this.#text.slice(0, mark);
      if (mark > MAX_DIGITS || !/^\d+$/.test(digits)) return undefined;
      const length = Number(digits);
      if (length === 0 || length > this.#maxBytes) return undefined;
      const end = mark + 1 + length;
      if (this.#text.length < end) return payloads;
      payloads.push(this.#text.slice(mark + 1, end));
      this.#text = this.#text.slice(end);
    }
  }
}

/** Writes one frame (binary string). */
export const frame = (payload: string): string => `${payload.length}#${payload}`;
