import assert from 'node:assert/strict';
import { wayOf } from '../../server/sip/drachtio/dialog-way.ts';
import { hangUpDialog, sendInDialog } from '../../server/sip/leg/in-dialog-request.ts';
import { KnownAddresses } from '../../server/sip/trunk/known-addresses.ts';
import { TrunkAccount } from '../../server/sip/trunk/trunk-account.ts';
import { FakeDialog, fakeResponse, type FakeDialogOptions } from './support/fake-dialog.ts';

const TARGET = 'sip:gw.carrier.example';
const ASKED = fakeResponse({ status: 407, headers: { 'Proxy-Authenticate': 'Digest realm="carrier", nonce="n", qop="auth"' } });

describe('wayOf (RFC 3261 §12.1)', () => {
  const route = '<sip:near@192.0.2.10;lr>, <sip:far@192.0.2.11;lr>';
  const cases: readonly [string, FakeDialogOptions, string][] = [
    ['the Contact without Record-Route', { contact: 'sip:phone@192.0.2.5' }, 'sip:phone@192.0.2.5'],
    ['the last Record-Route of an answer', { type: 'uac', recordRoute: route }, 'sip:far@192.0.2.11;lr'],
    ['the first Record-Route of an INVITE', { type: 'uas', recordRoute: route }, 'sip:near@192.0.2.10;lr'],
  ];
  for (const [what, options, nextHop] of cases) {
    it(`leads to ${what}`, () => assert.deepEqual(wayOf(new FakeDialog({ ...options, address: '192.0.2.9' })), { nextHop, peerAddress: '192.0.2.9' }));
  }
});

describe('KnownAddresses', () => {
  it('knows an address however it is written, and what is none never', () => {
    const known = new KnownAddresses();
    for (const address of ['192.0.2.1', '2001:db8::1', 'gw.example', '']) known.add(address);
    assert.deepEqual(['192.0.2.1', '::ffff:192.0.2.1', '2001:DB8:0::1', '192.0.2.2', 'gw.example', ''].map((one) => known.has(one)), [true, true, true, false, false, false]);
  });
  it('learns only so many', () => {
    const known = new KnownAddresses();
    for (let host = 0; host < 200; host += 1) known.add(`10.0.0.${host}`);
    assert.deepEqual([known.has('10.0.0.63'), known.has('10.0.0.64')], [true, false]);
  });
});

describe('TrunkAccount', () => {
  const setUp = (of: { targets?: readonly string[]; domain?: string; learned?: string } = {}) => {
    const account = new TrunkAccount({ username: 'acme', password: 'secret' }, { targets: of.targets ?? [TARGET], ...(of.domain === undefined ? {} : { domain: of.domain }) });
    account.exchangeWith(TARGET)?.take(ASKED);
    account.learn(of.learned);
    /** Whether a BYE of this dialog carries a proof before anybody asks. */
    const provesUnasked = (dialog: FakeDialogOptions): boolean => account.exchangesIn(new FakeDialog(dialog), TARGET)?.().authorize('BYE', 'sip:x')['Proxy-Authorization'] !== undefined;
    return { account, provesUnasked };
  };
  it('proves itself unasked where the dialog leads to the trunk: its name, its domain, its addresses', () => {
    assert.equal(setUp().provesUnasked({ contact: 'sip:x@gw.carrier.example' }), true);
    assert.equal(setUp({ domain: 'carrier.example' }).provesUnasked({ contact: 'sip:x@carrier.example' }), true);
    assert.equal(setUp({ targets: ['sip:[2001:db8::1]', TARGET] }).provesUnasked({ contact: 'sip:x@[2001:db8::1]:5070' }), true);
    assert.equal(setUp({ learned: '198.51.100.7' }).provesUnasked({ contact: 'sip:x@198.51.100.7' }), true);
    assert.equal(setUp().provesUnasked({ contact: 'sip:x@192.0.2.1', address: '192.0.2.1' }), true);
  });
  it('proves nothing unasked to anybody else', () => {
    assert.equal(setUp().provesUnasked({ contact: 'sip:x@198.51.100.7' }), false);
    assert.equal(setUp().provesUnasked({ contact: '', address: '' }), false);
  });
  it('proves nothing at all without an account', () => {
    const account = new TrunkAccount(undefined, { targets: [TARGET] });
    assert.deepEqual([account.exchangeWith(TARGET), account.exchangesIn(new FakeDialog(), TARGET)], [undefined, undefined]);
  });
  it('answers the first realm that asks within a call where none asked before', () => {
    const account = new TrunkAccount({ username: 'acme', password: 'secret' }, { targets: [TARGET] });
    const exchange = account.exchangesIn(new FakeDialog({ address: '192.0.2.1' }), TARGET)?.();
    assert.equal(exchange?.take(ASKED), 'answerable');
  });
});

describe('sendInDialog', () => {
  it('proves the URI that was sent, which the server knows better than the Contact (RFC 3261 §22.4)', async () => {
    const account = new TrunkAccount({ username: 'acme', password: 'secret' }, { targets: [TARGET] });
    const dialog = new FakeDialog({ contact: 'sip:before@192.0.2.1' });
    dialog.farEnd = ({ headers }) => (headers['Proxy-Authorization'] === undefined ? { status: 407, headers: { 'Proxy-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' } } : 200);
    await sendInDialog(dialog, { method: 'INFO' }, account.exchangesIn(dialog, TARGET));
    assert.match(dialog.asked[1]?.headers['Proxy-Authorization'] ?? '', /uri="sip:far@192\.0\.2\.1"/);
  });
});

describe('hangUpDialog', () => {
  it('lets the library forget a dialog whose BYE could not be sent', async () => {
    const dialog = new FakeDialog();
    dialog.farEnd = () => ({ unsent: 'no flow' });
    assert.deepEqual(await hangUpDialog(dialog, 'SIP;cause=487', undefined), { kind: 'unsent', reason: 'Error: no flow' });
    assert.deepEqual([dialog.isForgotten, dialog.byes], [true, ['SIP;cause=487']]);
  });
  it('leaves a dialog whose BYE was sent to the library', async () => {
    const dialog = new FakeDialog();
    await hangUpDialog(dialog, undefined, undefined);
    assert.equal(dialog.isForgotten, false);
  });
});
