import type { SipLimits } from '../guard/limits.ts';

/** What a stream framer found in the bytes so far. */
export type FramedItem =
  | { readonly kind: 'message'; readonly text: string }
  /** A double CRLF: the peer wants one CRLF back (RFC 5626 §4.4.1). */
  | { readonly kind: 'keep-alive' }
  /** The stream cannot be followed any more; it must be closed. */
  | { readonly kind: 'broken'; readonly fault: Broken };

type Broken = 'too-large' | 'no-content-length' | 'bad-content-length';

/** Half a ping at most; more of them are taken out of the text. */
const LINE_ENDS = /^(?:\r(?:\n\r?)?)?$/;

const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/i;

/**
 * Cuts a byte stream into SIP messages by Content-Length.
 * @remarks RFC 3261 §18.3; a message on a stream without Content-Length breaks the stream. While
 *   a head is incomplete only the new bytes are searched, so many small fragments cost no
 *   quadratic time.
 */
export class StreamFramer {
  readonly #limits: Pick<SipLimits, 'messageBytes'>;
  #text = '';
  /** The last three characters of `#text`: the end of a head may straddle two chunks. */
  #tail = '';
  /** Length of the message at the start of `#text`, once its head is complete. */
  #needed: number | undefined;

  constructor(limits: Pick<SipLimits, 'messageBytes'>) {
    this.#limits = limits;
  }

  /** Whether a message has begun and is not complete (the slow-loris clock runs); line ends alone begin none (§7.5). */
  get isPartial(): boolean {
    return !LINE_ENDS.test(this.#text);
  }

  /**
   * Takes bytes and yields what is complete.
   * @param chunk - binary string.
   */
  * push(chunk: string): Generator<FramedItem> {
    const isMidHead = this.#needed === undefined && this.#text.length > 3;
    const mayEndHead = !isMidHead || (this.#tail + chunk).includes('\r\n\r\n');
    this.#text += chunk;
    this.#tail = (this.#tail + chunk).slice(-3);
    if (mayEndHead) {
      for (;;) {
        const broken = yield* this.#takeHead();
        if (broken !== undefined) {
          yield { kind: 'broken', fault: broken };
          return;
        }
        if (this.#needed === undefined || this.#text.length < this.#needed) break;
        const text = this.#text.slice(0, this.#needed);
        this.#text = this.#text.slice(this.#needed);
        this.#needed = undefined;
        yield { kind: 'message', text };
      }
    }
    if (this.#needed === undefined && this.#text.length > this.#limits.messageBytes) {
      yield { kind: 'broken', fault: 'too-large' };
    }
  }

  /** Learns the length of the next message, when its head is complete. */
  * #takeHead(): Generator<FramedItem, Broken | undefined> {
    if (this.#needed !== undefined) return undefined;
    yield* this.#skipLineEnds();
    const end = this.#text.indexOf('\r\n\r\n');
    if (end <= 0) return undefined;
    const found = CONTENT_LENGTH.exec(this.#text.slice(0, end + 2));
    if (!found) return 'no-content-length';
    const digits = (found[1] ?? '').trim();
    if (!/^\d{1,10}$/.test(digits)) return 'bad-content-length';
    this.#needed = end + 4 + Number(digits);
    return this.#needed > this.#limits.messageBytes ? 'too-large' : undefined;
  }

  /** Drops CRLFs between messages; every pair of them is a ping. */
  * #skipLineEnds(): Generator<FramedItem> {
    let from = 0;
    while (this.#text.startsWith('\r\n', from)) {
      if (this.#text.startsWith('\r\n\r\n', from)) {
        yield { kind: 'keep-alive' };
        from += 4;
      } else if (this.#text.length <= from + 3) {
        break; // Half a ping may be followed by its other half.
      } else {
        from += 2;
      }
    }
    if (from > 0) this.#text = this.#text.slice(from);
  }
}
