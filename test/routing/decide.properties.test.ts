import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epochMs } from '../../server/base/time.ts';
import { asId, type QueueId } from '../../server/model/ids.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import type { AgentView, QueueEntry, RoutingSnapshot } from '../../server/model/routing.ts';
import { TIERS } from '../../server/model/value.ts';
import { decide, type Decision } from '../../server/routing/decide.ts';
import { backoffEndsAt, exclusionOf, speaksFor, type Needs } from '../../server/routing/eligibility.ts';
import { compareEntries } from '../../server/routing/queue-order.ts';
import { agent, entry, NOON, POLICY, userId } from './routing-fixtures.ts';

const RUNS = { numRuns: 3_000 };
const QUEUES = ['sales', 'claims', 'service'].map((name) => asId<QueueId>(name));
const SKILLS = ['motor', 'home'] as const;
const STATES = ['offline', 'available', 'offered', 'on-call', 'wrap-up', 'on-break'] as const;
const AGENTS = ['a', 'b', 'c', 'd', 'e', 'f'];
const policies = new Map(QUEUES.map((queueId) => [queueId, POLICY]));

const moment = fc.integer({ min: -100_000, max: 100_000 });
const anAgent = (name: string) => fc.record({
  state: fc.constantFrom(...STATES, 'available' as const, 'available' as const),
  since: moment.map((ms) => epochMs(NOON + ms)),
  queueIds: fc.subarray(QUEUES, { minLength: 1 }),
  languages: fc.subarray([...LANGUAGES], { minLength: 1 }),
  skills: fc.subarray([...SKILLS]).map((skills) => Object.fromEntries(skills.map((skill) => [skill, 50]))),
}).map((changes) => agent(name, changes));
const anEntry = (name: string) => fc.record({
  arrivedMs: fc.integer({ min: 0, max: 200_000 }),
  known: fc.option(fc.record({ tier: fc.constantFrom(...TIERS), churnLight: fc.constantFrom('green' as const, 'red' as const) }), { nil: undefined }),
  queueId: fc.constantFrom(...QUEUES),
  language: fc.constantFrom(...LANGUAGES),
  skill: fc.option(fc.constantFrom(...SKILLS), { nil: undefined }),
  declines: fc.array(fc.record({ agentId: fc.constantFrom(...AGENTS).map(userId), at: moment.map((ms) => epochMs(NOON + 100_000 + ms)) }), { maxLength: 3 }),
}).map(({ arrivedMs, known, skill, ...rest }) => entry(name, arrivedMs, {
  ...rest, ...(known === undefined ? {} : { customer: known }), ...(skill === undefined ? {} : { requiredSkill: skill }),
}));

const aSnapshot: fc.Arbitrary<RoutingSnapshot> = fc.record({
  agents: fc.subarray(AGENTS).chain((names) => fc.tuple(...names.map(anAgent))),
  entries: fc.nat(10).chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => anEntry(`call-${i}`)))),
});
const aNow = moment.map((ms) => epochMs(NOON + 100_000 + ms));
const NOBODY = new Set<never>();

/** The needs of an entry, worked out afresh. */
const needsOf = (call: QueueEntry, agents: readonly AgentView[], now: ReturnType<typeof epochMs>): Needs => {
  const bare = { entry: call, declineBackoffMs: POLICY.declineBackoffMs, now };
  return agents.some((one) => speaksFor(one, call)) ? { ...bare, language: call.language } : bare;
};
const unserved = (snapshot: RoutingSnapshot, decision: Decision): readonly QueueEntry[] => {
  const served = new Set(decision.assignments.map((made) => made.callId));
  return snapshot.entries.filter((call) => !served.has(call.callId));
};
const takenBy = (decision: Decision) => new Set(decision.assignments.map((made) => made.agentId));

