import assert from 'node:assert/strict';
import sinon from 'sinon';
import { systemClock } from '../../server/base/time.ts';
import type { CallEvent } from '../../server/model/events.ts';
import { asId, type TenantId } from '../../server/model/ids.ts';
import { LiveView, type LiveDelta } from '../../server/supervision/live-view.ts';
import type { QueueItem } from '../../server/wire/live-item.ts';
import { agentIs, MIDNIGHT, NOON, QUEUES, SALES, TENANT, TestCall, user, USERS, ZONE } from './supervision-fixtures.ts';

const OTHER = asId<TenantId>('tenant-2');

describe('LiveView', () => {
  let clock: sinon.SinonFakeTimers;
  let view: LiveView;
  let deltas: LiveDelta[];
  const open = (users = USERS) => new LiveView({ tenantId: TENANT, queues: QUEUES, users, timeZone: ZONE, clock: systemClock });

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: NOON, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    view = open();
    deltas = [];
  });
  afterEach(() => {
    view.close();
    view.close();
    assert.equal(clock.countTimers(), 0, 'a closed view leaves no timer');
    clock.restore();
  });

  const sales = (items = view.snapshot()): QueueItem => {
    const item = items.find(({ key }) => key === 'queue:sales');
    assert.ok(item?.kind === 'queue');
    return item;
  };
  const listen = () => view.onDelta((delta) => deltas.push(delta));

  it('shows those who take calls, and no supervisor', () => {
    assert.deepEqual(view.snapshot().map(({ key }) => key), ['queue:sales', 'queue:claims', 'agent:alice', 'agent:bob']);
  });

  it('shows a tenant nothing of another (invariant 6)', () => {
    view.close();
    view = open([...USERS, user('mallory', [SALES], { tenantId: OTHER })]);
    const before = view.snapshot();
    view.apply(new TestCall('carol', OTHER).enters(NOON));
    view.apply(agentIs('alice', 'available', NOON, { tenantId: OTHER }));
    assert.deepEqual(view.snapshot(), before);
    assert.ok(!before.some(({ key }) => key === 'agent:mallory'));
  });

  describe('given a listener', () => {
    it('puts what changed, whole, and nothing else', async () => {
      listen();
      view.apply(new TestCall('carol').enters(NOON));
      await clock.tickAsync(0);
      assert.deepEqual(deltas, [{ put: [sales()], drop: [] }]);
    });

    it('puts a burst together', async () => {
      listen();
      for (let i = 0; i < 100; i += 1) view.apply(new TestCall(`call-${i}`).enters(NOON));
      await clock.tickAsync(0);
      assert.deepEqual(deltas.map(({ put }) => sales(put).waiting), [100]);
    });

    it('comes at most four times a second, and misses nothing', async () => {
      listen();
      for (let i = 0; i < 100; i += 1) {
        view.apply(new TestCall(`call-${i}`).enters(NOON));
        await clock.tickAsync(10);
      }
      assert.ok(deltas.length <= 5, `${deltas.length} in a second`);
      await clock.tickAsync(250);
      assert.equal(sales(deltas.at(-1)?.put).waiting, 100);
    });

    it('sets no timer when nothing changes', async () => {
      listen();
      const timers = clock.countTimers();
      await clock.tickAsync(1_000);
      view.apply(new TestCall('carol').ends(NOON));
      assert.equal(clock.countTimers(), timers);
      assert.deepEqual(deltas, []);
    });

    it('hears nothing after it stopped, while another does', async () => {
      const other: LiveDelta[] = [];
      const stop = listen();
      view.onDelta((delta) => other.push(delta));
      stop();
      view.apply(new TestCall('carol').enters(NOON));
      await clock.tickAsync(0);
      assert.deepEqual([deltas.length, other.length], [0, 1]);
    });

    it('is not told of what the snapshot had when it came', async () => {
      const stop = listen();
      view.apply(new TestCall('carol').enters(NOON));
      stop();
      listen();
      await clock.tickAsync(1_000);
      assert.deepEqual(deltas, []);
    });
  });

  describe('given midnight in the zone of the centre', () => {
    it('begins again by itself, and says so', async () => {
      const carol = new TestCall('carol');
      view.apply(carol.enters(NOON));
      view.apply(carol.leaves(NOON + 1, 'answered'));
      listen();
      await clock.tickAsync(MIDNIGHT - NOON - 1);
      assert.equal(sales().enteredToday, 1);
      await clock.tickAsync(1);
      assert.deepEqual([sales().enteredToday, sales().answeredToday, sales().serviceLevel], [0, 0, undefined]);
      await clock.tickAsync(250);
      assert.deepEqual(deltas.map(({ put }) => put.map(({ key }) => key)), [['queue:sales', 'queue:claims']]);
    });

    it('begins again the next night too', async () => {
      await clock.tickAsync(MIDNIGHT - NOON);
      view.apply(new TestCall('carol').enters(MIDNIGHT + 1));
      assert.equal(sales().enteredToday, 1);
      await clock.tickAsync(86_400_000);
      assert.deepEqual([sales().enteredToday, sales().waiting], [0, 1]);
    });
  });

  describe('given a start in the middle of the day', () => {
    const carol = new TestCall('carol');
    const dora = new TestCall('dora');
    const past = [carol.enters(NOON - 60_000), dora.enters(NOON - 50_000), carol.leaves(NOON - 45_000, 'answered')];
    const facts = (load: () => Promise<readonly CallEvent[]>) => ({ queueFactsSince: sinon.spy(load) });

    it('counts the past of today', async () => {
      const today = facts(async () => past);
      await view.rebuild(today);
      assert.deepEqual(today.queueFactsSince.firstCall.args, [TENANT, MIDNIGHT - 86_400_000]);
      assert.deepEqual([sales().enteredToday, sales().answeredToday, sales().waiting, sales().serviceLevel], [2, 1, 1, 1]);
    });

    it('counts once what happens while the past is loaded, whether the past has it or not', async () => {
      let loaded: (facts: readonly CallEvent[]) => void = () => assert.fail('not asked');
      const rebuilt = view.rebuild(facts(() => new Promise((resolve) => { loaded = resolve; })));
      const left = dora.leaves(NOON, 'abandoned');
      const eve = new TestCall('eve').enters(NOON);
      view.apply(left);
      view.apply(eve);
      view.apply(agentIs('alice', 'available', NOON));
      loaded([...past, left]);
      await rebuilt;
      assert.deepEqual([sales().enteredToday, sales().abandonedToday, sales().waiting, sales().agentsAvailable], [3, 1, 1, 1]);
    });

    it('goes on from now when the past cannot be loaded', async () => {
      const rebuilt = view.rebuild(facts(() => Promise.reject(new Error('database is locked'))));
      view.apply(new TestCall('eve').enters(NOON));
      await assert.rejects(rebuilt, { message: 'database is locked' });
      assert.deepEqual([sales().enteredToday, sales().waiting], [1, 1]);
    });
  });
});
