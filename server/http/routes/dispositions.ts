import { Router } from 'express';
import { ROLES } from '../../model/centre.ts';
import type { DispositionList } from '../../wire/api.ts';
import type { HttpServices } from '../http-services.ts';
import type { Guard } from '../signed-in.ts';

/** `GET /api/dispositions`: the wrap-up codes to choose from. */
export function dispositionRoutes(centre: Pick<HttpServices['centre'], 'listDispositions'>, guard: Guard): Router {
  const router = Router();
  router.get('/', guard(ROLES, async (_request, response, { user }) => {
    response.json({ dispositions: await centre.listDispositions(user.tenantId) } satisfies DispositionList);
  }));
  return router;
}
