import type { TenantId, TrunkId } from '../model/ids.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { NumberRanges, type NumberRun } from './number-ranges.ts';
import type { InteractionStore } from './ports.ts';

/** What became of the calls of one trunk. */
export interface TrunkProof {
  readonly trunkId: TrunkId;
  /** Calls that were given a number: the highest, anywhere. */
  readonly seen: number;
  /** Distinct numbers in the ledger. */
  readonly logged: number;
  /** Distinct numbers in the history. */
  readonly delivered: number;
  /** In the ledger, and the projector has not come to them yet. */
  readonly pending: number;
  /** In the ledger, refused by the history, kept among the dead letters: somebody must look. */
  readonly parked: readonly NumberRun[];
  /** In neither; and in the ledger, but lost on the way to the history. */
  readonly missing: readonly NumberRun[];
  /** Numbers that two calls carry. */
  readonly duplicates: readonly number[];
  /** How many numbers are missing, parked or given twice: 0, or there is something to explain. */
  readonly gap: number;
}

/** The proof of one tenant: no call is missing, or these are. */
export interface LedgerProof {
  readonly gap: number;
  readonly trunks: readonly TrunkProof[];
}

/** What is compared. */
export interface ProofSource {
  readonly tenantId: TenantId;
  /** Every record of the ledger. */
  readonly records: () => AsyncIterable<LedgerRecord>;
  readonly store: Pick<InteractionStore, 'projectedPosition' | 'countByTrunk' | 'listTrunkSequences'>;
  readonly deadLetters: readonly DeadLetter[];
}

const PAGE = 10_000;
const MOST_DUPLICATES = 100;

interface Tally {
  readonly logged: NumberRanges;
  /** In the ledger at or before the projected position. */
  readonly due: NumberRanges;
  readonly delivered: NumberRanges;
  readonly parked: NumberRanges;
  readonly duplicates: number[];
}

/**
 * Compares the calls that a tenant's trunks counted with the ledger and the history. Reads both
 * through once; changes nothing.
 */
export async function proveLedger({ tenantId, records, store, deadLetters }: ProofSource): Promise<LedgerProof> {
  const tallies = new Map<TrunkId, Tally>();
  // Asked first: what is projected while the ledger is being read counts as pending at worst.
  const projected = await store.projectedPosition();
  await countDelivered(tallies, tenantId, store);
  for await (const { position, event } of records()) {
    if (event.type !== 'call.received' || event.tenantId !== tenantId) continue;
    const tally = tallyOf(tallies, event.trunkId);
    if (!tally.logged.add(event.trunkSequence) && tally.duplicates.length < MOST_DUPLICATES) tally.duplicates.push(event.trunkSequence);
    if (position <= projected) tally.due.add(event.trunkSequence);
  }
  for (const { event } of deadLetters) {
    if (event.type === 'call.received' && event.tenantId === tenantId) tallyOf(tallies, event.trunkId).parked.add(event.trunkSequence);
  }
  const trunks = [...tallies].map(([trunkId, tally]) => conclude(trunkId, tally)).sort((one, other) => (one.trunkId < other.trunkId ? -1 : 1));
  return { gap: trunks.reduce((sum, { gap }) => sum + gap, 0), trunks };
}

async function countDelivered(tallies: Map<TrunkId, Tally>, tenantId: TenantId, store: ProofSource['store']): Promise<void> {
  for (const { trunkId } of await store.countByTrunk(tenantId)) {
    const { delivered } = tallyOf(tallies, trunkId);
    for (let after = 0; ;) {
      const page = await store.listTrunkSequences({ tenantId, trunkId, after, limit: PAGE });
      for (const number of page) delivered.add(number);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = last;
    }
  }
}

function tallyOf(tallies: Map<TrunkId, Tally>, trunkId: TrunkId): Tally {
  const known = tallies.get(trunkId);
  if (known) return known;
  const tally: Tally = {
    logged: new NumberRanges(), due: new NumberRanges(), delivered: new NumberRanges(), parked: new NumberRanges(), duplicates: [],
  };
  tallies.set(trunkId, tally);
  return tally;
}

function conclude(trunkId: TrunkId, { logged, due, delivered, parked, duplicates }: Tally): TrunkProof {
  const seen = Math.max(logged.highest, delivered.highest);
  const missing = new NumberRanges();
  const waiting = new NumberRanges();
  let pending = 0;
  for (let number = 1; number <= seen; number += 1) {
    if (delivered.has(number)) continue;
    if (parked.has(number)) waiting.add(number);
    else if (logged.has(number) && !due.has(number)) pending += 1;
    else missing.add(number);
  }
  return {
    trunkId, seen, logged: logged.count, delivered: delivered.count, pending,
    parked: waiting.runs(), missing: missing.runs(), duplicates,
    gap: missing.count + waiting.count + duplicates.length,
  };
}
