import assert from 'node:assert/strict';
import { LiveCall } from '../../../server/call/live-call.ts';
import { ConversationRecording } from '../../../server/call/recording/conversation-recording.ts';
import type { CallFact } from '../../../server/model/events.ts';
import { asId, type CallId, type LegId } from '../../../server/model/ids.ts';
import { received } from '../../interaction/fixtures.ts';
import { ALICE, CLAIMS, TENANT } from '../support/fake-centre.ts';
import { FakeLeg, FakeMediaLeg } from '../support/fake-legs.ts';
import { FakeRecorder } from '../support/fake-recorder.ts';

describe('ConversationRecording', () => {
  let recorder: FakeRecorder;
  let facts: CallFact['type'][];
  let recording: ConversationRecording;
  beforeEach(async () => {
    recorder = new FakeRecorder();
    facts = [];
    const call = new LiveCall({
      callId: asId<CallId>('call-1'), tenantId: TENANT, leg: new FakeLeg('carol'), calling: { kind: 'anonymous' },
      recorder: { record: async ({ type }) => { facts.push(type); } }, onFault: (cause) => assert.fail(String(cause)),
    });
    await call.note(received());
    await call.note({ type: 'call.answered', legId: asId<LegId>('carol') });
    facts.length = 0;
    recording = new ConversationRecording({
      call, caller: new FakeMediaLeg(asId<LegId>('carol')), queueId: CLAIMS,
      policy: { version: 1, mode: 'automatic', samplePercent: 100, announcement: 'none', retainDays: 1 },
      facts: { customerConsent: 'no-file', wasAnnounced: false, refusedInCall: false }, services: { recorder, onFault: (cause) => assert.fail(String(cause)) },
    });
  });
  const asker = { userId: ALICE, language: 'en', by: 'desk' } as const;

  it('does what is asked in turn: one recording, however many begin it at once', async () => {
    await Promise.all([recording.begin(), recording.ask('start', asker), recording.toggle(asker), recording.ask('start', asker)]);
    assert.deepEqual(facts, ['recording.started', 'recording.stopped', 'recording.started']);
    assert.deepEqual(recorder.recordings.map(({ isOver }) => isOver), [true, false]);
    await recording.end();
  });

  it('pauses once for several who ask, and goes on once', async () => {
    await recording.begin();
    await Promise.all(['pause', 'pause', 'resume', 'resume', 'pause'].map((action) => recording.ask(action as 'pause' | 'resume', asker)));
    assert.deepEqual(facts.slice(1), ['recording.paused', 'recording.resumed', 'recording.paused']);
    assert.equal(recorder.latest.isPaused, true);
    await recording.end();
  });

  it('begins nothing any more when the conversation is over, though it was asked in the same moment', async () => {
    const ended = recording.end();
    const [asked, toggled] = await Promise.all([recording.ask('start', asker), recording.toggle(asker), recording.begin(), ended]);
    assert.ok(asked.kind === 'refused' && asked.code === 'recording.over');
    assert.ok(toggled.kind === 'refused' && toggled.code === 'recording.over');
    assert.deepEqual(recorder.recordings, []);
    assert.deepEqual(facts, []);
  });
});
