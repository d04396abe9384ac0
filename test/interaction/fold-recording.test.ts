import assert from 'node:assert/strict';
import { step, type StepOutcome } from '../../server/base/machine.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { CALL_RULES, type CallState } from '../../server/model/call-machine.ts';
import type { CallFact } from '../../server/model/events.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import { ALICE, CLAIMS, received, seconds, stamp } from './fixtures.ts';
import { MESSAGE, RECORDED_CALL, RECORDING } from './recording-fixtures.ts';

const fold = (facts: readonly CallFact[]): Interaction => {
  const record = stamp(facts).reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined);
  return record?.interaction ?? assert.fail();
};
const atOf = (type: CallFact['type'], nth = 0): number => seconds(RECORDED_CALL.map((fact, i) => (fact.type === type ? i : -1)).filter((i) => i >= 0)[nth] ?? -1);

describe('the recordings of a call', () => {
  it('stand in its history: who began them, why, when, where they are silent, and what lies on the disk', () => {
    const { recordings, recordingSkipped } = fold(RECORDED_CALL);
    assert.equal(recordingSkipped, 'on-demand-only');
    assert.deepEqual(recordings, [
      {
        recordingId: MESSAGE, kind: 'message', cause: { kind: 'flow' }, startedAt: atOf('recording.started'), retainDays: 30, pauses: [],
        endedAt: atOf('recording.stopped'), end: { how: 'silence', durationMs: 2_000, bytes: 64_300, checksum: 'cd'.repeat(32), lostMs: 0 },
      },
      {
        recordingId: RECORDING, kind: 'conversation', cause: { kind: 'person', userId: ALICE, by: 'desk' }, queueId: CLAIMS, startedAt: atOf('recording.started', 1),
        retainDays: 90, pauses: [{ fromMs: 300, toMs: 900, pausedBy: ALICE }, { fromMs: 1_500 }],
        endedAt: atOf('recording.stopped', 1), end: { how: 'stopped', durationMs: 2_000, bytes: 64_300, checksum: 'cd'.repeat(32), lostMs: 400 },
      },
    ]);
  });

  it('end once, and a fact of one that never began is left out', () => {
    const [, stopped] = RECORDED_CALL.filter(({ type }) => type === 'recording.stopped');
    const twice = fold([...RECORDED_CALL, { ...stopped ?? assert.fail(), how: 'interrupted' } as CallFact]);
    assert.deepEqual(twice.recordings, fold(RECORDED_CALL).recordings);
    assert.deepEqual(fold([received(), { type: 'recording.paused', recordingId: RECORDING, positionMs: 1 }]).recordings, []);
  });

  it('are allowed by the rules of a call in this order, and not before it is answered', () => {
    let state: CallState = { name: 'new' };
    for (const fact of RECORDED_CALL) {
      const outcome: StepOutcome<CallState, never> = step(CALL_RULES, state, fact);
      assert.equal(outcome.kind, 'moved', `${fact.type} in ${state.name}`);
      if (outcome.kind === 'moved') state = outcome.state;
    }
    const started = RECORDED_CALL.find(({ type }) => type === 'recording.started') ?? assert.fail();
    for (const early of [{ name: 'new' }, { name: 'received' }, { name: 'ended', termination: { result: 'caller', reason: 'x' } }] as const) {
      assert.equal(step(CALL_RULES, early, started).kind, 'refused', early.name);
    }
  });
});
