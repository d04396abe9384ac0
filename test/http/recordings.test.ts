import assert from 'node:assert/strict';
import { truncate, writeFile, readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { epochMs } from '../../server/base/time.ts';
import { ListeningAudit } from '../../server/call/recording/listening-audit.ts';
import { RecordingLibrary } from '../../server/call/recording/recording-library.ts';
import type { Waveform } from '../../server/call/recording/ports.ts';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { alice as aliceOfAtlas, ATLAS } from '../access/people.ts';
import { FakeShelf, stored } from '../call/recording/fake-shelf.ts';
import { newRecordingId, RecordingKit, separate } from '../media/recorder/recording-kit.ts';
import { writeRecording, type WrittenRecording } from '../media/recorder/write-recording.ts';
import { until } from '../support/until.ts';
import { HttpRig, type Browser } from './http-rig.ts';
import { assertProblem } from './problem-checks.ts';

const ENDED_AT = epochMs(Date.UTC(2030, 0, 2, 3, 4, 5));
const LAST_MODIFIED = 'Wed, 02 Jan 2030 03:04:05 GMT';

describe('GET /api/recordings/:id', () => {
  let rig: HttpRig;
  let kit: RecordingKit;
  let shelf: FakeShelf;
  let written: WrittenRecording;
  let sam: Browser;
  let audioPath = '';
  const faults: string[] = [];

  before(async () => {
    rig = new HttpRig();
    await rig.start();
    kit = await RecordingKit.open();
    sam = await rig.browserOf('sam');
  });
  after(async () => {
    await rig.stop();
    await kit.close();
  });
  beforeEach(async () => {
    written = await writeRecording(kit, 3_300);
    shelf = new FakeShelf();
    shelf.recordings.push(stored({
      recordingId: written.recordingId, tenantId: ATLAS, agentIds: [aliceOfAtlas.userId], endedAt: ENDED_AT,
      end: { how: 'stopped', durationMs: 3_300, bytes: written.bytes, checksum: written.checksum, lostMs: 0 },
    }));
    faults.length = 0;
    rig.library = new RecordingLibrary({
      store: shelf, files: kit.files, audit: new ListeningAudit({ trail: shelf, clock: rig.clock.read }), onFault: (_cause, what) => faults.push(what),
    });
    audioPath = `/api/recordings/${written.recordingId}/audio`;
  });

  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => sam.fetch(audioPath, { method, headers });
  /** What a request without the headers of a browser's cache gets: `fetch` adds `no-cache` to a condition. */
  const plainStatus = (headers: Record<string, string>): Promise<number | undefined> => new Promise((resolve, reject) => {
    httpRequest(`${rig.baseUrl}${audioPath}`, { headers: { ...headers, cookie: sam.cookie }, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).on('error', reject).end();
  });
  const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
  const heard = (): unknown => shelf.audited[0]?.details['stretches'];

  describe('/audio', () => {
    it('is the whole recording as a WAV file, each side on its channel', async () => {
      const response = await get();
      assert.equal(response.status, 200);
      const bytes = await bytesOf(response);
      assert.deepEqual(
        ['Content-Type', 'Content-Length', 'Accept-Ranges', 'ETag', 'Last-Modified', 'Cache-Control', 'Content-Range'].map((name) => response.headers.get(name)),
        ['audio/wav', String(44 + 3_300 * 32), 'bytes', `"${written.checksum}"`, LAST_MODIFIED, 'no-store', null],
      );
      assert.equal(bytes.length, 44 + 3_300 * 32);
      const [left = new Int16Array(), right = new Int16Array()] = separate(bytes.subarray(44), 2);
      assert.ok(analyseTone(left, 440).share > 0.99 && analyseTone(right, 700).share > 0.99);
      await until(() => JSON.stringify(heard()) === '[[0,3300]]', 'the audit entry');
    });

    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1], ['bytes=0-43', 0, 44], ['bytes=40-50', 40, 51], ['bytes=44-32043', 44, 32_044], ['bytes=32000-32100', 32_000, 32_101],
      ['bytes=50000-', 50_000, 105_644], ['bytes=-100', 105_544, 105_644], ['bytes=105643-999999', 105_643, 105_644], ['bytes=-999999', 0, 105_644],
    ] as const) {
      it(`gives ${range} with 206, the same bytes as of the whole (RFC 9110 §14, §15.3.7)`, async () => {
        const whole = await bytesOf(await get());
        const response = await get({ Range: range });
        assert.equal(response.status, 206);
        assert.equal(response.headers.get('Content-Range'), `bytes ${from}-${to - 1}/105644`);
        assert.equal(response.headers.get('Content-Length'), String(to - from));
        assert.ok((await bytesOf(response)).equals(whole.subarray(from, to)));
      });
    }

    it('is put together from ranges by a player without a difference', async () => {
      const whole = await bytesOf(await get());
      const pieces: Buffer[] = [];
      for (let at = 0; at < whole.length; at += 10_007) pieces.push(await bytesOf(await get({ Range: `bytes=${at}-${at + 10_006}` })));
      assert.ok(Buffer.concat(pieces).equals(whole));
    });

    for (const range of ['bytes=105644-', 'bytes=200000-300000', 'bytes=-0']) {
      it(`answers 416 to ${range}, and says how long it is (RFC 9110 §15.5.17)`, async () => {
        const response = await get({ Range: range });
        assert.deepEqual([response.status, response.headers.get('Content-Range')], [416, 'bytes */105644']);
        assert.equal((await bytesOf(response)).length, 0);
        assert.equal(shelf.entries.size, 0);
      });
    }

    for (const range of ['bytes=0-1,5-6', 'bytes=9-5', 'lines=1-2', 'bytes', 'nonsense', 'bytes=a-b', 'bytes=-', 'bytes=1e3-']) {
      it(`takes no notice of ${range} (RFC 9110 §14.2)`, async () => {
        const response = await get({ Range: range });
        assert.equal(response.status, 200);
        assert.equal((await bytesOf(response)).length, 105_644);
      });
    }

    it('gives the part only to whoever has the rest of the same, and the whole else (RFC 9110 §13.1.5)', async () => {
      for (const [condition, status] of [
        [`"${written.checksum}"`, 206], [LAST_MODIFIED, 206], ['"another"', 200], [`W/"${written.checksum}"`, 200], ['Wed, 02 Jan 2030 03:04:06 GMT', 200], ['Tue, 01 Jan 2030 03:04:05 GMT', 200],
      ] as const) {
        const response = await get({ Range: 'bytes=0-9', 'If-Range': condition });
        assert.equal(response.status, status, condition);
        await bytesOf(response);
      }
    });

    it('answers 304 to who has it, 412 to who has another (RFC 9110 §13.1)', async () => {
      for (const [condition, status] of [
        [{ 'If-None-Match': `"${written.checksum}"` }, 304], [{ 'If-None-Match': '"another"' }, 200], [{ 'If-Modified-Since': LAST_MODIFIED }, 304],
        [{ 'If-Match': '"another"' }, 412], [{ 'If-Match': `"another", "${written.checksum}"`, Range: 'bytes=0-9' }, 206], [{ 'If-Match': '*' }, 200],
      ] as const) assert.equal(await plainStatus(condition), status, JSON.stringify(condition));
    });

    it('answers HEAD with the same headers, reads nothing, and takes no notice of a range (RFC 9110 §9.3.2, §14.2)', async () => {
      const response = await get({ Range: 'bytes=0-9' }, 'HEAD');
      assert.deepEqual([response.status, response.headers.get('Content-Length'), response.headers.get('Accept-Ranges')], [200, '105644', 'bytes']);
      assert.equal(shelf.entries.size, 0);
    });

    it('writes down who listened to what, in one entry for all the ranges of a sitting', async () => {
      for (const range of ['bytes=44-32043', 'bytes=32044-64043', 'bytes=96044-']) await bytesOf(await get({ Range: range }));
      await until(() => JSON.stringify(heard()) === '[[0,2000],[3000,3300]]', 'all stretches in the entry');
      assert.deepEqual(shelf.audited.map(({ actorId, action, subjectId }) => [actorId, action, subjectId]), [['user-sam', 'recording.listened', written.recordingId]]);
    });

    it('writes down as far as it was sent when the listener leaves', async () => {
      const long = await writeRecording(kit, 120_000);
      shelf.recordings.splice(0, 1, { ...stored(), recordingId: long.recordingId, tenantId: ATLAS, endedAt: ENDED_AT, end: { how: 'stopped', durationMs: 120_000, bytes: long.bytes, checksum: long.checksum, lostMs: 0 } });
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpRequest(`${rig.baseUrl}/api/recordings/${long.recordingId}/audio`, { headers: { cookie: sam.cookie }, agent: false }, resolve).on('error', reject).end();
      });
      await new Promise<void>((resolve) => { response.once('data', () => resolve()); });
      response.destroy();
      const stretches = await until(() => (JSON.stringify(heard()) === '[]' ? undefined : heard() as [number, number][]), 'the end of the entry');
      assert.ok((stretches[0]?.[1] ?? Infinity) < 120_000, JSON.stringify(stretches));
      assert.deepEqual(faults, []);
    });
  });

  describe('/waveform', () => {
    it('says how loud each channel is, and is audited', async () => {
      const response = await sam.fetch(`/api/recordings/${written.recordingId}/waveform?points=50`);
      assert.equal(response.status, 200);
      // A cast because the answer is the API's own type.
      const { durationMs, channels, markers } = await response.json() as Waveform;
      assert.deepEqual([durationMs, channels.map((points) => points.length), markers], [3_300, [50, 50], []]);
      assert.ok(channels[0]?.every((point) => point > 0.2) && channels[1]?.every((point) => point > 0.1 && point < 0.15));
      assert.equal(shelf.entries.size, 1);
    });

    for (const points of ['9', '1601', 'many', '1.5']) {
      it(`answers 400 to ${points} points`, async () => {
        await assertProblem(await sam.fetch(`/api/recordings/${written.recordingId}/waveform?points=${points}`), 400, 'http.bad-request');
      });
    }
  });

  describe('given somebody else', () => {
    it('is for the agent who talked, and for no other agent, no other tenant, and nobody who is not signed in', async () => {
      const hers = await (await rig.browserOf('alice')).fetch(audioPath);
      assert.equal(hers.status, 200);
      await bytesOf(hers);
      await assertProblem(await (await rig.browserOf('amina')).fetch(audioPath), 403, 'http.not-allowed');
      await assertProblem(await (await rig.browserOf('basil')).fetch(audioPath), 404, 'http.not-found');
      for (const path of [audioPath, audioPath.replace('audio', 'waveform')]) await assertProblem(await rig.browser().fetch(path), 401, 'http.not-signed-in');
      assert.deepEqual(shelf.audited.map(({ actorId }) => actorId), ['user-alice']);
    });
  });

  describe('given what cannot be played', () => {
    for (const path of ['/api/recordings/1/audio', '/api/recordings/..%2f..%2fetc%2fpasswd/audio', `/api/recordings/${'a'.repeat(36)}/audio`, '/api/recordings/%00/waveform']) {
      it(`answers 400 to ${path}`, async () => {
        await assertProblem(await sam.fetch(path), 400, 'http.bad-request');
      });
    }

    it('answers 404 for an id that no recording has', async () => {
      await assertProblem(await sam.fetch(`/api/recordings/${newRecordingId()}/audio`), 404, 'http.not-found');
    });

    it('answers 410 when the audio was deleted, and 409 while it is being recorded', async () => {
      const [recording = stored()] = shelf.recordings;
      shelf.recordings.splice(0, 1, { ...recording, deletedAt: ENDED_AT });
      await assertProblem(await get(), 410, 'recording.deleted');
      const { end: _end, endedAt: _endedAt, ...running } = recording;
      shelf.recordings.splice(0, 1, running);
      await assertProblem(await get(), 409, 'recording.running');
    });

    it('answers 500, logged, for a file that was cut off or changed, and nothing of it is heard', async () => {
      const file = await readFile(written.path);
      await truncate(written.path, file.length - 100);
      await assertProblem(await get(), 500, 'recording.damaged');
      const changed = Buffer.from(file);
      changed[1_000] = (changed[1_000] ?? 0) ^ 1;
      await writeFile(written.path, changed);
      await assertProblem(await get({ Range: 'bytes=44-' }), 500, 'recording.damaged');
      const later = await get({ Range: 'bytes=40000-' });
      assert.equal(later.status, 206);
      await bytesOf(later);
      assert.deepEqual(faults, ['reading a recording']);
    });

    it('breaks off where a later chunk was changed, before any of it', async () => {
      const file = await readFile(written.path);
      file[70_000] = (file[70_000] ?? 0) ^ 1;
      await writeFile(written.path, file);
      const response = await get();
      assert.equal(response.status, 200);
      await assert.rejects(bytesOf(response));
      assert.deepEqual(faults, ['reading a recording']);
    });

    it('lets nobody hear it when the access cannot be written down', async () => {
      shelf.trailFault = new Error('database is away');
      await assertProblem(await get(), 500, 'http.unexpected');
    });
  });
});

