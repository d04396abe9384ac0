import assert from 'node:assert/strict';
import sinon from 'sinon';
import { identifyCaller } from '../../server/crm/identify-caller.ts';
import type { CustomerSummary } from '../../server/model/customer-file.ts';
import type { CallingNumber } from '../../server/model/phone-number.ts';
import { CAROLS_NUMBER, customer, TENANT } from './crm-fixtures.ts';

const FROM_CAROL: CallingNumber = { kind: 'e164', number: CAROLS_NUMBER, source: 'from' };

describe('identifyCaller', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => {
    assert.equal(clock.countTimers(), 0, 'no timer is left');
    clock.restore();
  });

  const identify = (findByPhone: (...args: never[]) => Promise<readonly CustomerSummary[]>, calling: CallingNumber = FROM_CAROL) =>
    identifyCaller({ findByPhone }, { tenantId: TENANT, calling }, 150);

  it('asks for the number of the tenant', async () => {
    const findByPhone = sinon.stub().resolves([]);
    await identify(findByPhone);
    assert.deepEqual(findByPhone.firstCall.args.slice(0, 2), [TENANT, CAROLS_NUMBER]);
  });

  it('finds none', async () => {
    assert.deepEqual(await identify(async () => []), { kind: 'none' });
  });

  it('finds one', async () => {
    const carol = customer('carol');
    assert.deepEqual(await identify(async () => [carol]), { kind: 'one', candidate: { customer: carol, reasons: ['only-match'] } });
  });

  it('finds several, the likeliest first', async () => {
    const match = await identify(async () => [customer('dora'), customer('carol', { hasOpenCase: true })]);
    assert.equal(match.kind, 'several');
    assert.deepEqual(match.candidates.map((one) => one.customer.displayName), ['carol', 'dora']);
  });

  it('asks nobody about a caller who is anonymous', async () => {
    const findByPhone = sinon.stub().resolves([]);
    assert.deepEqual(await identify(findByPhone, { kind: 'anonymous' }), { kind: 'anonymous' });
    assert.equal(findByPhone.callCount, 0);
  });

  it('knows nobody by what is no number', async () => {
    assert.deepEqual(await identify(sinon.stub().rejects(), { kind: 'unparsable', raw: '204' }), { kind: 'none' });
  });

  describe('given a customer base in trouble (invariant 4)', () => {
    it('says so when it fails', async () => {
      assert.deepEqual(await identify(async () => { throw new Error('database is locked'); }), { kind: 'unavailable', cause: 'Error: database is locked' });
    });

    it('says so when it throws before it promises', async () => {
      assert.equal((await identify(() => { throw new Error('not connected'); })).kind, 'unavailable');
    });

    it('waits until the deadline and no longer, and tells the directory', async () => {
      let told: AbortSignal | undefined;
      const finding = (_tenant: unknown, _number: unknown, signal: AbortSignal) => {
        told = signal;
        return new Promise<never>(() => undefined);
      };
      const match = identifyCaller({ findByPhone: finding }, { tenantId: TENANT, calling: FROM_CAROL }, 150);
      let settled = false;
      void match.then(() => { settled = true; });
      await clock.tickAsync(149);
      assert.equal(settled, false);
      await clock.tickAsync(1);
      assert.deepEqual(await match, { kind: 'unavailable', cause: 'base.deadline-exceeded' });
      assert.equal(told?.aborted, true);
    });

    it('takes an answer just before the deadline', async () => {
      const match = identify(() => new Promise((resolve) => { setTimeout(() => resolve([customer('carol')]), 149); }));
      await clock.tickAsync(150);
      assert.equal((await match).kind, 'one');
    });

    it('bounds the cause that it keeps', async () => {
      const match = await identify(async () => { throw new Error('x'.repeat(10_000)); });
      assert.ok(match.kind === 'unavailable' && match.cause.length === 200);
    });
  });
});
