import { Router } from 'express';
import { epochMs, type Clock } from '../../base/time.ts';
import { AddressLimit } from '../address-limit.ts';
import { clientAddress } from '../client-address.ts';
import { notFound } from '../http-error.ts';
import type { HttpServices } from '../http-services.ts';
import { toSipAccess } from '../sip-access.ts';

/** A family behind one address may call at once; a machine that collects credentials may not. */
const CALLS_AT_ONCE = 10;
const CALLS_PER_SECOND = 1 / 20;

/** How long a guest may take from the button to the end of the call. */
const GUEST_LIFETIME_MS = 60 * 60_000;

/** `POST /api/call-us`: credentials with which anybody can call the centre, and nothing else. */
export function callUsRoutes({ callUs, credentials, sipWebSocketUrl }: Pick<HttpServices, 'callUs' | 'credentials' | 'sipWebSocketUrl'>, clock: Clock): Router {
  const router = Router();
  const limit = new AddressLimit({ capacity: CALLS_AT_ONCE, refillPerSecond: CALLS_PER_SECOND, clock });
  router.post('/', async (request, response) => {
    if (!callUs) throw notFound('this centre takes no calls from the web');
    limit.pass(clientAddress(request));
    const credential = await credentials.mint({ kind: 'guest', tenantId: callUs.tenantId }, epochMs(clock() + GUEST_LIFETIME_MS));
    response.json(toSipAccess(request, credential, { dial: callUs.dial, webSocketUrl: sipWebSocketUrl }));
  });
  return router;
}
