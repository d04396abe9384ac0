import assert from 'node:assert/strict';
import { entryPointEntity, queueEntity, trunkEntity, userEntity } from '../../db/entities/centre-entities.ts';
import { epochMs } from '../../server/base/time.ts';
import { asId, type TenantId, type UserId } from '../../server/model/ids.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants, aliceOf, BOTH, claimsOf, ONE, POLICY, TWO } from './two-tenants.ts';

const isBadRow = (table: string, column: string) => (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'db.bad-row' && thrown.message.includes(table) && thrown.message.includes(column);

describeOn(DATABASES, 'CentreDirectory', (database) => {
  it('gives each tenant its own queues, people, numbers and reason codes', async () => {
    const { centre } = database();
    for (const tenantId of BOTH) {
      assert.deepEqual(await centre.listQueues(tenantId), [
        { queueId: claimsOf(tenantId), tenantId, key: 'claims', name: `Claims of ${tenantId}`, requiredSkill: 'claims', policy: POLICY },
      ]);
      assert.deepEqual(await centre.listUsers(tenantId), [{
        userId: aliceOf(tenantId), tenantId, username: `alice@${tenantId}`, displayName: `Alice of ${tenantId}`, role: 'agent',
        languages: ['fr', 'ar'], skills: { claims: 80 }, queueIds: [claimsOf(tenantId)],
      }]);
      assert.deepEqual(await centre.findEntryPoint(tenantId, '1000'), { tenantId, number: '1000', name: `Main of ${tenantId}`, flowId: 'main-menu' });
      assert.deepEqual(await centre.listDispositions(tenantId), [{ code: 'bill', label: { fr: 'Facture', ar: 'فاتورة', en: `Bill of ${tenantId}` } }]);
    }
    assert.deepEqual(await centre.listUsers(asId<TenantId>('nobody')), []);
  });

  it('knows no entry point for another number, nor for text that means something to a database', async () => {
    for (const dialled of ['1001', '', '%', "1000' OR '1'='1", '1000;DROP TABLE users']) {
      assert.equal(await database().centre.findEntryPoint(ONE, dialled), undefined);
    }
    assert.equal((await database().centre.listUsers(ONE)).length, 1);
  });

  it('lists the trunks of all tenants', async () => {
    const trunks = await database().centre.listTrunks();
    assert.deepEqual(trunks.map(({ trunkId, tenantId }) => `${tenantId} ${trunkId}`), ['one one-sip', 'two two-sip']);
    assert.deepEqual(trunks[0], { trunkId: 'one-sip', tenantId: ONE, name: 'SIP', kind: 'sip', addresses: ['10.0.0.0/8', '::1/128'], region: 'DZ', trustsAssertedIdentity: true });
  });

  describe('given a trunk that calls leave by', () => {
    const peer = {
      targets: ['sip:gw1.carrier.example', 'sip:192.0.2.7:5070;transport=tcp'], username: 'acme', registerExpiresS: 600, optionsIntervalMs: 30_000,
      callerIds: ['+213555000100'], fromUser: 'caller-id', identityHeader: 'p-asserted-identity', numberFormat: 'plus',
    };
    const store = (value: unknown) => database().connections.write((manager) => manager.update(trunkEntity, { trunkId: 'one-sip' }, { peer: JSON.stringify(value) }));

    it('gives its far end as it was stored', async () => {
      await store(peer);
      const [first, second] = await database().centre.listTrunks();
      assert.deepEqual(first?.peer, peer);
      assert.equal(second && 'peer' in second, false);
    });

    for (const [what, over] of Object.entries({
      'a target that is no SIP URI': { targets: ['http://carrier.example'] }, 'no target': { targets: [] }, 'header text in a target': { targets: ['sip:a\r\nX: y'] },
      'registration without an account': { username: undefined }, 'a caller id that is no number': { callerIds: ['0555'] }, 'a word that it does not know': { pasword: 'x' },
    })) {
      it(`refuses one with ${what}`, async () => {
        await store({ ...peer, ...over });
        await assert.rejects(database().centre.listTrunks(), { code: 'db.bad-row' });
      });
    }
  });

  describe('given a trunk with terms for its media', () => {
    const media = { codecs: ['G722', 'PCMA', 'opus'], dtmf: 'inband', srtp: 'required' };
    const store = (value: unknown) => database().connections.write((manager) => manager.update(trunkEntity, { trunkId: 'one-sip' }, { media: JSON.stringify(value) }));

    it('gives them as they were stored, whole or in part, and none where none are', async () => {
      await store(media);
      const [first, second] = await database().centre.listTrunks();
      assert.deepEqual(first?.media, media);
      assert.equal(second && 'media' in second, false);
      await store({ srtp: 'optional' });
      assert.deepEqual((await database().centre.listTrunks())[0]?.media, { srtp: 'optional' });
    });

    for (const [what, over] of Object.entries({
      'an unknown codec': { codecs: ['G729'] }, 'no codec': { codecs: [] }, 'Opus alone': { codecs: ['opus'] }, 'an unknown way of keys': { dtmf: 'pulse' },
      'an unknown policy': { srtp: 'yes' }, 'a word that it does not know': { ptime: 20 },
    })) {
      it(`refuses ${what}`, async () => {
        await store({ ...media, ...over });
        await assert.rejects(database().centre.listTrunks(), { code: 'db.bad-row' });
      });
    }
  });

  describe('given a bad row', () => {
    it('says which queue has a policy that breaks its own bound', async () => {
      const bad = { ...POLICY, maxHeadStartMs: 1000 };
      await database().connections.write((manager) => manager.update(queueEntity, { queueId: claimsOf(ONE) as string }, { policy: JSON.stringify(bad) }));
      await assert.rejects(database().centre.listQueues(ONE), isBadRow('queues', 'policy.headStartMsByTier'));
      assert.equal((await database().centre.listQueues(TWO)).length, 1);
    });

    it('says which column is not JSON', async () => {
      await database().connections.write((manager) => manager.update(trunkEntity, { trunkId: 'one-sip' }, { addresses: '10.0.0.0/8' }));
      await assert.rejects(database().centre.listTrunks(), isBadRow('trunks', 'addresses'));
    });

    it('says who has a role that does not exist', async () => {
      await database().connections.write((manager) => manager.update(userEntity, { userId: aliceOf(ONE) as string }, { role: 'king' }));
      await assert.rejects(database().accounts.findByUsername('alice@one'), isBadRow('users', 'role'));
    });

    it('is not let in where the table itself forbids it', async () => {
      await assert.rejects(
        database().connections.write((manager) => manager.insert(entryPointEntity, { tenantId: 'nobody', number: '1', name: 'x', flowId: 'y' })),
        { code: 'db.constraint', retryable: false },
      );
    });
  });
}, addTwoTenants);

describeOn(DATABASES, 'AccountStore', (database) => {
  it('finds an account by its name and a user by the id', async () => {
    const account = await database().accounts.findByUsername('alice@two');
    assert.equal(account?.user.tenantId, TWO);
    assert.equal(account?.passwordHash, 'hash-two');
    assert.deepEqual(await database().accounts.findById(aliceOf(TWO)), account?.user);
    assert.deepEqual(await database().accounts.listUsers(TWO), [account?.user]);
  });

  it('finds nobody for unknown names and ids', async () => {
    assert.equal(await database().accounts.findByUsername("alice@two' --"), undefined);
    assert.equal(await database().accounts.findById(asId<UserId>('nobody')), undefined);
  });
}, addTwoTenants);

describeOn(DATABASES, 'SessionStore', (database) => {
  const session = (tokenHash: string, expiresAt: number) => ({ tokenHash, userId: aliceOf(ONE), createdAt: epochMs(1000), expiresAt: epochMs(expiresAt) });

  it('keeps a session until it is removed', async () => {
    const { sessions } = database();
    await sessions.insert(session('a'.repeat(64), 5000));
    assert.deepEqual(await sessions.find('a'.repeat(64)), session('a'.repeat(64), 5000));
    await sessions.remove('a'.repeat(64));
    await sessions.remove('a'.repeat(64));
    assert.equal(await sessions.find('a'.repeat(64)), undefined);
  });

  it('removes the expired ones, the instant itself included', async () => {
    const { sessions } = database();
    await Promise.all([session('a', 1999), session('b', 2000), session('c', 2001)].map((one) => sessions.insert(one)));
    await sessions.removeExpired(epochMs(2000));
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(async (hash) => (await sessions.find(hash)) !== undefined)), [false, false, true]);
  });

  it('is refused for a user who does not exist', async () => {
    await assert.rejects(database().sessions.insert({ ...session('a', 1), userId: asId<UserId>('nobody') }), { code: 'db.unknown-user' });
  });

  it('survives the failure of a transaction that stood in line before it', async () => {
    const { sessions, connections } = database();
    const failing = connections.write(async () => { throw new Error('rolled back'); });
    const kept = sessions.insert(session('kept', 5000));
    await assert.rejects(failing);
    await kept;
    assert.ok(await sessions.find('kept'));
  });
}, addTwoTenants);
