import type { CallFact } from '../../server/model/events.ts';
import { asId, type RecordingId } from '../../server/model/ids.ts';
import { ALICE, CLAIMS, FULL_CALL } from './fixtures.ts';

export const RECORDING = asId<RecordingId>('018f0000-0000-7000-8000-000000000001');
export const MESSAGE = asId<RecordingId>('018f0000-0000-7000-8000-000000000002');

const END = { how: 'stopped', durationMs: 2_000, bytes: 64_300, checksum: 'cd'.repeat(32), lostMs: 0 } as const;

/** The full call with a message in the menu and a recorded conversation with two pauses, the second of which never ends. */
export const RECORDED_CALL: readonly CallFact[] = FULL_CALL.flatMap((fact): readonly CallFact[] => {
  switch (fact.type) {
    case 'ivr.finished': return [
      { type: 'recording.started', recordingId: MESSAGE, kind: 'message', cause: { kind: 'flow' }, retainDays: 30 },
      { type: 'recording.stopped', recordingId: MESSAGE, ...END, how: 'silence' },
      fact,
    ];
    case 'bridge.started': return [
      fact,
      { type: 'recording.skipped', reason: 'on-demand-only', policyVersion: 2 },
      { type: 'recording.started', recordingId: RECORDING, kind: 'conversation', cause: { kind: 'person', userId: ALICE, by: 'desk' }, queueId: CLAIMS, retainDays: 90 },
      { type: 'recording.paused', recordingId: RECORDING, positionMs: 300, by: ALICE },
      { type: 'recording.resumed', recordingId: RECORDING, positionMs: 900, by: ALICE },
      { type: 'recording.paused', recordingId: RECORDING, positionMs: 1_500 },
    ];
    case 'call.ended': return [fact, { type: 'recording.stopped', recordingId: RECORDING, ...END, lostMs: 400 }];
    default: return [fact];
  }
});
