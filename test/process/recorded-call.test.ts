import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingPolicyEntity } from '../../db/entities/recording-entities.ts';
import { openDatabase } from '../../db/open-database.ts';
import { DEMO_TENANT } from '../../db/seed/demo-centre.ts';
import { seedDemonstration } from '../../db/seed/seed-demonstration.ts';
import { hashPassword } from '../../server/access/passwords.ts';
import { systemClock } from '../../server/base/time.ts';
import type { Waveform } from '../../server/call/recording/ports.ts';
import { placeCall } from '../../server/cli/call/telephone-call.ts';
import { analyseTone, levelDbfs, SILENCE_DBFS } from '../../server/media/listen/tone.ts';
import { writeWav } from '../../server/media/listen/wav.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import type { RecordingPolicy } from '../../server/model/recording-policy.ts';
import type { InteractionList } from '../../server/wire/api.ts';
import { separate } from '../media/recorder/recording-kit.ts';
import { makeSine } from '../media/support/signals.ts';
import { AlloProcess } from '../support/allo-process.ts';
import { RobotAgent } from '../support/robot-agent.ts';
import { freePort } from '../support/sipp.ts';
import { until } from '../support/until.ts';

const CAROL = '+213550987002';
const CAROL_HZ = 600;
const ALICE_HZ = 1_000;
const PASSWORD = 'correct horse battery';
const POLICY: RecordingPolicy = { version: 1, mode: 'automatic', samplePercent: 100, announcement: 'none', retainDays: 30 };

