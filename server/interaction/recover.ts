import { epochMs, type EpochMs } from '../base/time.ts';
import type { CallId } from '../model/ids.ts';
import { closingFacts } from './closing-facts.ts';
import type { EventLog } from './event-log.ts';
import type { InteractionRecord, InteractionStore } from './ports.ts';
import { CallRecorder } from './record-call.ts';

/** What recovery needs. */
export interface RecoveryOptions {
  readonly store: Pick<InteractionStore, 'listOpen'>;
  readonly log: Pick<EventLog, 'append'>;
  /** The last heartbeat of the process before this one; nothing when there was none. */
  readonly lastHeartbeatAt: EpochMs | undefined;
}

/**
 * Closes every interaction that the process before this one left open. Run it when the history
 * has caught up with the ledger and before the heartbeat starts anew.
 *
 * The closing facts carry the last moment at which the call was known to live, not the time of
 * the restart: a night of downtime is no talking time, and a recovery that is killed half-way
 * finds the same moment again. Killed anywhere, the next one closes what is still open.
 * @returns the calls that were interrupted.
 * @throws AppError as `Ledger.append` does.
 */
export async function recoverOpenCalls({ store, log, lastHeartbeatAt }: RecoveryOptions): Promise<readonly CallId[]> {
  const open = await store.listOpen();
  await Promise.all(open.map((record) => closeCall(record, log, lastHeartbeatAt)));
  return open.map(({ interaction }) => interaction.interactionId);
}

async function closeCall({ interaction, lastSeq, lastAt }: InteractionRecord, log: RecoveryOptions['log'], lastHeartbeatAt: EpochMs | undefined): Promise<void> {
  const lastAliveAt = epochMs(Math.max(lastAt, lastHeartbeatAt ?? 0));
  const recorder = new CallRecorder({
    tenantId: interaction.tenantId, callId: interaction.interactionId, log,
    clock: () => lastAliveAt, after: { seq: lastSeq, at: lastAt },
  });
  // Together: they share one group commit, and the recorder keeps their order.
  await Promise.all(closingFacts(interaction, lastAliveAt).map((fact) => recorder.record(fact)));
}
