import type { QueueId, TenantId } from '../../model/ids.ts';
import { NO_RECORDING, type RecordingPolicy } from '../../model/recording-policy.ts';
import type { DeclaredPolicy } from './ports.ts';

/** Where a conversation takes place. */
export interface ConversationPlace {
  readonly tenantId: TenantId;
  /** As dialled. */
  readonly entryPoint?: string;
  readonly queueId?: QueueId;
}

/**
 * The policy that counts for a conversation: its queue's, else its number's, else its tenant's.
 * @returns {@link NO_RECORDING} where none is declared.
 */
export function findPolicy(declared: readonly DeclaredPolicy[], place: ConversationPlace): RecordingPolicy {
  const own = declared.filter(({ tenantId }) => tenantId === place.tenantId);
  const found = own.find(({ scope }) => scope.kind === 'queue' && scope.queueId === place.queueId)
    ?? own.find(({ scope }) => scope.kind === 'entry-point' && scope.number === place.entryPoint)
    ?? own.find(({ scope }) => scope.kind === 'tenant');
  return found?.policy ?? NO_RECORDING;
}
