import assert from 'node:assert/strict';
import { auditEntryEntity, recordingPolicyEntity } from '../../db/entities/recording-entities.ts';
import type { Database } from '../../db/open-database.ts';
import { epochMs, type EpochMs } from '../../server/base/time.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { asId, type CallId, type RecordingId, type TenantId } from '../../server/model/ids.ts';
import type { RecordingPolicy } from '../../server/model/recording-policy.ts';
import { ALICE, stamp, START } from '../interaction/fixtures.ts';
import { MESSAGE, RECORDED_CALL, RECORDING } from '../interaction/recording-fixtures.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants, claimsOf, ONE, TWO } from './two-tenants.ts';

const CALL = asId<CallId>('one-call');
const DAYS = 86_400_000;
const startOf = (nth: number): number => START + 1_000 * (RECORDED_CALL.map((fact, i) => (fact.type === 'recording.started' ? i : -1)).filter((i) => i >= 0)[nth] ?? 0);

function recordOf(tenantId: TenantId, length = RECORDED_CALL.length): InteractionRecord {
  const events = stamp(RECORDED_CALL, CALL, tenantId).slice(0, length);
  return events.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined) ?? assert.fail();
}

const bury = ({ recordings }: Database, recordingId: RecordingId, deletedAt: EpochMs): Promise<void> => recordings.bury(
  { recordingId, tenantId: ONE, deletedAt, reason: 'retention' },
  { auditId: `audit-${recordingId}-${deletedAt}`, tenantId: ONE, at: deletedAt, action: 'recording.deleted', subjectId: recordingId, details: { reason: 'retention' } },
);

describeOn(DATABASES, 'RecordingStore', (database) => {
  beforeEach(() => database().interactions.commit([recordOf(ONE)], 1));

  it('finds a recording of the history within its tenant alone', async () => {
    const { recordings } = database();
    assert.deepEqual(await recordings.find(ONE, RECORDING), {
      recordingId: RECORDING, tenantId: ONE, callId: CALL, kind: 'conversation', agentIds: [ALICE], startedAt: startOf(1),
      endedAt: recordOf(ONE).interaction.recordings?.[1]?.endedAt, end: { how: 'stopped', durationMs: 2_000, bytes: 64_300, checksum: 'cd'.repeat(32), lostMs: 400 },
    });
    assert.equal(await recordings.find(TWO, RECORDING), undefined);
    assert.equal(await recordings.find(ONE, asId<RecordingId>('none')), undefined);
  });

  it('knows one that runs, without an end', async () => {
    const { interactions, recordings } = database();
    const begun = RECORDED_CALL.findLastIndex(({ type }) => type === 'recording.started') + 1;
    await interactions.commit([recordOf(ONE, begun)], 2);
    const found = await recordings.find(ONE, RECORDING);
    assert.deepEqual([found?.endedAt, found?.end], [undefined, undefined]);
    assert.deepEqual((await interactions.listOpen()).map(({ interaction }) => interaction.interactionId), [CALL]);
    assert.deepEqual((await recordings.listExpired(ONE, epochMs(START + 1_000 * DAYS), 10)).map(({ recordingId }) => recordingId), [MESSAGE], 'what runs is not due');
  });

  it('keeps a call open in which only a recording has not ended', async () => {
    const { interactions } = database();
    const record = recordOf(ONE);
    const { recordings = [] } = record.interaction;
    const unfinished = recordings.map(({ endedAt: _endedAt, end: _end, ...rest }) => rest);
    await interactions.commit([{ ...record, interaction: { ...record.interaction, recordings: unfinished } }], 2);
    assert.equal((await interactions.listOpen()).length, 1);
  });

  it('lists what is due, oldest first, to the millisecond', async () => {
    const { recordings } = database();
    const due = async (at: number, limit = 10): Promise<readonly string[]> => (await recordings.listExpired(ONE, epochMs(at), limit)).map(({ recordingId }) => recordingId);
    assert.deepEqual(await due(startOf(0) + 30 * DAYS - 1), []);
    assert.deepEqual(await due(startOf(0) + 30 * DAYS), [MESSAGE]);
    assert.deepEqual(await due(startOf(1) + 90 * DAYS), [MESSAGE, RECORDING]);
    assert.deepEqual(await due(startOf(1) + 90 * DAYS, 1), [MESSAGE]);
    assert.deepEqual(await recordings.listExpired(TWO, epochMs(START + 1_000 * DAYS), 10), []);
  });

  it('lists what is kept in pages, and not what was deleted', async () => {
    const { recordings } = database();
    const kept = async (after: RecordingId | undefined, limit: number): Promise<readonly string[]> => (await recordings.listKept(ONE, after, limit)).map(({ recordingId }) => recordingId);
    assert.deepEqual(await kept(undefined, 10), [RECORDING, MESSAGE]);
    assert.deepEqual(await kept(undefined, 1), [RECORDING]);
    assert.deepEqual(await kept(RECORDING, 10), [MESSAGE]);
    await bury(database(), MESSAGE, epochMs(5_000));
    assert.deepEqual(await kept(undefined, 10), [RECORDING]);
    assert.deepEqual(await recordings.listKept(TWO, undefined, 10), []);
  });

  it('leaves a tombstone and one audit entry, and shows both in the history', async () => {
    const { recordings, history, connections } = database();
    await bury(database(), RECORDING, epochMs(5_000));
    await bury(database(), RECORDING, epochMs(6_000));
    assert.equal((await recordings.find(ONE, RECORDING))?.deletedAt, 5_000);
    const call = await history.find(ONE, CALL);
    assert.deepEqual(call?.recordings?.map(({ deletedAt }) => deletedAt), [undefined, 5_000]);
    const trail = await connections.read((manager) => manager.find(auditEntryEntity));
    assert.deepEqual(trail.map(({ action, subjectId, actorId, details }) => [action, subjectId, actorId, details]), [['recording.deleted', RECORDING, null, '{"reason":"retention"}']]);
  });

  it('is not due again, and its tombstone stays, when the call is projected again', async () => {
    const { recordings, interactions } = database();
    await bury(database(), RECORDING, epochMs(5_000));
    const late = epochMs(START + 1_000 * DAYS);
    assert.deepEqual((await recordings.listExpired(ONE, late, 10)).map(({ recordingId }) => recordingId), [MESSAGE]);
    await interactions.commit([recordOf(ONE)], 2);
    assert.equal((await recordings.find(ONE, RECORDING))?.deletedAt, 5_000);
    await bury(database(), RECORDING, epochMs(9_000));
    assert.deepEqual((await recordings.listExpired(ONE, late, 10)).map(({ recordingId }) => recordingId), [MESSAGE]);
    assert.equal((await recordings.find(ONE, RECORDING))?.deletedAt, 5_000);
  });

  it('leaves neither tombstone nor audit entry when one of them is refused', async () => {
    const { recordings, auditTrail } = database();
    await auditTrail.add({ auditId: `audit-${RECORDING}-7000`, tenantId: ONE, at: epochMs(1), action: 'recording.listened', subjectId: 'x', details: {} });
    await assert.rejects(bury(database(), RECORDING, epochMs(7_000)), { code: 'db.constraint' });
    assert.equal((await recordings.find(ONE, RECORDING))?.deletedAt, undefined);
  });
}, addTwoTenants);

