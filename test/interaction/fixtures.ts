import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochMs, type EpochMs } from '../../server/base/time.ts';
import type { CallEvent, CallFact } from '../../server/model/events.ts';
import { asId, type CallId, type LegId, type OfferId, type QueueId, type TenantId, type TrunkId, type UserId } from '../../server/model/ids.ts';
import type { Receipt } from '../../server/model/routing.ts';

export const TENANT = asId<TenantId>('el-amane');
export const TRUNK = asId<TrunkId>('loopback');
export const CALL = asId<CallId>('call-1');
export const ALICE = asId<UserId>('alice');
export const CLAIMS = asId<QueueId>('claims');
export const OFFER = asId<OfferId>('offer-1');
export const START = epochMs(1_800_000_000_000);
export const seconds = (count: number): EpochMs => epochMs(START + count * 1000);

/** Makes a directory for one test and removes it afterwards. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-test-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const receipt: Receipt = {
  decidedAt: seconds(30), snapshotHash: 'ab'.repeat(32), policyVersion: 1, callId: CALL, queueId: CLAIMS,
  key: START - 80_000, headStart: { ms: 90_000, parts: [{ reason: 'tier:gold', ms: 90_000 }], policyVersion: 1 },
  waitedMs: 20_000, waiting: 1, position: 1, candidates: [{ agentId: ALICE, idleMs: 5000 }], excluded: [], chosen: ALICE, tieBreak: 'only-candidate',
};

export const received = (trunkSequence = 1): Extract<CallFact, { type: 'call.received' }> => ({
  type: 'call.received', trunkId: TRUNK, trunkSequence, legId: asId<LegId>('leg-1'), sipCallId: 'abc@127.0.0.1',
  calling: { kind: 'anonymous' }, dialled: '1000',
});

/** Everything that can happen in one call of Carol's: IVR, queue, a refused offer, a talk with a hold, after-call work. */
export const FULL_CALL: readonly CallFact[] = [
  { ...received(), calling: { kind: 'e164', number: '+213550000001' as never, source: 'asserted' } },
  { type: 'call.answered', legId: asId<LegId>('leg-1') },
  {
    type: 'caller.identified', tookMs: 3,
    match: {
      kind: 'one',
      candidate: {
        reasons: ['only-match'],
        customer: { customerId: asId('carol'), displayName: 'Carol', tier: 'gold', valueScore: 80, churnLight: 'green', hasOpenCase: true, hasActiveContract: true },
      },
    },
  },
  { type: 'ivr.entered', flowId: 'main-menu', flowVersion: 1, language: 'fr' },
  { type: 'ivr.stepped', nodeId: 'welcome' },
  { type: 'ivr.stepped', nodeId: 'main-menu', input: '2' },
  { type: 'ivr.finished', outcome: 'queue', language: 'ar', intent: 'claim' },
  { type: 'queue.entered', queueId: CLAIMS, enqueuedAt: seconds(7), key: START - 80_000, headStart: receipt.headStart },
  { type: 'offer.made', offerId: OFFER, agentId: ALICE, receipt },
  { type: 'pop.sent', offerId: OFFER, agentId: ALICE, acked: true },
  { type: 'offer.ended', offerId: OFFER, agentId: ALICE, outcome: 'rejected' },
  { type: 'offer.made', offerId: asId<OfferId>('offer-2'), agentId: ALICE, receipt },
  { type: 'offer.ended', offerId: asId<OfferId>('offer-2'), agentId: ALICE, outcome: 'accepted' },
  { type: 'queue.left', queueId: CLAIMS, exit: 'answered' },
  { type: 'bridge.started', agentId: ALICE, agentLegId: asId<LegId>('leg-2') },
  { type: 'hold.started', agentId: ALICE },
  { type: 'hold.ended', agentId: ALICE },
  { type: 'bridge.ended', agentId: ALICE, endedBy: 'caller' },
  { type: 'wrap-up.started', agentId: ALICE, deadlineAt: seconds(80) },
  { type: 'call.ended', termination: { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: 16 } },
  { type: 'wrap-up.ended', agentId: ALICE, how: 'completed', disposition: 'claim-follow-up', note: 'Expert comes on Monday.' },
];

/** Stamps facts as the recorder would: one second apart. */
export const stamp = (facts: readonly CallFact[], callId: CallId = CALL, tenantId: TenantId = TENANT): readonly CallEvent[] =>
  facts.map((fact, index) => ({ ...fact, v: 1, tenantId, callId, seq: index + 1, at: seconds(index) }));

/** A small event that says which one it is. */
export const numbered = (number: number, padding = ''): CallEvent =>
  ({ v: 1, tenantId: TENANT, callId: CALL, seq: number, at: seconds(0), type: 'ivr.stepped', nodeId: `n${number}`, ...(padding === '' ? {} : { input: padding }) });

export const failOnFault = (cause: unknown, what: string): void => {
  throw new Error(`unexpected fault: ${what}`, { cause });
};
