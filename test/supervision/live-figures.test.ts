import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epochMs } from '../../server/base/time.ts';
import type { CallEvent, DomainEvent } from '../../server/model/events.ts';
import type { QueueId } from '../../server/model/ids.ts';
import { LiveFigures } from '../../server/supervision/live-figures.ts';
import type { QueueItem } from '../../server/wire/live-item.ts';
import { agentIs, CLAIMS, MIDNIGHT, NOON, QUEUES, SALES, TestCall, USERS, ZONE } from './supervision-fixtures.ts';

const SECOND = 1_000;
const figures = (now = NOON) => new LiveFigures({ queues: QUEUES, agents: USERS.filter(({ role }) => role === 'agent'), timeZone: ZONE, now });
const queueItem = (view: LiveFigures, queueId: QueueId = SALES): QueueItem => {
  const item = view.items().find(({ key }) => key === `queue:${queueId}`);
  assert.ok(item?.kind === 'queue');
  return item;
};
const fold = (events: readonly DomainEvent[], view = figures()) => {
  for (const event of events) view.apply(event);
  return view;
};

describe('LiveFigures', () => {
  it('begins with every queue and agent, and nobody waiting', () => {
    const view = figures();
    assert.deepEqual(view.items().map(({ key }) => key), ['queue:sales', 'queue:claims', 'agent:alice', 'agent:bob']);
    assert.deepEqual(queueItem(view), {
      kind: 'queue', key: 'queue:sales', queueId: SALES, name: 'Ventes', waiting: 0, offered: 0, agentsAvailable: 0,
      enteredToday: 0, answeredToday: 0, abandonedToday: 0,
      serviceLevelFormula: 'answered within 20 s / (answered + abandoned after 20 s)', serviceLevelTarget: 0.8,
    });
    assert.deepEqual(view.items()[2], {
      kind: 'agent', key: 'agent:alice', agentId: 'alice', name: 'alice', state: 'offline', since: NOON, queueNames: ['Ventes', 'Sinistres'],
    });
  });

  describe('given callers in a queue', () => {
    const carol = new TestCall('carol');
    const dora = new TestCall('dora');
    const view = figures();

    it('counts who waits, and since when the longest', () => {
      fold([carol.enters(NOON), dora.enters(NOON + SECOND)], view);
      const { waiting, oldestEnqueuedAt, enteredToday } = queueItem(view);
      assert.deepEqual({ waiting, oldestEnqueuedAt, enteredToday }, { waiting: 2, oldestEnqueuedAt: NOON, enteredToday: 2 });
      assert.equal(queueItem(view, CLAIMS).waiting, 0);
    });

    it('counts a caller who rings at an agent as waiting and offered', () => {
      fold([carol.offered(NOON + 2 * SECOND, 'offer-1')], view);
      assert.deepEqual([queueItem(view).waiting, queueItem(view).offered], [2, 1]);
      fold([carol.offerEnds(NOON + 3 * SECOND, 'offer-1')], view);
      assert.deepEqual([queueItem(view).waiting, queueItem(view).offered], [2, 0]);
    });

    it('counts the end of each wait', () => {
      fold([carol.leaves(NOON + 10 * SECOND, 'answered'), dora.leaves(NOON + 31 * SECOND, 'abandoned')], view);
      const { waiting, oldestEnqueuedAt, answeredToday, abandonedToday, serviceLevel } = queueItem(view);
      assert.deepEqual({ waiting, oldestEnqueuedAt, answeredToday, abandonedToday, serviceLevel },
        { waiting: 0, oldestEnqueuedAt: undefined, answeredToday: 1, abandonedToday: 1, serviceLevel: 0.5 });
    });

    it('forgets what is over', () => assert.equal(view.openCalls, 0));
  });

  it('counts a caller who comes back to the queue as a stay of its own', () => {
    const carol = new TestCall('carol');
    const view = fold([
      carol.enters(NOON), carol.leaves(NOON + 5 * SECOND, 'answered'),
      carol.enters(NOON + 600 * SECOND), carol.leaves(NOON + 610 * SECOND, 'answered'),
    ]);
    assert.deepEqual([queueItem(view).enteredToday, queueItem(view).answeredToday, queueItem(view).serviceLevel], [2, 2, 1]);
  });

  it('lets nothing of a call outlive it', () => {
    const carol = new TestCall('carol');
    const view = fold([carol.enters(NOON), carol.offered(NOON, 'offer-1', CLAIMS)]);
    assert.deepEqual(view.apply(carol.ends(NOON + SECOND)), ['queue:sales', 'queue:claims']);
    assert.deepEqual([queueItem(view).waiting, queueItem(view, CLAIMS).offered, view.openCalls], [0, 0, 0]);
  });

  it('ignores queues and agents that are not of the set-up', () => {
    const carol = new TestCall('carol');
    const view = fold([carol.enters(NOON, 'elsewhere' as QueueId), carol.offered(NOON, 'o', 'elsewhere' as QueueId), agentIs('stranger', 'available', NOON)]);
    assert.deepEqual(view.items(), figures().items());
    assert.equal(view.openCalls, 0);
  });

  describe('given agents', () => {
    it('shows the state of each, and counts the free ones in each of their queues', () => {
      const view = figures();
      assert.deepEqual(view.apply(agentIs('alice', 'available', NOON + 1)), ['agent:alice', 'queue:sales', 'queue:claims']);
      view.apply(agentIs('bob', 'available', NOON + 2));
      assert.deepEqual([queueItem(view).agentsAvailable, queueItem(view, CLAIMS).agentsAvailable], [2, 1]);
      view.apply(agentIs('alice', 'on-break', NOON + 3, { breakReason: 'rona' }));
      assert.deepEqual([queueItem(view).agentsAvailable, queueItem(view, CLAIMS).agentsAvailable], [1, 0]);
      const alice = view.items()[2];
      assert.ok(alice?.kind === 'agent');
      assert.deepEqual([alice.state, alice.since, alice.breakReason], ['on-break', NOON + 3, 'rona']);
    });

    it('takes the reason of a break away with it', () => {
      const view = fold([agentIs('alice', 'on-break', NOON, { breakReason: 'lunch' }), agentIs('alice', 'available', NOON + 1)]);
      assert.ok(!('breakReason' in (view.items()[2] ?? {})));
    });
  });

  describe('given midnight', () => {
    it('begins again, keeps who waits, and counts their stay for the day before', () => {
      const [carol, dora, eve] = ['carol', 'dora', 'eve'].map((name) => new TestCall(name));
      assert.ok(carol && dora && eve);
      const view = fold([carol.enters(MIDNIGHT - 9 * SECOND), dora.enters(MIDNIGHT - 5 * SECOND), carol.leaves(MIDNIGHT - 1, 'answered')]);
      assert.equal(queueItem(view).enteredToday, 2);
      assert.deepEqual(view.rollTo(epochMs(MIDNIGHT - 1)), []);
      assert.deepEqual(view.rollTo(MIDNIGHT), ['queue:sales', 'queue:claims']);
      fold([eve.enters(MIDNIGHT), dora.leaves(MIDNIGHT + SECOND, 'answered')], view);
      const { enteredToday, answeredToday, waiting, oldestEnqueuedAt, serviceLevel } = queueItem(view);
      assert.deepEqual({ enteredToday, answeredToday, waiting, oldestEnqueuedAt, serviceLevel },
        { enteredToday: 1, answeredToday: 0, waiting: 1, oldestEnqueuedAt: MIDNIGHT, serviceLevel: undefined });
    });

    it('begins again with the first event of the new day, timer or not', () => {
      const view = fold([new TestCall('carol').enters(NOON), new TestCall('dora').enters(MIDNIGHT)]);
      assert.deepEqual([queueItem(view).enteredToday, queueItem(view).waiting], [1, 2]);
    });
  });

  describe('given any interleaving of calls', () => {
    const step = fc.record({
      what: fc.constantFrom('enter' as const, 'answered' as const, 'abandoned' as const, 'interrupted' as const, 'offer' as const, 'offer-end' as const, 'end' as const),
      queueId: fc.constantFrom(SALES, CLAIMS),
      afterMs: fc.nat(40_000),
    });
    /** A plausible call: what makes no sense at a point is left out. */
    const history = (name: string) => fc.tuple(fc.integer({ min: -60_000, max: 60_000 }), fc.array(step, { maxLength: 12, size: 'max' })).map(([start, steps]) => {
      const call = new TestCall(name);
      const events: CallEvent[] = [];
      let at: number = MIDNIGHT + start;
      let queueId: QueueId | undefined;
      let offers = 0;
      let ringing = false;
      for (const one of steps) {
        at += one.afterMs;
        if (one.what === 'enter' && queueId === undefined) {
          queueId = one.queueId;
          events.push(call.enters(at, queueId));
        } else if (one.what === 'offer' && queueId !== undefined && !ringing) {
          offers += 1;
          ringing = true;
          events.push(call.offered(at, `${name}-${offers}`, queueId));
        } else if (one.what === 'offer-end' && ringing) {
          ringing = false;
          events.push(call.offerEnds(at, `${name}-${offers}`));
        } else if (['answered', 'abandoned', 'interrupted'].includes(one.what) && queueId !== undefined) {
          events.push(call.leaves(at, one.what as 'answered', queueId)); // Narrowed by the list above.
          queueId = undefined;
        } else if (one.what === 'end') {
          events.push(call.ends(at));
          break;
        }
      }
      return events;
    });
    const calls = fc.nat(7).chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => history(`call-${i}`))));
    /** Merges the calls in any order that keeps each call's own. */
    const merged = fc.tuple(calls, fc.infiniteStream(fc.nat())).map(([histories, choices]) => {
      const left = histories.map((events) => [...events]);
      const order: CallEvent[] = [];
      for (;;) {
        const open = left.filter((events) => events.length > 0);
        const next = open[(choices.next().value ?? 0) % Math.max(1, open.length)]?.shift();
        if (next === undefined) return { histories, order };
        order.push(next);
      }
    });

    /** Works out one queue from all events at once, stay by stay, with nothing carried along. */
    function fromScratch(histories: readonly (readonly CallEvent[])[], queueId: QueueId) {
      const last = Math.max(NOON, ...histories.flat().map(({ at }) => at));
      const dayStart = last >= MIDNIGHT ? MIDNIGHT : Number.NEGATIVE_INFINITY;
      const stays = histories.flatMap((events) => events.flatMap((entered, i) => {
        if (entered.type !== 'queue.entered' || entered.queueId !== queueId) return [];
        const over = events.slice(i + 1).find(({ type }) => type === 'queue.left' || type === 'call.ended');
        return [{ enteredAt: entered.at, over, exit: over?.type === 'queue.left' ? over.exit : undefined, waited: (over?.at ?? 0) - entered.at }];
      }));
      const today = stays.filter(({ enteredAt }) => enteredAt >= dayStart);
      const waiting = stays.filter(({ over }) => over === undefined);
      const ringing = histories.flatMap((events) => events.filter((made, i) => made.type === 'offer.made' && made.receipt.queueId === queueId
        && !events.slice(i + 1).some((later) => later.type === 'call.ended' || (later.type === 'offer.ended' && later.offerId === made.offerId))));
      const answered = today.filter(({ exit }) => exit === 'answered');
      const abandoned = today.filter(({ exit }) => exit === 'abandoned');
      const inTime = answered.filter(({ waited }) => waited <= 20_000).length;
      const counted = answered.length + abandoned.filter(({ waited }) => waited > 20_000).length;
      return {
        waiting: waiting.length,
        oldestEnqueuedAt: waiting.length === 0 ? undefined : Math.min(...waiting.map(({ enteredAt }) => enteredAt)),
        offered: ringing.length, enteredToday: today.length, answeredToday: answered.length, abandonedToday: abandoned.length,
        serviceLevel: counted === 0 ? undefined : inTime / counted,
      };
    }

    it('has the figures that counting from scratch gives', () => {
      fc.assert(fc.property(merged, ({ histories, order }) => {
        const view = fold(order);
        for (const queueId of [SALES, CLAIMS]) {
          const { waiting, oldestEnqueuedAt, offered, enteredToday, answeredToday, abandonedToday, serviceLevel } = queueItem(view, queueId);
          assert.deepEqual({ waiting, oldestEnqueuedAt, offered, enteredToday, answeredToday, abandonedToday, serviceLevel }, fromScratch(histories, queueId));
        }
      }), { numRuns: 3_000 });
    });

    it('names every item that an event changed', () => {
      fc.assert(fc.property(merged, ({ order }) => {
        const view = figures();
        for (const event of order) {
          const before = new Map(view.items().map((item) => [item.key, item]));
          const named = new Set(view.apply(event));
          for (const item of view.items()) {
            if (!named.has(item.key)) assert.deepEqual(item, before.get(item.key), `${event.type} changed ${item.key}`);
          }
        }
      }), { numRuns: 500 });
    });

    it('holds nothing when every call has ended', () => {
      fc.assert(fc.property(merged, ({ histories, order }) => {
        const view = fold(order);
        for (const events of histories) {
          const [first] = events;
          if (first !== undefined) view.apply({ ...new TestCall(first.callId).ends(MIDNIGHT), seq: 99 });
        }
        assert.equal(view.openCalls, 0);
      }), { numRuns: 500 });
    });
  });
});
