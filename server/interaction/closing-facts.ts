import type { EpochMs } from '../base/time.ts';
import type { CallFact } from '../model/events.ts';
import type { RecordingId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { RecordingEnd } from '../model/recording.ts';
import { Q850 } from '../model/termination.ts';

/**
 * What has to happen to an interrupted call so that every open thing ends exactly once
 * (invariant 2): offers, conversation, hold, queue stay, recordings, the call, after-call work.
 * Pure; a call of which a part was closed before needs only the rest.
 * @param lastAliveAt - the last moment at which the call was known to live.
 * @param recordingEnds - what lies on the disk of the recordings that are open.
 */
export function closingFacts(call: Interaction, lastAliveAt: EpochMs, recordingEnds: ReadonlyMap<RecordingId, RecordingEnd> = new Map()): readonly CallFact[] {
  const facts: CallFact[] = [];
  for (const { offerId, agentId, endedAt } of call.offers) {
    if (endedAt === undefined) facts.push({ type: 'offer.ended', offerId, agentId, outcome: 'failed' });
  }
  for (const { agentId, to } of call.bridges ?? []) {
    if (to !== undefined) continue;
    if (call.holds.some((hold) => hold.to === undefined)) facts.push({ type: 'hold.ended', agentId });
    facts.push({ type: 'bridge.ended', agentId, endedBy: 'system' });
  }
  for (const { queueId, leftAt } of call.queueStays) {
    if (leftAt === undefined) facts.push({ type: 'queue.left', queueId, exit: 'interrupted' });
  }
  for (const [recordingId, end] of recordingEnds) facts.push({ type: 'recording.stopped', recordingId, ...end });
  if (call.endedAt === undefined) {
    facts.push({ type: 'call.ended', termination: { result: 'interrupted', reason: 'process-ended', q850: Q850.temporaryFailure }, lastAliveAt });
  }
  for (const { agentId, endedAt } of call.wrapUps ?? []) {
    if (endedAt === undefined) facts.push({ type: 'wrap-up.ended', agentId, how: 'interrupted' });
  }
  return facts;
}
