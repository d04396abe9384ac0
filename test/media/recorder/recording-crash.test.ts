import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KEY_RING_FILE } from '../../../server/media/recorder/key-ring.ts';
import { analyseTone } from '../../../server/media/listen/tone.ts';
import { silentGaps } from '../../../server/media/listen/silent-gaps.ts';
import { RtpPeer, wait } from '../support/rtp-peer.ts';
import { ATLAS, newRecordingId, RecordingKit } from './recording-kit.ts';

const CHILD = fileURLToPath(new URL('record-until-killed.ts', import.meta.url));

describe('a recording, given a process that is killed in the middle of it', () => {
  let kit: RecordingKit;
  const peers: RtpPeer[] = [];
  beforeEach(async () => { kit = await RecordingKit.open(); });
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close();
    await kit.close();
  });

  it('can be played up to at most one chunk before, each side on its channel, and is sealed at the next start', async function () {
    this.timeout(60_000);
    const [carol, alice] = [await RtpPeer.open('PCMA'), await RtpPeer.open('PCMU')];
    peers.push(carol, alice);
    const recordingId = newRecordingId();
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, join(kit.directory, KEY_RING_FILE), join(kit.directory, 'recordings'), recordingId, carol.sdp(), alice.sdp()], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: child.stdout }), 'line') as [string];
    const recordingSince = performance.now();
    // A cast because the child writes what it answered.
    const [carolsAnswer = '', alicesAnswer = ''] = JSON.parse(line) as string[];
    carol.follow(carolsAnswer);
    alice.follow(alicesAnswer);
    carol.startTone(440);
    alice.startTone(700);
    await wait(5_300);
    const livedMs = performance.now() - recordingSince;
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.equal(child.signalCode, 'SIGKILL');

    const before = (await stat(kit.files.pathOf(ATLAS, recordingId))).size;
    const end = await kit.files.closeInterrupted(ATLAS, recordingId, { how: 'interrupted', pauses: [] });
    // One chunk of a second, and a moment for what was on its way to the disk.
    assert.ok(end.durationMs >= livedMs - 1_000 - 300 && end.durationMs <= livedMs + 300, `${end.durationMs} of ${Math.round(livedMs)} ms`);
    assert.ok(before > 0 && end.checksum !== undefined);
    const { channels: [left = new Int16Array(), right = new Int16Array()], footer } = await kit.hear(recordingId);
    assert.equal(footer?.how, 'interrupted');
    for (const [side, own, others] of [[left, 440, 700], [right, 700, 440]] as const) {
      const voice = side.subarray(4_000);
      assert.ok(analyseTone(voice, own).share > 0.9, `${own} Hz has ${analyseTone(voice, own).share}`);
      assert.ok(analyseTone(voice, others).levelDbfs < -45);
      assert.deepEqual(silentGaps(voice, { minimumMs: 60 }), []);
    }
  });
});
