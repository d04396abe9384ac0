import { epochMs, type EpochMs } from '../base/time.ts';
import type { CallId, RecordingId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { RecordingEnd } from '../model/recording.ts';
import { closingFacts } from './closing-facts.ts';
import type { EventLog } from './event-log.ts';
import type { CloseRecording, InteractionRecord, InteractionStore } from './ports.ts';
import { CallRecorder } from './record-call.ts';

/** What recovery needs. */
export interface RecoveryOptions {
  readonly store: Pick<InteractionStore, 'listOpen'>;
  readonly log: Pick<EventLog, 'append'>;
  /** The last heartbeat of the process before this one; nothing when there was none. */
  readonly lastHeartbeatAt: EpochMs | undefined;
  /** Absent where nothing is recorded. */
  readonly closeRecording?: CloseRecording;
}

/** A recording that nobody looks for. */
const NOT_LOOKED_FOR: RecordingEnd = { how: 'interrupted', durationMs: 0, bytes: 0, lostMs: 0, reason: 'not-looked-for' };

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
export async function recoverOpenCalls({ store, log, lastHeartbeatAt, closeRecording = async () => NOT_LOOKED_FOR }: RecoveryOptions): Promise<readonly CallId[]> {
  const open = await store.listOpen();
  const ends = new Map<CallId, ReadonlyMap<RecordingId, RecordingEnd>>();
  // One file after the other: each is read from end to end.
  for (const { interaction } of open) ends.set(interaction.interactionId, await closeRecordings(interaction, closeRecording));
  await Promise.all(open.map((record) => closeCall(record, ends.get(record.interaction.interactionId), { log, lastHeartbeatAt })));
  return open.map(({ interaction }) => interaction.interactionId);
}

async function closeRecordings({ tenantId, recordings = [] }: Interaction, close: CloseRecording): Promise<ReadonlyMap<RecordingId, RecordingEnd>> {
  const ends = new Map<RecordingId, RecordingEnd>();
  for (const recording of recordings) if (recording.endedAt === undefined) ends.set(recording.recordingId, await close(tenantId, recording));
  return ends;
}

async function closeCall(
  { interaction, lastSeq, lastAt }: InteractionRecord, recordingEnds: ReadonlyMap<RecordingId, RecordingEnd> | undefined, { log, lastHeartbeatAt }: Pick<RecoveryOptions, 'log' | 'lastHeartbeatAt'>,
): Promise<void> {
  const lastAliveAt = epochMs(Math.max(lastAt, lastHeartbeatAt ?? 0));
  const recorder = new CallRecorder({
    tenantId: interaction.tenantId, callId: interaction.interactionId, log,
    clock: () => lastAliveAt, after: { seq: lastSeq, at: lastAt },
  });
  // Together: they share one group commit, and the recorder keeps their order.
  await Promise.all(closingFacts(interaction, lastAliveAt, recordingEnds).map((fact) => recorder.record(fact)));
}
