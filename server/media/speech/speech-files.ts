import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Files are counted again after this many new ones. */
const PRUNE_EVERY = 50;

/** Spoken texts on the disk; the least recently used go first. */
export class SpeechFiles {
  readonly #directory: string;
  readonly #maxFiles: number;
  #newFiles = 0;

  constructor(directory: string, maxFiles: number) {
    this.#directory = resolve(directory);
    this.#maxFiles = maxFiles;
  }

  /** The file of a text: its name says nothing of what is spoken. */
  pathOf(key: string): string {
    return join(this.#directory, `${createHash('sha256').update(key).digest('hex')}.wav`);
  }

  /** @returns whether the file is there; it counts as used now. */
  async touch(path: string): Promise<boolean> {
    const isThere = await access(path).then(() => true, () => false);
    if (isThere) await utimes(path, new Date(), new Date());
    return isThere;
  }

  /** Keeps a file; written aside and moved into place, so that nobody plays half of it. */
  async keep(path: string, bytes: Buffer): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const aside = join(this.#directory, `${randomUUID()}.part`);
    await writeFile(aside, bytes);
    await rename(aside, path);
    this.#newFiles += 1;
    if (this.#newFiles % PRUNE_EVERY === 1) await this.#prune();
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.wav'));
    if (names.length <= this.#maxFiles) return;
    const files = await Promise.all(names.map(async (name) => {
      const path = join(this.#directory, name);
      return { path, usedAt: (await stat(path)).mtimeMs };
    }));
    files.sort((one, other) => one.usedAt - other.usedAt);
    for (const { path } of files.slice(0, files.length - this.#maxFiles)) await rm(path, { force: true });
  }
}
