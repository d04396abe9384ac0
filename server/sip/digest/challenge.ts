import { groupByScheme } from './auth-params.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './response.ts';

/** A response that may ask who we are. */
export interface Challenged {
  readonly status: number;
  /** Where it came from. */
  readonly source_address?: string | undefined;
  get(name: string): string | undefined;
}

/** A challenge that we can answer. */
export interface DigestChallenge {
  /** The header that answers it. */
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** False for equipment that knows RFC 2069 only: no qop, no nonce count. */
  readonly hasQop: boolean;
  /** The password was right, only the nonce is too old (RFC 7616 §3.3). */
  readonly isStale: boolean;
}

const MAX_HEADER_CHARS = 8_192;
const ANSWERED_BY = { 'WWW-Authenticate': 'Authorization', 'Proxy-Authenticate': 'Proxy-Authorization' } as const;

/** Whether a response asks who we are (RFC 3261 §21.4.2, §21.4.8). */
export const isChallenge = ({ status }: Pick<Challenged, 'status'>): boolean => status === 401 || status === 407;

/**
 * Finds the challenges of a 401 or 407 that can be answered.
 * @remarks RFC 3261 §22.3: servers and proxies along the way, and forks, may each have their own, whatever the status
 *   is. RFC 8760 §2.4: of one realm the strongest algorithm that we know, SHA-256 before MD5.
 * @returns at most one for each header and realm; none for other schemes, algorithms or qualities of protection. Never throws.
 */
export function readChallenges(response: Pick<Challenged, 'get'>): readonly DigestChallenge[] {
  const strongest = new Map<string, DigestChallenge>();
  for (const [asks, header] of Object.entries(ANSWERED_BY)) {
    for (const challenge of answerable(response.get(asks), header)) {
      const before = strongest.get(protectionSpace(challenge));
      if (before === undefined || rank(challenge) < rank(before)) strongest.set(protectionSpace(challenge), challenge);
    }
  }
  return [...strongest.values()];
}

/** What one password is for (RFC 7616 §3.3): a realm of the server at the end, or of a proxy on the way. */
export const protectionSpace = ({ header, realm }: Pick<DigestChallenge, 'header' | 'realm'>): string => `${header} ${realm}`;

const rank = ({ algorithm }: DigestChallenge): number => DIGEST_ALGORITHMS.indexOf(algorithm);

function answerable(value: string | undefined, header: DigestChallenge['header']): readonly DigestChallenge[] {
  if (value === undefined || value.length > MAX_HEADER_CHARS) return [];
  return groupByScheme(value).map((group) => toChallenge(group, header)).filter((challenge) => challenge !== undefined);
}

function toChallenge(group: ReadonlyMap<string, string>, header: DigestChallenge['header']): DigestChallenge | undefined {
  const named = (group.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === named);
  const [realm, nonce, qop] = [group.get('realm'), group.get('nonce'), group.get('qop')];
  const isAuthOffered = qop === undefined || qop.toLowerCase().split(',').some((offered) => offered.trim() === 'auth');
  if (group.get('scheme') !== 'digest' || algorithm === undefined || realm === undefined || !nonce || !isAuthOffered) return undefined;
  return { header, realm, nonce, opaque: group.get('opaque'), algorithm, hasQop: qop !== undefined, isStale: group.get('stale')?.toLowerCase() === 'true' };
}
