import { Router } from 'express';
import type { HttpServices } from '../http-services.ts';
import type { Guard } from '../signed-in.ts';

/** `GET /api/status`: what this node counts (calls, refusals, drops, legs), for administrators; the counts span all tenants, the trunks are the administrator's own. */
export function statusRoutes(nodeStatus: HttpServices['nodeStatus'], guard: Guard): Router {
  const router = Router();
  router.get('/', guard(['administrator'], async (_request, response, { user }) => {
    response.json(await nodeStatus(user.tenantId));
  }));
  return router;
}
