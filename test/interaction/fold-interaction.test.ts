import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../server/base/app-error.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import type { CallEvent, CallFact } from '../../server/model/events.ts';
import { asId, type TenantId } from '../../server/model/ids.ts';
import { ALICE, CALL, CLAIMS, FULL_CALL, received, seconds, stamp, START } from './fixtures.ts';

function foldAll(events: readonly CallEvent[], from?: InteractionRecord): InteractionRecord {
  const record = events.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), from);
  assert.ok(record);
  return record;
}

const fold = (...facts: readonly CallFact[]) => foldAll(stamp([received(), ...facts])).interaction;

describe('foldInteraction', () => {
  it('tells the whole story of a call', () => {
    const { interaction, lastSeq, lastAt } = foldAll(stamp(FULL_CALL));
    assert.equal(lastSeq, 21);
    assert.equal(lastAt, seconds(20));
    assert.equal(interaction.startedAt, START);
    assert.equal(interaction.answeredAt, seconds(1));
    assert.equal(interaction.endedAt, seconds(19));
    assert.equal(interaction.customerName, 'Carol');
    assert.equal(interaction.callingNumber, '+213550000001');
    assert.equal(interaction.language, 'ar');
    assert.equal(interaction.intent, 'claim');
    assert.deepEqual(interaction.ivrPath, [{ at: seconds(4), nodeId: 'welcome' }, { at: seconds(5), nodeId: 'main-menu', input: '2' }]);
    assert.equal(interaction.queueStays[0]?.exit, 'answered');
    assert.equal(interaction.waitMs, 6000);
    assert.deepEqual(interaction.offers.map(({ outcome }) => outcome), ['rejected', 'accepted']);
    assert.deepEqual([interaction.offers[0]?.popSentAt, interaction.offers[0]?.popAcked], [seconds(9), true]);
    assert.equal(interaction.offers[0]?.receipt.chosen, ALICE);
    assert.equal(interaction.agentId, ALICE);
    assert.equal(interaction.talkMs, 3000);
    assert.deepEqual(interaction.holds, [{ from: seconds(15), to: seconds(16) }]);
    assert.equal(interaction.termination?.result, 'caller');
    assert.equal(interaction.disposition, 'claim-follow-up');
    assert.equal(interaction.note, 'Expert comes on Monday.');
    assert.deepEqual([interaction.wrapUpStartedAt, interaction.wrapUpEndedAt], [seconds(18), seconds(20)]);
  });

  it('changes nothing when events come again, in whatever part', () => {
    const events = stamp(FULL_CALL);
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(events.length), fc.nat(events.length))), (replays) => {
      let record: InteractionRecord | undefined;
      for (const event of events) {
        record = foldInteraction(record, event);
        const soFar = events.slice(0, event.seq);
        for (const [from, to] of replays) {
          for (const again of soFar.slice(from, to)) assert.equal(foldInteraction(record, again), record);
        }
      }
      assert.deepEqual(record, foldAll(events));
    }));
  });

  it('does not touch the record that it is given', () => {
    let record: InteractionRecord | undefined;
    for (const event of stamp(FULL_CALL)) {
      const before = structuredClone(record);
      const after = foldInteraction(record, event);
      assert.deepEqual(record, before);
      record = after;
    }
  });

  it('links nobody when several customers share the number', () => {
    const several = { kind: 'several', candidates: [] } as const;
    const interaction = fold({ type: 'caller.identified', match: several, tookMs: 1 });
    assert.equal(interaction.customerId, undefined);
    assert.deepEqual(interaction.match, several);
  });

  it('adds up the talks of two agents when the first is lost', () => {
    const bilal = asId<typeof ALICE>('bilal');
    const headStart = { ms: 0, parts: [], policyVersion: 1 };
    const queue: CallFact[] = [{ type: 'queue.entered', queueId: CLAIMS, enqueuedAt: START, key: START, headStart }, { type: 'queue.left', queueId: CLAIMS, exit: 'answered' }];
    const talk = (agentId: typeof ALICE, endedBy: 'system' | 'caller'): CallFact[] =>
      [{ type: 'bridge.started', agentId, agentLegId: asId('leg') }, { type: 'bridge.ended', agentId, endedBy }];
    const interaction = fold(...queue, ...talk(ALICE, 'system'), ...queue, ...talk(bilal, 'caller'));
    assert.equal(interaction.talkMs, 2000);
    assert.equal(interaction.waitMs, 2000);
    assert.equal(interaction.agentId, bilal);
    assert.deepEqual(interaction.bridges?.map(({ agentId }) => agentId), [ALICE, bilal]);
    assert.equal(interaction.queueStays.length, 2);
  });

  it('ends a hold with its conversation', () => {
    const interaction = fold({ type: 'bridge.started', agentId: ALICE, agentLegId: asId('leg') }, { type: 'hold.started', agentId: ALICE }, { type: 'bridge.ended', agentId: ALICE, endedBy: 'caller' });
    assert.deepEqual(interaction.holds, [{ from: seconds(2), to: seconds(3) }]);
  });

  it('takes a fact whose beginning a full disk has swallowed as far as it goes', () => {
    for (const fact of FULL_CALL.slice(1)) assert.equal(fold(fact).interactionId, CALL);
  });

  describe('given what cannot be folded', () => {
    const isUnfoldable = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === 'interaction.unfoldable';
    const [first, second] = stamp(FULL_CALL.slice(0, 2));
    assert.ok(first && second);

    it('refuses an event of a call that was never received', () => {
      assert.throws(() => foldInteraction(undefined, second), isUnfoldable);
    });

    it('refuses a call that is received twice', () => {
      assert.throws(() => foldInteraction(foldAll([first]), { ...first, seq: 2 }), isUnfoldable);
    });

    it('refuses an event of another tenant', () => {
      assert.throws(() => foldInteraction(foldAll([first]), { ...second, tenantId: asId<TenantId>('other') }), isUnfoldable);
    });

    it('refuses a type that a newer version wrote', () => {
      // A cast because no such type exists in this version.
      assert.throws(() => foldInteraction(foldAll([first]), { ...second, type: 'call.teleported' } as unknown as CallEvent), isUnfoldable);
    });
  });
});
