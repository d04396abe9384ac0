import { createHash } from 'node:crypto';
import type { RoutingSnapshot } from '../model/routing.ts';
import { compareAgents, compareEntries } from './queue-order.ts';

/**
 * The fingerprint of what a decision saw, for its receipts: the same entries and agents give
 * the same hash, in whatever order the store listed them.
 * @remarks SHA-256 (FIPS 180-4) of canonical JSON: keys sorted by UTF-16 code unit, no white
 *   space, numbers as ECMAScript prints them (RFC 8785 §3.2).
 * @returns 64 hexadecimal digits.
 */
export function snapshotHash(snapshot: RoutingSnapshot): string {
  const canonical = canonicalJson({
    entries: snapshot.entries.toSorted(compareEntries),
    agents: snapshot.agents.toSorted(compareAgents),
  });
  return createHash('sha256').update(canonical).digest('hex');
}

/** JSON with one spelling per value. Members that are `undefined` are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
