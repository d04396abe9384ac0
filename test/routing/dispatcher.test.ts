import assert from 'node:assert/strict';
import sinon from 'sinon';
import { epochMs, systemClock, type EpochMs } from '../../server/base/time.ts';
import { asId, type CallId, type OfferId, type QueueId, type TenantId } from '../../server/model/ids.ts';
import type { Assignment, Offer, OfferOutcome, QueueEntry, RoutingSnapshot } from '../../server/model/routing.ts';
import type { Policies } from '../../server/routing/decide.ts';
import { Dispatcher, type WaitingCall } from '../../server/routing/dispatcher.ts';
import { MemoryRoutingStore } from '../../server/routing/memory-routing-store.ts';
import type { ClaimOutcome } from '../../server/routing/ports.ts';
import { agent, entry, NOON, POLICIES, POLICY, SALES, TENANT } from './routing-fixtures.ts';

/** A store that counts, and that can be told to fail or to stall. */
class TestStore extends MemoryRoutingStore {
  snapshots = 0;
  /** Runs before each claim: the world moves between snapshot and claim. */
  beforeClaim: (assignment: Assignment) => Promise<void> = async () => undefined;
  failing: Error | undefined;

  override async snapshot(tenantId: TenantId): Promise<RoutingSnapshot> {
    this.snapshots += 1;
    if (this.failing !== undefined) throw this.failing;
    return super.snapshot(tenantId);
  }

  override async claim(assignment: Assignment, offerId: OfferId, at: EpochMs): Promise<ClaimOutcome> {
    await this.beforeClaim(assignment);
    return super.claim(assignment, offerId, at);
  }

  override async settle(offerId: OfferId, outcome: OfferOutcome, at: EpochMs): Promise<void> {
    if (this.failing !== undefined) throw this.failing;
    return super.settle(offerId, outcome, at);
  }

  override async remove(callId: CallId): Promise<boolean> {
    if (this.failing !== undefined) throw this.failing;
    return super.remove(callId);
  }
}

