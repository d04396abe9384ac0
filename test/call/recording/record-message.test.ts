import assert from 'node:assert/strict';
import { LiveCall } from '../../../server/call/live-call.ts';
import { recordMessage, type MessageOptions, type MessageResult } from '../../../server/call/recording/record-message.ts';
import type { Digit } from '../../../server/model/digit.ts';
import type { CallFact } from '../../../server/model/events.ts';
import { asId, type CallId, type LegId } from '../../../server/model/ids.ts';
import { TENANT } from '../support/fake-centre.ts';
import { FakeLeg, FakeMediaLeg } from '../support/fake-legs.ts';
import { FakeRecorder } from '../support/fake-recorder.ts';
import { received } from '../../interaction/fixtures.ts';

const OPTIONS: MessageOptions = { maxLengthMs: 120_000, silence: { beforeSpeechMs: 8_000, afterSpeechMs: 4_000 }, stopKeys: ['#', '1'], retainDays: 30 };

describe('recordMessage', () => {
  let recorder: FakeRecorder;
  let facts: CallFact[];
  let faults: string[];
  let media: FakeMediaLeg;
  let call: LiveCall;
  let gone: AbortController;

  beforeEach(async () => {
    recorder = new FakeRecorder();
    facts = [];
    faults = [];
    media = new FakeMediaLeg(asId<LegId>('carol'));
    gone = new AbortController();
    call = new LiveCall({
      callId: asId<CallId>('call-1'), tenantId: TENANT, leg: new FakeLeg('carol'), calling: { kind: 'anonymous' },
      recorder: { record: async (fact) => { facts.push(fact); } }, onFault: (cause, what) => faults.push(`${what}: ${String(cause)}`),
    });
    await call.note(received());
    await call.note({ type: 'call.answered', legId: asId<LegId>('carol') });
    facts.length = 0;
  });

  const record = (): Promise<MessageResult> => recordMessage(
    { call, leg: media, onDigit: (listener) => media.onDigit(listener) }, OPTIONS, { recorder, onFault: (_cause, what) => faults.push(what) }, gone.signal,
  );
  const press = (digit: Digit): void => media.digitListeners.forEach((listener) => listener(digit));
  /** Lets what is under way come to where it waits for the caller. */
  const begun = () => new Promise((resolve) => { setImmediate(resolve); });

  it('records one voice within its limits, from beginning to end in the ledger', async () => {
    const result = record();
    await begun();
    const { request } = recorder.latest;
    assert.deepEqual([request.kind, request.leg, request.limits], ['message', media, { maxLengthMs: 120_000, silence: OPTIONS.silence }]);
    recorder.latest.positionMs = 7_000;
    recorder.latest.end({ how: 'silence' });
    const { recordingId } = recorder.latest;
    assert.deepEqual(await result, { kind: 'recorded', recordingId, durationMs: 7_000, endedBy: 'silence' });
    assert.deepEqual(facts.map(({ type }) => type), ['recording.started', 'recording.stopped']);
    assert.ok(facts[0]?.type === 'recording.started' && facts[0].cause.kind === 'flow' && facts[0].kind === 'message');
  });

  it('ends by one of its keys, and by no other', async () => {
    const result = record();
    await begun();
    press('5');
    assert.equal(recorder.latest.isOver, false);
    press('#');
    press('1');
    const recorded = await result;
    assert.ok(recorded.kind === 'recorded' && recorded.endedBy === 'key' && recorded.key === '#');
    assert.equal(media.digitListeners.size, 0);
  });

  it('ends at its longest, and when the caller leaves', async () => {
    const long = record();
    await begun();
    recorder.latest.end({ how: 'max-length' });
    assert.equal((await long as { endedBy?: string }).endedBy, 'max-length');
    const left = record();
    await begun();
    gone.abort();
    assert.equal((await left as { endedBy?: string }).endedBy, 'caller-gone');
    assert.equal(recorder.latest.isOver, true);
  });

  it('ends at once for a caller who has left already', async () => {
    gone.abort();
    assert.equal((await record() as { endedBy?: string }).endedBy, 'caller-gone');
  });

  it('says that nothing was kept when it could not begin, or broke', async () => {
    recorder.fault = new Error('no disk');
    assert.deepEqual(await record(), { kind: 'failed', reason: 'not-started' });
    assert.deepEqual(faults, ['starting a recording']);
    recorder.fault = undefined;
    const broken = record();
    await begun();
    recorder.latest.end({ how: 'interrupted', reason: 'media-worker-died' });
    assert.deepEqual(await broken, { kind: 'failed', reason: 'media-worker-died' });
  });
});
