import assert from 'node:assert/strict';
import parsePhoneNumber from 'libphonenumber-js/max';
import type { Database } from '../../db/open-database.ts';
import { seedDemonstration } from '../../db/seed/seed-demonstration.ts';
import { epochMs } from '../../server/base/time.ts';
import { asId, type CustomerId, type TenantId } from '../../server/model/ids.ts';
import type { E164 } from '../../server/model/phone-number.ts';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import { TIERS } from '../../server/model/value.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants } from './two-tenants.ts';

const DEMO = asId<TenantId>('demo');
const NOW = epochMs(Date.UTC(2027, 2, 9, 13, 20));
const { signal } = new AbortController();

const seed = (database: Database): Promise<'seeded' | 'already'> =>
  seedDemonstration(database, { clock: () => NOW, password: 'correct horse', hashPassword: async (password) => `hash of ${password}` });

async function files({ customers }: Database): Promise<readonly CustomerFile[]> {
  const all: CustomerFile[] = [];
  for (let n = 1; n <= 41; n += 1) {
    const file = await customers.loadFile(DEMO, asId<CustomerId>(`demo-c${String(n).padStart(3, '0')}`), signal);
    if (file) all.push(file);
  }
  return all;
}

describeOn(DATABASES, 'seedDemonstration', (database) => {
  it('is done once', async () => {
    assert.equal(await seed(database()), 'seeded');
    const before = await files(database());
    assert.equal(await seed(database()), 'already');
    assert.deepEqual(await files(database()), before);
  });

  it('is done once when two starts meet', async () => {
    assert.deepEqual((await Promise.all([seed(database()), seed(database())])).sort(), ['already', 'seeded']);
  });

  it('keeps away from a database that has tenants of its own', async () => {
    await addTwoTenants(database());
    assert.equal(await seed(database()), 'already');
    assert.equal((await database().tenants.listTenants()).length, 2);
  });

  it('makes the same centre each time', async () => {
    await seed(database());
    const first = await files(database());
    const other = await DATABASES[0]?.make();
    assert.ok(other);
    await seed(other.database);
    assert.deepEqual(await files(other.database), first);
    await other.remove();
  });

  it('staffs the centre: four agents, a supervisor, an administrator, three queues, a number, two trunks', async () => {
    await seed(database());
    const { centre, accounts } = database();
    const users = await centre.listUsers(DEMO);
    assert.deepEqual(users.map(({ username, role }) => `${username} ${role}`).sort(), [
      'alice agent', 'amina administrator', 'bilal agent', 'chahira agent', 'djamel agent', 'sam supervisor',
    ]);
    assert.equal((await accounts.findByUsername('sam'))?.passwordHash, 'hash of correct horse');
    const queues = await centre.listQueues(DEMO);
    assert.deepEqual(queues.map(({ key }) => key), ['claims', 'sales', 'service']);
    for (const queue of queues) {
      const members = users.filter(({ queueIds }) => queueIds.includes(queue.queueId));
      assert.ok(members.length >= 2, queue.key);
      const skill = queue.requiredSkill;
      if (skill !== undefined) assert.ok(members.every(({ skills }) => (skills[skill] ?? 0) > 0), queue.key);
    }
    assert.equal((await centre.findEntryPoint(DEMO, '1000'))?.flowId, 'main-menu');
    assert.deepEqual((await centre.listTrunks()).map(({ trunkId, kind }) => `${trunkId} ${kind}`), ['loopback sip', 'web web']);
    assert.ok((await centre.listDispositions(DEMO)).length >= 10);
  });

  it('makes forty customers whose files hold together', async () => {
    await seed(database());
    const all = await files(database());
    assert.equal(all.length, 40);
    assert.deepEqual(TIERS.map((wanted) => all.filter(({ tier }) => tier === wanted).length), [4, 8, 12, 16]);
    for (const file of all) {
      assert.equal(file.assignedManagerName !== undefined, file.tier === 'platinum', file.displayName);
      for (const number of file.numbers) assert.ok(parsePhoneNumber(number)?.isValid(), number);
      assert.ok(file.contracts.length > 0 && file.timeline.length >= 2 && file.tierReason !== '');
      for (const { startedAt, endsAt } of file.contracts) assert.ok(startedAt <= NOW && (endsAt === undefined || endsAt > startedAt));
      for (const { openedAt, closedAt, status } of file.cases) {
        assert.ok(openedAt <= NOW && (closedAt ?? NOW) <= NOW && (closedAt ?? openedAt) >= openedAt);
        assert.equal(closedAt === undefined, status === 'open' || status === 'waiting-for-customer');
      }
      for (const { amount, paidAt } of file.invoices) assert.ok(Number.isInteger(amount.minor) && amount.minor > 0 && (paidAt ?? 0) <= NOW);
      for (const { placedAt } of file.orders) assert.ok(placedAt <= NOW);
      for (const { startedAt, endedAt } of file.timeline) assert.ok(startedAt <= (endedAt ?? 0) && (endedAt ?? NOW) <= NOW);
      const times = file.timeline.map(({ startedAt }) => startedAt);
      assert.deepEqual(times, times.toSorted((one, other) => other - one));
    }
    assert.ok(all.some(({ invoices }) => invoices.some(({ dueAt, paidAt }) => dueAt < NOW && paidAt === undefined)), 'nobody owes anything');
    assert.ok(all.some(({ cases }) => cases.some(({ status }) => status === 'open')));
    assert.deepEqual([...new Set(all.map(({ churnLight }) => churnLight))].sort(), ['amber', 'green', 'red']);
    assert.deepEqual([...new Set(all.map(({ language }) => language ?? 'none'))].sort(), ['ar', 'en', 'fr', 'none']);
  });

  it('has two customers on one line and one with two numbers', async () => {
    await seed(database());
    assert.equal((await database().customers.findByPhone(DEMO, '+21321247730' as E164, signal)).length, 2);
    assert.equal((await database().customers.loadFile(DEMO, asId<CustomerId>('demo-c001'), signal))?.numbers.length, 2);
  });

  it('counts none of the imported history as calls of ours', async () => {
    await seed(database());
    const { interactions, history, todaysFacts } = database();
    assert.ok((await history.list(DEMO, { limit: 200 })).length > 100);
    for (const { interactionId } of await history.list(DEMO, { limit: 200 })) assert.ok(await history.find(DEMO, interactionId));
    assert.deepEqual(await interactions.countByTrunk(DEMO), []);
    assert.deepEqual(await interactions.listOpen(), []);
    assert.deepEqual(await todaysFacts.queueFactsSince(DEMO, epochMs(0)), []);
    assert.equal(await interactions.projectedPosition(), 0);
  });
});
