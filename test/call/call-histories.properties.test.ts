import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon, { type SinonFakeTimers } from 'sinon';
import { delay } from '../../server/base/deadline.ts';
import { epochMs } from '../../server/base/time.ts';
import type { CallFact } from '../../server/model/events.ts';
import { asId, type CallId, type UserId } from '../../server/model/ids.ts';
import type { RecordingPolicy } from '../../server/model/recording-policy.ts';
import { agent, ALICE, BILAL, CLAIMS, customer, FakeCentre, TENANT } from './support/fake-centre.ts';
import { carolsInvite, FakeLeg } from './support/fake-legs.ts';

const RUNS = 300;
const AGENTS = [ALICE, BILAL] as const;

/** What may happen next; `which` picks among what is there at the moment. */
const STEPS = [
  'dial', 'dial', 'dial', 'hang-up', 'caller-leg-breaks', 'caller-media-fails',
  'answer', 'answer', 'answer', 'answer', 'answer', 'answer-without-codec', 'reject', 'ring-fails', 'ring-out',
  'agent-hangs-up', 'agent-leg-breaks', 'agent-media-fails',
  'sign-out', 'sign-in', 'go-available', 'go-available', 'go-available', 'go-on-break',
  'hold', 'hold', 'take-back', 'file-wrap-up', 'file-wrap-up', 'wait',
  'record', 'pause-recording', 'resume-recording', 'stop-recording', 'recording-breaks',
] as const;
/** The same on a bad day. */
const BAD_STEPS = [...STEPS, 'ledger-fails', 'ledger-writes', 'set-up-fails', 'set-up-reads'] as const;

interface Happening {
  readonly what: (typeof BAD_STEPS)[number];
  readonly which: number;
  /** How long until the next one; short ones fall into the middle of what the last one set off. */
  readonly thenMs: number;
}

const happeningOf = (steps: readonly Happening['what'][]): fc.Arbitrary<Happening> => fc.record({
  what: fc.constantFrom(...steps),
  which: fc.nat({ max: 5 }),
  thenMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12_000 })),
});

/** By chance every second conversation is recorded by itself; any may be. */
const HALF_RECORDED: RecordingPolicy = { version: 1, mode: 'automatic', samplePercent: 50, announcement: 'none', retainDays: 1 };

const TIERS = ['platinum', 'gold', 'bronze'] as const;

/** Long enough to be left in the middle of. */
const IVR_MS = 6;

const ENDINGS = ['callers-first', 'agents-first', 'drain'] as const;
type Ending = (typeof ENDINGS)[number];

/** One random day: callers, agents, and everything that can happen to them. */
class Day {
  readonly centre: FakeCentre;
  readonly callers: FakeLeg[] = [];
  readonly agentLegs: FakeLeg[] = [];
  readonly #time: SinonFakeTimers;

  constructor(time: SinonFakeTimers, latencies: readonly number[]) {
    let next = 0;
    this.#time = time;
    this.centre = new FakeCentre({
      maxCalls: 6, latencyMs: () => latencies[next++ % latencies.length] ?? 0, recordingPolicies: [{ tenantId: TENANT, scope: { kind: 'tenant' }, policy: HALF_RECORDED }],
    });
    this.centre.ivr = async (request, signal) => {
      request.onEntered({ flowId: 'main-menu', version: 1, language: 'fr' });
      request.onStep({ at: epochMs(time.now), nodeId: 'menu' });
      return await delay(IVR_MS, signal) === 'aborted'
        ? { kind: 'caller-gone', language: 'fr', path: [] }
        : { kind: 'queue', queueKey: 'claims', intent: 'claim', language: 'fr', path: [] };
    };
    TIERS.forEach((tier, index) => this.centre.customers.set(`+21355000000${index}`, [customer(tier, { tier })]));
  }

  async live(happenings: readonly Happening[]): Promise<void> {
    for (const agentId of AGENTS) await this.#in(this.centre.staff(agentId));
    for (const one of happenings) {
      this.#happen(one);
      await this.#time.tickAsync(one.thenMs);
      this.#checkDesks();
    }
  }

  /** Everybody goes home, by themselves or because the node drains; what rings rings out, what is wrapped up runs out. */
  async end(how: Ending): Promise<void> {
    this.centre.ledgerFault = undefined;
    if (how === 'agents-first') await this.#sendAgentsHome();
    if (how === 'drain') void this.centre.centre.drain(1_000);
    else for (const leg of this.callers) leg.end(HUNG_UP);
    await this.#time.tickAsync(300_000);
  }

