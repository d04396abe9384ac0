import { systemClock } from '../../../server/base/time.ts';
import { KeyRing } from '../../../server/media/recorder/key-ring.ts';
import { DiskRecordingFiles } from '../../../server/media/recorder/recording-files.ts';
import { TenantRecorder } from '../../../server/media/recorder/tenant-recorder.ts';
import { WorkerMedia } from '../../../server/media/worker-media.ts';
import { asId, type CallId, type LegId, type RecordingId } from '../../../server/model/ids.ts';
import { TEST_PORTS } from '../support/media-fixture.ts';
import { ATLAS } from './recording-kit.ts';

// Run as a child process: answers two offers, bridges and records them, and goes on until it is killed.
const [keyRing = '', directory = '', recordingId = '', ...offers] = process.argv.slice(2);
const keys = await KeyRing.open({ path: keyRing, masterKey: Buffer.alloc(32, 7), clock: systemClock });
const files = new DiskRecordingFiles({ directory, keys });
const media = await WorkerMedia.start({ host: '127.0.0.1', rtpPorts: TEST_PORTS, promptsDirectory: '/nowhere' });
const answers: string[] = [];
const legs = [];
for (const [i, offer] of offers.entries()) {
  const answered = await media.answerLeg({ callId: asId<CallId>('call'), legId: asId<LegId>(`leg-${i}`), offer });
  if (answered.kind !== 'agreed') throw new Error(answered.reason);
  answers.push(answered.sdp);
  legs.push(answered.leg);
}
const [carol, alice] = legs;
if (carol === undefined || alice === undefined) throw new Error('two offers are needed');
media.setHears(carol, alice, 1);
media.setHears(alice, carol, 1);
const recorder = new TenantRecorder({ media, keys, files, clock: systemClock, onFault: (cause) => { process.stderr.write(`${String(cause)}\n`); } });
await recorder.start({ recordingId: asId<RecordingId>(recordingId), tenantId: ATLAS, leg: carol, kind: 'conversation', limits: { maxLengthMs: 60_000 } });
process.stdout.write(`${JSON.stringify(answers)}\n`);
