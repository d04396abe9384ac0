import type { RequestHandler } from 'express';
import { isSameOrigin } from '../wire/same-origin.ts';
import { HttpError } from './http-error.ts';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a page of somebody else asks for in the name of who is signed in here
 * (cross-site request forgery). Together with `SameSite=Strict` on the cookie.
 * @remarks Every browser in use sends `Sec-Fetch-Site` (Fetch Metadata) or `Origin` with such a
 *   request; one that has neither comes from a program, which carries nobody's cookie unasked.
 */
export function requireSameOrigin(publicOrigins: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if (SAFE_METHODS.has(request.method)) {
      next();
      return;
    }
    const { origin, host } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const fromElsewhere = site !== undefined && site !== 'same-origin';
    const isForeign = origin !== undefined && !isSameOrigin({ origin, host, publicOrigins });
    if (fromElsewhere || isForeign) {
      throw new HttpError(403, { code: 'http.cross-origin', message: 'this request comes from a page of another site' });
    }
    next();
  };
}
