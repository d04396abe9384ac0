import { lookup, NOTFOUND, NODATA, promises as dns } from 'node:dns';

/** A SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** A NAPTR record (RFC 3403). */
export interface PointerRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  /** `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`. */
  readonly service: string;
  readonly replacement: string;
}

/** What DNS said; no records means that the name has none of the kind. */
export interface Answer<T> {
  readonly records: readonly T[];
  /** How long it may be kept. */
  readonly ttlMs: number;
}

/** Where names are looked up; rejects on a fault of DNS, not on a name that does not exist. */
export interface SipResolver {
  addresses(name: string, family: 4 | 6): Promise<Answer<string>>;
  services(name: string): Promise<Answer<ServiceRecord>>;
  pointers(name: string): Promise<Answer<PointerRecord>>;
}

/** The platform does not tell the time to live of what it looked up; this long its answers are kept. */
const FOUND_MS = 60_000;
const MISSING_MS = 5_000;

/** A call is waiting: a name server gets two tries of a second each. */
const DNS_OPTIONS = { timeout: 1_000, tries: 2 };

/** The name service of the machine: addresses by its rules (hosts file, search list), SRV and NAPTR by DNS. */
export class SystemResolver implements SipResolver {
  readonly #dns = new dns.Resolver(DNS_OPTIONS);

  addresses(name: string, family: 4 | 6): Promise<Answer<string>> {
    return answer(new Promise((resolve, reject) => {
      lookup(name, { family, all: true }, (error, found) => {
        if (error) reject(error);
        else resolve(found.map(({ address }) => address));
      });
    }));
  }

  services(name: string): Promise<Answer<ServiceRecord>> {
    return answer(this.#dns.resolveSrv(name).then((found) => found.map((one) => ({ ...one, host: one.name }))));
  }

  pointers(name: string): Promise<Answer<PointerRecord>> {
    return answer(this.#dns.resolveNaptr(name));
  }
}

async function answer<T>(asked: Promise<readonly T[]>): Promise<Answer<T>> {
  try {
    return { records: await asked, ttlMs: FOUND_MS };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === NOTFOUND || code === NODATA) return { records: [], ttlMs: MISSING_MS };
    throw cause;
  }
}

/** Bounds of what a {@link CachedResolver} keeps. */
const MAX_ENTRIES = 2_000;
const MAX_TTL_MS = 3_600_000;
const MIN_TTL_MS = 1_000;

interface Entry {
  /** The shared question or answer; each method puts its own kind under its own keys. */
  readonly answer: Promise<Answer<unknown>>;
  expiresAt: number;
}

/** Keeps answers for their time to live, and asks once for what many calls want at the same time. */
export class CachedResolver implements SipResolver {
  readonly #resolver: SipResolver;
  readonly #entries = new Map<string, Entry>();

  constructor(resolver: SipResolver) {
    this.#resolver = resolver;
  }

  /** Answers and open questions that are held. */
  get size(): number {
    return this.#entries.size;
  }

  addresses(name: string, family: 4 | 6): Promise<Answer<string>> {
    return this.#ask(`a${family} ${name}`, () => this.#resolver.addresses(name, family));
  }

  services(name: string): Promise<Answer<ServiceRecord>> {
    return this.#ask(`srv ${name}`, () => this.#resolver.services(name));
  }

  pointers(name: string): Promise<Answer<PointerRecord>> {
    return this.#ask(`naptr ${name}`, () => this.#resolver.pointers(name));
  }

  #ask<T>(key: string, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const known = this.#entries.get(key);
    // A cast because the key tells the kind of the records.
    if (known !== undefined && known.expiresAt > Date.now()) return known.answer as Promise<Answer<T>>;
    this.#entries.delete(key);
    const entry: Entry = {
      expiresAt: Infinity, // While the question is open, everybody waits for the same answer.
      answer: ask().then((found) => {
        entry.expiresAt = Date.now() + Math.min(Math.max(found.ttlMs, MIN_TTL_MS), MAX_TTL_MS);
        return found;
      }, (cause: unknown) => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        throw cause;
      }),
    };
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
    return entry.answer as Promise<Answer<T>>;
  }
}
