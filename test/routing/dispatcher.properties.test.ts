import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import { epochMs, systemClock } from '../../server/base/time.ts';
import { asId, type CallId, type QueueId, type UserId } from '../../server/model/ids.ts';
import type { AgentView, Offer, OfferOutcome } from '../../server/model/routing.ts';
import { TIERS } from '../../server/model/value.ts';
import { Dispatcher, type WaitingCall } from '../../server/routing/dispatcher.ts';
import { exclusionOf } from '../../server/routing/eligibility.ts';
import { MemoryRoutingStore } from '../../server/routing/memory-routing-store.ts';
import { agent, entry, NOON, POLICY, TENANT } from './routing-fixtures.ts';

const QUEUES = ['sales', 'claims'].map((name) => asId<QueueId>(name));
const POLICIES = new Map(QUEUES.map((queueId) => [queueId, POLICY]));
const AGENTS = ['alice', 'bob', 'chloe'];
const OUTCOMES: readonly OfferOutcome[] = ['accepted', 'rejected', 'timeout', 'rescinded', 'failed'];

/** What happens next in a history; `who` picks among those to whom it can happen. */
type Happening =
  | { readonly what: 'call'; readonly queueId: QueueId; readonly tier: (typeof TIERS)[number] | undefined }
  | { readonly what: 'agent'; readonly who: number; readonly state: AgentView['state'] }
  | { readonly what: 'settle'; readonly who: number; readonly outcome: OfferOutcome }
  | { readonly what: 'leave' | 'pause'; readonly who: number }
  | { readonly what: 'wait'; readonly ms: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('call' as const), queueId: fc.constantFrom(...QUEUES), tier: fc.option(fc.constantFrom(...TIERS), { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('agent' as const), who: fc.nat(2), state: fc.constantFrom('available', 'available', 'on-break', 'offline') }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('settle' as const), who: fc.nat(), outcome: fc.constantFrom(...OUTCOMES) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('leave' as const, 'pause' as const), who: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
);

/** One caller's story, as `server/call` would tell it: asks for offers until one is accepted, or leaves. */
interface Story {
  readonly call: WaitingCall;
  readonly arrivedAt: number;
  patience: AbortController;
  live: Offer | undefined;
  state: 'waiting' | 'paused' | 'accepted' | 'left';
}

/** A small centre: agents with two queues each but one, callers, and a store. */
class Centre {
  readonly store = new MemoryRoutingStore();
  readonly faults: unknown[] = [];
  readonly dispatcher = new Dispatcher({ store: this.store, policies: () => POLICIES, clock: systemClock, onFault: (cause) => this.faults.push(cause) });
  readonly stories: Story[] = [];
  readonly offers = new Map<string, OfferOutcome | undefined>();
  readonly busy = new Map<UserId, CallId>();
  readonly #declined = new Set<string>();

  hasDeclined({ call }: Story, agentId: UserId): boolean {
    return this.#declined.has(`${call.entry.callId} ${agentId}`);
  }

  async play(happening: Happening): Promise<void> {
    switch (happening.what) {
      case 'call': return this.#receive(happening.queueId, happening.tier);
      case 'agent': return this.#change(happening.who, happening.state);
      case 'settle': {
        const story = pick(this.stories.filter(({ live }) => live !== undefined), happening.who);
        return story === undefined ? undefined : this.settle(story, happening.outcome);
      }
      case 'leave': {
        const story = pick(this.stories.filter(({ state }) => state === 'waiting' || state === 'paused'), happening.who);
        return story === undefined ? undefined : this.leave(story);
      }
      case 'pause': {
        const story = pick(this.stories.filter(({ state, live }) => state === 'waiting' && live === undefined), happening.who);
        if (story === undefined) return undefined;
        story.state = 'paused';
        story.patience.abort(new Error('in a menu'));
        return undefined;
      }
      case 'wait': return undefined;
    }
  }

  async #receive(queueId: QueueId, tier: (typeof TIERS)[number] | undefined): Promise<void> {
    const arrivedAt = Date.now();
    const call = await this.dispatcher.enter(entry(`call-${String(this.stories.length).padStart(3, '0')}`, arrivedAt - NOON, {
      queueId, ...(tier === undefined ? {} : { customer: { tier, churnLight: 'green' } }),
    }));
    const story: Story = { call, arrivedAt, patience: new AbortController(), live: undefined, state: 'waiting' };
    this.stories.push(story);
    this.listen(story);
  }

  /** Waits for the next offer of a story, and writes it down. */
  listen(story: Story): void {
    story.state = 'waiting';
    story.patience = new AbortController();
    story.call.nextOffer(story.patience.signal).then((offer) => {
      assert.ok(!this.offers.has(offer.offerId), 'an offer is handed over once');
      // A call that left in that very turn gets it too late: the dispatcher ended it.
      this.offers.set(offer.offerId, story.state === 'left' ? 'rescinded' : undefined);
      if (story.state === 'left') return;
      for (const other of this.stories) assert.notEqual(other.live?.agentId, offer.agentId, 'one live offer per agent');
      assert.equal(story.live, undefined, 'one live offer per call');
      assert.ok(!this.busy.has(offer.agentId), 'nobody is offered a call while she talks');
      story.live = offer;
    }).catch((cause: unknown) => {
      if (story.state === 'waiting') this.faults.push(cause);
    });
  }

  async settle(story: Story, outcome: OfferOutcome): Promise<void> {
    const offer = story.live;
    assert.ok(offer);
    story.live = undefined;
    this.offers.set(offer.offerId, outcome);
    if (outcome !== 'rescinded') this.#declined.add(`${offer.callId} ${offer.agentId}`);
    if (outcome === 'accepted') {
      story.state = 'accepted';
      this.busy.set(offer.agentId, offer.callId);
    }
    await story.call.settle(offer.offerId, outcome);
    if (outcome !== 'accepted') this.listen(story);
  }

  async leave(story: Story): Promise<void> {
    if (story.live !== undefined) this.offers.set(story.live.offerId, 'rescinded');
    story.live = undefined;
    story.state = 'left';
    await story.call.leave();
  }

  async #change(who: number, state: AgentView['state']): Promise<void> {
    const name = AGENTS[who] ?? 'alice';
    if (this.stories.some(({ live }) => live?.agentId === name)) return;
    this.busy.delete(asId<UserId>(name));
    await this.store.putAgent(agent(name, { state, since: epochMs(Date.now()), queueIds: who === 2 ? QUEUES.slice(0, 1) : QUEUES }));
  }

  /** Nobody who may serve is idle beside somebody who waits, and nobody was passed over beyond the bound. */
  async check(): Promise<void> {
    const { entries, agents } = await this.store.snapshot(TENANT);
    const now = epochMs(Date.now());
    const wanting = new Set(this.stories.filter(({ state }) => state === 'waiting').map(({ call }) => call.entry.callId));
    for (const waiting of entries.filter(({ callId }) => wanting.has(callId))) {
      for (const one of agents) {
        assert.notEqual(exclusionOf(one, { entry: waiting, declineBackoffMs: POLICY.declineBackoffMs, now }, new Set()), undefined,
          `${one.agentId} is idle beside ${waiting.callId}`);
      }
    }
  }
}