describe('decide, for any snapshot', () => {
  it('gives each agent and each call at most one assignment, to an agent who may have it (invariant 2)', () => {
    fc.assert(fc.property(aSnapshot, aNow, (snapshot, now) => {
      const { assignments } = decide(snapshot, policies, now);
      assert.equal(new Set(assignments.map((made) => made.callId)).size, assignments.length);
      assert.equal(new Set(assignments.map((made) => made.agentId)).size, assignments.length);
      for (const made of assignments) {
        const call = snapshot.entries.find((one) => one.callId === made.callId);
        const to = snapshot.agents.find((one) => one.agentId === made.agentId);
        assert.ok(call && to);
        assert.equal(exclusionOf(to, needsOf(call, snapshot.agents, now), NOBODY), undefined);
        assert.equal(made.receipt.chosen, made.agentId);
        assert.equal(made.receipt.candidates.length + made.receipt.excluded.length, snapshot.agents.length);
      }
    }), RUNS);
  });

  it('leaves no free agent beside a caller whom she may serve', () => {
    fc.assert(fc.property(aSnapshot, aNow, (snapshot, now) => {
      const decision = decide(snapshot, policies, now);
      const taken = takenBy(decision);
      for (const call of unserved(snapshot, decision)) {
        const needs = needsOf(call, snapshot.agents, now);
        for (const one of snapshot.agents) assert.notEqual(exclusionOf(one, needs, taken), undefined, `${one.agentId} idle beside ${call.callId}`);
      }
    }), RUNS);
  });

  it('passes nobody over for a caller who arrived more than the greatest head start later (invariant 3)', () => {
    fc.assert(fc.property(aSnapshot, aNow, (snapshot, now) => {
      const decision = decide(snapshot, policies, now);
      for (const call of unserved(snapshot, decision)) {
        const needs = needsOf(call, snapshot.agents, now);
        for (const made of decision.assignments) {
          const other = snapshot.entries.find((one) => one.callId === made.callId);
          const to = snapshot.agents.find((one) => one.agentId === made.agentId);
          assert.ok(other && to);
          // Whoever got an agent that this caller could have had is before her in the order…
          if (exclusionOf(to, needs, NOBODY) !== undefined) continue;
          assert.ok(compareEntries(other, call) < 0);
          // …and so cannot have arrived later than by the bound.
          assert.ok(other.enqueuedAt - call.enqueuedAt <= POLICY.maxHeadStartMs);
        }
      }
    }), RUNS);
  });

  it('gives the same for the same, in whatever order it is listed', () => {
    const shuffled = aSnapshot.chain((snapshot) => fc.record({
      snapshot: fc.constant(snapshot),
      entries: fc.shuffledSubarray([...snapshot.entries], { minLength: snapshot.entries.length }),
      agents: fc.shuffledSubarray([...snapshot.agents], { minLength: snapshot.agents.length }),
    }));
    fc.assert(fc.property(shuffled, aNow, ({ snapshot, entries, agents }, now) => {
      const before = JSON.stringify(snapshot);
      const decision = decide(snapshot, policies, now);
      assert.deepEqual(decide({ entries, agents }, policies, now), decision);
      assert.equal(JSON.stringify(snapshot), before, 'the input is not touched');
    }), RUNS);
  });

  it('keeps the order of two waiting callers at all times', () => {
    fc.assert(fc.property(aSnapshot, aNow, aNow, (snapshot, now, later) => {
      const order = (at: typeof now) => decide(
        { entries: snapshot.entries.map((call) => ({ ...call, declines: [] })), agents: snapshot.agents }, policies, at,
      ).assignments.map((made) => made.callId);
      assert.deepEqual(order(now), order(later));
    }), RUNS);
  });

  it('wakes at the first moment at which time alone changes the decision, not before', () => {
    fc.assert(fc.property(aSnapshot, aNow, (snapshot, now) => {
      const decision = decide(snapshot, policies, now);
      const left = { entries: unserved(snapshot, decision), agents: snapshot.agents.map((one) =>
        (takenBy(decision).has(one.agentId) ? { ...one, state: 'offered' as const } : one)) };
      const ends = left.entries.flatMap((call) => left.agents.map((one) => backoffEndsAt(one.agentId, needsOf(call, left.agents, now))))
        .filter((at) => at > now).sort((a, b) => a - b);
      const first = ends.find((at) => decide(left, policies, epochMs(at)).assignments.length > 0);
      assert.equal(decision.wakeAt, first);
      if (first !== undefined) assert.deepEqual(decide(left, policies, epochMs(first - 1)).assignments, []);
    }), RUNS);
  });
});
