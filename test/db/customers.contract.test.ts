import assert from 'node:assert/strict';
import { FIND_BY_PHONE } from '../../db/stores/customers.ts';
import { customerEntity, customerNumberEntity } from '../../db/entities/customer-entities.ts';
import { asId, type CustomerId, type TenantId } from '../../server/model/ids.ts';
import type { E164 } from '../../server/model/phone-number.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants, aliceOf, BOTH, CAROL, ONE, SHARED_NUMBER, TWO } from './two-tenants.ts';

const { signal } = new AbortController();

describeOn(DATABASES, 'CustomerDirectory', (database) => {
  it('finds who has a number, for its own tenant alone', async () => {
    for (const tenantId of BOTH) {
      assert.deepEqual(await database().customers.findByPhone(tenantId, SHARED_NUMBER, signal), [{
        customerId: CAROL, displayName: `Carol Älaoui of ${tenantId}`, language: 'ar', tier: 'gold', valueScore: 81, churnLight: 'amber',
        assignedManagerId: aliceOf(tenantId), hasOpenCase: true, hasActiveContract: true,
      }]);
    }
    assert.deepEqual(await database().customers.findByPhone(asId<TenantId>('nobody'), SHARED_NUMBER, signal), []);
  });

  it('finds nobody for a number that only looks like one', async () => {
    for (const number of ['+21355000000', '+2135500000011', '213550000001', '0550000001', '%', '']) {
      assert.deepEqual(await database().customers.findByPhone(ONE, number as E164, signal), [], number);
    }
  });

  it('finds all who share a line, at most twenty', async () => {
    await database().connections.write(async (manager) => {
      const carol = await manager.findOneByOrFail(customerEntity, { tenantId: ONE as string, customerId: CAROL as string });
      for (let n = 10; n < 35; n += 1) {
        await manager.insert(customerEntity, { ...carol, customerId: `c-${n}` });
        await manager.insert(customerNumberEntity, { tenantId: ONE, number: SHARED_NUMBER, customerId: `c-${n}`, sortOrder: 0 });
      }
    });
    assert.equal((await database().customers.findByPhone(ONE, SHARED_NUMBER, signal)).length, 20);
    assert.equal((await database().customers.findByPhone(TWO, SHARED_NUMBER, signal)).length, 1);
  });

  it('loads the whole file, main number first, of its own tenant alone', async () => {
    for (const tenantId of BOTH) {
      const file = await database().customers.loadFile(tenantId, CAROL, signal);
      assert.deepEqual(file?.numbers, ['+21321480101', SHARED_NUMBER]);
      assert.equal(file?.assignedManagerName, `Alice of ${tenantId}`);
      assert.deepEqual(file?.contracts, [{ number: 'AUT-1', product: 'Motor', status: 'active', startedAt: 10, premium: { minor: 4_500_000, currency: 'DZD' } }]);
      assert.deepEqual(file?.cases, [{ number: 'SIN-1', kind: 'claim', title: `Claim at ${tenantId}`, status: 'waiting-for-customer', openedAt: 20 }]);
      assert.deepEqual(file?.invoices, [{ number: 'Q-1', label: 'Premium', amount: { minor: 1000, currency: 'DZD' }, dueAt: 30 }]);
      assert.deepEqual(file?.tasks, [{ id: 't-1', title: 'Call back', kind: 'callback', dueAt: 40, assigneeName: `Alice of ${tenantId}` }]);
      assert.deepEqual(file?.consent, { recording: true, marketing: false, optedOutChannels: ['sms'] });
      assert.deepEqual(file?.customFields, { Agency: 'Oran' });
      assert.deepEqual([file?.orders, file?.timeline], [[], []]);
      assert.ok(!('email' in (file ?? {})));
    }
    assert.equal(await database().customers.loadFile(ONE, asId<CustomerId>('nobody'), signal), undefined);
  });

  it('stops when the caller cannot wait any longer', async () => {
    const aborted = AbortSignal.abort(new Error('the deadline'));
    await assert.rejects(database().customers.findByPhone(ONE, SHARED_NUMBER, aborted), /the deadline/);
    await assert.rejects(database().customers.loadFile(ONE, CAROL, aborted), /the deadline/);
  });

  describe('search', () => {
    const names = async (text: string, tenantId = ONE): Promise<readonly string[]> =>
      (await database().customers.search(tenantId, text, 10)).map(({ displayName }) => displayName);

    for (const text of ['carol', 'CAROL', 'alaoui', 'Älaoui', 'car ala', '0550000001', '550 00 00 01', '+213550000001', 'AUT-1', 'aut-1']) {
      it(`finds her by "${text}", in her own tenant`, async () => {
        assert.deepEqual(await names(text), ['Carol Älaoui of one']);
        assert.deepEqual(await names(text, TWO), ['Carol Älaoui of two']);
      });
    }

    for (const text of ['', '   ', '%', '_', '!', "' OR 1=1 --", 'two', '"', '00', '*'.repeat(1000)]) {
      it(`finds nobody by "${text.slice(0, 12)}"`, async () => {
        assert.deepEqual(await names(text), []);
      });
    }

    it('gives no more than asked for, and never none or thousands', async () => {
      assert.equal((await database().customers.search(ONE, 'carol', 0)).length, 1);
      assert.equal((await database().customers.search(ONE, 'carol', Number.MAX_SAFE_INTEGER)).length, 1);
    });
  });
}, addTwoTenants);

describeOn(DATABASES.filter(({ name }) => name === 'SQLite'), 'The look-up of a caller', (database) => {
  it('walks down indexes only', async () => {
    const plan = await database().connections.read((manager) => manager.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${FIND_BY_PHONE}`, [ONE, SHARED_NUMBER]));
    const steps = plan.map(({ detail }) => detail);
    assert.ok(steps.some((detail) => /SEARCH n .*INDEX.*tenant_id=\? AND number=\?/.test(detail)), steps.join('\n'));
    assert.ok(steps.every((detail) => !detail.startsWith('SCAN')), steps.join('\n'));
    assert.ok(steps.some((detail) => /SEARCH i .*COVERING INDEX.*tenant_id=\? AND customer_id=\?/.test(detail)), steps.join('\n'));
  });
});
