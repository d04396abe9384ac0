import type { ByteSink } from '../../../server/media/recorder/byte-sink.ts';

/** A file on a disk that a test stalls and breaks by hand. */
export class HandFile implements ByteSink {
  readonly #pieces: Uint8Array[] = [];
  /** Bytes on the disk. */
  length = 0;
  isSynced = false;
  isClosed = false;
  /** What the next writes fail with. */
  fault: Error | undefined;
  #stalled: Promise<void> | undefined;
  #goOn: () => void = () => undefined;

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.#stalled;
    if (this.fault) throw this.fault;
    if (position !== this.length) throw new Error(`${position} is not the end of the file, ${this.length}`);
    this.#pieces.push(bytes);
    this.length += bytes.length;
  }

  /** What is on the disk. */
  get bytes(): Buffer { return Buffer.concat(this.#pieces); }

  async sync(): Promise<void> {
    await this.#stalled;
    this.isSynced = true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Nothing is written until {@link goOn}. */
  stall(): void {
    this.#stalled = new Promise((resolve) => { this.#goOn = resolve; });
  }

  goOn(): void {
    this.#goOn();
    this.#stalled = undefined;
  }
}
