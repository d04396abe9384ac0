import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { dayOf } from '../../server/supervision/start-of-day.ts';

const day = (at: string, zone: string) => {
  const { startsAt, endsAt } = dayOf(epochMs(Date.parse(at)), zone);
  return [new Date(startsAt).toISOString(), new Date(endsAt).toISOString()];
};

describe('dayOf', () => {
  it('is the local day, not the one in Greenwich', () => {
    assert.deepEqual(day('2025-06-15T23:30:00Z', 'Africa/Algiers'), ['2025-06-15T23:00:00.000Z', '2025-06-16T23:00:00.000Z']);
    assert.deepEqual(day('2025-06-15T12:00:00Z', 'UTC'), ['2025-06-15T00:00:00.000Z', '2025-06-16T00:00:00.000Z']);
  });

  it('begins at midnight and ends before the next', () => {
    assert.deepEqual(day('2025-06-14T23:00:00.000Z', 'Africa/Algiers')[0], '2025-06-14T23:00:00.000Z');
    assert.deepEqual(day('2025-06-14T22:59:59.999Z', 'Africa/Algiers')[1], '2025-06-14T23:00:00.000Z');
  });

  it('has 23 or 25 hours when the clocks change', () => {
    assert.deepEqual(day('2025-03-30T12:00:00Z', 'Europe/Paris'), ['2025-03-29T23:00:00.000Z', '2025-03-30T22:00:00.000Z']);
    assert.deepEqual(day('2025-10-26T12:00:00Z', 'Europe/Paris'), ['2025-10-25T22:00:00.000Z', '2025-10-26T23:00:00.000Z']);
  });

  it('begins at one where the clocks skip midnight', () => {
    // Beirut went from 00:00 to 01:00 on 31 March 2024.
    assert.equal(day('2024-03-31T12:00:00Z', 'Asia/Beirut')[0], '2024-03-30T22:00:00.000Z');
  });

  it('refuses a zone that is none', () => {
    assert.throws(() => dayOf(epochMs(0), 'Africa/Nowhere'), RangeError);
  });
});
