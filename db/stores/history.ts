import { In, type EntityManager } from 'typeorm';
import type { History, HistoryQuery } from '../../server/interaction/ports.ts';
import type { CallId, TenantId } from '../../server/model/ids.ts';
import type { Interaction, InteractionSummary } from '../../server/model/interaction.ts';
import type { Connections } from '../connections.ts';
import { queueEntity, userEntity } from '../entities/centre-entities.ts';
import { interactionEntity } from '../entities/history-entities.ts';
import { recordingTombstoneEntity } from '../entities/recording-entities.ts';
import { instant } from '../parse/columns.ts';
import { toRecord } from '../parse/interaction.ts';
import { listSummaries } from './list-summaries.ts';

const MAX_PAGE = 200;

/** The history as the pages read it. */
export class DatabaseHistory implements History {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  find(tenantId: TenantId, callId: CallId): Promise<Interaction | undefined> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(interactionEntity, { callId: callId as string, tenantId: tenantId as string });
      return row ? withNames(manager, await withDeletions(manager, toRecord(row).interaction)) : undefined;
    });
  }

  list(tenantId: TenantId, { limit, before, customerId }: HistoryQuery): Promise<readonly InteractionSummary[]> {
    const most = Math.max(1, Math.min(Math.trunc(limit), MAX_PAGE));
    return this.#connections.read((manager) => listSummaries(manager, { tenantId, limit: most, before, customerId }));
  }
}

/** Puts today's names of queues and people beside their ids. */
async function withNames(manager: EntityManager, call: Interaction): Promise<Interaction> {
  const where = { tenantId: call.tenantId as string };
  const queues = new Map((await manager.find(queueEntity, { select: { queueId: true, name: true }, where })).map(({ queueId, name }) => [queueId, name]));
  const users = new Map((await manager.find(userEntity, { select: { userId: true, displayName: true }, where })).map(({ userId, displayName }) => [userId, displayName]));
  const queueName = queues.get(call.queueStays.at(-1)?.queueId ?? '');
  const agentName = users.get(call.agentId ?? '');
  return {
    ...call,
    ...(queueName === undefined ? {} : { queueName }),
    ...(agentName === undefined ? {} : { agentName }),
    queueStays: call.queueStays.map((stay) => named(stay, 'queueName', queues.get(stay.queueId))),
    offers: call.offers.map((offer) => named(offer, 'agentName', users.get(offer.agentId))),
  };
}

/** Says which recordings have no audio any more. */
async function withDeletions(manager: EntityManager, call: Interaction): Promise<Interaction> {
  const { recordings } = call;
  if (recordings === undefined) return call;
  const ids = recordings.map(({ recordingId }): string => recordingId);
  const rows = await manager.findBy(recordingTombstoneEntity, { tenantId: call.tenantId as string, recordingId: In(ids) });
  const deleted = new Map(rows.map(({ recordingId, deletedAt }) => [recordingId, instant.parse(deletedAt)]));
  return { ...call, recordings: recordings.map((recording) => named(recording, 'deletedAt', deleted.get(recording.recordingId))) };
}

const named = <T, K extends string>(thing: T, name: K, value: string | number | undefined): T => (value === undefined ? thing : { ...thing, [name]: value });
