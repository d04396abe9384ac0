import assert from 'node:assert/strict';
import { billOf } from '../../server/crm/self-care-bills.ts';
import type { Invoice } from '../../server/model/customer-file.ts';
import { bill, NOW } from './crm-fixtures.ts';

const DAY = 86_400_000;
const of = (...invoices: readonly Invoice[]) => billOf({ invoices }, NOW);
const NOTHING = { kind: 'nothing-due' };

describe('billOf', () => {
  it('finds nothing due without bills, or when all are paid', () => {
    assert.deepEqual(of(), NOTHING);
    assert.deepEqual(of(bill(1_000, -DAY, { paidAt: NOW })), NOTHING);
  });

  it('adds up the unpaid ones and says the earliest due date', () => {
    assert.deepEqual(of(bill(1_000, 9 * DAY), bill(2_500, 2 * DAY), bill(7_000, -DAY, { paidAt: NOW })), {
      kind: 'due', total: { minor: 3_500, currency: 'DZD' }, count: 2, nextDueAt: NOW + 2 * DAY, overdue: false,
    });
  });

  it('is overdue after the due date, not at it', () => {
    assert.deepEqual(of(bill(1_000, -1), bill(1_000, DAY)), {
      kind: 'due', total: { minor: 2_000, currency: 'DZD' }, count: 2, nextDueAt: NOW - 1, overdue: true,
    });
    const atIt = of(bill(1_000, 0));
    assert.equal(atIt.kind === 'due' && atIt.overdue, false);
  });

  it('takes credit notes off', () => {
    assert.deepEqual(of(bill(5_000, DAY), bill(-2_000, -DAY)), {
      kind: 'due', total: { minor: 3_000, currency: 'DZD' }, count: 1, nextDueAt: NOW + DAY, overdue: false,
    });
    assert.deepEqual(of(bill(5_000, DAY), bill(-5_000, DAY)), NOTHING);
    assert.deepEqual(of(bill(-5_000, DAY)), NOTHING);
  });

  it('does not add up different currencies: the one with most bills is said', () => {
    const euro = { currency: 'EUR' };
    assert.deepEqual(of(bill(900_000, DAY, euro), bill(1_000, 2 * DAY), bill(1_000, 3 * DAY)), {
      kind: 'due', total: { minor: 2_000, currency: 'DZD' }, count: 2, nextDueAt: NOW + 2 * DAY, overdue: false,
    });
    const even = of(bill(1_000, 2 * DAY), bill(100, DAY, euro));
    assert.equal(even.kind === 'due' && even.total.currency, 'EUR', 'as many: the earlier due');
  });
});
