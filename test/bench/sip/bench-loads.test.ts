import assert from 'node:assert/strict';
import { Scope } from '../../../server/base/scope.ts';
import { registrationLoad } from './load/registration-load.ts';
import { CALL } from './load/scenarios.ts';
import { sippLoad } from './load/sipp-load.ts';
import { BenchChild } from './process/child.ts';
import type { ProbeSettings, ProbeTimes } from './process/generator-messages.ts';
import { ServerUnderTest } from './server-under-test.ts';

/** Shortens what lingers: 64 times as long. */
const T1_MS = 20;

describe('the loads of the SIP benchmark', function suite() {
  this.timeout(30_000);
  let scope: Scope;
  beforeEach(() => { scope = new Scope(); });
  afterEach(() => scope.close());

  describe('given engine and application in two processes', () => {
    it('offers calls that all succeed, tells the CPU of each, and sees nothing left', async () => {
      const server = await ServerUnderTest.start(scope, { arrangement: 'two processes', application: { kind: 'uas' }, t1Ms: T1_MS });
      const before = await server.cpuMs();
      const { failed, achievedRate } = await sippLoad(scope, { port: server.ports.sipPort, steps: CALL })({ rate: 50, count: 30 });
      const after = await server.cpuMs();
      assert.equal(failed, 0);
      assert.ok(achievedRate > 10, `${achievedRate} per second`);
      assert.equal(after.length, 2);
      assert.ok(after.every((ms, n) => ms > (before[n] ?? 0)), `${before.join()} before, ${after.join()} after`);
      const { held } = await server.rest();
      assert.deepEqual(held, { transactions: 0, dialogs: 0, connections: 0, applications: 1 });
    });
    it('measures ringing and answer with calls of its own', async () => {
      const { ports } = await ServerUnderTest.start(scope, { arrangement: 'two processes', application: { kind: 'uas' } });
      const settings: ProbeSettings = { port: ports.sipPort, rate: 50, count: 10, waitMs: 0 };
      const { ringing, answered, failed } = await BenchChild.spawn(scope, './probe-process.ts', settings).hear<ProbeTimes>();
      assert.deepEqual([ringing.length, answered.length, failed], [10, 10, 0]);
      assert.ok(ringing.every((ms, n) => ms > 0 && ms <= (answered[n] ?? 0)));
    });
  });

  describe('given both in one process', () => {
    for (const transport of ['udp', 'ws'] as const) {
      it(`registers users with digest over ${transport}`, async () => {
        const { ports } = await ServerUnderTest.start(scope, { arrangement: 'one process', application: { kind: 'registrar', users: 5 } });
        const port = transport === 'udp' ? ports.sipPort : ports.wsPort;
        const { failed, times } = await registrationLoad(scope, { transport, port, users: 5 })({ rate: 50, count: 20 });
        assert.deepEqual([failed, times.length], [0, 20]);
      });
    }
  });

  describe('given a process that ends before its time', () => {
    it('says so to whoever waits for it', async () => {
      const child = BenchChild.spawn(scope, './probe-process.ts', { port: 9, rate: 1, count: 1, waitMs: 60_000 } satisfies ProbeSettings);
      const waiting = assert.rejects(child.hear());
      await child.stop();
      await waiting;
    });
  });
});
