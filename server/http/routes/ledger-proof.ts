import { Router } from 'express';
import type { HttpServices } from '../http-services.ts';
import type { Guard } from '../signed-in.ts';

/** `GET /api/ledger/proof`: calls seen, logged, delivered and pending, for those who answer for them. */
export function ledgerProofRoutes(proveLedger: HttpServices['proveLedger'], guard: Guard): Router {
  const router = Router();
  router.get('/proof', guard(['supervisor', 'administrator'], async (_request, response, { user }) => {
    response.json(await proveLedger(user.tenantId));
  }));
  return router;
}
