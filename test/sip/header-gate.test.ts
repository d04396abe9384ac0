import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../server/base/app-error.ts';
import type { SipStack } from '../../server/sip/drachtio/messages.ts';
import { formatFrom } from '../../server/sip/headers/display-name.ts';
import { readSipUri, sipUri, userPart, type SipUri } from '../../server/sip/headers/request-uri.ts';
import { sipHeaders, withoutControls, type SipHeaders } from '../../server/sip/headers/sip-headers.ts';
import { hostileText } from './support/hostile-text.ts';

const CONTROLS = [...Array.from({ length: 0x20 }, (_, code) => code), ...Array.from({ length: 0x21 }, (_, code) => 0x7f + code), 0x2028, 0x2029];
const refused = (code: string) => (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === code;

describe('sipHeaders', () => {
  for (const code of CONTROLS) {
    it(`refuses U+${code.toString(16).padStart(4, '0')} wherever it stands, and does not repeat the value`, () => {
      for (const value of [String.fromCharCode(code), `a${String.fromCharCode(code)}b`, `secret${String.fromCharCode(code)}`]) {
        assert.throws(() => sipHeaders({ Reason: value }), (thrown) => refused('sip.unsafe-header')(thrown) && !JSON.stringify(thrown).includes('secret'));
      }
    });
  }
  it('lets text of all languages through, and leaves out what is undefined', () => {
    assert.deepEqual({ ...sipHeaders({ From: '"كريمة" <sip:1@h>', Reason: undefined }) }, { From: '"كريمة" <sip:1@h>' });
  });
  it('refuses a name that is none', () => {
    // A cast as a caller would need one, too.
    assert.throws(() => sipHeaders({ ['X: 1\r\nY' as 'Reason']: 'z' }), refused('sip.unsafe-header'));
  });
  it('gives an object of its own each time, as drachtio-srf writes into what it gets', () => {
    const fields = { Allow: 'INVITE' };
    assert.notEqual(sipHeaders(fields), fields);
  });
  it('is the only way to the SIP stack (compiled, not run)', () => {
    const checked = sipHeaders({ Reason: 'x' });
    const uri = sipUri('sip:a@b');
    const never = (send: (stack: SipStack) => void): void => void send;
    // @ts-expect-error plain headers
    const plain: SipHeaders = { Reason: 'x' };
    // @ts-expect-error headers with something added
    const spread: SipHeaders = { ...checked, Reason: 'x' };
    // @ts-expect-error a header that is not in the list
    never(() => sipHeaders({ 'X-Other': 'x' }));
    // @ts-expect-error plain headers of a request
    never((stack) => stack.request(uri, { method: 'OPTIONS', headers: { Reason: 'x' } }, () => undefined));
    // @ts-expect-error a plain Request-URI
    never((stack) => stack.request('sip:a@b', { method: 'OPTIONS', headers: checked }, () => undefined));
    // @ts-expect-error a plain next hop
    never((stack) => stack.request(uri, { method: 'OPTIONS', headers: checked, proxy: 'sip:a@b' }, () => undefined));
    // @ts-expect-error a URI with something added
    const longer: SipUri = `${uri};transport=tcp`;
    assert.ok(plain && spread && longer);
  });
});

describe('sipUri', () => {
  for (const uri of ['sip:1000@127.0.0.1:5060', 'sips:+213@h;transport=tls?Subject=x', 'sip:[::1]:5060', 'sip:a%20b@h', 'sip:*21#@h'.replace('#', '%23')]) {
    it(`takes ${uri}`, () => assert.equal(sipUri(uri), uri));
  }
  for (const uri of ['', 'sip:', 'http://h', 'tel:+1', 'sip:a b@h', 'sip:a@h\r\nX: y', 'sip:a@h>', 'sip:"a"@h', 'sip:a|b@h', 'sip:é@h', `sip:${'a'.repeat(3_000)}@h`]) {
    it(`refuses ${JSON.stringify(uri.slice(0, 30))}`, () => {
      assert.throws(() => sipUri(uri), refused('sip.unsafe-uri'));
      assert.equal(readSipUri(uri), undefined);
    });
  }
  it('takes any text as a user, escaped', () => fc.assert(fc.property(hostileText(), (text) => {
    assert.equal(readSipUri(`sip:u${userPart(text)}@h`)?.includes('@h'), true);
  })));
});

describe('text for people', () => {
  it('is cleaned, never refused: a customer’s name must not fail a call', () => fc.assert(fc.property(hostileText(), hostileText(), (name, user) => {
    assert.deepEqual(Object.keys(sipHeaders({ From: formatFrom({ name, user, host: 'allo' }) })), ['From']);
    assert.deepEqual(Object.keys(sipHeaders({ Reason: withoutControls(name) })), ['Reason']);
  })));
});
