import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { DomainEvent } from '../../model/events.ts';
import { lockDirectory, type DirectoryLock } from './lock.ts';
import { LedgerReader, readAll } from './reader.ts';
import { encodePayload, encodeRecord, RECORD_HEADER_BYTES, type LedgerRecord } from './record.ts';
import { listSegments, scanSegment, segmentName, SEGMENT_MAGIC, type Segment } from './segment.ts';
import { openSegmentFile, type OpenSegmentFile, type SegmentFile } from './segment-file.ts';

/** How a ledger is opened. */
export interface LedgerOptions {
  readonly directory: string;
  /** A segment that has grown beyond this is followed by a new one; default 64 MiB. */
  readonly segmentBytes?: number;
  /** Hears of a torn tail that was cut, and of every write that failed. */
  readonly onFault?: (cause: unknown, what: string) => void;
  readonly openFile?: OpenSegmentFile;
}

interface Waiting {
  readonly payload: Buffer;
  readonly resolve: (position: number) => void;
  readonly reject: (cause: unknown) => void;
}

/** One write and one sync at most so long; the rest waits for the next. */
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;
/** What may wait for the disk; beyond it `append` refuses, so that a dead disk does not eat the memory. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * The append-only record of everything that happened, on local disk.
 *
 * All appends that arrive while the disk is busy share the next write and the next sync (group
 * commit). Promise of {@link append}, on which numbering without gaps rests: when a window cannot
 * be written, it **and everything behind it in the line** is refused, in order, and its bytes are
 * cut off before anything else is written. So nothing is ever durable behind something refused.
 */
