import assert from 'node:assert/strict';
import { stampTopVia } from '../../../server/sip-engine/message/essentials.ts';
import { param, parseCSeq, parseNameAddr, parseVia, splitList, tagOf } from '../../../server/sip-engine/message/header-values.ts';
import { contactOf, replaceLocalhost, viaFor } from '../../../server/sip-engine/message/local-identity.ts';
import { withTag } from '../../../server/sip-engine/message/respond.ts';
import { Headers } from '../../../server/sip-engine/message/sip-message.ts';
import { parseSipUri } from '../../../server/sip-engine/message/sip-uri.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';

const flow = (transport: Flow['transport']): Flow => ({
  transport, reliable: transport !== 'udp', remoteAddress: '192.0.2.9', remotePort: 5070,
  localAddress: '192.0.2.1', localPort: 5060, isOpen: true, send: () => undefined,
});

describe('header values', () => {
  it('splits lists, minding quotes, escapes and brackets', () => {
    assert.deepEqual(splitList('<sip:a;x=1,2>, "b, \\"c,\\"" <sip:d> ,<sip:e>'), ['<sip:a;x=1,2>', '"b, \\"c,\\"" <sip:d>', '<sip:e>']);
    assert.deepEqual(splitList('single'), ['single']);
  });

  it('parses name-addr and addr-spec (RFC 3261 §20.10)', () => {
    const table: readonly (readonly [string, ReturnType<typeof parseNameAddr>])[] = [
      ['"Carol \\"C\\" <x>" <sip:carol@a;p=1>;tag=2', { displayName: '"Carol \\"C\\" <x>"', uri: 'sip:carol@a;p=1', params: ';tag=2' }],
      ['Carol <sip:carol@a>', { displayName: 'Carol', uri: 'sip:carol@a', params: '' }],
      ['sip:carol@a;tag=3', { displayName: '', uri: 'sip:carol@a', params: ';tag=3' }],
      ['<tel:+213550>', { displayName: '', uri: 'tel:+213550', params: '' }],
      ['"open <sip:a@b>', undefined],
      ['<sip:a@b', undefined],
      ['<>', undefined],
      ['', undefined],
      ['<sip:a@b> garbage', undefined],
    ];
    for (const [text, expected] of table) assert.deepEqual(parseNameAddr(text), expected, text);
  });

  it('finds tags only among the parameters of the header', () => {
    assert.equal(tagOf('"x;tag=no" <sip:a@b;tag=no>;x=1;TAG=yes'), 'yes');
    assert.equal(tagOf('<sip:a@b;tag=no>'), undefined);
    assert.equal(withTag('<sip:a@b;tag=no>', 'new'), '<sip:a@b;tag=no>;tag=new');
    assert.equal(withTag('<sip:a@b>;tag=old', 'new'), '<sip:a@b>;tag=old');
  });

  it('reads parameters with quoted values', () => {
    assert.equal(param(';a="x;y=1";b=2;c', 'b'), '2');
    assert.equal(param(';a="x;y=1";b=2;c', 'a'), 'x;y=1');
    assert.equal(param(';a=1;c', 'c'), '');
    assert.equal(param(';a=1', 'z'), undefined);
    assert.equal(param(';a="open', 'z'), undefined);
  });

  it('parses Via, with white space, IPv6 and rport (RFC 3261 §20.42, RFC 3581)', () => {
    assert.deepEqual(parseVia('SIP / 2.0 / udp [2001:DB8::1] : 5070 ; rport ;branch=z9hG4bKx'), {
      transport: 'UDP', host: '2001:db8::1', port: 5070, branch: 'z9hG4bKx', hasRport: true, params: '; rport ;branch=z9hG4bKx',
    });
    for (const wrong of ['SIP/1.0/UDP a', 'SIP/2.0/UDP', 'SIP/2.0/UDP a:99999', 'UDP a', '']) assert.equal(parseVia(wrong), undefined, wrong);
  });

  it('parses CSeq below 2³¹ (RFC 3261 §8.1.1.5)', () => {
    assert.deepEqual(parseCSeq('2147483647 INVITE'), { number: 2147483647, method: 'INVITE' });
    assert.equal(parseCSeq('2147483648 INVITE'), undefined);
  });

  it('parses SIP URIs for routing (RFC 3261 §19.1.1)', () => {
    assert.deepEqual(parseSipUri('SIP:alice:pw@EXAMPLE.com:5070;Transport=TCP;lr?Subject=x'), {
      scheme: 'sip', user: 'alice:pw', host: 'example.com', port: 5070, params: new Map<string, string | true>([['transport', 'TCP'], ['lr', true]]),
    });
    assert.equal(parseSipUri('sip:[::1]:5060')?.host, '::1');
    assert.equal(parseSipUri('sip:a@b@192.0.2.1')?.host, '192.0.2.1');
    for (const wrong of ['tel:+1', 'sip:', 'sip:a@', 'sip:a@b:0', 'sip:a@b:70000', 'sip:a@ex ample', 'x']) assert.equal(parseSipUri(wrong), undefined, wrong);
  });

  it('stamps received and rport, and drops what the sender claims (RFC 3581 §4)', () => {
    const stamped = (via: string): string[] => {
      const parsed = parseVia(splitList(via)[0] ?? '');
      assert.ok(parsed);
      const headers = new Headers().add('To', 'x').add('Via', via);
      stampTopVia(headers, parsed, { address: '203.0.113.5', port: 4444 });
      return headers.all('via');
    };
    assert.deepEqual(stamped('SIP/2.0/UDP 203.0.113.5:5060;branch=b'), ['SIP/2.0/UDP 203.0.113.5:5060;branch=b']);
    assert.deepEqual(stamped('SIP/2.0/UDP h:5060;branch=b'), ['SIP/2.0/UDP h:5060;branch=b;received=203.0.113.5']);
    assert.deepEqual(stamped('SIP/2.0/UDP h;received=6.6.6.6;rport=1;branch=b, SIP/2.0/UDP next;branch=c'),
      ['SIP/2.0/UDP h;rport=4444;branch=b;received=203.0.113.5', 'SIP/2.0/UDP next;branch=c']);
  });

  it('puts our address where an application wrote localhost, and nowhere else', () => {
    assert.equal(replaceLocalhost('"localhost" <sip:a@localhost:9;x=1>;tag=1', flow('udp')), '"localhost" <sip:a@192.0.2.1:5060;x=1>;tag=1');
    assert.equal(replaceLocalhost('<sip:localhost>', flow('udp')), '<sip:192.0.2.1:5060>');
    assert.equal(replaceLocalhost('<sip:a@localhost.example.com>', flow('udp')), '<sip:a@localhost.example.com>');
    assert.equal(contactOf('sip:100@localhost', flow('ws')), '<sip:100@192.0.2.1:5060;transport=ws>');
    assert.equal(contactOf('sip:100@192.0.2.77', flow('ws')), 'sip:100@192.0.2.77');
    assert.equal(viaFor(flow('tcp'), 'z9hG4bKx'), 'SIP/2.0/TCP 192.0.2.1:5060;rport;branch=z9hG4bKx');
  });
});
