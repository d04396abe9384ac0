import type { IncomingMessage } from 'node:http';
import type { ActiveSession, Sessions } from '../access/ports.ts';
import { isSameOrigin } from '../wire/same-origin.ts';
import { readSessionToken } from '../wire/session-cookie.ts';

/** Who may open a socket: a session, or the status with which the upgrade is refused. */
export type Admission = { readonly kind: 'admitted'; readonly session: ActiveSession } | { readonly kind: 'refused'; readonly status: 401 | 403 };

/**
 * Looks at an upgrade request before anything is answered.
 * @remarks RFC 6455 §10.2: browsers send the cookie with the upgrade whatever page asks, so the
 *   `Origin`, which they always send, must be ours.
 * @throws what the session store throws.
 */
export async function admitUpgrade(
  request: IncomingMessage,
  sessions: Pick<Sessions, 'resolve'>,
  publicOrigins: readonly string[],
): Promise<Admission> {
  const { origin, host, cookie } = request.headers;
  if (!isSameOrigin({ origin, host, publicOrigins })) return { kind: 'refused', status: 403 };
  const token = readSessionToken(cookie);
  const session = token && (await sessions.resolve(token));
  return session ? { kind: 'admitted', session } : { kind: 'refused', status: 401 };
}
