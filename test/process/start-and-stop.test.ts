import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomerList, InteractionList } from '../../server/wire/api.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import { ack, ackRefusal, answered, bye, hungUp, invite, pause, press, refused, writeScenario, type SippStep } from '../calls/sipp-scenario.ts';
import { AlloProcess } from '../support/allo-process.ts';
import { RobotAgent } from '../support/robot-agent.ts';
import { freePort, startSipp, type SippProcess } from '../support/sipp.ts';
import { until } from '../support/until.ts';

const CAROL = '+213550987001';
const BRANCH = 'z9hG4bK-carol-[pid]-[call_number]';

describe('Allo as a process', function () {
  this.timeout(90_000);
  let directory: string;
  let env: Record<string, string>;
  let baseUrl: string;
  let sipAddress: string;
  const running: AlloProcess[] = [];
  const robots: RobotAgent[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-process-'));
    const [httpPort, sipPort] = [await freePort(), await freePort()];
    baseUrl = `http://localhost:${httpPort}`;
    sipAddress = `127.0.0.1:${sipPort}`;
    env = { ALLO_DATA_DIR: join(directory, 'data'), ALLO_HTTP_PORT: String(httpPort), ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(sipPort), ALLO_LOG_LEVEL: 'warn' };
  });
  afterEach(async () => {
    for (const robot of robots.splice(0)) {
      robot.crash();
      await robot.close();
    }
    for (const allo of running.splice(0)) await allo.kill();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (more: Record<string, string> = {}): Promise<AlloProcess> => {
    const allo = AlloProcess.start({ ...env, ...more });
    running.push(allo);
    return allo;
  };
  const startReady = async (more: Record<string, string> = {}): Promise<AlloProcess> => {
    const allo = await start(more);
    await allo.ready();
    return allo;
  };
  const password = async (): Promise<string> => (await readFile(join(directory, 'data', 'demo-password'), 'utf8')).trim();
  const signIn = async (username: string): Promise<RobotAgent> => {
    const robot = await RobotAgent.signIn(baseUrl, { username, password: await password() });
    robots.push(robot);
    return robot;
  };
  const dial = async (steps: readonly SippStep[]): Promise<SippProcess & { done(): Promise<void> }> => {
    const scenario = await writeScenario('process', steps);
    const sipp = await startSipp({ scenario: scenario.path, remote: sipAddress, args: ['-s', '1000', '-key', 'from', CAROL], timeoutMs: 30_000 });
    return { ...sipp, done: () => scenario.remove() };
  };

  it('says where to go, how to sign in and what to dial; a second start finds its data again', async () => {
    const first = await startReady();
    assert.match(first.output, new RegExp(`Desks +${baseUrl}`));
    assert.match(first.output, /sip:1000@127\.0\.0\.1:\d+/);
    assert.match(first.output, /agents alice, bilal, chahira, djamel · supervisor sam · administrator amina/);
    assert.match(first.output, new RegExp(`Password +${await password()}`));
    const sam = await signIn('sam');
    const before = await sam.api<CustomerList>('/api/customers?q=a');
    assert.ok(before.customers.length > 0);
    first.signal('SIGINT');
    assert.equal(await first.exited(), 0);
    const second = await startReady();
    assert.match(second.output, new RegExp(`Password +${await password()}`));
    // The session is in the database: the same cookie still opens the same customers.
    assert.deepEqual(await sam.api<CustomerList>('/api/customers?q=a'), before);
  });

  it('names a port in use, a directory that cannot be written and a bad variable, together, and exits with 1', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => { busy.listen(Number(env['ALLO_HTTP_PORT']), '127.0.0.1', resolve); });
    const file = join(directory, 'file');
    await writeFile(file, '');
    const allo = await start({ ALLO_DATA_DIR: join(file, 'data'), ALLO_MAX_CALLS: 'many', ALLO_REDIS_URL: 'redis://localhost' });
    assert.equal(await allo.exited(), 1);
    await new Promise((resolve) => { busy.close(resolve); });
    const lines = allo.output.trim().split('\n');
    assert.equal(lines.length, 4, allo.output);
    assert.ok(lines.every((line) => line.startsWith('allo: ALLO_')), allo.output);
    for (const key of ['ALLO_DATA_DIR', 'ALLO_HTTP_PORT', 'ALLO_MAX_CALLS', 'ALLO_REDIS_URL']) assert.ok(allo.output.includes(key), key);
  });

  it('refuses the data directory of a running Allo with one line', async () => {
    await startReady();
    const [httpPort, sipPort] = [await freePort(), await freePort()];
    const second = await start({ ALLO_HTTP_PORT: String(httpPort), ALLO_SIP_PORT: String(sipPort) });
    assert.equal(await second.exited(), 1);
    const lines = second.output.trim().split('\n');
    assert.equal(lines.length, 1, second.output);
    assert.match(second.output, /^allo: .*(in use|another|locked)/i);
  });

  it('drains at Ctrl-C: new calls get 503 with Retry-After, the running one ends by itself', async () => {
    const allo = await startReady({ ALLO_DRAIN_LIMIT_MS: '20000' });
    const first = await dial([invite(), answered(), ack(), pause(5000), bye(2)]);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    allo.signal('SIGINT');
    await until(() => allo.output.includes('draining'), 'the drain');
    const second = await dial([invite({ branch: BRANCH }), refused(503), ackRefusal(BRANCH)]);
    const { exitCode, messages } = await second.finished;
    assert.equal(exitCode, 0, messages);
    assert.match(messages, /Retry-After: \d+/);
    assert.equal((await first.finished).exitCode, 0, 'the first call ended as the caller wanted');
    assert.equal(await allo.exited(), 0);
    assert.match(allo.output, /allo: stopped\n/);
    await first.done();
    await second.done();
  });

  it('ends what still runs at the drain limit', async () => {
    const allo = await startReady({ ALLO_DRAIN_LIMIT_MS: '500' });
    const call = await dial([invite(), answered(), ack(), hungUp(20_000)]);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    allo.signal('SIGTERM');
    assert.equal(await allo.exited(), 0);
    assert.match(allo.output, /1 calls were still running and were ended/);
    assert.equal((await call.finished).exitCode, 0);
    await call.done();
  });

  it('killed with -9 during a conversation, shows the call as interrupted after the next start, once', async () => {
    const allo = await startReady();
    const alice = await signIn('alice');
    await alice.start();
    const call = await dial([invite(), answered(), ack(), pause(300), press('1', 2), pause(300), press('0', 3), pause(20_000)]);
    await until(() => alice.isTalking, 'the conversation', 15_000);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    const killedAt = Date.now();
    await allo.kill();
    await call.stop();
    await call.done();
    alice.crash();

    await startReady();
    const sam = await signIn('sam');
    const { interactions } = await sam.api<InteractionList>('/api/interactions?limit=20');
    const carols = interactions.filter(({ callingNumber }) => callingNumber === CAROL);
    assert.equal(carols.length, 1);
    const whole = await sam.api<Interaction>(`/api/interactions/${carols[0]?.interactionId}`);
    assert.equal(whole.termination?.result, 'interrupted');
    assert.ok(whole.bridgedAt !== undefined && whole.bridgeEndedAt !== undefined);
    const lastAliveAt = whole.lastAliveAt ?? 0;
    assert.ok(lastAliveAt <= killedAt && killedAt - lastAliveAt < 2500, `last known alive ${killedAt - lastAliveAt} ms before the end`);
    assert.equal(whole.queueStays[0]?.exit, 'answered');
    const proof = await sam.api<{ gap: number }>('/api/ledger/proof');
    assert.equal(proof.gap, 0);
  });
});
