import { Router } from 'express';
import { withDeadline } from '../../base/deadline.ts';
import type { HttpServices } from '../http-services.ts';

/** A probe that waits longer has given up already. */
const READINESS_DEADLINE_MS = 2_000;

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it can take calls, or why not. Both for
 * load balancers and people, without a session.
 */
export function healthRoutes(checkReadiness: HttpServices['checkReadiness']): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const checks = await withDeadline(READINESS_DEADLINE_MS, () => checkReadiness());
    const reasons = checks.filter(({ isReady }) => !isReady).map(({ name, reason }) => (reason === undefined ? name : `${name}: ${reason}`));
    response.status(reasons.length === 0 ? 200 : 503).set('Cache-Control', 'no-store').json({ ready: reasons.length === 0, reasons });
  });
  return router;
}
