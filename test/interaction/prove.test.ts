import assert from 'node:assert/strict';
import fc from 'fast-check';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { LedgerRecord } from '../../server/interaction/ledger/record.ts';
import { NumberRanges } from '../../server/interaction/number-ranges.ts';
import { proveLedger, type LedgerProof } from '../../server/interaction/prove.ts';
import { asId, type CallId, type TenantId } from '../../server/model/ids.ts';
import { received, seconds, stamp, TENANT, TRUNK } from './fixtures.ts';
import { MemoryInteractionStore } from './memory-interaction-store.ts';

interface Situation {
  /** Call numbers in the ledger, in order of position. */
  readonly logged: readonly number[];
  readonly delivered: readonly number[];
  readonly projected: number;
  readonly parked?: readonly number[];
  readonly tenantId?: TenantId;
}

async function prove({ logged, delivered, projected, parked = [], tenantId = TENANT }: Situation): Promise<LedgerProof> {
  const record = (number: number, index: number): LedgerRecord => {
    const [event] = stamp([received(number)], asId<CallId>(`call-${index}`));
    return { position: index + 1, event: event ?? assert.fail() };
  };
  const store = new MemoryInteractionStore();
  store.position = projected;
  delivered.forEach((number, index) => {
    const [event] = stamp([received(number)], asId<CallId>(`delivered-${index}`));
    const folded = foldInteraction(undefined, event ?? assert.fail());
    store.records.set(folded.interaction.interactionId, folded);
  });
  const records = logged.map(record);
  return proveLedger({
    tenantId, store, records: async function* () { yield* records; },
    deadLetters: parked.map((number, index) => ({ ...record(number, 100 + index), parkedAt: seconds(0), because: 'bad' })),
  });
}

const runs = (...numbers: readonly number[]) => numbers.map((number) => ({ first: number, last: number }));

describe('proveLedger', () => {
  it('says gap = 0 when every number is in ledger and history', async () => {
    assert.deepEqual(await prove({ logged: [1, 2, 3], delivered: [1, 2, 3], projected: 3 }), {
      gap: 0, trunks: [{ trunkId: TRUNK, seen: 3, logged: 3, delivered: 3, pending: 0, parked: [], missing: [], duplicates: [], gap: 0 }],
    });
  });

  it('counts what the projector has not come to as pending, not as missing', async () => {
    const { gap, trunks: [trunk] } = await prove({ logged: [1, 2, 3], delivered: [1], projected: 1 });
    assert.deepEqual([gap, trunk?.pending, trunk?.missing], [0, 2, []]);
  });

  it('names the numbers that are nowhere', async () => {
    const { gap, trunks: [trunk] } = await prove({ logged: [1, 4, 7], delivered: [1, 4, 7], projected: 3 });
    assert.deepEqual([gap, trunk?.missing], [4, [{ first: 2, last: 3 }, { first: 5, last: 6 }]]);
  });

  it('names the numbers that were lost between ledger and history', async () => {
    const { gap, trunks: [trunk] } = await prove({ logged: [1, 2, 3], delivered: [1, 3], projected: 3 });
    assert.deepEqual([gap, trunk?.missing], [1, runs(2)]);
  });

  it('names those that are parked among the dead letters', async () => {
    const { gap, trunks: [trunk] } = await prove({ logged: [1, 2, 3], delivered: [1, 3], projected: 3, parked: [2] });
    assert.deepEqual([gap, trunk?.parked, trunk?.missing], [1, runs(2), []]);
  });

  it('names a number that two calls carry', async () => {
    const { gap, trunks: [trunk] } = await prove({ logged: [1, 2, 2], delivered: [1, 2], projected: 3 });
    assert.deepEqual([gap, trunk?.duplicates], [1, [2]]);
  });

  it('takes delivered calls whose segment was archived as they are', async () => {
    assert.equal((await prove({ logged: [3], delivered: [1, 2, 3], projected: 3 })).gap, 0);
  });

  it('sees nothing of another tenant', async () => {
    assert.deepEqual(await prove({ logged: [1, 3], delivered: [1], projected: 2, tenantId: asId<TenantId>('other') }), { gap: 0, trunks: [] });
  });
});

describe('NumberRanges', () => {
  it('is a set, whatever the order', () => fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (numbers) => {
    const ranges = new NumberRanges();
    const set = new Set<number>();
    for (const number of numbers) {
      assert.equal(ranges.add(number), !set.has(number));
      set.add(number);
      assert.equal(ranges.count, set.size);
      assert.equal(ranges.highest, Math.max(...set));
      for (let other = 0; other <= 41; other += 1) assert.equal(ranges.has(other), set.has(other), `${other}`);
    }
    const listed = ranges.runs().flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
    assert.deepEqual(listed, [...set].sort((one, other) => one - other));
    ranges.runs().forEach(({ first }, index) => assert.ok(index === 0 || first > (ranges.runs()[index - 1]?.last ?? 0) + 1));
  })));
});
