import type { Interaction } from '../../server/model/interaction.ts';
import type { RecordingRow } from '../entities/recording-entities.ts';

const DAY_MS = 86_400_000;

/** The rows of a call's recordings. */
export function toRecordingRows({ interactionId: callId, tenantId, bridges = [], recordings = [] }: Interaction): readonly RecordingRow[] {
  const agentIds = JSON.stringify([...new Set(bridges.map(({ agentId }) => agentId))]);
  return recordings.map(({ recordingId, kind, startedAt, endedAt, end, retainDays }) => ({
    recordingId, tenantId, callId, kind, agentIds, startedAt, endedAt: endedAt ?? null, ending: end === undefined ? null : JSON.stringify(end),
    expiresAt: startedAt + retainDays * DAY_MS,
  }));
}
