import { randomBytes, randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/time.ts';
import type { TenantId } from '../../model/ids.ts';
import { readIfThere } from './read-if-there.ts';
import { KEY_BYTES } from './recording-header.ts';
import { unwrapKey, wrapKey } from './wrapped-key.ts';

/** Name of the file in the data directory. */
export const KEY_RING_FILE = 'recording-keys.json';

const keptKey = z.strictObject({ tenantId: z.string().min(1), keyId: z.uuid(), createdAt: z.int(), wrapped: z.base64() });
const keptRing = z.strictObject({ version: z.literal(1), keys: z.array(keptKey) });
type KeptKey = z.infer<typeof keptKey>;

/** One key of one tenant. */
export interface TenantKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** What a key ring is opened with. */
export interface KeyRingOptions {
  readonly path: string;
  readonly masterKey: Buffer;
  readonly clock: Clock;
}

/**
 * The keys of all tenants, in one file, wrapped under the master key. The latest of a tenant
 * seals new recordings; the earlier ones open those that were made with them.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #kept: KeptKey[];
  readonly #keys = new Map<TenantId, TenantKey[]>();
  /** Keys are added one after the other: each writes the whole file. */
  #line: Promise<unknown> = Promise.resolve();

  private constructor(options: KeyRingOptions, kept: readonly KeptKey[]) {
    this.#options = options;
    this.#kept = [...kept];
  }

  /** @throws AppError `recording.bad-key-ring` when the file is not one, `recording.wrong-master-key`. */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options, await readKept(options.path));
    for (const { tenantId, keyId, wrapped } of ring.#kept) {
      // A cast because the file holds the tenants' ids as text.
      ring.#remember(tenantId as TenantId, { keyId, key: unwrapKey(options.masterKey, { tenantId, keyId }, wrapped) });
    }
    return ring;
  }

  /** The key for new recordings of a tenant; made, and safe on the disk, when there is none yet. */
  async current(tenantId: TenantId): Promise<TenantKey> {
    return this.#keys.get(tenantId)?.at(-1) ?? this.#inLine(async () => this.#keys.get(tenantId)?.at(-1) ?? this.#add(tenantId));
  }

  /** The key of a tenant that a recording was made with. */
  find(tenantId: TenantId, keyId: string): Buffer | undefined {
    return this.#keys.get(tenantId)?.find((known) => known.keyId === keyId)?.key;
  }

  /** Makes a new key for a tenant: what is recorded from now on is sealed with it. @returns its id. */
  async rotate(tenantId: TenantId): Promise<string> {
    return (await this.#inLine(() => this.#add(tenantId))).keyId;
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#line.then(work);
    // The next in line waits for the end of this one, however it ends; its caller hears how.
    this.#line = turn.catch(() => undefined);
    return turn;
  }

  async #add(tenantId: TenantId): Promise<TenantKey> {
    const { path, masterKey, clock } = this.#options;
    const made: TenantKey = { keyId: randomUUID(), key: randomBytes(KEY_BYTES) };
    const wrapped = wrapKey(masterKey, { tenantId, keyId: made.keyId }, made.key);
    const kept: KeptKey = { tenantId, keyId: made.keyId, createdAt: clock(), wrapped };
    await replaceFile(path, `${JSON.stringify({ version: 1, keys: [...this.#kept, kept] }, undefined, 2)}\n`);
    this.#kept.push(kept);
    this.#remember(tenantId, made);
    return made;
  }

  #remember(tenantId: TenantId, key: TenantKey): void {
    this.#keys.set(tenantId, [...this.#keys.get(tenantId) ?? [], key]);
  }
}

async function readKept(path: string): Promise<readonly KeptKey[]> {
  const text = await readIfThere(path);
  if (text === undefined) return [];
  try {
    return keptRing.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new AppError({ code: 'recording.bad-key-ring', category: 'config', message: `${path} does not hold the keys of the recordings`, cause });
  }
}

/** Puts a file in the place of another at once, safe on the disk: a crash leaves the one or the other. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
