import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { asId, type TrunkId } from '../../server/model/ids.ts';
import { readInvite } from '../../server/sip/invite-facts.ts';
import { fakeRequest } from './support/fake-request.ts';

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';
const read = (headers: Record<string, string>, body = '') => readInvite(fakeRequest({ headers, body, protocol: 'UDP' }), epochMs(1));

describe('readInvite', () => {
  it('reads number dialled, caller and source', () => {
    const facts = readInvite(fakeRequest({
      uri: 'sip:1000@127.0.0.1:5060;transport=udp', protocol: 'UDP',
      headers: { From: '"Carol" <sip:0555000111@carrier.example>;tag=1', 'Call-ID': 'a@b', 'Content-Type': 'application/sdp' }, body: SDP,
    }), epochMs(7));
    assert.deepEqual(facts, {
      sipCallId: 'a@b', receivedAt: 7, dialled: '1000', fromUser: '0555000111', fromHost: 'carrier.example',
      assertedUsers: [], privacy: [], sourceAddress: '127.0.0.1', sourcePort: 40_000, transport: 'udp', sdp: SDP,
    });
  });
  it('reads every asserted identity, sip: and tel:, in order (RFC 3325 §9.1)', () => {
    const { assertedUsers } = read({ 'P-Asserted-Identity': '"Haddad, Carol" <sip:+213555000111@c.example;user=phone>, <tel:+213-21-00-00-01>' });
    assert.deepEqual(assertedUsers, ['+213555000111', '+21321000001']);
  });
  it('bounds a list of identities', () => {
    assert.equal(read({ 'P-Asserted-Identity': Array(500).fill('<tel:+2131>').join(',') }).assertedUsers.length, 4);
  });
  it('reads Privacy tokens (RFC 3323 §4.2)', () => assert.deepEqual(read({ Privacy: 'ID; critical' }).privacy, ['id', 'critical']));
  it('keeps an anonymous From as it is', () => {
    const facts = read({ From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=2' });
    assert.deepEqual([facts.fromUser, facts.fromHost], ['anonymous', 'anonymous.invalid']);
  });
  it('takes a body of another type for a late offer', () => assert.equal(read({ 'Content-Type': 'text/plain' }, 'hello').sdp, undefined));
  it('finds the session description in a multipart body (RFC 5621)', () => {
    const request = { ...fakeRequest(), payload: [{ type: 'application/isup', content: 'x' }, { type: 'application/sdp;charset=utf-8', content: SDP }] };
    assert.equal(readInvite(request, epochMs(1)).sdp, SDP);
  });
  it('gives empty strings for headers that cannot be read', () => {
    const facts = readInvite(fakeRequest({ uri: '', headers: { From: '<<>>' } }), epochMs(1));
    assert.deepEqual([facts.dialled, facts.fromUser, facts.fromHost, facts.sipCallId], ['', '', '', '']);
  });

  describe('given a registration of ours that the INVITE came by', () => {
    const trunk = { trunkId: asId<TrunkId>('carrier'), account: 'acme' };
    const dialled = (uri: string, headers: Record<string, string>): string => readInvite(fakeRequest({ uri, headers }), epochMs(1), { trunk }).dialled;
    it('finds the number dialled in To when the Request-URI is our contact', () => {
      assert.equal(dialled('sip:acme@192.0.2.1;line=x', { To: '<sip:+213555000100@carrier>' }), '+213555000100');
    });
    it('believes P-Called-Party-ID before To (RFC 7315 §4.2)', () => {
      assert.equal(dialled('sip:acme@192.0.2.1', { To: '<sip:group@carrier>', 'P-Called-Party-ID': '<sip:1000@carrier>' }), '1000');
    });
    it('keeps the number of the Request-URI where there is one, and the account where there is nothing else', () => {
      assert.equal(dialled('sip:2000@192.0.2.1', { To: '<sip:1000@carrier>' }), '2000');
      assert.equal(dialled('sip:acme@192.0.2.1', {}), 'acme');
    });
    it('says which trunk it is', () => {
      assert.equal(readInvite(fakeRequest(), epochMs(1), { trunk }).trunkId, 'carrier');
    });
  });
});
