import { hash, verify } from '@node-rs/argon2';

/**
 * How costly one guess is.
 * @remarks Argon2id with 19 MiB, 2 passes and 1 lane: the first configuration that the OWASP
 *   Password Storage Cheat Sheet recommends; RFC 9106 §4 explains the parameters. The library's
 *   default variant is argon2id; salt 16 bytes, hash 32 bytes.
 */
export const ARGON2_PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

/** The hash of 32 random bytes that nobody kept: what a guess at an unknown name is checked against. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$aDYxFCZziFjBwbNTwE6XOg$SkGw3Q4bJnDKRZ1THdh6CNnFk9P3TAteZATyKiIhhAs';

/**
 * Hashes a password for the database.
 * @returns a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
 */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), ARGON2_PARAMETERS);
}

/**
 * Checks a password. An unknown user costs the same work as a known one, so that the time of
 * the answer does not tell which names exist.
 * @param passwordHash - from the account; nothing when there is no such user.
 * @throws Error when the stored hash is not a PHC string.
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? NOBODYS_HASH, password.normalize('NFKC'));
  return passwordHash !== undefined && matches;
}
