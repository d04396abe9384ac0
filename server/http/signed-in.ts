import type { Request, RequestHandler, Response } from 'express';
import type { ActiveSession, Sessions } from '../access/ports.ts';
import type { Role } from '../model/centre.ts';
import { readSessionToken } from '../wire/session-cookie.ts';
import { notAllowed, notSignedIn } from './http-error.ts';

/** A handler for somebody who is known. */
export type SignedInHandler = (request: Request, response: Response, session: ActiveSession) => Promise<void>;

/** Makes a route that only people with one of the roles reach. */
export type Guard = (roles: readonly Role[], handler: SignedInHandler) => RequestHandler;

/** The guard for the routes: 401 without a session, 403 without the role. */
export function guardWith(sessions: Pick<Sessions, 'resolve'>): Guard {
  return (roles, handler) => async (request, response) => {
    const token = readSessionToken(request.headers.cookie);
    const session = token && (await sessions.resolve(token));
    if (!session) throw notSignedIn();
    if (!roles.includes(session.user.role)) throw notAllowed(`this is for: ${roles.join(', ')}`);
    await handler(request, response, session);
  };
}
