import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import { epochMs, systemClock } from '../../server/base/time.ts';
import { sipUri } from '../../server/sip/headers/request-uri.ts';
import { HealthWatch } from '../../server/sip/trunk/health-watch.ts';
import { judge, type CheckResult, type TargetHealth } from '../../server/sip/trunk/target-health.ts';
import { FakeTrunkStack, type FarEnd } from './support/fake-trunk-stack.ts';

const UP: CheckResult = { kind: 'answered', roundTripMs: 3 };
const DOWN: CheckResult = { kind: 'failed', reason: 'timeout' };
const UNKNOWN: TargetHealth = { state: 'unknown', since: epochMs(0), against: 0 };
const after = (results: readonly CheckResult[]): TargetHealth => results.reduce((health, result, at) => judge(health, result, epochMs(at + 1)), UNKNOWN);

describe('judge', () => {
  it('believes the first answer', () => assert.equal(after([UP]).state, 'up'));
  it('takes a target out at the third failure in a row, and says why and since when', () => {
    assert.equal(after([UP, DOWN, DOWN]).state, 'up');
    const down = after([UP, DOWN, DOWN, DOWN]);
    assert.deepEqual([down.state, down.since, down.reason], ['down', 4, 'timeout']);
  });
  it('brings it back at the second answer in a row', () => {
    assert.equal(after([DOWN, DOWN, DOWN, UP]).state, 'down');
    assert.equal(after([DOWN, DOWN, DOWN, UP, UP]).state, 'up');
  });
  it('is not moved by answers and failures in turn', () => {
    assert.equal(after([UP, DOWN, DOWN, UP, DOWN, DOWN, UP, DOWN]).state, 'up');
    assert.equal(after([DOWN, DOWN, DOWN, UP, DOWN, UP, DOWN]).state, 'down');
  });
  it('never turns without so many results in a row as it takes', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (flips) => {
      let health = UNKNOWN;
      let inRow = 0;
      let last: boolean | undefined;
      flips.forEach((isUp, at) => {
        inRow = isUp === last ? inRow + 1 : 1;
        last = isUp;
        const next = judge(health, isUp ? UP : DOWN, epochMs(at));
        if (next.state !== health.state) assert.ok(inRow >= (isUp ? (health.state === 'unknown' ? 1 : 2) : 3));
        health = next;
      });
    }));
  });
});

describe('HealthWatch', () => {
  const [FIRST, SECOND] = [sipUri('sip:gw1.example'), sipUri('sip:gw2.example')];
  let clock: sinon.SinonFakeTimers;
  let watch: HealthWatch;
  beforeEach(() => { clock = sinon.useFakeTimers({ now: 1_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] }); });
  afterEach(async () => {
    watch.stop();
    await clock.tickAsync(10_000);
    clock.restore();
  });
  const heard: (string | undefined)[] = [];
  const start = async (farEnd: FarEnd, stack: FakeTrunkStack | undefined = new FakeTrunkStack(farEnd)): Promise<FakeTrunkStack | undefined> => {
    watch = new HealthWatch({
      targets: [FIRST, SECOND], peer: { optionsIntervalMs: 30_000 }, exchangeWith: () => undefined, onAnswered: (address) => heard.push(address), realm: 'allo', stack: () => stack, clock: systemClock,
      onFault: (cause) => { throw cause; }, random: () => 0.5,
    });
    watch.start();
    await clock.tickAsync(0);
    return stack;
  };

  it('asks each target with OPTIONS, at once and then in its interval', async () => {
    const stack = await start(() => ({ status: 200 }));
    await clock.tickAsync(60_000);
    assert.deepEqual(stack?.asked.map(({ method, proxy }) => `${method} ${proxy}`), [1, 2, 3].flatMap(() => [`OPTIONS ${FIRST}`, `OPTIONS ${SECOND}`]));
    assert.equal(watch.healthOf(FIRST)?.state, 'up');
  });
  it('tells from which addresses its targets answer', async () => {
    heard.length = 0;
    await start(({ proxy }) => (proxy === FIRST ? { status: 200, address: '192.0.2.7' } : 'silent'));
    assert.deepEqual(heard, ['192.0.2.7']);
  });
  it('counts any answer as a sign of life, but not 408 and 503', async () => {
    await start(({ proxy }) => ({ status: proxy === FIRST ? 404 : 503 }));
    await clock.tickAsync(60_000);
    assert.deepEqual([watch.healthOf(FIRST)?.state, watch.healthOf(SECOND)?.state, watch.healthOf(SECOND)?.reason], ['up', 'down', 'sip-503']);
  });
  it('puts targets that are down behind the others, and back when they answer', async () => {
    const stack = await start(({ proxy }) => (proxy === FIRST ? 'silent' : { status: 200 }));
    await clock.tickAsync(110_000);
    assert.deepEqual(watch.inOrder(), [SECOND, FIRST]);
    assert.equal(watch.healthOf(FIRST)?.reason, 'timeout');
    if (stack) stack.farEnd = () => ({ status: 200 });
    await clock.tickAsync(70_000);
    assert.deepEqual(watch.inOrder(), [FIRST, SECOND]);
  });
  it('holds nothing against a target while our own SIP server is away', async () => {
    watch = new HealthWatch({
      targets: [FIRST], peer: { optionsIntervalMs: 1_000 }, exchangeWith: () => undefined, realm: 'allo', stack: () => undefined, clock: systemClock, onFault: (cause) => { throw cause; },
    });
    watch.start();
    await clock.tickAsync(10_000);
    assert.equal(watch.healthOf(FIRST)?.state, 'unknown');
  });
  it('asks nothing of a trunk that is not watched', async () => {
    const stack = new FakeTrunkStack(() => ({ status: 200 }));
    watch = new HealthWatch({ targets: [FIRST], peer: {}, exchangeWith: () => undefined, realm: 'allo', stack: () => stack, clock: systemClock, onFault: (cause) => { throw cause; } });
    watch.start();
    await clock.tickAsync(100_000);
    assert.deepEqual(stack.asked, []);
  });
});
