import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epochMs } from '../../server/base/time.ts';
import { rankCandidates } from '../../server/crm/rank-candidates.ts';
import { customer, NOW } from './crm-fixtures.ts';

const seen = (daysAgo: number) => ({ lastContactAt: epochMs(NOW - daysAgo * 86_400_000) });
const order = (...customers: readonly ReturnType<typeof customer>[]) =>
  rankCandidates(customers).map((candidate) => [candidate.customer.displayName, ...candidate.reasons].join(' '));

describe('rankCandidates', () => {
  it('has nobody of nobody', () => assert.deepEqual(order(), []));

  it('says of one that it is the only match', () => {
    assert.deepEqual(order(customer('carol', { hasOpenCase: true })), ['carol only-match']);
  });

  it('puts whoever was last in contact first, even before an open case', () => {
    assert.deepEqual(
      order(customer('case', { hasOpenCase: true, hasActiveContract: true, ...seen(9) }), customer('carol', seen(2))),
      ['carol last-contact', 'case open-case active-contract'],
    );
  });

  it('puts an open case before an active contract', () => {
    assert.deepEqual(
      order(customer('contract', { hasActiveContract: true }), customer('case', { hasOpenCase: true }), customer('carol', seen(1))),
      ['carol last-contact', 'case open-case', 'contract active-contract'],
    );
  });

  it('names every reason that holds', () => {
    const [first] = order(customer('carol', { hasOpenCase: true, hasActiveContract: true, ...seen(1) }), customer('dora'));
    assert.equal(first, 'carol last-contact open-case active-contract');
  });

  it('gives no last contact to people who never were in contact', () => {
    assert.deepEqual(order(customer('b'), customer('a')), ['a', 'b']);
  });

  it('does not ask who is worth more', () => {
    assert.deepEqual(
      order(customer('rich', { tier: 'platinum', valueScore: 99 }), customer('carol', { hasOpenCase: true })),
      ['carol open-case', 'rich'],
    );
  });

  it('counts a customer found twice once', () => {
    assert.deepEqual(order(customer('carol'), customer('carol')), ['carol only-match']);
  });

  it('is at most twenty, and does not depend on the order of the directory', () => {
    const aCustomer = fc.record({ hasOpenCase: fc.boolean(), hasActiveContract: fc.boolean(), days: fc.option(fc.nat(5), { nil: undefined }) });
    const several = fc.array(aCustomer, { maxLength: 30 }).map((all) => all.map(({ days, ...rest }, i) =>
      customer(`c${i}`, { ...rest, ...(days === undefined ? {} : seen(days)) })));
    fc.assert(fc.property(several.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), ([all, shuffled]) => {
      const ranked = rankCandidates(all);
      assert.deepEqual(rankCandidates(shuffled), ranked);
      assert.equal(ranked.length, Math.min(20, all.length));
    }));
  });
});
