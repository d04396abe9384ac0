import { Router } from 'express';
import { z } from 'zod';
import { epochMs } from '../../base/time.ts';
import { ROLES } from '../../model/centre.ts';
import { asId, type CallId, type CustomerId, type TenantId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import { LANGUAGES } from '../../model/language.ts';
import type { InteractionExplanation, InteractionList } from '../../wire/api.ts';
import { notFound } from '../http-error.ts';
import type { HttpServices, ReceiptNames } from '../http-services.ts';
import { idSchema, parseInput } from '../parse-input.ts';
import type { Guard } from '../signed-in.ts';

const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** Milliseconds since 1970: only what started before. */
  before: z.coerce.number().int().nonnegative().optional(),
  customerId: idSchema.optional(),
});

const explanationSchema = z.object({ language: z.enum(LANGUAGES).optional() });

/** `GET /api/interactions`, `/:id` and `/:id/explanation`: what happened, and why there. */
export function interactionRoutes(services: Pick<HttpServices, 'history' | 'centre' | 'explain'>, guard: Guard): Router {
  const router = Router();
  const { history, centre, explain } = services;

  const find = async (tenantId: TenantId, id: unknown): Promise<Interaction> => {
    const interaction = await history.find(tenantId, asId<CallId>(parseInput(idSchema, id)));
    if (!interaction) throw notFound('there is no such interaction');
    return interaction;
  };

  router.get('/', guard(ROLES, async (request, response, { user }) => {
    const { limit, before, customerId } = parseInput(listSchema, request.query);
    const interactions = await history.list(user.tenantId, {
      limit,
      ...(before === undefined ? {} : { before: epochMs(before) }),
      ...(customerId === undefined ? {} : { customerId: asId<CustomerId>(customerId) }),
    });
    response.json({ interactions } satisfies InteractionList);
  }));

  router.get('/:id', guard(ROLES, async (request, response, { user }) => {
    response.json(await find(user.tenantId, request.params['id']));
  }));

  router.get('/:id/explanation', guard(ROLES, async (request, response, { user }) => {
    const language = parseInput(explanationSchema, request.query).language ?? user.languages[0] ?? 'fr';
    const { interactionId, offers } = await find(user.tenantId, request.params['id']);
    const names = await loadNames(centre, user.tenantId);
    const explanations = offers.map(({ offerId, receipt }) => ({ offerId, sentences: explain(receipt, language, names) }));
    response.json({ interactionId, language, explanations } satisfies InteractionExplanation);
  }));

  return router;
}

async function loadNames(centre: HttpServices['centre'], tenantId: TenantId): Promise<ReceiptNames> {
  const [users, queues] = await Promise.all([centre.listUsers(tenantId), centre.listQueues(tenantId)]);
  const agents = new Map(users.map((user) => [user.userId, user.displayName]));
  const queueNames = new Map(queues.map((queue) => [queue.queueId, queue.name]));
  return { agentName: (agentId) => agents.get(agentId), queueName: (queueId) => queueNames.get(queueId) };
}