  /** Whoever has signed out talks to nobody: her caller is for somebody else. */
  async #sendAgentsHome(): Promise<void> {
    for (const agentId of AGENTS) void this.centre.centre.signOut(agentId);
    await this.#time.tickAsync(2_000);
    for (const agentId of AGENTS) assert.equal(this.centre.items.has(`${agentId}/call`), false, `${agentId} has left and talks on`);
  }

  #happen({ what, which }: Happening): void {
    const { centre } = this;
    const agentId = AGENTS[which % AGENTS.length] ?? ALICE;
    const ring = pick(centre.rings.filter(({ isOver }) => !isOver()), which);
    const caller = pick(this.callers.filter(({ hasEnded }) => !hasEnded), which);
    const agentLeg = pick(this.agentLegs.filter(({ hasEnded }) => !hasEnded), which);
    const media = (isCaller: boolean) => pick(centre.media.legs.filter((leg) => !leg.closed && leg.legId.startsWith('caller-') === isCaller), which);
    switch (what) {
      case 'dial': return this.#dial(which);
      case 'hang-up': return caller?.end(HUNG_UP);
      case 'caller-leg-breaks': return caller?.end({ result: 'failed', reason: 'session-expired' });
      case 'caller-media-fails': return media(true)?.fail('media-timeout');
      case 'answer': return ring?.conclude({ kind: 'answered', leg: this.#agentLeg(), sdpAnswer: 'v=0 answer' });
      case 'answer-without-codec': {
        const offered = centre.media.legs.find(({ legId }) => legId === ring?.invitation.legId);
        if (offered) offered.answerOutcome = { kind: 'unsupported', reason: 'no codec in common' };
        return ring?.conclude({ kind: 'answered', leg: this.#agentLeg(), sdpAnswer: 'v=0 answer' });
      }
      case 'reject': return ring?.conclude({ kind: 'rejected', sipStatus: 486 });
      case 'ring-fails': return ring?.conclude({ kind: 'failed', reason: 'unreachable' });
      case 'ring-out': return ring?.conclude({ kind: 'timeout' });
      case 'agent-hangs-up': return agentLeg?.end({ result: 'agent', reason: 'agent-hung-up' });
      case 'agent-leg-breaks': return agentLeg?.end({ result: 'failed', reason: 'flow-lost' });
      case 'agent-media-fails': return media(false)?.fail('ice-failed');
      case 'sign-out': return void centre.centre.signOut(agentId);
      case 'sign-in': return void centre.centre.signIn(agentId);
      case 'go-available': return void centre.centre.goAvailable(agentId);
      case 'go-on-break': return void centre.centre.goOnBreak(agentId, 'coffee');
      case 'hold': return void centre.centre.hold(agentId, this.#callOf(agentId, 'call'), true);
      case 'take-back': return void centre.centre.hold(agentId, this.#callOf(agentId, 'call'), false);
      case 'file-wrap-up':
        return void centre.centre.completeWrapUp(agentId, this.#callOf(agentId, 'wrap-up'), { disposition: 'claim-opened', note: 'noted' });
      case 'record': return void centre.centre.record(agent(agentId), this.#callOf(agentId, 'call'), 'start');
      case 'pause-recording': return void centre.centre.record(agent(agentId), this.#callOf(agentId, 'call'), 'pause');
      case 'resume-recording': return void centre.centre.record(agent(agentId), this.#callOf(agentId, 'call'), 'resume');
      case 'stop-recording': return void centre.centre.record(agent(agentId), this.#callOf(agentId, 'call'), 'stop');
      case 'recording-breaks': return pick(centre.recorder.recordings.filter(({ isOver }) => !isOver), which)?.end({ how: 'failed', reason: 'disk-refused' });
      case 'ledger-fails': centre.ledgerFault = new Error('disk full'); return;
      case 'ledger-writes': centre.ledgerFault = undefined; return;
      case 'set-up-fails': centre.setUpFault = new Error('database is locked'); return;
      case 'set-up-reads': centre.setUpFault = undefined; return;
      case 'wait': return;
    }
  }

  /** Whoever talks is on a call, for routing and for herself: nothing else keeps a second call away. */
  #checkDesks(): void {
    for (const agentId of AGENTS) {
      if (!this.centre.items.has(`${agentId}/call`)) continue;
      assert.equal(this.centre.roster.state(agentId)?.name, 'on-call', `${agentId} talks`);
    }
  }

  #dial(which: number): void {
    const leg = new FakeLeg(`caller-${this.callers.length}`, carolsInvite({ fromUser: `+21355000000${which}` }));
    this.callers.push(leg);
    void this.centre.centre.take(leg);
  }

  #agentLeg(): FakeLeg {
    const leg = new FakeLeg(`agent-leg-${this.agentLegs.length}`);
    this.agentLegs.push(leg);
    return leg;
  }

  #callOf(agentId: UserId, key: 'call' | 'wrap-up'): CallId {
    const item = this.centre.items.get(`${agentId}/${key}`);
    return item?.kind === 'my-call' || item?.kind === 'my-wrap-up' ? asId<CallId>(item.callId) : asId<CallId>('none');
  }

  async #in(work: Promise<void>): Promise<void> {
    await this.#time.tickAsync(50);
    await work;
  }
}

const HUNG_UP = { result: 'caller', reason: 'caller-hung-up', q850: 16 } as const;

const pick = <T>(all: readonly T[], which: number): T | undefined => all[which % Math.max(1, all.length)];

/** Walks the facts in the order in which they became durable, and checks what must hold at each. */
function checkFacts(facts: readonly { readonly callId: CallId; readonly fact: CallFact }[]): void {
  const open = new Set<string>();
  const opened = (name: string): void => {
    assert.equal(open.has(name), false, `${name} began twice`);
    open.add(name);
  };
  const closed = (name: string): void => assert.equal(open.delete(name), true, `${name} ended without having begun, or twice`);
  for (const { callId, fact } of facts) {
    switch (fact.type) {
      case 'call.received': opened(`call ${callId}`); break;
      case 'ivr.entered': opened(`flow ${callId}`); break;
      case 'ivr.finished': closed(`flow ${callId}`); break;
      case 'call.ended': closed(`call ${callId}`); break;
      case 'queue.entered': opened(`stay ${callId}`); break;
      case 'queue.left': closed(`stay ${callId}`); break;
      // One live offer per agent and per call, one conversation per agent and per call (invariant 2).
      case 'offer.made': opened(`offer to ${fact.agentId}`); opened(`offer of ${callId}`); break;
      case 'offer.ended': closed(`offer to ${fact.agentId}`); closed(`offer of ${callId}`); break;
      case 'bridge.started': opened(`voice of ${fact.agentId}`); opened(`voice in ${callId}`); break;
      case 'bridge.ended': closed(`voice of ${fact.agentId}`); closed(`voice in ${callId}`); open.delete(`hold ${callId}`); break;
      case 'hold.started': opened(`hold ${callId}`); break;
      case 'hold.ended': closed(`hold ${callId}`); break;
      case 'wrap-up.started': opened(`wrap-up ${callId} ${fact.agentId}`); break;
      case 'wrap-up.ended': closed(`wrap-up ${callId} ${fact.agentId}`); break;
      case 'recording.started': opened(`recording ${fact.recordingId}`); opened(`recording of ${callId}`); break;
      case 'recording.stopped': closed(`recording ${fact.recordingId}`); closed(`recording of ${callId}`); break;
      default: break;
    }
  }
  assert.deepEqual([...open], [], 'everything that began has ended');
}

async function checkAtRest({ centre, callers, agentLegs }: Day): Promise<void> {
  for (const agentId of AGENTS) {
    const state = centre.roster.state(agentId)?.name ?? 'unknown';
    assert.ok(['offline', 'available', 'on-break'].includes(state), `${agentId} is stuck in ${state}`);
    const view = (await centre.store.snapshot(TENANT)).agents.find((one) => one.agentId === agentId);
    assert.equal(view?.state, state, 'routing sees her as she is');
    for (const key of ['call', 'wrap-up']) assert.equal(centre.items.has(`${agentId}/${key}`), false, `${agentId} still sees a ${key}`);
  }
  assert.deepEqual(await centre.store.waiting(TENANT, CLAIMS), [], 'nobody is left in the queue');
  assert.equal(centre.centre.liveCalls, 0);
  assert.deepEqual([...centre.media.hears], [], 'nobody hears anybody');
  assert.deepEqual(centre.media.legs.filter(({ closed }) => !closed).map(({ legId }) => legId), [], 'all media is closed');
  assert.deepEqual([...callers, ...agentLegs].filter(({ hasEnded }) => !hasEnded).map(({ legId }) => legId), [], 'all legs have ended');
  assert.deepEqual(centre.recorder.recordings.filter(({ isOver }) => !isOver), [], 'nothing is recorded any more');
  assert.deepEqual(centre.media.legs.filter(({ playing }) => playing !== undefined).map(({ legId }) => legId), [], 'no music plays on');
}

describe('calls, whatever happens to them', function () {
  this.timeout(120_000);

  const always = (steps: readonly Happening['what'][], check: (day: Day) => Promise<void>): Promise<void> => fc.assert(fc.asyncProperty(
    fc.array(happeningOf(steps), { maxLength: 80, size: 'max' }),
    fc.array(fc.constantFrom(0, 0, 1, 3, 7), { minLength: 1, maxLength: 12 }),
    fc.constantFrom(...ENDINGS),
    async (happenings, latencies, ending) => {
      const time = sinon.useFakeTimers({ now: 1_700_000_000_000 });
      const day = new Day(time, latencies);
      try {
        await day.live(happenings);
        await day.end(ending);
        await check(day);
      } finally {
        day.centre.close();
        time.restore();
      }
    },
  ), { numRuns: RUNS });

  it('end everything that they begin, once: offers, stays, conversations, wrap-ups, calls (DESIGN invariant 2)', () => always(STEPS, async (day) => {
    assert.deepEqual(day.centre.faults, []);
    checkFacts(day.centre.facts);
    await checkAtRest(day);
  }));

  it('leave nobody stuck and nothing open, even when the ledger and the set-up fail now and then (DESIGN invariant 8)', () => always(BAD_STEPS, async (day) => {
    await checkAtRest(day);
    const callsWith = (type: CallFact['type']): string[] => day.centre.facts.filter(({ fact }) => fact.type === type).map(({ callId }) => callId).sort();
    assert.deepEqual(callsWith('call.ended'), callsWith('call.received'), 'every call has ended, once');
  }));
});