describe('POST /api/interactions/:id/recording', () => {
  let rig: HttpRig;
  let alice: Browser;
  before(async () => {
    rig = new HttpRig();
    await rig.start();
    alice = await rig.browserOf('alice');
  });
  after(() => rig.stop());

  it('hands on what is asked for, by whom', async () => {
    for (const action of ['start', 'pause', 'resume', 'stop']) {
      assert.equal((await alice.post('/api/interactions/call-1/recording', { action })).status, 204);
    }
    assert.deepEqual(rig.steered.map(({ userId, callId, action }) => `${userId} ${callId} ${action}`), ['start', 'pause', 'resume', 'stop'].map((action) => `user-alice call-1 ${action}`));
  });

  it('answers 409 with the reason in words when it is not possible', async () => {
    rig.steerReply = { kind: 'refused', code: 'recording.not-announced', message: 'The caller did not hear the announcement.' };
    const problem = await assertProblem(await alice.post('/api/interactions/call-1/recording', { action: 'start' }), 409, 'recording.not-announced');
    assert.equal(problem.detail, 'The caller did not hear the announcement.');
  });

  it('answers 400 to anything else, and 401 and 403 to whoever may not', async () => {
    for (const body of [{}, { action: 'erase' }, { action: 'start', file: '/etc/passwd' }]) await assertProblem(await alice.post('/api/interactions/call-1/recording', body), 400, 'http.bad-request');
    await assertProblem(await rig.browser().post('/api/interactions/call-1/recording', { action: 'start' }), 401, 'http.not-signed-in');
    await assertProblem(await alice.post('/api/interactions/call-1/recording', { action: 'start' }, { Origin: 'https://elsewhere.example' }), 403, 'http.cross-origin');
  });
});
