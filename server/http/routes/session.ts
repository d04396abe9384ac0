import { Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { ActiveSession } from '../../access/ports.ts';
import type { Clock } from '../../base/time.ts';
import { ROLES } from '../../model/centre.ts';
import { signInSchema, type SessionView } from '../../wire/api.ts';
import { readSessionToken, SESSION_COOKIE } from '../../wire/session-cookie.ts';
import { clientAddress } from '../client-address.ts';
import { HttpError, tooManyRequests } from '../http-error.ts';
import type { HttpServices } from '../http-services.ts';
import { parseInput } from '../parse-input.ts';
import type { Guard } from '../signed-in.ts';

/** What the session routes need. */
export interface SessionRouteOptions {
  readonly services: Pick<HttpServices, 'sessions' | 'credentials' | 'onSignedOut'>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `/api/session`: sign in (POST), who am I (GET), sign out (DELETE). */
export function sessionRoutes({ services, guard, clock, log }: SessionRouteOptions): Router {
  const router = Router();

  const endSessionOf = async (request: Request): Promise<void> => {
    const token = readSessionToken(request.headers.cookie);
    const ended = token && (await services.sessions.signOut(token));
    if (!ended) return;
    await services.credentials.revokeSession(ended.sessionId);
    services.onSignedOut(ended.sessionId);
    log.info({ userId: ended.user.userId }, 'signed out');
  };

  router.post('/', async (request, response) => {
    const { username, password } = parseInput(signInSchema, request.body);
    const address = clientAddress(request);
    const outcome = await services.sessions.signIn({ username, password, address });
    switch (outcome.kind) {
      case 'wait':
        log.warn({ pii: { username, address } }, 'sign-in slowed down after too many failures');
        throw tooManyRequests('too many failed attempts: wait before the next one', outcome.retryAfterMs);
      case 'wrong-credentials':
        log.info({ pii: { username, address } }, 'sign-in failed');
        throw new HttpError(401, { code: 'http.wrong-credentials', message: 'unknown name or wrong password' });
      case 'signed-in':
        // Whoever was signed in in this browser before is not any longer.
        await endSessionOf(request);
        log.info({ userId: outcome.session.user.userId }, 'signed in');
        setSessionCookie(request, response, { token: outcome.token, maxAge: outcome.session.expiresAt - clock() });
        response.json(toView(outcome.session));
    }
  });

  router.get('/', guard(ROLES, async (_request, response, session) => {
    response.json(toView(session));
  }));

  router.delete('/', async (request, response) => {
    await endSessionOf(request);
    setSessionCookie(request, response, { token: '', maxAge: 0 });
    response.status(204).end();
  });

  return router;
}

/** @remarks RFC 6265 §4.1.2; without `Domain` the cookie is for this host alone. */
function setSessionCookie(request: Request, response: Response, cookie: { readonly token: string; readonly maxAge: number }): void {
  response.cookie(SESSION_COOKIE, cookie.token, {
    httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/', maxAge: cookie.maxAge,
  });
}

function toView({ user, expiresAt }: ActiveSession): SessionView {
  const { userId, username, displayName, role, languages } = user;
  return { userId, username, displayName, role, languages, expiresAt };
}
