import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epochMs } from '../../server/base/time.ts';
import type { CaseSummary, Contract } from '../../server/model/customer-file.ts';
import { DEMONSTRATION_VALUE_POLICY as POLICY, explainValue, tierOf, valueOf } from '../../server/model/value-policy.ts';

const YEAR = 365.25 * 24 * 3_600_000;
const NOW = epochMs(1_750_000_000_000);
const contract = (premiumMinor: number, yearsAgo: number, changes: Partial<Contract> = {}): Contract => ({
  number: 'P-1', product: 'motor', status: 'active', startedAt: epochMs(NOW - yearsAgo * YEAR),
  premium: { minor: premiumMinor, currency: 'DZD' }, ...changes,
});
const claim = (yearsAgo: number, kind: CaseSummary['kind'] = 'claim'): CaseSummary =>
  ({ number: 'S-1', kind, title: 'Bris de glace', status: 'open', openedAt: epochMs(NOW - yearsAgo * YEAR) });
const assess = (contracts: readonly Contract[], cases: readonly CaseSummary[] = []) => valueOf({ contracts, cases }, NOW, POLICY);
const points = (...args: Parameters<typeof assess>) => assess(...args).parts.map((part) => part.points);

describe('valueOf', () => {
  it('gives nothing to somebody with no contract', () => {
    assert.deepEqual([assess([]).score, assess([]).tier], [0, 'bronze']);
  });

  it('gives 100 to the best there is', () => {
    const best = Array.from({ length: 4 }, () => contract(7_500_000, 10));
    assert.deepEqual(points(best), [50, 20, 20, 10]);
    assert.deepEqual([assess(best).score, assess(best).tier], [100, 'platinum']);
  });

  it('counts premiums of active contracts in the policy\'s currency', () => {
    assert.deepEqual(points([contract(15_000_000, 0), contract(15_000_000, 0, { status: 'ended' })]), [25, 5, 0, 10]);
    assert.deepEqual(points([contract(15_000_000, 0, { premium: { minor: 15_000_000, currency: 'EUR' } })]), [0, 5, 0, 10]);
  });

  it('counts tenure in whole years from the first contract, ended or not', () => {
    assert.deepEqual(points([contract(0, 3.9, { status: 'ended' }), contract(0, 1)])[2], 6);
  });

  it('takes off recent claims, and no other cases', () => {
    assert.equal(points([contract(0, 0)], [claim(1)])[3], 5);
    assert.equal(points([contract(0, 0)], [claim(1), claim(2), claim(2)])[3], 0);
    assert.equal(points([contract(0, 0)], [claim(4), claim(1, 'complaint')])[3], 10);
  });

  it('never falls with a higher premium or one more contract, and stays within 0..100', () => {
    const contracts = fc.array(fc.tuple(fc.nat(40_000_000), fc.nat(15)).map(([minor, years]) => contract(minor, years)), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(contracts, fc.nat(10_000_000), fc.array(fc.nat(6).map((years) => claim(years)), { maxLength: 5 }), (held, more, cases) => {
      const { score } = assess(held, cases);
      assert.ok(Number.isInteger(score) && score >= 0 && score <= 100);
      assert.ok(assess([...held, contract(more, 0)], cases).score >= score);
      assert.ok(assess(held.map((one) => ({ ...one, premium: { ...one.premium, minor: one.premium.minor + more } })), cases).score >= score);
    }));
  });
});

describe('tierOf', () => {
  it('changes at each threshold', () => {
    assert.deepEqual([0, 24, 25, 49, 50, 74, 75, 100].map((score) => tierOf(score, POLICY)),
      ['bronze', 'bronze', 'silver', 'silver', 'gold', 'gold', 'platinum', 'platinum']);
  });
});

describe('explainValue', () => {
  it('names the figures and the version', () => {
    assert.equal(
      explainValue(assess([contract(15_000_000, 6), contract(0, 1)], [claim(1)])),
      'gold, 52 of 100: premiums of 150000 DZD a year (25), 2 active contracts (10), customer for 6 years (12), 1 claim in 3 years (5); value policy 1',
    );
  });
});