export class Ledger {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #onFault: (cause: unknown, what: string) => void;
  readonly #openFile: OpenSegmentFile;
  readonly #lock: DirectoryLock;
  readonly #segments: Segment[];
  #position: number;
  #file: SegmentFile | undefined;
  /** A write failed: what it may have left behind the durable bytes must go first. */
  #needsCut = false;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: LedgerOptions, lock: DirectoryLock, segments: readonly Segment[], position: number) {
    this.#directory = options.directory;
    this.#segmentBytes = options.segmentBytes ?? 64 * 1024 * 1024;
    this.#onFault = options.onFault ?? (() => undefined);
    this.#openFile = options.openFile ?? openSegmentFile;
    this.#lock = lock;
    this.#segments = [...segments];
    this.#position = position;
  }

  /**
   * Opens the ledger of a directory, makes it when there is none, and cuts a torn tail.
   * @throws AppError `ledger.locked`, `ledger.corrupt`, `ledger.unwritable`.
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const lock = await prepare(options.directory);
    try {
      const segments = [...await listSegments(options.directory)];
      const last = segments.pop();
      if (!last) return new Ledger(options, lock, [], 0);
      const { records, goodBytes, tornBytes } = await scanSegment(last, true);
      const ledger = new Ledger(options, lock, [...segments, { ...last, bytes: goodBytes }], last.firstPosition + records - 1);
      if (tornBytes > 0) await ledger.#cutTornTail(last.path, goodBytes, tornBytes);
      return ledger;
    } catch (cause) {
      await lock.release();
      throw cause;
    }
  }

  /** Position of the last durable event; 0 in an empty ledger. */
  get lastPosition(): number {
    return this.#position;
  }

  /** Position of the oldest event kept; 1 until segments are archived. */
  get firstPosition(): number {
    return this.#segments[0]?.firstPosition ?? 1;
  }

  /**
   * Appends an event.
   * @returns its position, once it is on disk; appends resolve in the order of their calls.
   * @throws AppError `ledger.write-failed` (nothing is kept), `ledger.overloaded`, `ledger.closed`,
   *   `ledger.event-too-large`.
   */
  append(event: DomainEvent): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new AppError({ code: 'ledger.closed', category: 'bug', message: 'the ledger is closed' });
      const payload = encodePayload(event);
      if (this.#waitingBytes + payload.length > MAX_WAITING_BYTES) {
        throw new AppError({ code: 'ledger.overloaded', category: 'upstream', message: 'the disk does not keep up with the ledger', retryable: true });
      }
      this.#waiting.push({ payload, resolve, reject });
      this.#waitingBytes += payload.length;
      this.#writing ??= this.#writeWindows();
    });
  }

  /** Every durable event from a position on, oldest first; ends at what was durable when it gets there. */
  read(fromPosition = 1): AsyncGenerator<LedgerRecord, void, undefined> {
    return readAll(() => this.#segments, fromPosition);
  }

  /** A reader that can be asked again and again; the caller closes it. */
  follow(fromPosition: number): LedgerReader {
    return new LedgerReader(() => this.#segments, fromPosition);
  }

  /** Writes what waits, then lets the directory go. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#writing;
      await this.#file?.close();
      await this.#lock.release();
    })();
    return this.#closed;
  }

  async #writeWindows(): Promise<void> {
    // One turn of the microtask queue: appends of the same tick join the first window.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const window = this.#takeWindow();
      try {
        await this.#writeWindow(window);
      } catch (cause) {
        this.#refuse(window, cause);
      }
    }
    this.#writing = undefined;
  }

  #takeWindow(): Waiting[] {
    let bytes = 0;
    const fits = this.#waiting.findIndex(({ payload }, index) => {
      bytes += payload.length + RECORD_HEADER_BYTES;
      return index > 0 && bytes > MAX_WINDOW_BYTES;
    });
    const window = this.#waiting.splice(0, fits < 0 ? this.#waiting.length : fits);
    for (const { payload } of window) this.#waitingBytes -= payload.length;
    return window;
  }

  async #writeWindow(window: readonly Waiting[]): Promise<void> {
    const { file, segment } = await this.#activeSegment();
    const first = this.#position + 1;
    const bytes = Buffer.concat(window.map(({ payload }, index) => encodeRecord(first + index, payload, index === 0)));
    await file.write(bytes, segment.bytes);
    await file.sync();
    this.#segments[this.#segments.length - 1] = { ...segment, bytes: segment.bytes + bytes.length };
    this.#position += window.length;
    window.forEach(({ resolve }, index) => resolve(first + index));
  }

  #refuse(window: readonly Waiting[], cause: unknown): void {
    this.#needsCut = true;
    const refused = [...window, ...this.#waiting];
    this.#waiting = [];
    this.#waitingBytes = 0;
    const fault = new AppError({
      code: 'ledger.write-failed', category: 'upstream', message: 'the ledger cannot be written', retryable: true,
      details: { directory: this.#directory, events: refused.length }, cause,
    });
    this.#onFault(fault, `writing ${refused.length} events to the ledger`);
    for (const { reject } of refused) reject(fault);
  }

  /** The segment to write to: repaired after a fault, a new one when the last is full. */
  async #activeSegment(): Promise<{ readonly file: SegmentFile; readonly segment: Segment }> {
    if (this.#needsCut) await this.#reopen();
    const last = this.#segments.at(-1);
    if (last && last.bytes < this.#segmentBytes) {
      this.#file ??= await this.#openFile(last.path);
      if (last.bytes >= SEGMENT_MAGIC.length) return { file: this.#file, segment: last };
      return { file: this.#file, segment: await this.#writeMagic(this.#file, last) };
    }
    await this.#file?.close();
    this.#file = undefined;
    const firstPosition = this.#position + 1;
    const made: Segment = { path: join(this.#directory, segmentName(firstPosition)), firstPosition, bytes: 0 };
    this.#file = await this.#openFile(made.path);
    this.#segments.push(made);
    return { file: this.#file, segment: await this.#writeMagic(this.#file, made) };
  }

  /** The magic becomes durable with the first window; until then the list says that nothing is. */
  async #writeMagic(file: SegmentFile, segment: Segment): Promise<Segment> {
    await file.write(SEGMENT_MAGIC, 0);
    return { ...segment, bytes: SEGMENT_MAGIC.length };
  }

  /**
   * Cuts what a failed write left and opens the file afresh: after a failed sync the system may
   * drop the pages and call the next sync a success.
   */
  async #reopen(): Promise<void> {
    const broken = this.#file;
    this.#file = undefined;
    await broken?.close().catch((cause: unknown) => this.#onFault(cause, 'closing a broken ledger file'));
    const last = this.#segments.at(-1);
    if (last) {
      const file = await this.#openFile(last.path);
      try {
        await file.truncate(last.bytes);
        await file.sync();
      } catch (cause) {
        await file.close();
        throw cause;
      }
      this.#file = file;
    }
    this.#needsCut = false;
  }

  async #cutTornTail(path: string, goodBytes: number, tornBytes: number): Promise<void> {
    const file = await this.#openFile(path);
    try {
      await file.truncate(goodBytes);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#onFault(new AppError({
      code: 'ledger.torn-tail', category: 'upstream',
      message: `the ledger ended in the middle of a write: ${tornBytes} bytes that had not been acknowledged were cut`,
      details: { path, goodBytes, tornBytes, lastPosition: this.#position },
    }), 'opening the ledger');
  }
}

async function prepare(directory: string): Promise<DirectoryLock> {
  try {
    await mkdir(directory, { recursive: true });
    return await lockDirectory(directory);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError({
      code: 'ledger.unwritable', category: 'config', message: `the ledger directory ${directory} cannot be written`, cause,
    });
  }
}
