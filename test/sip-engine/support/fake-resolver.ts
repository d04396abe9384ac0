import type { Answer, PointerRecord, ServiceRecord, SipResolver } from '../../../server/sip-engine/transport/resolver.ts';

/** A name service with the zone of one test; it tells what it was asked. */
export class FakeResolver implements SipResolver {
  readonly asked: string[] = [];
  readonly a: Record<string, string[]> = {};
  readonly aaaa: Record<string, string[]> = {};
  readonly srv: Record<string, ServiceRecord[]> = {};
  readonly naptr: Record<string, PointerRecord[]> = {};
  /** Names for which DNS does not answer. */
  readonly broken = new Set<string>();
  ttlMs = 10_000;

  addresses(name: string, family: 4 | 6): Promise<Answer<string>> {
    return this.#answer(family === 4 ? 'A' : 'AAAA', name, family === 4 ? this.a : this.aaaa);
  }

  services(name: string): Promise<Answer<ServiceRecord>> {
    return this.#answer('SRV', name, this.srv);
  }

  pointers(name: string): Promise<Answer<PointerRecord>> {
    return this.#answer('NAPTR', name, this.naptr);
  }

  #answer<T>(kind: string, name: string, zone: Record<string, T[]>): Promise<Answer<T>> {
    this.asked.push(`${kind} ${name}`);
    if (this.broken.has(name)) return Promise.reject(Object.assign(new Error('timeout'), { code: 'ETIMEOUT' }));
    return Promise.resolve({ records: zone[name] ?? [], ttlMs: this.ttlMs });
  }
}

/** One SRV record. */
export const service = (host: string, port: number, priority = 10, weight = 0): ServiceRecord => ({ host, port, priority, weight });
