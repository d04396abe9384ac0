import { randomFillSync } from 'node:crypto';

const TOKEN_BYTES = 9;
const pool = Buffer.alloc(TOKEN_BYTES * 512);
let used = pool.length;

/**
 * Makes an unguessable token for tags, branches and Call-IDs (72 bits, hexadecimal).
 * @remarks RFC 3261 §19.3 asks for 32 bits of randomness. Drawn from a pool, because a call needs
 *   half a dozen and each trip to the system's generator costs microseconds.
 */
export function randomToken(): string {
  if (used >= pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString('hex', used, used + TOKEN_BYTES);
  used += TOKEN_BYTES;
  return token;
}