describe('a recorded call, from a telephone to the player of a supervisor', function () {
  this.timeout(90_000);
  let directory = '';
  let env: Record<string, string> = {};
  let baseUrl = '';
  let sipPort = 0;
  const running: AlloProcess[] = [];
  const robots: RobotAgent[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-recorded-'));
    const dataDirectory = join(directory, 'data');
    const httpPort = await freePort();
    sipPort = await freePort();
    baseUrl = `http://localhost:${httpPort}`;
    env = {
      ALLO_DATA_DIR: dataDirectory, ALLO_HTTP_PORT: String(httpPort), ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(sipPort), ALLO_LOG_LEVEL: 'warn',
      ALLO_DEMO_PASSWORD: PASSWORD, ALLO_DRAIN_LIMIT_MS: '0',
    };
    const database = await openDatabase({ dataDirectory });
    await seedDemonstration(database, { password: PASSWORD, hashPassword, clock: systemClock });
    await database.connections.write(async (manager) => {
      await manager.insert(recordingPolicyEntity, { tenantId: DEMO_TENANT, scope: 'tenant', scopeId: '', policy: JSON.stringify(POLICY) });
    });
    await database.close();
    await writeWav(join(directory, 'carol.wav'), makeSine(CAROL_HZ, 40_000), 8_000);
  });
  afterEach(async () => {
    for (const robot of robots.splice(0)) {
      robot.crash();
      await robot.close();
    }
    for (const allo of running.splice(0)) await allo.kill();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (): Promise<AlloProcess> => {
    const allo = AlloProcess.start(env);
    running.push(allo);
    await allo.ready();
    return allo;
  };
  const signIn = async (username: string, toneHz?: number): Promise<RobotAgent> => {
    const robot = await RobotAgent.signIn(baseUrl, { username, password: PASSWORD }, toneHz);
    robots.push(robot);
    return robot;
  };
  /** Carol calls, asks for a person and speaks. @returns what hangs up. */
  const dial = (): { hangUp(): Promise<unknown> } => {
    const over = new AbortController();
    const done = placeCall({
      from: CAROL, to: '1000', server: { host: '127.0.0.1', port: sipPort }, waitS: 0.5, press: [{ kind: 'press', digit: '1' }, { kind: 'press', digit: '0' }],
      playPath: join(directory, 'carol.wav'), forS: 40,
    }, { print: () => undefined, signal: over.signal });
    return { hangUp: () => { over.abort(); return done; } };
  };
  const carolsCall = async (reader: RobotAgent): Promise<Interaction | undefined> => {
    const { interactions } = await reader.api<InteractionList>('/api/interactions?limit=20');
    const found = interactions.find(({ callingNumber }) => callingNumber === CAROL);
    return found && reader.api<Interaction>(`/api/interactions/${found.interactionId}`);
  };
  /** What a supervisor's player gets of the one recording of Carol's call. */
  const listenAs = async (reader: RobotAgent, call: Interaction): Promise<readonly Int16Array[]> => {
    const [recording] = call.recordings ?? [];
    const response = await reader.fetch(`/api/recordings/${recording?.recordingId}/audio`);
    assert.equal(response.status, 200);
    return separate(Buffer.from(await response.arrayBuffer()).subarray(44), 2);
  };
  const assertTone = (samples: Int16Array, own: number, other: number): void => {
    assert.ok(analyseTone(samples, own).levelDbfs > -20, `${own} Hz is at ${analyseTone(samples, own).levelDbfs} dBFS`);
    assert.ok(analyseTone(samples, other).levelDbfs < analyseTone(samples, own).levelDbfs - 25, `${other} Hz is at ${analyseTone(samples, other).levelDbfs} dBFS`);
  };

  it('has Carol on the left and Alice on the right, is silent where Alice paused it, and is listened to by those who may', async () => {
    await start();
    const alice = await signIn('alice', ALICE_HZ);
    await alice.start();
    const call = dial();
    await until(() => alice.isTalking, 'the conversation', 20_000);
    const { callId } = alice.rings[0] ?? {};
    const steer = (action: string): Promise<Response> => alice.fetch(`/api/interactions/${callId}/recording`, { method: 'POST', body: JSON.stringify({ action }) });
    await until(async () => (await steer('start')).status === 204, 'the recording');
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    assert.equal((await steer('pause')).status, 204);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    assert.equal((await steer('resume')).status, 204);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    await call.hangUp();

    const sam = await signIn('sam');
    const interaction = await until(async () => {
      const found = await carolsCall(sam);
      return found?.recordings?.[0]?.end && found;
    }, 'the recording in the history');
    const [recording] = interaction.recordings ?? [];
    const { cause, pauses = [], end } = recording ?? {};
    assert.equal(interaction.recordings?.length, 1);
    assert.deepEqual(cause, { kind: 'policy', policyVersion: 1 });
    assert.match(end?.checksum ?? '', /^[0-9a-f]{64}$/);
    const [{ fromMs = 0, toMs = 0 } = {}] = pauses;
    assert.ok(toMs - fromMs > 700 && toMs - fromMs < 1_600, JSON.stringify(pauses));

    const [left = new Int16Array(), right = new Int16Array()] = await listenAs(sam, interaction);
    assert.ok(Math.abs(left.length / 8 - (end?.durationMs ?? 0)) < 1);
    for (const [from, to] of [[500, fromMs], [toMs + 200, toMs + 900]] as const) {
      assertTone(left.subarray(from * 8, to * 8), CAROL_HZ, ALICE_HZ);
      assertTone(right.subarray(from * 8, to * 8), ALICE_HZ, CAROL_HZ);
    }
    for (const side of [left, right]) assert.equal(levelDbfs(side.subarray(fromMs * 8, toMs * 8)), SILENCE_DBFS);
    const waveform = await sam.api<Waveform>(`/api/recordings/${recording?.recordingId}/waveform`);
    assert.deepEqual(waveform.markers, [{ kind: 'paused', fromMs, toMs }]);
    assert.equal((await alice.fetch(`/api/recordings/${recording?.recordingId}/audio`, { method: 'HEAD' })).status, 200);
    const bilal = await signIn('bilal');
    assert.equal((await bilal.fetch(`/api/recordings/${recording?.recordingId}/audio`)).status, 403);
  });

  it('killed with -9 in the middle, can be listened to after the next start up to at most a second before', async () => {
    const allo = await start();
    const alice = await signIn('alice', ALICE_HZ);
    await alice.start();
    const call = dial();
    await until(() => alice.isTalking, 'the conversation', 20_000);
    await new Promise((resolve) => { setTimeout(resolve, 4_500); });
    const killedAt = Date.now();
    await allo.kill();
    await call.hangUp();

    await start();
    const sam = await signIn('sam');
    const interaction = await carolsCall(sam);
    const [recording] = interaction?.recordings ?? [];
    assert.ok(interaction && recording?.end);
    assert.equal(interaction.termination?.result, 'interrupted');
    assert.equal(recording.end.how, 'interrupted');
    assert.match(recording.end.checksum ?? '', /^[0-9a-f]{64}$/);
    const livedMs = killedAt - recording.startedAt;
    assert.ok(recording.end.durationMs >= livedMs - 1_500 && recording.end.durationMs <= livedMs + 200, `${recording.end.durationMs} of ${livedMs} ms`);
    const [left = new Int16Array(), right = new Int16Array()] = await listenAs(sam, interaction);
    assert.equal(left.length, recording.end.durationMs * 8);
    assertTone(left.subarray(8_000), CAROL_HZ, ALICE_HZ);
    assertTone(right.subarray(8_000), ALICE_HZ, CAROL_HZ);
  });
});
