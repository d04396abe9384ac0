import { Router } from 'express';
import type { HttpServices } from '../http-services.ts';
import type { Guard } from '../signed-in.ts';

/** `GET /api/status`: what this node counts (calls, refusals, drops, legs), for administrators: it spans all tenants. */
export function statusRoutes(nodeStatus: HttpServices['nodeStatus'], guard: Guard): Router {
  const router = Router();
  router.get('/', guard(['administrator'], async (_request, response) => {
    response.json(await nodeStatus());
  }));
  return router;
}