const pick = <T>(from: readonly T[], which: number): T | undefined => from[which % Math.max(1, from.length)];

describe('Dispatcher, for any history', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ now: NOON, toFake: ['setTimeout', 'clearTimeout', 'Date'] }); });
  afterEach(() => clock.restore());

  async function play(history: readonly Happening[], afterEach: (centre: Centre) => void | Promise<void>): Promise<Centre> {
    const centre = new Centre();
    for (const one of history) {
      await centre.play(one);
      await clock.tickAsync(one.what === 'wait' ? one.ms : 1);
      await afterEach(centre);
    }
    assert.deepEqual(centre.faults, []);
    return centre;
  }

  it('double-books nobody, leaves nobody idle beside a caller, and ends every offer and every wait (invariant 2)', async () => {
    await fc.assert(fc.asyncProperty(fc.array(happening, { maxLength: 60, size: 'max' }), async (history) => {
      const centre = await play(history, (one) => one.check());
      for (const story of centre.stories.filter(({ state }) => state === 'waiting' || state === 'paused')) await centre.leave(story);
      await clock.tickAsync(1);
      const { entries, agents } = await centre.store.snapshot(TENANT);
      assert.deepEqual(entries, []);
      assert.ok(agents.every(({ state }) => state !== 'offered'), 'no offer is left ringing');
      assert.ok([...centre.offers.values()].every((outcome) => outcome !== undefined), 'every offer has an outcome');
      const accepted = [...centre.offers.values()].filter((outcome) => outcome === 'accepted').length;
      assert.equal(accepted, centre.stories.filter(({ state }) => state === 'accepted').length, 'one accepted offer per answered call');
      centre.dispatcher.close();
      assert.equal(clock.countTimers(), 0);
    }), { numRuns: 2_000 });
  }).timeout(60_000);

  it('lets nobody be passed over by a caller who arrived more than the greatest head start later (invariant 3)', async () => {
    await fc.assert(fc.asyncProperty(fc.array(happening, { maxLength: 60, size: 'max' }), async (history) => {
      const seen = new Set<string>();
      const centre = await play(history, (one) => {
        for (const { live, call, arrivedAt } of one.stories) {
          if (live === undefined || seen.has(live.offerId)) continue;
          seen.add(live.offerId);
          for (const other of one.stories) {
            const passedOver = other.state === 'waiting' && other.live === undefined && other.call.entry.queueId === call.entry.queueId
              && other.arrivedAt <= live.receipt.decidedAt;
            // Who has declined her cannot serve her now: her needs are not the same.
            if (!passedOver || one.hasDeclined(other, live.agentId)) continue;
            assert.ok(arrivedAt - other.arrivedAt <= POLICY.maxHeadStartMs, `${call.entry.callId} passed ${other.call.entry.callId}`);
          }
        }
      });
      for (const story of centre.stories.filter(({ state }) => state === 'waiting' || state === 'paused')) await centre.leave(story);
      centre.dispatcher.close();
    }), { numRuns: 1_000 });
  }).timeout(60_000);
});
