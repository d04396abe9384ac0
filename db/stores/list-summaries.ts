import type { EntityManager } from 'typeorm';
import type { EpochMs } from '../../server/base/time.ts';
import type { CustomerId, TenantId } from '../../server/model/ids.ts';
import type { InteractionSummary } from '../../server/model/interaction.ts';
import { toInteractionSummary } from '../parse/interaction.ts';

/** Names come from today's queues and people: see `foldInteraction` for why they are not stored. */
const LIST = `SELECT i.call_id AS interactionId, i.channel AS channel, i.direction AS direction, i.started_at AS startedAt, i.ended_at AS endedAt,
    i.customer_id AS customerId, i.customer_name AS customerName, i.calling_number AS callingNumber, q.name AS queueName,
    u.display_name AS agentName, i.intent AS intent, i.disposition AS disposition, i.note AS note, i.talk_ms AS talkMs, i.wait_ms AS waitMs,
    i.termination_result AS terminationResult, i.termination_reason AS terminationReason, i.sip_status AS sipStatus, i.q850 AS q850
  FROM interactions i
  LEFT JOIN queues q ON q.queue_id = i.queue_id AND q.tenant_id = i.tenant_id
  LEFT JOIN users u ON u.user_id = i.agent_id AND u.tenant_id = i.tenant_id
  WHERE i.tenant_id = ?`;

/** Which lines to list, newest first. */
export interface SummaryQuery {
  readonly tenantId: TenantId;
  readonly limit: number;
  readonly before?: EpochMs | undefined;
  readonly customerId?: CustomerId | undefined;
}

/** Lists interactions by their columns; the whole records are not touched. */
export async function listSummaries(manager: EntityManager, query: SummaryQuery): Promise<readonly InteractionSummary[]> {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [query.tenantId];
  if (query.customerId !== undefined) {
    conditions.push('AND i.customer_id = ?');
    parameters.push(query.customerId);
  }
  if (query.before !== undefined) {
    conditions.push('AND i.started_at < ?');
    parameters.push(query.before);
  }
  parameters.push(query.limit);
  const rows = await manager.query<{ interactionId: string }[]>(
    `${LIST} ${conditions.join(' ')} ORDER BY i.started_at DESC, i.call_id DESC LIMIT ?`, parameters,
  );
  return rows.map(toInteractionSummary);
}
