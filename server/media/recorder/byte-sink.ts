import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../base/app-error.ts';

/** Where the bytes of one recording go. */
export interface ByteSink {
  /** Writes all of them at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves when what was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes a new file that its owner alone may read, with the directories above it.
 * @throws AppError `media.no-recording` when it cannot be made, or is there already.
 */
export async function createFile(path: string): Promise<ByteSink> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    return {
      write: async (bytes, position) => {
        // A full disk may take a part and say so only when it is asked for the rest.
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      },
      sync: () => file.datasync(),
      close: () => file.close(),
    };
  } catch (cause) {
    throw new AppError({ code: 'media.no-recording', category: 'config', message: `cannot record to ${path}`, details: { path }, cause });
  }
}
