import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { asId, type QueueId, type TenantId } from '../../server/model/ids.ts';
import type { AgentView, QueueEntry } from '../../server/model/routing.ts';
import { decide } from '../../server/routing/decide.ts';
import { agent, entry, NOON, POLICIES, POLICY, SALES, userId } from './routing-fixtures.ts';

const NOW = epochMs(NOON + 120_000);
const sit = (entries: readonly QueueEntry[], agents: readonly AgentView[], now = NOW) => decide({ entries, agents }, POLICIES, now);
const pairs = (entries: readonly QueueEntry[], agents: readonly AgentView[], now = NOW) =>
  sit(entries, agents, now).assignments.map((made) => `${made.callId}>${made.agentId}`);

const GOLD = { tier: 'gold', churnLight: 'green' } as const;
const BRONZE = { tier: 'bronze', churnLight: 'green' } as const;

describe('decide', () => {
  describe('given two callers of different value and one agent', () => {
    const carol = entry('carol', 0, { customer: BRONZE });

    it('serves the better one first when she arrived within her head start', () => {
      const better = entry('better', 39_999, { customer: GOLD });
      assert.deepEqual(pairs([carol, better], [agent('alice')]), ['better>alice']);
    });

    it('does not when she arrived after it', () => {
      const better = entry('better', 40_001, { customer: GOLD });
      assert.deepEqual(pairs([carol, better], [agent('alice')]), ['carol>alice']);
    });

    it('serves the one who arrived first when the keys are equal', () => {
      const better = entry('better', 40_000, { customer: GOLD });
      assert.deepEqual(pairs([better, carol], [agent('alice')]), ['carol>alice']);
    });
  });

  describe('given several free agents', () => {
    it('takes the longest idle, and says so', () => {
      const rested = agent('zoe', { since: epochMs(NOON - 5_000) });
      const [made] = sit([entry('carol', 0)], [agent('alice'), rested]).assignments;
      assert.equal(made?.agentId, 'zoe');
      assert.equal(made.receipt.tieBreak, 'longest-idle');
      assert.deepEqual(made.receipt.candidates, [{ agentId: 'zoe', idleMs: 125_000 }, { agentId: 'alice', idleMs: 120_000 }]);
    });

    it('breaks a tie by agent id', () => {
      const [made] = sit([entry('carol', 0)], [agent('bob'), agent('alice')]).assignments;
      assert.equal(made?.agentId, 'alice');
      assert.equal(made.receipt.tieBreak, 'agent-id');
    });

    it('gives each agent one call, the next caller the next agent', () => {
      const made = sit([entry('second', 10), entry('first', 0)], [agent('alice'), agent('bob', { since: epochMs(NOON + 1) })]).assignments;
      assert.deepEqual(made.map((one) => `${one.callId}>${one.agentId}`), ['first>alice', 'second>bob']);
      assert.deepEqual(made[1]?.receipt.excluded, [{ agentId: 'alice', reason: 'assigned-in-this-decision' }]);
    });
  });

  describe('given agents who may not have the call', () => {
    const CLAIMS = asId<QueueId>('claims');
    const skilled = { skills: { motor: 50 } };

    it('names the reason of each', () => {
      const call = entry('carol', 0, {
        requiredSkill: 'motor', language: 'ar', declines: [{ agentId: userId('declined'), at: epochMs(NOW - 1) }],
      });
      const able = { ...skilled, languages: ['ar'] } as const;
      const [made] = sit([call], [
        agent('alice', able),
        agent('elsewhere', { ...able, queueIds: [CLAIMS] }),
        agent('stranger', { ...able, tenantId: asId<TenantId>('tenant-2') }),
        agent('gone', { ...able, state: 'offline' }),
        agent('unskilled', { languages: ['ar'] }),
        agent('unlearnt', { languages: ['ar'], skills: { motor: 0 } }),
        agent('french', skilled),
        agent('ringing', { ...able, state: 'offered' }),
        agent('talking', { ...able, state: 'on-call' }),
        agent('writing', { ...able, state: 'wrap-up' }),
        agent('resting', { ...able, state: 'on-break' }),
        agent('declined', able),
      ]).assignments;
      assert.equal(made?.agentId, 'alice');
      assert.equal(made.receipt.tieBreak, 'only-candidate');
      assert.deepEqual(Object.fromEntries(made.receipt.excluded.map((one) => [one.agentId, one.reason])), {
        elsewhere: 'not-in-queue', stranger: 'not-in-queue', gone: 'offline', unskilled: 'lacks-skill', unlearnt: 'lacks-skill',
        french: 'lacks-language', ringing: 'already-offered', talking: 'on-call', writing: 'in-wrap-up', resting: 'on-break',
        declined: 'declined-this-call',
      });
    });

    it('gives a name of the prototype no skill', () => {
      assert.deepEqual(pairs([entry('carol', 0, { requiredSkill: 'constructor' })], [agent('alice')]), []);
    });

    it('lets the next caller have an agent whom the first may not', () => {
      assert.deepEqual(pairs([entry('first', 0, { requiredSkill: 'motor' }), entry('second', 1)], [agent('alice')]), ['second>alice']);
    });
  });

  describe('given a language', () => {
    const arabic = entry('carol', 0, { language: 'ar' });

    it('waits for an agent who speaks it while one is signed in', () => {
      const busy = agent('amel', { languages: ['ar'], state: 'on-call' });
      assert.deepEqual(pairs([arabic], [agent('alice'), busy]), []);
    });

    it('lets it go when nobody signed in speaks it, and says so', () => {
      const [made] = sit([arabic], [agent('alice'), agent('amel', { languages: ['ar'], state: 'offline' })]).assignments;
      assert.equal(made?.agentId, 'alice');
      assert.deepEqual(made.receipt.relaxed, [{ need: 'language', because: 'nobody-signed-in-speaks-it' }]);
    });

    it('lets it go when those who speak it lack the skill: nobody would ever come', () => {
      const call = entry('carol', 0, { language: 'ar', requiredSkill: 'motor' });
      assert.deepEqual(pairs([call], [agent('alice', { skills: { motor: 1 } }), agent('amel', { languages: ['ar'] })]), ['carol>alice']);
    });
  });

  describe('given a decline', () => {
    const declined = (at: number) => entry('carol', 0, { declines: [{ agentId: userId('alice'), at: epochMs(at) }] });

    it('keeps the call from her until the back-off is over, and says when that is', () => {
      const decision = sit([declined(NOW - 29_999)], [agent('alice')]);
      assert.deepEqual(decision.assignments, []);
      assert.equal(decision.wakeAt, NOW + 1);
    });

    it('offers it again when the back-off is over', () => {
      assert.deepEqual(pairs([declined(NOW - 30_000)], [agent('alice')]), ['carol>alice']);
    });

    it('counts from her latest decline', () => {
      const call = entry('carol', 0, {
        declines: [{ agentId: userId('alice'), at: epochMs(NOW - 1_000) }, { agentId: userId('alice'), at: epochMs(NOW - 60_000) }],
      });
      assert.equal(sit([call], [agent('alice')]).wakeAt, NOW + 29_000);
    });

    it('sets no alarm for an agent who could not have the call anyway', () => {
      const onBreak = agent('alice', { state: 'on-break' });
      assert.equal(sit([declined(NOW - 1)], [onBreak]).wakeAt, undefined);
      assert.equal(sit([entry('dora', 1), declined(NOW - 1)], [agent('alice')]).wakeAt, undefined);
    });
  });

  describe('the receipt', () => {
    it('says what was seen', () => {
      const gold = entry('carol', 20_000, { customer: GOLD });
      const [made] = sit([entry('dora', 0), gold], [agent('alice')]).assignments;
      assert.equal(made?.callId, 'carol');
      const { snapshotHash, ...rest } = made.receipt;
      assert.match(snapshotHash, /^[0-9a-f]{64}$/);
      assert.deepEqual(rest, {
        decidedAt: NOW, policyVersion: 3, callId: 'carol', queueId: SALES, key: NOON - 20_000,
        headStart: { ms: 40_000, parts: [{ reason: 'tier:gold', ms: 40_000 }], policyVersion: 3 },
        waitedMs: 100_000, waiting: 2, position: 1,
        candidates: [{ agentId: 'alice', idleMs: 120_000 }], excluded: [], chosen: 'alice', tieBreak: 'only-candidate', language: 'fr',
      });
    });

    it('counts the place within its own queue', () => {
      const CLAIMS = asId<QueueId>('claims');
      const policies = new Map([[SALES, POLICY], [CLAIMS, POLICY]]);
      const entries = [entry('other', 0, { queueId: CLAIMS }), entry('dora', 1, { requiredSkill: 'motor' }), entry('carol', 2)];
      const [made] = decide({ entries, agents: [agent('alice')] }, policies, NOW).assignments;
      assert.deepEqual([made?.callId, made?.receipt.position, made?.receipt.waiting], ['carol', 2, 2]);
    });
  });

  it('names calls whose queue has no policy, and decides for the others', () => {
    const lost = entry('lost', 0, { queueId: asId<QueueId>('closed') });
    const decision = sit([lost, entry('carol', 1)], [agent('alice')]);
    assert.deepEqual(decision.unroutable, ['lost']);
    assert.deepEqual(decision.assignments.map((made) => made.callId), ['carol']);
  });
});
