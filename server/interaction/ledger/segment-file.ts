import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the ledger does with one file; a test puts a full disk here. */
export interface SegmentFile {
  /** Writes all bytes at an offset. */
  write(bytes: Buffer, offset: number): Promise<void>;
  /** Returns once what was written is on the disk (`fdatasync(2)`). */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a segment for writing, making it when it is not there. */
export type OpenSegmentFile = (path: string) => Promise<SegmentFile>;

/** The real thing, on `node:fs`. A new file's name is made durable as well (`fsync(2)`, NOTES on directories). */
export const openSegmentFile: OpenSegmentFile = async (path) => {
  const handle = await open(path, 'a+').then(async (made) => {
    await made.close();
    return open(path, 'r+');
  });
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return {
    async write(bytes, offset) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  };
};
