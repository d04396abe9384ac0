import { Socket } from 'node:net';
import type { ApplicationLink, LinkEvents } from './application-link.ts';

const NOT_ASCII = /[^\x00-\x7f]/;

/**
 * The application's end of a connection that never leaves the process.
 * @remarks A `Socket` because drachtio-srf takes nothing else. What is written in one turn is
 *   carried over in a microtask: before the next event of the network, and never while the writer
 *   is still at work.
 */
export class InProcessSocket extends Socket {
  override readonly remoteAddress = '127.0.0.1';
  override readonly remotePort = 0;
  override readonly localPort = 0;
  #engine: LinkEvents | undefined;
  #waiting = '';
  #isEnded = false;

  /** The engine's end. */
  readonly link: ApplicationLink = {
    waitingBytes: 0, // A reader in the same process is never behind.
    open: (events) => { this.#engine = events; },
    write: (text) => { if (!this.#isEnded) this.push(Buffer.from(text, 'latin1')); },
    end: () => this.#endReading(),
    destroy: () => { this.destroy(); },
  };

  override setNoDelay(): this { return this; }
  override setKeepAlive(): this { return this; }

  override _read(): void {
    // Nothing to ask for: the engine writes when it has something.
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#waiting === '') queueMicrotask(() => this.#carryOver());
    this.#waiting += binary(chunk);
    done();
  }

  override _writev(chunks: readonly { chunk: string | Buffer }[], done: () => void): void {
    this._write(chunks.map(({ chunk }) => binary(chunk)).join(''), 'latin1', done);
  }

  override _final(done: () => void): void {
    this.#carryOver();
    this.#engine?.onGone();
    this.#endReading();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#engine?.onGone();
    super._destroy(error, done);
  }

  #endReading(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.push(null);
  }

  #carryOver(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') this.#engine?.onText(text);
  }
}

/** One character per byte of UTF-8, as on a socket. */
function binary(chunk: string | Buffer): string {
  if (typeof chunk !== 'string') return chunk.toString('latin1');
  return NOT_ASCII.test(chunk) ? Buffer.from(chunk, 'utf8').toString('latin1') : chunk;
}
