import assert from 'node:assert/strict';
import fc from 'fast-check';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { CloseRecording, InteractionRecord } from '../../server/interaction/ports.ts';
import { recoverOpenCalls } from '../../server/interaction/recover.ts';
import type { CallEvent, DomainEvent } from '../../server/model/events.ts';
import type { RecordingEnd } from '../../server/model/recording.ts';
import { CALL, stamp, TENANT } from './fixtures.ts';
import { MemoryInteractionStore } from './memory-interaction-store.ts';
import { RECORDED_CALL, RECORDING } from './recording-fixtures.ts';

const events = stamp(RECORDED_CALL);
const PLAYABLE: RecordingEnd = { how: 'interrupted', durationMs: 1_000, bytes: 32_300, checksum: 'ef'.repeat(32), lostMs: 0 };

const foldAll = (some: readonly CallEvent[]): InteractionRecord =>
  some.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined) ?? assert.fail();

/** A process that died after so many events, and its next start, which may die after so many more. */
const restart = async (length: number, closeRecording: CloseRecording, diesAfter = Infinity): Promise<MemoryInteractionStore> => {
  const store = new MemoryInteractionStore();
  store.records.set(CALL, foldAll(events.slice(0, length)));
  await startAgain(store, closeRecording, diesAfter);
  return store;
};

const startAgain = (store: MemoryInteractionStore, closeRecording: CloseRecording, diesAfter = Infinity): Promise<unknown> => {
  let appended = 0;
  const append = async (event: DomainEvent): Promise<number> => {
    if (appended >= diesAfter) throw new Error('killed');
    assert.ok('callId' in event && event.type !== 'agent.state-changed');
    store.records.set(event.callId, foldInteraction(store.records.get(event.callId), event));
    return appended += 1;
  };
  return recoverOpenCalls({ store, log: { append }, lastHeartbeatAt: undefined, closeRecording }).catch(() => undefined);
};

describe('recoverOpenCalls, given recordings', () => {
  for (let length = 1; length <= events.length; length += 1) {
    const last = events[length - 1]?.type ?? '';
    it(`closes those that are open, and no others, with what can be played, when the process died after ${last} (${length})`, async () => {
      const closed: string[] = [];
      const before = foldAll(events.slice(0, length)).interaction.recordings ?? [];
      const store = await restart(length, async (tenantId, recording) => {
        assert.equal(tenantId, TENANT);
        closed.push(recording.recordingId);
        return PLAYABLE;
      });
      const after = store.records.get(CALL)?.interaction.recordings ?? [];
      assert.deepEqual(closed, before.filter(({ end }) => end === undefined).map(({ recordingId }) => recordingId));
      for (const [i, recording] of after.entries()) assert.deepEqual(recording.end, before[i]?.end ?? PLAYABLE);
      assert.deepEqual(await store.listOpen(), []);
    });
  }

  it('hands over where the ledger knows that it is silent', async () => {
    const paused = events.findLastIndex(({ type }) => type === 'recording.paused') + 1;
    await restart(paused, async (_tenantId, { recordingId, pauses }) => {
      if (recordingId === RECORDING) assert.deepEqual(pauses.map(({ fromMs, toMs }) => [fromMs, toMs]), [[300, 900], [1_500, undefined]]);
      return PLAYABLE;
    });
  });

  it('closes them though the call had ended: its recording outlived it', async () => {
    const ended = events.findIndex(({ type }) => type === 'call.ended') + 1;
    const store = await restart(ended, async () => PLAYABLE);
    const { termination, recordings } = store.records.get(CALL)?.interaction ?? assert.fail();
    assert.equal(termination?.result, 'caller');
    assert.deepEqual(recordings?.at(-1)?.end, PLAYABLE);
  });

  it('comes to the same end however often it is killed on the way (property)', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: events.length }), fc.array(fc.nat(8), { maxLength: 3 }),
    async (length, deaths) => {
      const once = await restart(length, async () => PLAYABLE);
      const often = await restart(length, async () => PLAYABLE, 0);
      for (const diesAfter of [...deaths, Infinity]) await startAgain(often, async () => PLAYABLE, diesAfter);
      assert.deepEqual(often.records.get(CALL), once.records.get(CALL));
    },
  )));
});