describeOn(DATABASES, 'RecordingPolicyStore', (database) => {
  const policy: RecordingPolicy = {
    version: 3, mode: 'automatic', samplePercent: 12.5, announcement: 'in-flow', refusalKey: '9', agentKeys: '*2', retainDays: 365,
    beep: { everyMs: 15_000, lengthMs: 500, frequencyHz: 1_400, levelDbfs: -20 },
  };
  const put = (scope: string, scopeId: string, value: unknown): Promise<void> => database().connections.write(async (manager) => {
    await manager.insert(recordingPolicyEntity, { tenantId: ONE as string, scope, scopeId, policy: JSON.stringify(value) });
  });

  it('gives back what was declared for tenant, number and queue', async () => {
    await put('tenant', '', { ...policy, mode: 'never' });
    await put('entry-point', '1000', policy);
    await put('queue', claimsOf(ONE), policy);
    const declared = await database().recordings.listPolicies();
    assert.deepEqual(declared.map(({ tenantId, scope }) => [tenantId, scope]), [
      [ONE, { kind: 'entry-point', number: '1000' }], [ONE, { kind: 'queue', queueId: claimsOf(ONE) }], [ONE, { kind: 'tenant' }],
    ]);
    assert.deepEqual(declared[0]?.policy, policy);
  });

  for (const [what, wrong] of [
    ['a share above 100', { samplePercent: 101 }], ['no days', { retainDays: 0 }], ['a tone that never ends', { beep: { ...policy.beep, everyMs: 1_000, lengthMs: 1_000 } }],
    ['keys that no telephone has', { agentKeys: 'ab' }], ['a word too many', { retention: 3 }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await put('tenant', '', { ...policy, ...wrong });
      await assert.rejects(database().recordings.listPolicies(), { code: 'db.bad-row' });
    });
  }
}, addTwoTenants);

describeOn(DATABASES, 'AuditTrail', (database) => {
  it('keeps entries, and brings the details of one up to date within its tenant alone', async () => {
    const { auditTrail, connections } = database();
    const entry = { auditId: 'a-1', tenantId: ONE, at: epochMs(1_000), actorId: ALICE, action: 'recording.listened', subjectId: RECORDING, details: { stretches: [] } } as const;
    await auditTrail.add(entry);
    await auditTrail.update({ ...entry, tenantId: TWO, details: { stretches: 'not theirs' } });
    await auditTrail.update({ ...entry, details: { stretches: [[0, 2_000]] } });
    const rows = await connections.read((manager) => manager.find(auditEntryEntity));
    assert.deepEqual(rows.map(({ at, actorId, subjectId, details }) => [at, actorId, subjectId, details]), [[1_000, ALICE, RECORDING, '{"stretches":[[0,2000]]}']]);
  });
});
