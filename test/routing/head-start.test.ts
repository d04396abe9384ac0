import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TIERS } from '../../server/model/value.ts';
import { headStartOf, queueKey } from '../../server/routing/head-start.ts';
import { NOON, POLICY } from './routing-fixtures.ts';

describe('headStartOf', () => {
  it('gives an unknown caller none, and says why', () => {
    assert.deepEqual(headStartOf(undefined, POLICY), { ms: 0, parts: [{ reason: 'unknown-caller', ms: 0 }], policyVersion: 3 });
  });

  it('takes the tier from the table', () => {
    assert.deepEqual(headStartOf({ tier: 'gold', churnLight: 'amber' }, POLICY), {
      ms: 40_000, parts: [{ reason: 'tier:gold', ms: 40_000 }], policyVersion: 3,
    });
  });

  it('adds the red churn light as a part of its own', () => {
    assert.deepEqual(headStartOf({ tier: 'silver', churnLight: 'red' }, POLICY), {
      ms: 30_000, parts: [{ reason: 'tier:silver', ms: 15_000 }, { reason: 'churn-red', ms: 15_000 }], policyVersion: 3,
    });
  });

  it('stops at the maximum, and keeps the parts as they were', () => {
    const headStart = headStartOf({ tier: 'platinum', churnLight: 'red' }, POLICY);
    assert.equal(headStart.ms, 60_000);
    assert.deepEqual(headStart.parts.map((part) => part.ms), [60_000, 15_000]);
  });

  it('stays within 0 and the maximum when the table does not (invariant 3)', () => {
    const ms = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(fc.property(
      fc.record({
        headStartMsByTier: fc.record({ platinum: ms, gold: ms, silver: ms, bronze: ms }), churnHeadStartMs: ms, maxHeadStartMs: fc.nat(600_000),
      }),
      fc.record({ tier: fc.constantFrom(...TIERS), churnLight: fc.constantFrom('green', 'amber', 'red') }),
      (table, customer) => {
        const headStart = headStartOf(customer, { ...POLICY, ...table });
        assert.ok(headStart.ms >= 0 && headStart.ms <= table.maxHeadStartMs);
        assert.equal(queueKey(NOON, headStart), NOON - headStart.ms);
      },
    ));
  });
});
