import { open, type FileHandle } from 'node:fs/promises';
import { decodePayload, MAX_PAYLOAD_BYTES, RECORD_HEADER_BYTES, scanRecord, type LedgerRecord } from './record.ts';
import { corrupt, listSegments, scanSegment, SEGMENT_MAGIC, type Segment } from './segment.ts';

/** Which segments there are now; the last one may grow between two looks. */
export type SegmentSource = () => readonly Segment[];

/** Read at a time; a longer record is read whole. */
const CHUNK_BYTES = 256 * 1024;

/** Follows a ledger from a position on, one batch at a time, and remembers where it is. */
export class LedgerReader {
  readonly #segments: SegmentSource;
  #next: number;
  #file: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  #offset = 0;
  /** Position of the record at `#offset`. */
  #at = 0;

  /** @param fromPosition - first position wanted; one that was archived starts at the oldest kept. */
  constructor(segments: SegmentSource, fromPosition: number) {
    this.#segments = segments;
    this.#next = fromPosition;
  }

  /**
   * Reads what is durable by now, in order.
   * @param limit - most records to return.
   * @returns an empty list at the end; ask again later.
   * @throws AppError `ledger.corrupt` for a damaged record.
   */
  async readBatch(limit: number): Promise<readonly LedgerRecord[]> {
    for (;;) {
      const segment = await this.#openSegment();
      if (!segment || !this.#file) return [];
      if (this.#offset >= segment.bytes) {
        // A successor that does not start here proves that records are missing at this end.
        if (this.#segments().some(({ firstPosition }) => firstPosition > this.#at)) throw corrupt(segment, this.#offset, this.#at);
        return [];
      }
      const records = await this.#readRecords(segment, this.#file.handle, limit);
      if (records.length > 0) return records;
    }
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  /** Opens the segment that holds the next record, or keeps the one that is open. */
  async #openSegment(): Promise<Segment | undefined> {
    const segments = this.#segments();
    const wanted = segments.findLast(({ firstPosition }) => firstPosition <= Math.max(this.#next, segments[0]?.firstPosition ?? 0));
    if (!wanted || this.#file?.segment.path === wanted.path) return wanted;
    await this.close();
    this.#file = { segment: wanted, handle: await open(wanted.path, 'r') };
    this.#offset = SEGMENT_MAGIC.length;
    this.#at = wanted.firstPosition;
    return wanted;
  }

  async #readRecords(segment: Segment, handle: FileHandle, limit: number): Promise<LedgerRecord[]> {
    const records: LedgerRecord[] = [];
    let bytes = await readAt(handle, this.#offset, Math.min(CHUNK_BYTES, segment.bytes - this.#offset));
    if (bytes.length === 0) throw corrupt(segment, this.#offset, this.#at);
    let start = 0;
    while (records.length < limit) {
      const found = scanRecord(bytes, start, this.#at);
      if (found.kind === 'record') {
        if (this.#at >= this.#next) {
          records.push({ position: found.position, event: decodePayload(found.payload) });
          this.#next = this.#at + 1;
        }
        this.#at += 1;
        this.#offset += found.next - start;
        start = found.next;
        continue;
      }
      if (found.kind === 'end' || records.length > 0) break;
      const wanted = bytes.length - start + found.missing;
      const canGrow = found.missing > 0 && wanted <= RECORD_HEADER_BYTES + MAX_PAYLOAD_BYTES && this.#offset + wanted <= segment.bytes;
      if (!canGrow) throw corrupt(segment, this.#offset, this.#at);
      bytes = await readAt(handle, this.#offset, Math.min(Math.max(wanted, CHUNK_BYTES), segment.bytes - this.#offset));
      start = 0;
    }
    return records;
  }
}

/** Reads exactly so many bytes, or fewer at the end of the file. */
async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Reads a whole ledger record by record; the reader is closed however the loop ends. */
export async function* readAll(segments: SegmentSource, fromPosition: number): AsyncGenerator<LedgerRecord, void, undefined> {
  const reader = new LedgerReader(segments, fromPosition);
  try {
    for (let batch = await reader.readBatch(256); batch.length > 0; batch = await reader.readBatch(256)) yield* batch;
  } finally {
    await reader.close();
  }
}

/** A ledger as it lies on disk, and the torn bytes at its end that were not read. */
export interface LedgerOnDisk {
  readonly tornBytes: number;
  readonly records: () => AsyncGenerator<LedgerRecord, void, undefined>;
}

/**
 * Reads a ledger without taking or changing it: for proofs offline, even beside a running process.
 * @throws AppError `ledger.corrupt`, here or while reading.
 */
export async function openReadOnly(directory: string): Promise<LedgerOnDisk> {
  const segments = [...await listSegments(directory)];
  const last = segments.pop();
  if (!last) return { tornBytes: 0, records: () => readAll(() => [], 1) };
  const { goodBytes, tornBytes } = await scanSegment(last, true);
  const sound = [...segments, { ...last, bytes: goodBytes }];
  return { tornBytes, records: () => readAll(() => sound, 1) };
}
