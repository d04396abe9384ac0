import { groupByScheme } from './auth-params.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './response.ts';

/** A challenge that we can answer. */
export interface DigestChallenge {
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

/**
 * Finds the challenge to answer among those of a 401 or 407.
 * @remarks RFC 8760 §2.4: the strongest algorithm that we know, SHA-256 before MD5; RFC 7616 §3.3.
 * @returns nothing when none can be answered: another scheme, algorithm or quality of protection. Never throws.
 */
export function readChallenge(value: string | undefined): DigestChallenge | undefined {
  if (value === undefined || value.length > MAX_HEADER_CHARS) return undefined;
  const answerable = groupByScheme(value).map(toChallenge).filter((challenge) => challenge !== undefined);
  const rank = ({ algorithm }: DigestChallenge): number => DIGEST_ALGORITHMS.indexOf(algorithm);
  return answerable.sort((one, other) => rank(one) - rank(other))[0];
}

function toChallenge(group: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const named = (group.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === named);
  const [realm, nonce, qop] = [group.get('realm'), group.get('nonce'), group.get('qop')];
  const isAuthOffered = qop === undefined || qop.toLowerCase().split(',').some((offered) => offered.trim() === 'auth');
  if (group.get('scheme') !== 'digest' || algorithm === undefined || realm === undefined || !nonce || !isAuthOffered) return undefined;
  return { realm, nonce, opaque: group.get('opaque'), algorithm, hasQop: qop !== undefined, isStale: group.get('stale')?.toLowerCase() === 'true' };
}
