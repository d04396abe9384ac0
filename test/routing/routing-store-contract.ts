import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { asId, type QueueId, type TenantId } from '../../server/model/ids.ts';
import type { RoutingChange, RoutingStore } from '../../server/routing/ports.ts';
import { agent, assignment, callId, entry, NOON, offerId, SALES, TENANT, userId } from './routing-fixtures.ts';

const OTHER = asId<TenantId>('tenant-2');
const CLAIMS = asId<QueueId>('claims');
const at = (ms: number) => epochMs(NOON + ms);

/** A store under test, empty, and how to close what it opened. */
export interface StoreUnderTest {
  readonly store: RoutingStore;
  close(): Promise<void>;
  /** Resolves when changes made so far have reached the listeners (a store between nodes may take a moment). */
  changesDelivered(): Promise<void>;
}

/** What every {@link RoutingStore} does; memory and Redis pass it unchanged. */
export function describeRoutingStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`RoutingStore: ${name}`, () => {
    let under: StoreUnderTest;
    let store: RoutingStore;
    beforeEach(async () => {
      under = await open();
      ({ store } = under);
    });
    afterEach(() => under.close());

    const carol = entry('carol', 0);
    const alice = agent('alice');
    const entered = async () => (await store.snapshot(TENANT)).entries.map((one) => one.callId);
    const stateOf = async (name: string) => (await store.snapshot(TENANT)).agents.find((one) => one.agentId === name)?.state;
    const claim = (id = 'offer-1', call = carol, to = alice) => store.claim(assignment(call, to), offerId(id), at(1));
    const ring = async () => {
      await store.enqueue(carol);
      await store.putAgent(alice);
      const outcome = await claim();
      assert.equal(outcome.kind, 'claimed');
    };

    describe('given entries and agents', () => {
      it('shows them as they were put, smallest key first', async () => {
        const late = entry('late', 10);
        const better = entry('better', 20, { customer: { tier: 'gold', churnLight: 'green' } });
        for (const one of [late, carol, better]) await store.enqueue(one);
        await store.putAgent(alice);
        assert.deepEqual(await store.snapshot(TENANT), { entries: [better, carol, late], agents: [alice] });
      });

      it('shows a tenant nothing of another (invariant 6)', async () => {
        await store.enqueue(carol);
        await store.putAgent(alice);
        assert.deepEqual(await store.snapshot(OTHER), { entries: [], agents: [] });
        assert.deepEqual(await store.waiting(OTHER, SALES), []);
      });

      it('refuses a second entry of the same call', async () => {
        await store.enqueue(carol);
        await assert.rejects(store.enqueue({ ...carol, queueId: CLAIMS }), { code: 'routing.already-queued' });
        assert.deepEqual(await entered(), ['carol']);
      });

      it('takes a call out once', async () => {
        await store.enqueue(carol);
        assert.equal(await store.remove(carol.callId), true);
        assert.equal(await store.remove(carol.callId), false);
        assert.deepEqual(await entered(), []);
      });

      it('replaces an agent, and forgets one', async () => {
        await store.putAgent(alice);
        await store.putAgent({ ...alice, state: 'on-break', since: at(5) });
        assert.equal(await stateOf('alice'), 'on-break');
        await store.removeAgent(alice.agentId);
        assert.equal(await stateOf('alice'), undefined);
        await store.removeAgent(alice.agentId);
      });

      it('lists one queue with the offered ones', async () => {
        await ring();
        await store.enqueue(entry('claim', 1, { queueId: CLAIMS }));
        const dora = entry('dora', 2);
        await store.enqueue(dora);
        assert.deepEqual((await store.waiting(TENANT, SALES)).map((one) => one.callId), ['carol', 'dora']);
      });
    });

    describe('given a claim', () => {
      it('makes the offer, and takes call and agent out of the next decision', async () => {
        await store.enqueue(carol);
        await store.putAgent(alice);
        assert.deepEqual(await claim(), {
          kind: 'claimed', offer: { ...assignment(carol, alice), offerId: 'offer-1', offeredAt: at(1) },
        });
        assert.deepEqual(await entered(), []);
        assert.equal(await stateOf('alice'), 'offered');
      });

      it('is stale when the call is gone, or waits in another queue', async () => {
        await store.putAgent(alice);
        assert.deepEqual(await claim(), { kind: 'stale', because: 'entry-gone' });
        await store.enqueue({ ...carol, queueId: CLAIMS });
        assert.deepEqual(await claim(), { kind: 'stale', because: 'entry-gone' });
      });

      it('is stale when the call has a live offer', async () => {
        await ring();
        const bob = agent('bob');
        await store.putAgent(bob);
        assert.deepEqual(await claim('offer-2', carol, bob), { kind: 'stale', because: 'entry-offered' });
      });

      it('is stale when the agent is gone, has left the queue, or is of another tenant', async () => {
        await store.enqueue(carol);
        assert.deepEqual(await claim(), { kind: 'stale', because: 'agent-gone' });
        await store.putAgent({ ...alice, queueIds: [CLAIMS] });
        assert.deepEqual(await claim(), { kind: 'stale', because: 'agent-gone' });
        await store.putAgent({ ...alice, tenantId: OTHER });
        assert.deepEqual(await claim(), { kind: 'stale', because: 'agent-gone' });
      });

      for (const state of ['offline', 'offered', 'on-call', 'wrap-up', 'on-break'] as const) {
        it(`is stale when the agent is ${state}`, async () => {
          await store.enqueue(carol);
          await store.putAgent({ ...alice, state });
          assert.deepEqual(await claim(), { kind: 'stale', because: 'agent-busy' });
        });
      }

      it('is stale when the agent has a live offer, whatever she says of herself (invariant 2)', async () => {
        await ring();
        const dora = entry('dora', 1);
        await store.enqueue(dora);
        await store.putAgent({ ...alice, since: at(2) });
        assert.deepEqual(await claim('offer-2', dora), { kind: 'stale', because: 'agent-busy' });
        assert.equal(await stateOf('alice'), 'offered');
      });

      it('is given to one of many at the same moment', async () => {
        await store.enqueue(carol);
        const agents = Array.from({ length: 20 }, (_, i) => agent(`agent-${i}`));
        await Promise.all(agents.map((one) => store.putAgent(one)));
        const outcomes = await Promise.all(agents.map((one, i) => claim(`offer-${i}`, carol, one)));
        assert.equal(outcomes.filter((one) => one.kind === 'claimed').length, 1);
        assert.equal(outcomes.filter((one) => one.kind === 'stale' && one.because === 'entry-offered').length, 19);
      });

      it('gives one agent to one of many calls at the same moment', async () => {
        await store.putAgent(alice);
        const calls = Array.from({ length: 20 }, (_, i) => entry(`call-${i}`, i));
        await Promise.all(calls.map((one) => store.enqueue(one)));
        const outcomes = await Promise.all(calls.map((one, i) => claim(`offer-${i}`, one)));
        assert.equal(outcomes.filter((one) => one.kind === 'claimed').length, 1);
      });
    });

    describe('given a live offer', () => {
      beforeEach(ring);

      it('ends accepted: the entry is gone and the agent is not free', async () => {
        await store.settle(offerId('offer-1'), 'accepted', at(2));
        assert.deepEqual(await store.waiting(TENANT, SALES), []);
        assert.equal(await stateOf('alice'), 'on-call');
      });

      for (const outcome of ['rejected', 'timeout', 'failed'] as const) {
        it(`ends ${outcome}: the call is back at its place, with the decline`, async () => {
          await store.enqueue(entry('dora', 1));
          await store.settle(offerId('offer-1'), outcome, at(2));
          const { entries } = await store.snapshot(TENANT);
          assert.deepEqual(entries[0], { ...carol, declines: [{ agentId: userId('alice'), at: at(2) }] });
          assert.equal(await stateOf('alice'), 'available');
        });
      }

      it('ends rescinded: as if nothing had been', async () => {
        await store.settle(offerId('offer-1'), 'rescinded', at(2));
        assert.deepEqual(await store.snapshot(TENANT), { entries: [carol], agents: [alice] });
      });

      it('keeps the latest decline of each agent', async () => {
        await store.settle(offerId('offer-1'), 'rejected', at(2));
        await claim('offer-2');
        await store.settle(offerId('offer-2'), 'timeout', at(9));
        assert.deepEqual((await store.snapshot(TENANT)).entries[0]?.declines, [{ agentId: userId('alice'), at: at(9) }]);
      });

      it('ends once: a second end changes nothing', async () => {
        await store.settle(offerId('offer-1'), 'rescinded', at(2));
        await store.settle(offerId('offer-1'), 'accepted', at(3));
        await store.settle(offerId('never-made'), 'accepted', at(3));
        assert.deepEqual(await entered(), ['carol']);
        assert.equal(await stateOf('alice'), 'available');
      });

      it('lives on when the call leaves, and then brings nothing back', async () => {
        assert.equal(await store.remove(carol.callId), true);
        assert.equal(await stateOf('alice'), 'offered');
        await store.settle(offerId('offer-1'), 'timeout', at(2));
        assert.deepEqual(await entered(), []);
        assert.equal(await stateOf('alice'), 'available');
      });

      it('leaves a new stay of the same call alone, but no second offer is made beside it', async () => {
        const bob = agent('bob');
        await store.putAgent(bob);
        await store.remove(carol.callId);
        const again = entry('carol', 50, { queueId: SALES });
        await store.enqueue(again);
        assert.deepEqual(await entered(), []);
        assert.deepEqual(await claim('offer-2', again, bob), { kind: 'stale', because: 'entry-offered' });
        await store.settle(offerId('offer-1'), 'rejected', at(60));
        assert.deepEqual((await store.snapshot(TENANT)).entries, [again]);
      });

      it('believes what the agent said of herself meanwhile', async () => {
        await store.putAgent({ ...alice, state: 'on-break', since: at(2) });
        assert.equal(await stateOf('alice'), 'on-break');
        await store.settle(offerId('offer-1'), 'rescinded', at(3));
        assert.equal(await stateOf('alice'), 'on-break');
      });

      it('does not make an agent who rang free before she says so', async () => {
        await store.putAgent({ ...alice, state: 'offered', since: at(2) });
        await store.settle(offerId('offer-1'), 'timeout', at(3));
        assert.equal(await stateOf('alice'), 'offered');
      });

      it('does not bring back an agent who was forgotten', async () => {
        await store.removeAgent(alice.agentId);
        await store.settle(offerId('offer-1'), 'rejected', at(3));
        assert.equal(await stateOf('alice'), undefined);
      });
    });

    describe('given a listener', () => {
      it('hears of whatever may call for a decision, with the tenant', async () => {
        const heard: RoutingChange[] = [];
        const stop = store.onChange((change) => heard.push(change));
        const changes = async (act: () => Promise<unknown>) => {
          heard.length = 0;
          await act();
          await under.changesDelivered();
          return heard.length;
        };
        assert.equal(await changes(() => store.enqueue(carol)), 1);
        assert.deepEqual(heard, [{ tenantId: TENANT }]);
        assert.equal(await changes(() => store.putAgent(alice)), 1);
        await claim();
        assert.equal(await changes(() => store.settle(offerId('offer-1'), 'rejected', at(2))), 1);
        assert.equal(await changes(() => store.settle(offerId('offer-1'), 'rejected', at(3))), 0);
        assert.equal(await changes(() => store.removeAgent(alice.agentId)), 1);
        assert.equal(await changes(() => store.remove(callId('carol'))), 1);
        stop();
        assert.equal(await changes(() => store.enqueue(carol)), 0);
      });
    });
  });
}
