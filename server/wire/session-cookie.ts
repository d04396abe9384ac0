import { parseCookie } from 'cookie';

/** Name of the cookie that carries the session token, for the HTTP edge and the WebSocket hub. */
export const SESSION_COOKIE = 'allo_session';

/**
 * Takes the session token out of a `Cookie` header.
 * @returns nothing when there is none, or when it cannot be a token (32 bytes, base64url).
 */
export function readSessionToken(cookieHeader: string | undefined): string | undefined {
  if (!cookieHeader) return undefined;
  const token = parseCookie(cookieHeader)[SESSION_COOKIE];
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
}
