import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { classifyDamage, scanRecord } from './record.ts';

/** First bytes of every segment file: what it is, and its version. */
export const SEGMENT_MAGIC = Buffer.from('ALLOLDG1');

/** One file of the ledger. */
export interface Segment {
  readonly path: string;
  /** Position of its first record, also in its name. */
  readonly firstPosition: number;
  /** Bytes that are durable; readers stop here. */
  readonly bytes: number;
}

const NAME = /^segment-(\d{16})\.log$/;

/** `segment-0000000000000001.log`: names sort as positions do. */
export const segmentName = (firstPosition: number): string => `segment-${String(firstPosition).padStart(16, '0')}.log`;

/** What {@link scanSegment} found. */
export interface SegmentScan {
  readonly records: number;
  /** Offset behind the last good record. */
  readonly goodBytes: number;
  /** Bytes behind it that belong to no acknowledged record. */
  readonly tornBytes: number;
}

/** Lists the segment files of a directory, oldest first; an absent directory has none. */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  });
  const segments: Segment[] = [];
  for (const name of names.sort()) {
    const match = NAME.exec(name);
    if (!match) continue;
    const path = join(directory, name);
    segments.push({ path, firstPosition: Number(match[1]), bytes: (await stat(path)).size });
  }
  return segments;
}

/**
 * Checks every record of a segment.
 * @param isLast - only the last segment may have a torn tail; an older one was complete before its
 *   successor was made.
 * @throws AppError `ledger.corrupt` for a damaged record that had been acknowledged.
 */
export async function scanSegment(segment: Segment, isLast: boolean): Promise<SegmentScan> {
  const bytes = await readFile(segment.path);
  if (bytes.length < SEGMENT_MAGIC.length || !bytes.subarray(0, SEGMENT_MAGIC.length).equals(SEGMENT_MAGIC)) {
    if (isLast && bytes.length < SEGMENT_MAGIC.length) return { records: 0, goodBytes: 0, tornBytes: bytes.length };
    throw corrupt(segment, 0, segment.firstPosition);
  }
  let offset = SEGMENT_MAGIC.length;
  let position = segment.firstPosition;
  for (;;) {
    const found = scanRecord(bytes, offset, position);
    if (found.kind === 'record') {
      offset = found.next;
      position += 1;
      continue;
    }
    if (found.kind === 'bad' && (!isLast || classifyDamage(bytes, offset, position) === 'corrupt')) throw corrupt(segment, offset, position);
    return { records: position - segment.firstPosition, goodBytes: offset, tornBytes: bytes.length - offset };
  }
}

/** The named fault of a record that was acknowledged and cannot be read any more. */
export function corrupt(segment: Segment, offset: number, position: number): AppError {
  return new AppError({
    code: 'ledger.corrupt', category: 'config',
    message: `the ledger file ${segment.path} is damaged at byte ${offset} (position ${position}); restore it from a backup`,
    details: { path: segment.path, offset, position },
  });
}
