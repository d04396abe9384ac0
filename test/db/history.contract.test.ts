import assert from 'node:assert/strict';
import { interactionEntity } from '../../db/entities/history-entities.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { epochMs } from '../../server/base/time.ts';
import type { CallEvent } from '../../server/model/events.ts';
import { asId, type CallId, type CustomerId, type TenantId } from '../../server/model/ids.ts';
import { FULL_CALL, seconds, stamp, START, TRUNK } from '../interaction/fixtures.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants, aliceOf, BOTH, CAROL, claimsOf, ONE, TWO } from './two-tenants.ts';

/** The first facts of a call of a tenant, with its own queue, agent and call number. */
function eventsOf(tenantId: TenantId, callId: CallId, trunkSequence = 1): readonly CallEvent[] {
  const own = JSON.stringify(stamp(FULL_CALL, callId, tenantId))
    .replaceAll('"alice"', JSON.stringify(aliceOf(tenantId))).replaceAll('"claims"', JSON.stringify(claimsOf(tenantId)))
    .replaceAll('"offer-', `"${callId}-offer-`);
  return (JSON.parse(own) as CallEvent[]).map((event) => (event.type === 'call.received' ? { ...event, trunkSequence } : event));
}

function foldAll(events: readonly CallEvent[]): InteractionRecord {
  const record = events.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined);
  return record ?? assert.fail();
}

const id = (name: string): CallId => asId<CallId>(name);
const idOf = (tenantId: TenantId): CallId => id(`${tenantId}-call`);

describeOn(DATABASES, 'InteractionStore', (database) => {
  it('begins at position 0 with nothing', async () => {
    const { interactions } = database();
    assert.equal(await interactions.projectedPosition(), 0);
    assert.deepEqual(await interactions.load([id('none')]), []);
    assert.deepEqual(await interactions.load([]), []);
    assert.deepEqual(await interactions.listOpen(), []);
  });

  it('gives back each record as it was at every step of a call', async () => {
    const { interactions } = database();
    const events = eventsOf(ONE, idOf(ONE));
    for (const { seq } of events) {
      const record = foldAll(events.slice(0, seq));
      await interactions.commit([record], seq);
      assert.deepEqual(await interactions.load([idOf(ONE)]), [record]);
      assert.equal(await interactions.projectedPosition(), seq);
    }
  });

  it('changes nothing when the same is committed again', async () => {
    const { interactions, history } = database();
    const record = foldAll(eventsOf(ONE, idOf(ONE)));
    await interactions.commit([record], 21);
    const before = await history.list(ONE, { limit: 10 });
    await interactions.commit([record], 21);
    assert.deepEqual(await history.list(ONE, { limit: 10 }), before);
  });

  it('commits records and position together or not at all', async () => {
    const { interactions } = database();
    const good = foldAll(eventsOf(ONE, idOf(ONE)));
    // A cast because no such record can be folded: the table itself must refuse it.
    const bad = { ...good, interaction: { ...good.interaction, interactionId: null as unknown as CallId } };
    await assert.rejects(interactions.commit([good, bad], 9), { category: 'bug', retryable: false });
    assert.equal(await interactions.projectedPosition(), 0);
    assert.deepEqual(await interactions.load([idOf(ONE)]), []);
  });

  it('takes a batch of several hundred', async () => {
    const { interactions } = database();
    const records = Array.from({ length: 450 }, (_, n) => foldAll(eventsOf(ONE, id(`call-${n}`), n + 1)));
    await interactions.commit(records, 450);
    assert.equal((await interactions.load(records.map(({ interaction }) => interaction.interactionId))).length, 450);
    assert.deepEqual(await interactions.countByTrunk(ONE), [{ trunkId: TRUNK, calls: 450, highestSequence: 450 }]);
  });

  it('lists as open what has not ended, and what is being wrapped up', async () => {
    const { interactions } = database();
    const open: string[] = [];
    for (let length = 1; length <= FULL_CALL.length; length += 1) {
      const callId = id(`call-${String(length).padStart(2, '0')}`);
      await interactions.commit([foldAll(eventsOf(ONE, callId).slice(0, length))], length);
      if (length < FULL_CALL.length) open.push(callId);
    }
    assert.deepEqual((await interactions.listOpen()).map(({ interaction }) => interaction.interactionId as string).sort(), open);
  });

  it('counts and lists call numbers by trunk, for each tenant alone', async () => {
    const { interactions } = database();
    for (const [tenantId, numbers] of [[ONE, [1, 2, 4]], [TWO, [1]]] as const) {
      for (const number of numbers) await interactions.commit([foldAll(eventsOf(tenantId, id(`${tenantId}-${number}`), number).slice(0, 1))], 0);
    }
    assert.deepEqual(await interactions.countByTrunk(ONE), [{ trunkId: TRUNK, calls: 3, highestSequence: 4 }]);
    assert.deepEqual(await interactions.listTrunkSequences({ tenantId: ONE, trunkId: TRUNK, after: 0, limit: 10 }), [1, 2, 4]);
    assert.deepEqual(await interactions.listTrunkSequences({ tenantId: ONE, trunkId: TRUNK, after: 1, limit: 1 }), [2]);
    assert.deepEqual(await interactions.listTrunkSequences({ tenantId: TWO, trunkId: TRUNK, after: 0, limit: 10 }), [1]);
  });

  it('says which record it cannot read', async () => {
    const { interactions, connections } = database();
    await interactions.commit([foldAll(eventsOf(ONE, idOf(ONE)))], 1);
    await connections.write((manager) => manager.update(interactionEntity, { callId: idOf(ONE) as string }, { record: '{"startedAt":"yesterday"}' }));
    await assert.rejects(interactions.load([idOf(ONE)]), (thrown: unknown) =>
      thrown instanceof Error && 'code' in thrown && thrown.code === 'db.bad-row' && thrown.message.includes('one-call') && thrown.message.includes('record.startedAt'));
  });
});

