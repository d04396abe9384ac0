import assert from 'node:assert/strict';
import { TrunkTable } from '../../server/call/find-trunk.ts';
import type { Trunk } from '../../server/model/centre.ts';
import { asId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import { carolsInvite } from './support/fake-legs.ts';

const trunk = (name: string, more: Partial<Trunk> = {}): Trunk => ({
  trunkId: asId<TrunkId>(name), tenantId: asId<TenantId>('t1'), name, kind: 'sip', addresses: ['127.0.0.0/8', '::1'], region: 'DZ',
  trustsAssertedIdentity: true, ...more,
});

describe('the trunk of an INVITE', () => {
  const table = new TrunkTable([
    trunk('loopback'), trunk('carrier', { addresses: ['198.51.100.4', '2001:db8::/32'] }),
    trunk('web', { kind: 'web', addresses: [] }), trunk('other-web', { kind: 'web', addresses: [], tenantId: asId<TenantId>('t2') }),
  ]);
  const found = (sourceAddress: string, more = {}): string | undefined => table.find(carolsInvite({ sourceAddress, ...more }))?.name;

  it('is known by its source address: a block, a single address, either family', () => {
    assert.equal(found('127.0.0.1'), 'loopback');
    assert.equal(found('::1'), 'loopback');
    assert.equal(found('198.51.100.4'), 'carrier');
    assert.equal(found('2001:db8::17'), 'carrier');
  });

  it('is nothing for a stranger, or for what is no address', () => {
    assert.equal(found('198.51.100.5'), undefined);
    assert.equal(found('10.0.0.1'), undefined);
    assert.equal(found('localhost'), undefined);
    assert.equal(found(''), undefined);
  });

  it('is the web trunk of the guest\'s own tenant, wherever she is', () => {
    const principal = { kind: 'guest', tenantId: asId<TenantId>('t2') } as const;
    assert.equal(found('203.0.113.9', { principal, transport: 'ws' }), 'other-web');
  });

  it('is the trunk whose registration it came by, wherever from', () => {
    assert.equal(found('203.0.113.9', { trunkId: asId<TrunkId>('carrier') }), 'carrier');
    assert.equal(found('127.0.0.1', { trunkId: asId<TrunkId>('gone') }), undefined);
  });

  it('is nothing for a browser that did not register, even from loopback', () => {
    assert.equal(found('127.0.0.1', { transport: 'ws' }), undefined);
    assert.equal(found('127.0.0.1', { transport: 'WSS' }), undefined);
  });

  it('refuses a trunk whose address is none', () => {
    assert.throws(() => new TrunkTable([trunk('bad', { addresses: ['example.net'] })]), /example\.net/);
    assert.throws(() => new TrunkTable([trunk('bad', { addresses: ['127.0.0.0/99'] })]), RangeError);
  });
});
