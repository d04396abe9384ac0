import assert from 'node:assert/strict';
import { epochMs } from '../../../server/base/time.ts';
import { join, ListeningAudit } from '../../../server/call/recording/listening-audit.ts';
import { RecordingLibrary, type OpenRecording } from '../../../server/call/recording/recording-library.ts';
import type { StoredRecording } from '../../../server/call/recording/ports.ts';
import type { Role, User } from '../../../server/model/centre.ts';
import { asId, type TenantId, type UserId } from '../../../server/model/ids.ts';
import { ALICE, FakeShelf, stored } from './fake-shelf.ts';

const person = (userId: string, role: Role, tenantId = 'atlas'): User => ({
  userId: asId<UserId>(userId), tenantId: asId<TenantId>(tenantId), username: userId, displayName: userId, role, languages: ['en'], skills: {}, queueIds: [],
});

describe('RecordingLibrary', () => {
  let shelf: FakeShelf;
  let library: RecordingLibrary;
  let faults: string[];
  let now = 0;
  beforeEach(() => {
    now = 100_000;
    shelf = new FakeShelf();
    faults = [];
    const clock = () => epochMs(now);
    library = new RecordingLibrary({ store: shelf, files: shelf, audit: new ListeningAudit({ trail: shelf, clock }), onFault: (_cause, what) => faults.push(what) });
  });

  const ask = (user: User, more: Partial<StoredRecording> = {}, sessionId = 'session-1') => {
    shelf.recordings.splice(0, 1, stored(more));
    return library.open({ user, sessionId }, stored().recordingId);
  };
  const open = async (user: User = person('sam', 'supervisor'), sessionId?: string): Promise<OpenRecording> => {
    const answer = await ask(user, {}, sessionId);
    assert.ok(answer.kind === 'open');
    return answer.recording;
  };
  const listen = async (recording: OpenRecording, from: number, to: number): Promise<number> => {
    let length = 0;
    for await (const piece of recording.listen(from, to)) length += piece.length;
    return length;
  };

  for (const [user, kind] of [
    [person('sam', 'supervisor'), 'open'], [person('adam', 'administrator'), 'open'], [person(ALICE, 'agent'), 'open'],
    [person('amina', 'agent'), 'forbidden'], [person('basil', 'supervisor', 'baraka'), 'unknown'], [person(ALICE, 'agent', 'baraka'), 'unknown'],
  ] as const) {
    it(`is ${kind} for ${user.userId}, ${user.role} of ${user.tenantId}`, async () => {
      const answer = await ask(user);
      assert.equal(answer.kind, kind);
      assert.equal(shelf.opened.length, kind === 'open' ? 1 : 0);
      assert.equal(shelf.entries.size, 0, 'nothing was heard');
    });
  }

  it('says what has become of a recording that cannot be listened to', async () => {
    const sam = person('sam', 'supervisor');
    assert.deepEqual(await ask(sam, { deletedAt: epochMs(5) }), { kind: 'deleted', deletedAt: 5 });
    const { end: _end, endedAt: _endedAt, ...running } = stored();
    shelf.recordings.splice(0, 1, running);
    assert.deepEqual(await library.open({ user: sam, sessionId: 's' }, running.recordingId), { kind: 'running' });
    assert.deepEqual(await ask(sam, { end: { how: 'failed', durationMs: 0, bytes: 0, lostMs: 0, reason: 'media.no-recording' } }), { kind: 'empty', reason: 'media.no-recording' });
  });

  it('refuses a file that was cut off since its checksum was taken, and closes it', async () => {
    const open_ = shelf.open.bind(shelf);
    for (const [isWhole, fileBytes] of [[false, 500], [true, 499]] as const) {
      shelf.open = async () => Object.assign(await open_(), { isWhole, fileBytes });
      await assert.rejects(ask(person('sam', 'supervisor')), { code: 'recording.damaged' });
    }
    assert.ok(shelf.opened.length === 2 && shelf.opened.every(({ isClosed }) => isClosed));
    shelf.open = async () => Object.assign(await open_(), { isWhole: false });
    const unsealed = await ask(person('sam', 'supervisor'), { end: { how: 'interrupted', durationMs: 8_000, bytes: 500, lostMs: 0, reason: 'unreadable' } });
    assert.equal(unsealed.kind, 'open', 'one that could never be sealed is played as far as it goes');
  });

  describe('given a listener', () => {
    it('writes who, when and what before the first byte, and how far at the end', async () => {
      const recording = await open();
      const iterator = recording.listen(1_000, 8_000)[Symbol.asyncIterator]();
      await iterator.next();
      assert.deepEqual(shelf.audited.map(({ actorId, at, action, subjectId, details }) => ({ actorId, at, action, subjectId, details })), [
        { actorId: 'sam', at: 100_000, action: 'recording.listened', subjectId: 'rec-1', details: { callId: 'call-1', until: 100_000, stretches: [] } },
      ]);
      now += 2_000;
      await iterator.next();
      await iterator.return?.();
      assert.deepEqual(shelf.audited[0]?.details, { callId: 'call-1', until: 102_000, stretches: [[1_000, 3_000]] });
    });

    it('has one entry for one sitting, however many pieces the player asks for, also at once', async () => {
      const recording = await open();
      await Promise.all([listen(recording, 0, 100), listen(recording, 100, 2_000), listen(recording, 5_000, 6_000)]);
      now += 5 * 60_000;
      await (await open()).waveform(10);
      now += 9 * 60_000;
      await listen(await open(), 1_500, 2_500);
      assert.equal(shelf.entries.size, 1);
      assert.deepEqual(shelf.audited[0]?.details['stretches'], [[0, 2_500], [5_000, 6_000]]);
    });

    it('has another entry after a pause, in another browser, and for somebody else', async () => {
      await listen(await open(), 0, 100);
      now += 10 * 60_000 + 1;
      await listen(await open(), 0, 100);
      await listen(await open(undefined, 'session-2'), 0, 100);
      await listen(await open(person('adam', 'administrator'), 'session-3'), 0, 100);
      assert.deepEqual(shelf.audited.map(({ actorId }) => actorId), ['sam', 'sam', 'sam', 'adam']);
    });

    it('audits whoever only looks at the waveform', async () => {
      assert.deepEqual(await (await open()).waveform(12), { durationMs: 8_000, channels: [[12]], markers: [] });
      assert.equal(shelf.entries.size, 1);
    });

    it('lets nobody listen who cannot be written down, and tries again the next time', async () => {
      const recording = await open();
      shelf.trailFault = new Error('database is away');
      await assert.rejects(listen(recording, 0, 100), /away/);
      await assert.rejects(recording.waveform(10), /away/);
      shelf.trailFault = undefined;
      assert.equal(await listen(recording, 0, 100), 100);
      assert.equal(shelf.entries.size, 1);
    });

    it('reports what it cannot write down of the end, and what it cannot read', async () => {
      const recording = await open();
      const iterator = recording.listen(0, 8_000)[Symbol.asyncIterator]();
      await iterator.next();
      shelf.trailFault = new Error('database is away');
      await iterator.return?.();
      assert.deepEqual(faults, ['writing down who listened to a recording']);
      shelf.trailFault = undefined;
      const broken = await open();
      Object.assign(shelf.opened.at(-1) ?? {}, { brokenAt: 3_000 });
      await assert.rejects(listen(broken, 0, 8_000), /chunk 3/);
      assert.equal(faults.at(-1), 'reading a recording');
      assert.deepEqual(shelf.audited.at(-1)?.details['stretches'], [[0, 3_000]]);
    });
  });
});

describe('the stretches of an entry', () => {
  it('are joined where they touch, whatever their order', () => {
    assert.deepEqual(join([[5, 9], [0, 2], [2, 4], [3, 4], [20, 30]]), [[0, 4], [5, 9], [20, 30]]);
  });

  it('stay few: those with the smallest gap become one', () => {
    const many = Array.from({ length: 60 }, (_, i) => [i * 100, i * 100 + (i < 30 ? 90 : 50)] as const);
    const joined = join(many);
    assert.equal(joined.length, 40);
    assert.deepEqual(joined[0], [0, 20 * 100 + 90]);
    assert.deepEqual(joined.at(-1), [5_900, 5_950]);
  });
});