describeOn(DATABASES, 'History', (database) => {
  beforeEach(async () => {
    for (const tenantId of BOTH) await database().interactions.commit([foldAll(eventsOf(tenantId, idOf(tenantId)))], 1);
  });

  it('shows a call with the names of today', async () => {
    const call = await database().history.find(ONE, idOf(ONE));
    assert.equal(call?.queueName, 'Claims of one');
    assert.equal(call?.agentName, 'Alice of one');
    assert.equal(call?.queueStays[0]?.queueName, 'Claims of one');
    assert.equal(call?.offers[1]?.agentName, 'Alice of one');
    assert.equal(call?.offers[1]?.receipt.tieBreak, 'only-candidate');
  });

  it('shows nothing of another tenant', async () => {
    assert.equal(await database().history.find(TWO, idOf(ONE)), undefined);
    for (const tenantId of BOTH) {
      assert.deepEqual((await database().history.list(tenantId, { limit: 10 })).map(({ interactionId }) => interactionId), [idOf(tenantId)]);
    }
  });

  it('lists lines with all that the page shows', async () => {
    const [line] = await database().history.list(ONE, { limit: 10 });
    assert.deepEqual(line, {
      interactionId: idOf(ONE), channel: 'voice', direction: 'inbound', startedAt: START, endedAt: seconds(19), customerId: CAROL,
      customerName: 'Carol', callingNumber: '+213550000001', queueName: 'Claims of one', agentName: 'Alice of one', intent: 'claim',
      disposition: 'claim-follow-up', note: 'Expert comes on Monday.', talkMs: 3000, waitMs: 6000,
      termination: { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: 16 },
    });
  });

  it('pages back in time, newest first, and by customer', async () => {
    const { interactions, history } = database();
    for (let n = 1; n <= 5; n += 1) {
      const events = eventsOf(ONE, id(`page-${n}`), n + 1).map((event) => ({ ...event, at: epochMs(event.at + n * 60_000) }));
      await interactions.commit([foldAll(n === 5 ? events.slice(0, 1) : events)], n);
    }
    const page = (query: Parameters<typeof history.list>[1]): Promise<readonly string[]> =>
      history.list(ONE, query).then((lines) => lines.map(({ interactionId }) => interactionId));
    assert.deepEqual(await page({ limit: 3 }), ['page-5', 'page-4', 'page-3']);
    assert.deepEqual(await page({ limit: 3, before: epochMs(START + 3 * 60_000) }), ['page-2', 'page-1', 'one-call']);
    assert.deepEqual(await page({ limit: 2, customerId: CAROL }), ['page-4', 'page-3']);
    assert.deepEqual(await page({ limit: 2, customerId: asId<CustomerId>('nobody') }), []);
    assert.equal((await page({ limit: 0 })).length, 1);
  });

  it('puts the call on the timeline of the customer at once', async () => {
    const file = await database().customers.loadFile(ONE, CAROL, new AbortController().signal);
    assert.deepEqual(file?.timeline.map(({ interactionId }) => interactionId), [idOf(ONE)]);
    assert.equal(file?.lastContactAt, START);
  });
}, addTwoTenants);

describeOn(DATABASES, 'TodaysFacts', (database) => {
  it('gives the queue facts of a tenant since an instant, in order', async () => {
    const { interactions, todaysFacts } = database();
    for (const tenantId of BOTH) await interactions.commit([foldAll(eventsOf(tenantId, idOf(tenantId)))], 1);
    const facts = await todaysFacts.queueFactsSince(ONE, START);
    assert.deepEqual(facts.map(({ type, at, seq }) => [type, at, seq]), [
      ['queue.entered', seconds(7), 1], ['queue.left', seconds(13), 2], ['bridge.started', seconds(14), 3],
    ]);
    const [entered, left] = facts;
    assert.ok(entered?.type === 'queue.entered' && entered.enqueuedAt === seconds(7) && entered.headStart.ms === 90_000 && entered.queueId === claimsOf(ONE));
    assert.ok(left?.type === 'queue.left' && left.exit === 'answered' && left.tenantId === ONE);
    assert.deepEqual((await todaysFacts.queueFactsSince(ONE, seconds(13))).map(({ type }) => type), ['queue.left', 'bridge.started']);
    assert.deepEqual(await todaysFacts.queueFactsSince(ONE, seconds(15)), []);
  });

  it('leaves out what was imported', async () => {
    const { interactions, todaysFacts, connections } = database();
    await interactions.commit([foldAll(eventsOf(ONE, idOf(ONE)))], 1);
    await connections.write((manager) => manager.update(interactionEntity, { callId: idOf(ONE) as string }, { imported: true }));
    assert.deepEqual(await todaysFacts.queueFactsSince(ONE, START), []);
    assert.deepEqual(await interactions.countByTrunk(ONE), []);
    assert.deepEqual(await interactions.listTrunkSequences({ tenantId: ONE, trunkId: TRUNK, after: 0, limit: 10 }), []);
  });
});
