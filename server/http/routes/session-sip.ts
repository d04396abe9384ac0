import { Router } from 'express';
import type { HttpServices } from '../http-services.ts';
import type { Guard } from '../signed-in.ts';
import { toSipAccess } from '../sip-access.ts';

/** `POST /api/session/sip`: credentials for the softphone of the agent who is signed in. */
export function sessionSipRoutes({ credentials, sipWebSocketUrl }: Pick<HttpServices, 'credentials' | 'sipWebSocketUrl'>, guard: Guard): Router {
  const router = Router();
  router.post('/', guard(['agent'], async (request, response, { user, expiresAt, sessionId }) => {
    const principal = { kind: 'agent', userId: user.userId, tenantId: user.tenantId } as const;
    response.json(toSipAccess(request, await credentials.mint(principal, expiresAt, sessionId), { webSocketUrl: sipWebSocketUrl }));
  }));
  return router;
}
