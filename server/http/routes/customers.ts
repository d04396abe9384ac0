import { Router } from 'express';
import { z } from 'zod';
import { withDeadline } from '../../base/deadline.ts';
import { ROLES } from '../../model/centre.ts';
import { asId, type CustomerId } from '../../model/ids.ts';
import type { CustomerList } from '../../wire/api.ts';
import { notFound } from '../http-error.ts';
import type { HttpServices } from '../http-services.ts';
import { idSchema, parseInput } from '../parse-input.ts';
import type { Guard } from '../signed-in.ts';

/** What one page of a search shows; who is not among them is found by a longer text. */
const SEARCH_LIMIT = 20;
/** A person waits for this; nobody's call does. */
const CUSTOMER_DEADLINE_MS = 5_000;

const searchSchema = z.object({ q: z.string().trim().min(1).max(100) });

/** `GET /api/customers?q=` and `GET /api/customers/:id`: the customer base of the reader's tenant. */
export function customerRoutes(customers: HttpServices['customers'], guard: Guard): Router {
  const router = Router();

  router.get('/', guard(ROLES, async (request, response, { user }) => {
    const { q } = parseInput(searchSchema, request.query);
    const found = await withDeadline(CUSTOMER_DEADLINE_MS, () => customers.search(user.tenantId, q, SEARCH_LIMIT));
    response.json({ customers: found } satisfies CustomerList);
  }));

  router.get('/:id', guard(ROLES, async (request, response, { user }) => {
    const customerId = asId<CustomerId>(parseInput(idSchema, request.params['id']));
    const file = await withDeadline(CUSTOMER_DEADLINE_MS, (signal) => customers.loadFile(user.tenantId, customerId, signal));
    if (!file) throw notFound('there is no such customer');
    response.json(file);
  }));

  return router;
}
