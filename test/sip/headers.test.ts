import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatFrom } from '../../server/sip/headers/display-name.ts';
import { parseInfo } from '../../server/sip/headers/dtmf-info.ts';
import { parseNameAddr } from '../../server/sip/headers/name-addr.ts';
import { formatReason, parseReason } from '../../server/sip/headers/reason.ts';
import { parseAddress } from '../../server/sip/headers/sip-uri.ts';
import { splitOutsideQuotes } from '../../server/sip/headers/split.ts';

describe('splitOutsideQuotes', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['a, b,c', ['a', 'b', 'c']],
    ['"Carol, the caller" <sip:1@h>, <tel:+2>', ['"Carol, the caller" <sip:1@h>', '<tel:+2>']],
    ['<sip:a,b@h>', ['<sip:a,b@h>']],
    [String.raw`"a\",b" <sip:1@h>`, [String.raw`"a\",b" <sip:1@h>`]],
    [' , ,', []],
  ];
  for (const [value, expected] of cases) {
    it(`splits ${value}`, () => assert.deepEqual(splitOutsideQuotes(value, ',', 8), expected));
  }
  it('stops at its limit', () => assert.equal(splitOutsideQuotes('a,'.repeat(10_000), ',', 5).length, 5));
});

describe('parseNameAddr (RFC 3261 §20.10)', () => {
  it('reads a display name that holds brackets', () => {
    const { displayName, uri, params } = parseNameAddr('"Carol <boss>" <sip:carol@h;user=phone>;tag=x1;lr');
    assert.deepEqual({ displayName, uri, tag: params['tag'], lr: params['lr'] }, { displayName: 'Carol <boss>', uri: 'sip:carol@h;user=phone', tag: 'x1', lr: '' });
  });
  it('gives parameters to the header when there are no brackets', () => {
    const { uri, params } = parseNameAddr('sip:carol@h;tag=x1');
    assert.deepEqual([uri, params['tag']], ['sip:carol@h', 'x1']);
  });
  it('gives an empty URI for a bracket that never closes', () => assert.equal(parseNameAddr('<sip:carol@h').uri, ''));
  it('never throws', () => fc.assert(fc.property(fc.string(), (text) => void parseNameAddr(text))));
});

describe('parseAddress', () => {
  const cases: readonly [string, string, string][] = [
    ['sip:1000@pbx.example', '1000', 'pbx.example'],
    ['sips:%2B213555000111@H.Example:5061;transport=tls?Subject=x', '+213555000111', 'h.example'],
    ['sip:+213555000111;npdi;rn=+213@h', '+213555000111', 'h'],
    ['sip:alice:secret@h', 'alice', 'h'],
    ['sip:[2001:db8::1]:5060', '', '[2001:db8::1]'],
    ['sip:h', '', 'h'],
    ['tel:+213-555-(000).111;phone-context=x', '+213555000111', ''],
    ['sip:anonymous@anonymous.invalid', 'anonymous', 'anonymous.invalid'],
    ['sip:%zz@h', '%zz', 'h'],
    ['sip:a%0D%0Ab@h', 'ab', 'h'],
    ['nonsense', '', ''],
  ];
  for (const [uri, user, host] of cases) {
    it(`reads ${uri}`, () => {
      const parts = parseAddress(uri);
      assert.deepEqual([parts.user, parts.host], [user, host]);
    });
  }
  it('never throws, and never returns a line end', () => fc.assert(fc.property(fc.string(), (text) => {
    const { user, host } = parseAddress(`sip:${text}`);
    assert.ok(!/[\r\n]/.test(user) && user.length <= 128 && host.length <= 128);
  })));
});

describe('Reason header (RFC 3326)', () => {
  it('reads both protocols, in any order and case', () => {
    assert.deepEqual(parseReason('q.850 ;cause=16 ;text="Terminated", SIP;cause=200;text="Call completed elsewhere"'),
      { q850: 16, sipStatus: 200, text: 'Terminated' });
  });
  it('takes nothing from what is malformed', () => assert.deepEqual(parseReason('Q.850;cause=banana, SIP;cause=9999, X;cause=1'), {}));
  it('takes nothing from nothing', () => assert.deepEqual(parseReason(undefined), {}));
  it('writes what it can read', () => {
    const written = formatReason({ reason: 'caller-hung-up', q850: 16, sipStatus: 480 });
    assert.equal(written, 'Q.850;cause=16;text="caller-hung-up", SIP;cause=480;text="caller-hung-up"');
    assert.deepEqual(parseReason(written), { q850: 16, sipStatus: 480, text: 'caller-hung-up' });
  });
  it('says nothing more when there is nothing more to say', () => assert.equal(formatReason({ reason: '', q850: 1 }), 'Q.850;cause=1'));
  it('lets no reason out of its quotes', () => {
    assert.equal(formatReason({ reason: 'a"\r\nX-Evil: 1\\', q850: 16 }), 'Q.850;cause=16;text="a   X-Evil: 1"');
  });
});

describe('parseInfo', () => {
  const cases: readonly [string | undefined, string, string][] = [
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', 'digit 5'],
    ['application/dtmf-relay', 'Signal= *\r\nDuration= 160', 'digit *'],
    ['Application/DTMF-Relay; charset=utf-8', 'signal=d', 'digit D'],
    ['application/dtmf-relay', 'Signal=11', 'digit #'],
    ['application/dtmf', '5', 'digit 5'],
    ['application/dtmf', '10\r\n', 'digit *'],
    ['application/dtmf-relay', '5', 'malformed'],
    ['application/dtmf', 'hello', 'malformed'],
    ['application/dtmf', '', 'malformed'],
    ['application/dtmf', `5${' '.repeat(300)}`, 'malformed'],
    ['text/plain', '5', 'unsupported'],
    [undefined, '', 'empty'],
  ];
  for (const [type, body, expected] of cases) {
    it(`reads ${type ?? 'no type'} ${JSON.stringify(body.slice(0, 40))} as ${expected}`, () => {
      const info = parseInfo(type, body);
      assert.equal(info.kind === 'digit' ? `digit ${info.digit}` : info.kind, expected);
    });
  }
});

describe('formatFrom', () => {
  it('shows name and number', () => {
    assert.equal(formatFrom({ name: 'Carol "Caz" Haddad', user: '+213555000111', host: 'allo' }), String.raw`"Carol \"Caz\" Haddad" <sip:+213555000111@allo>`);
  });
  it('keeps Arabic names', () => assert.equal(formatFrom({ name: 'كريمة', user: '1', host: 'h' }), '"كريمة" <sip:1@h>'));
  it('takes line ends out of a name and escapes a strange number', () => {
    assert.equal(formatFrom({ name: 'a\r\nTo: b', user: 'x>\r\n@y', host: 'h' }), '"a To: b" <sip:x%3E%0D%0A%40y@h>');
  });
  it('calls a caller without a number anonymous', () => assert.equal(formatFrom({ user: '', host: 'h' }), '<sip:anonymous@h>'));
});