describe('Dispatcher', () => {
  let clock: sinon.SinonFakeTimers;
  let store: TestStore;
  let dispatcher: Dispatcher;
  let faults: unknown[];
  let policies: Policies;
  const never = new AbortController().signal;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: NOON, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    store = new TestStore();
    faults = [];
    policies = POLICIES;
    dispatcher = new Dispatcher({ store, policies: () => policies, clock: systemClock, onFault: (cause) => faults.push(cause) });
  });
  afterEach(() => {
    dispatcher.close();
    assert.equal(clock.countTimers(), 0, 'a closed dispatcher leaves no timer');
    clock.restore();
    assert.deepEqual(faults, []);
  });

  const turn = () => clock.tickAsync(0);
  const enter = (call: QueueEntry) => dispatcher.enter(call);
  /** What became of a promise, without waiting for it. */
  const watch = (call: WaitingCall, signal = new AbortController().signal) => {
    const seen: { offer?: Offer; fault?: unknown } = {};
    call.nextOffer(signal).then((offer) => { seen.offer = offer; }, (cause: unknown) => { seen.fault = cause; });
    return seen;
  };
  const stateOf = async (name: string) => (await store.snapshot(TENANT)).agents.find((one) => one.agentId === name)?.state;

  describe('given a free agent', () => {
    beforeEach(() => store.putAgent(agent('alice')));

    it('offers the call at once, with an offer id and the receipt', async () => {
      const carol = await enter(entry('carol', 0));
      const offer = await carol.nextOffer(never);
      assert.deepEqual([offer.callId, offer.agentId, offer.queueId, offer.offeredAt], ['carol', 'alice', SALES, NOON]);
      assert.equal(offer.receipt.chosen, 'alice');
      assert.match(offer.offerId, /^[0-9a-f-]{36}$/);
    });

    it('keeps the offer for a call that has not asked yet', async () => {
      const carol = await enter(entry('carol', 0));
      await turn();
      assert.equal(await stateOf('alice'), 'offered');
      assert.equal((await carol.nextOffer(never)).agentId, 'alice');
    });

    it('ends the story of an accepted call', async () => {
      const carol = await enter(entry('carol', 0));
      const offer = await carol.nextOffer(never);
      await carol.settle(offer.offerId, 'accepted');
      assert.deepEqual(await store.waiting(TENANT, SALES), []);
      await assert.rejects(carol.nextOffer(never), { code: 'routing.left-queue' });
      await carol.leave();
      assert.equal(await stateOf('alice'), 'on-call');
    });

    it('keeps the place of a call that was declined, before a later one', async () => {
      const carol = await enter(entry('carol', 0));
      const offer = await carol.nextOffer(never);
      const dora = watch(await enter(entry('dora', 1)));
      await carol.settle(offer.offerId, 'rejected');
      await turn();
      assert.equal(dora.offer?.agentId, 'alice', 'the agent who declined serves the next');
      await store.putAgent(agent('bob'));
      assert.equal((await carol.nextOffer(never)).agentId, 'bob');
    });

    it('does not let a later caller slip past between two offers of the first', async () => {
      await store.putAgent(agent('bob'));
      const carol = await enter(entry('carol', 0));
      await store.removeAgent(agent('bob').agentId);
      const offer = await carol.nextOffer(never);
      const dora = watch(await enter(entry('dora', 1)));
      await carol.settle(offer.offerId, 'rescinded');
      await turn();
      assert.equal(dora.offer, undefined);
      assert.equal((await carol.nextOffer(never)).callId, 'carol');
    });

    it('offers again when the back-off of a decline is over', async () => {
      const carol = await enter(entry('carol', 0));
      const first = await carol.nextOffer(never);
      await carol.settle(first.offerId, 'rejected');
      const next = watch(carol);
      await clock.tickAsync(POLICY.declineBackoffMs - 1);
      assert.deepEqual(next, {});
      await clock.tickAsync(1);
      assert.equal(next.offer?.agentId, 'alice');
      assert.notEqual(next.offer.offerId, first.offerId);
    });
  });

  describe('given two callers of different value and an agent who becomes free', () => {
    const gold = { customer: { tier: 'gold', churnLight: 'green' } } as const;

    it('serves the better one first when she arrived within her head start', async () => {
      const carol = watch(await enter(entry('carol', 0)));
      const better = watch(await enter(entry('better', 39_999, gold)));
      await store.putAgent(agent('alice'));
      await turn();
      assert.deepEqual([carol.offer?.agentId, better.offer?.agentId], [undefined, 'alice']);
    });

    it('does not when she arrived after it', async () => {
      const carol = watch(await enter(entry('carol', 0)));
      const better = watch(await enter(entry('better', 40_001, gold)));
      await store.putAgent(agent('alice'));
      await turn();
      assert.deepEqual([carol.offer?.agentId, better.offer?.agentId], ['alice', undefined]);
    });
  });

  describe('given a caller who gives up', () => {
    it('rejects with the reason of the signal', async () => {
      const carol = await enter(entry('carol', 0));
      const hungUp = new AbortController();
      const next = watch(carol, hungUp.signal);
      const reason = new Error('hung up');
      hungUp.abort(reason);
      await turn();
      assert.equal(next.fault, reason);
    });

    it('rejects at once when the signal has fired already, and gives the waiting offer back', async () => {
      await store.putAgent(agent('alice'));
      const carol = await enter(entry('carol', 0));
      await turn();
      await assert.rejects(carol.nextOffer(AbortSignal.abort(new Error('gone'))), { message: 'gone' });
      await turn();
      assert.equal(await stateOf('alice'), 'available');
    });

    it('gives back an offer that is claimed at that very moment', async () => {
      const carol = await enter(entry('carol', 0));
      const hungUp = new AbortController();
      const next = watch(carol, hungUp.signal);
      store.beforeClaim = async () => hungUp.abort(new Error('hung up'));
      await store.putAgent(agent('alice'));
      await turn();
      assert.equal(next.offer, undefined);
      assert.equal(await stateOf('alice'), 'available');
      assert.deepEqual((await store.snapshot(TENANT)).entries[0]?.declines, []);
    });

    it('is passed over until it asks again', async () => {
      const carol = await enter(entry('carol', 0));
      const pause = new AbortController();
      watch(carol, pause.signal);
      pause.abort(new Error('in a menu'));
      const dora = watch(await enter(entry('dora', 1)));
      await store.putAgent(agent('alice'));
      await turn();
      assert.equal(dora.offer?.agentId, 'alice');
      await store.putAgent(agent('bob'));
      await turn();
      assert.equal(await stateOf('bob'), 'available');
      assert.equal((await carol.nextOffer(never)).agentId, 'bob');
    });

    it('leaves the queue once, and an offer that rings ends as rescinded', async () => {
      await store.putAgent(agent('alice'));
      const carol = await enter(entry('carol', 0));
      const offer = await carol.nextOffer(never);
      await Promise.all([carol.leave(), carol.leave()]);
      assert.deepEqual(await store.waiting(TENANT, SALES), []);
      assert.equal(await stateOf('alice'), 'available');
      await carol.settle(offer.offerId, 'timeout');
      await assert.rejects(carol.nextOffer(never), { code: 'routing.left-queue' });
    });

    it('ends the wait of a call that leaves', async () => {
      const carol = await enter(entry('carol', 0));
      const next = watch(carol);
      await carol.leave();
      await turn();
      assert.equal((next.fault as { code?: string }).code, 'routing.left-queue');
    });

    it('may enter again once it has left', async () => {
      const carol = await enter(entry('carol', 0));
      await carol.leave();
      await enter(entry('carol', 5));
      assert.equal((await store.waiting(TENANT, SALES)).length, 1);
    });
  });

  describe('given a burst of changes', () => {
    it('decides once', async () => {
      const calls = await Promise.all(Array.from({ length: 50 }, (_, i) => enter(entry(`call-${i}`, i))));
      const seen = calls.map((call) => watch(call));
      await turn();
      store.snapshots = 0;
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.putAgent(agent(`agent-${i}`))));
      await turn();
      assert.ok(store.snapshots <= 2, `${store.snapshots} snapshots`);
      assert.equal(new Set(seen.map((one) => one.offer?.agentId)).size, 50);
    });

    it('loses no change that comes while it decides', async () => {
      await store.putAgent(agent('alice'));
      store.beforeClaim = async () => {
        store.beforeClaim = async () => undefined;
        await store.putAgent(agent('bob'));
      };
      const carol = watch(await enter(entry('carol', 0)));
      const dora = watch(await enter(entry('dora', 1)));
      await turn();
      assert.deepEqual([carol.offer?.agentId, dora.offer?.agentId], ['alice', 'bob']);
    });
  });

  describe('given a world that moves before the claim', () => {
    it('decides again', async () => {
      await store.putAgent(agent('alice'));
      await store.putAgent(agent('bob', { since: epochMs(NOON + 1) }));
      store.beforeClaim = async () => {
        store.beforeClaim = async () => undefined;
        await store.putAgent(agent('alice', { state: 'on-break' }));
      };
      const carol = await enter(entry('carol', 0));
      assert.equal((await carol.nextOffer(never)).agentId, 'bob');
    });

    it('takes a breath when it never settles, and goes on after it', async () => {
      let stale = true;
      let tries = 0;
      store.beforeClaim = async () => { tries += 1; };
      const claim = store.claim.bind(store);
      sinon.replace(store, 'claim', async (...args) => {
        const outcome = stale ? await store.beforeClaim(args[0]) : await claim(...args);
        return outcome ?? { kind: 'stale', because: 'agent-busy' };
      });
      await store.putAgent(agent('alice'));
      const carol = watch(await enter(entry('carol', 0)));
      await turn();
      assert.ok(tries > 1 && tries < 40, `${tries} tries`);
      stale = false;
      await clock.tickAsync(20);
      assert.equal(carol.offer?.agentId, 'alice');
    });
  });

  describe('given a store that fails', () => {
    it('says so and tries again', async () => {
      const down = new Error('store down');
      store.failing = down;
      await store.putAgent(agent('alice'));
      const carol = watch(await enter(entry('carol', 0)));
      await turn();
      assert.deepEqual(faults.splice(0), [down]);
      store.failing = undefined;
      await clock.tickAsync(500);
      assert.equal(carol.offer?.agentId, 'alice');
    });

    it('lets a call that could not leave try again, and offers it to nobody meanwhile', async () => {
      const carol = await enter(entry('carol', 0));
      store.failing = new Error('store down');
      await assert.rejects(carol.leave(), { message: 'store down' });
      faults.length = 0;
      store.failing = undefined;
      const dora = watch(await enter(entry('dora', 1)));
      await store.putAgent(agent('alice'));
      await turn();
      assert.equal(dora.offer?.agentId, 'alice');
      await carol.leave();
      assert.deepEqual((await store.waiting(TENANT, SALES)).map((one) => one.callId), ['dora']);
    });

    it('does not hold a call that could not enter', async () => {
      const enqueue = sinon.stub(store, 'enqueue').rejects(new Error('store down'));
      await assert.rejects(enter(entry('carol', 0)), { message: 'store down' });
      enqueue.restore();
      await enter(entry('carol', 0));
    });
  });

  describe('given the wrong request', () => {
    it('refuses a queue without a policy', async () => {
      await assert.rejects(enter(entry('carol', 0, { queueId: asId<QueueId>('closed') })), { code: 'routing.no-policy', category: 'config' });
    });

    it('refuses a call that waits already', async () => {
      await enter(entry('carol', 0));
      await assert.rejects(enter(entry('carol', 1)), { code: 'routing.already-queued' });
    });

    it('refuses a second wait beside the first', async () => {
      const carol = await enter(entry('carol', 0));
      const first = watch(carol);
      await assert.rejects(carol.nextOffer(never), { code: 'routing.already-asked' });
      await store.putAgent(agent('alice'));
      await turn();
      assert.equal(first.offer?.agentId, 'alice');
    });

    it('reports once a waiting call whose queue lost its policy', async () => {
      await enter(entry('carol', 0));
      policies = new Map();
      await store.putAgent(agent('alice'));
      await turn();
      await store.putAgent(agent('bob'));
      await turn();
      assert.deepEqual(faults.splice(0).map((fault) => (fault as { code?: string }).code), ['routing.no-policy']);
      policies = POLICIES;
      dispatcher.reconsider(TENANT);
      await turn();
      assert.equal(await stateOf('alice'), 'offered');
    });
  });

  it('leaves a call of another node to that node', async () => {
    await store.enqueue(entry('elsewhere', 0));
    await store.putAgent(agent('alice'));
    await turn();
    assert.equal(await stateOf('alice'), 'available');
  });

  describe('given the end', () => {
    it('tells those who wait, and admits nobody', async () => {
      const carol = watch(await enter(entry('carol', 0)));
      dispatcher.close();
      dispatcher.close();
      await turn();
      assert.equal((carol.fault as { code?: string }).code, 'routing.dispatcher-closed');
      await assert.rejects(enter(entry('dora', 0)), { code: 'routing.dispatcher-closed' });
    });

    it('gives back an offer that is claimed at that very moment', async () => {
      const carol = watch(await enter(entry('carol', 0)));
      store.beforeClaim = async () => dispatcher.close();
      await store.putAgent(agent('alice'));
      await turn();
      assert.equal(carol.offer, undefined);
      assert.equal(await stateOf('alice'), 'available');
    });
  });
});
