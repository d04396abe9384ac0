import assert from 'node:assert/strict';
import type { OutboundCall, OutboundOutcome } from '../../server/call/ports.ts';
import type { Trunk, TrunkPeer } from '../../server/model/centre.ts';
import { asId, type CallId, type LegId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import { TrunkTable } from '../../server/call/find-trunk.ts';
import { until } from '../support/until.ts';
import { RegistrarPeer } from './support/registrar-peer.ts';
import * as sipp from './support/scenario.ts';
import { LOCAL_SDP, SipCentre, type CentreOptions } from './support/sip-centre.ts';
import { SipPeer, type PeerRequest } from './support/sip-peer.ts';

const CARRIER = asId<TrunkId>('carrier');
const T1 = asId<TenantId>('t1');
const NUMBER = '+213555000100';
const trunk = (targets: readonly string[], peer: Partial<TrunkPeer> = {}, more: Partial<Trunk> = {}): Trunk => ({
  trunkId: CARRIER, tenantId: T1, name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
  peer: { targets, callerIds: [NUMBER, '+213555000200'], fromUser: 'caller-id', identityHeader: 'p-asserted-identity', numberFormat: 'plus', ...peer },
  ...more,
});
const outbound = (over: Partial<OutboundCall> = {}): OutboundCall => ({
  trunkId: CARRIER, tenantId: T1, callId: asId<CallId>('call-1'), legId: asId<LegId>('leg-9'), to: '+213661000001', callerId: { kind: 'default' },
  sdpOffer: LOCAL_SDP, answerTimeoutMs: 5_000, ...over,
});
const never = new AbortController().signal;

describe('trunks over real sockets', () => {
  let centre: SipCentre;
  const peers: SipPeer[] = [];
  const openPeer = async (script?: SipPeer['script']): Promise<SipPeer> => {
    const peer = await SipPeer.open(script);
    peers.push(peer);
    return peer;
  };
  const start = async (trunks: readonly Trunk[], options: CentreOptions = {}): Promise<void> => {
    const table = new TrunkTable(trunks);
    centre = await SipCentre.start({
      timers: { t1: 25 }, trunkPassword: 'acme-password', trunks, admit: (facts) => (table.find(facts) ? { kind: 'trunk' } : { kind: 'hostile' }), ...options,
    });
  };
  const place = (over: Partial<OutboundCall> = {}, signal: AbortSignal = never): Promise<OutboundOutcome> => centre.application.placeCall(outbound(over), signal);
  afterEach(async () => {
    await centre.close();
    for (const peer of peers.splice(0)) await peer.close();
    assert.deepEqual(centre.faults, []);
  });

  describe('given a PBX that we register with', () => {
    let pbx: RegistrarPeer;
    const registration = () => centre.application.trunkStatus()[0]?.registration;
    beforeEach(async () => {
      pbx = await RegistrarPeer.open();
      peers.push(pbx.peer);
      await start([trunk([pbx.peer.uri], { username: 'acme', domain: 'allo', registerExpiresS: 30 })]);
      await until(() => registration()?.state === 'registered', 'the registration');
    });

    it('registers with digest (SHA-256 here), for as long as it must (423), and unregisters when it closes', async () => {
      assert.match(pbx.contact ?? '', /^sip:acme@127\.0\.0\.1:\d+;line=[0-9a-f]{24}$/);
      assert.deepEqual(pbx.peer.requests.map((request) => [request.get('expires'), request.get('authorization').includes('algorithm=SHA-256')]), [['30', false], ['30', true], ['60', true]]);
      await centre.close();
      assert.equal(pbx.contact, undefined);
    });
    it('gives a call that the PBX sends to our contact to that trunk, with the number of To', async () => {
      const incoming = centre.nextCall();
      const [, host = '', line = ''] = /^sip:acme@([^;]+);(line=.*)$/.exec(pbx.contact ?? '') ?? [];
      const invite = (uri: string, to: string): void => pbx.peer.send([
        `INVITE ${uri} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${pbx.peer.port};branch=z9hG4bK-${to}`, 'Max-Forwards: 70', 'From: <sip:0555000111@allo>;tag=1', `To: <sip:${to}@allo>`,
        `Call-ID: ${to}`, 'CSeq: 1 INVITE', `Contact: <${pbx.peer.uri}>`, 'Content-Type: application/sdp',
      ], LOCAL_SDP, Number(host.split(':')[1]));
      invite(`sip:acme@${host};${line}`, '1000');
      const leg = await incoming;
      assert.deepEqual([leg.invite.trunkId, leg.invite.dialled], [CARRIER, '1000']);
      const direct = centre.nextCall();
      invite(`sip:2000@${host}`, '3000');
      assert.equal((await direct).invite.dialled, '2000');
      invite(`sip:acme@${host};line=${'0'.repeat(24)}`, '4000');
      await until(() => centre.application.counters().hostile === 1, 'a line that is not ours to be refused');
      await leg.refuse({ status: 486 });
    });
    it('takes no browser for the PBX, though it has its address', async () => {
      const phone = await centre.openPhone('stranger');
      phone.send('INVITE', { uri: 'sip:1000@allo', callId: 'ws-1', to: '<sip:1000@allo>', headers: [`Contact: <${phone.contact}>`] });
      assert.equal((await phone.final('INVITE')).status, 403);
    });
    it('sees a stranger as before', async () => {
      // The same address without a registration is nobody's: the table has no address list.
      await centre.close();
      await start([trunk(['sip:192.0.2.55'], {})]);
      const result = await sipp.call([sipp.invite(), sipp.maybe(100), sipp.expect(403), sipp.ackRefusal()], { remote: centre.address('udp') });
      assert.equal(result.exitCode, 0, result.errors);
    });
    it('registers again at once when its SIP server comes back', async () => {
      const before = pbx.peer.count('REGISTER');
      centre.dropApplications();
      await centre.untilReconnected();
      await until(() => pbx.peer.count('REGISTER') > before, 'another REGISTER');
    });
  });

  describe('given targets that are watched', () => {
    it('says which are up and which are down, and why', async () => {
      const good = await openPeer((request) => (request.method === 'OPTIONS' ? { status: 200 } : undefined));
      const bad = await openPeer((request) => (request.method === 'OPTIONS' ? { status: 503 } : undefined));
      await start([trunk([bad.uri, good.uri], { optionsIntervalMs: 30 })]);
      const states = (): string => centre.application.trunkStatus()[0]?.targets.map(({ state, reason }) => `${state} ${reason ?? ''}`).join() ?? '';
      await until(() => states() === 'down sip-503,up ', 'the checks');
      const placing = place();
      const invite = await good.request('INVITE');
      assert.equal(bad.count('INVITE'), 0);
      good.respond(invite, 486);
      assert.equal((await placing).kind, 'busy');
    });
  });

  describe('given a call through a trunk', () => {
    const answer = async (carrier: SipPeer, over: Partial<OutboundCall> = {}): Promise<{ invite: PeerRequest; outcome: OutboundOutcome }> => {
      const placing = place(over);
      const invite = await carrier.request('INVITE');
      carrier.respond(invite, 180);
      carrier.respond(invite, 200, { sdp: sipp.SIPP_SDP });
      return { invite, outcome: await placing };
    };

    it('is answered by a telephone of another make, and hung up by us', async () => {
      const telephone = await sipp.waitForCalls([
        sipp.expectRequest('INVITE', `P-Asserted-Identity: .sip:\\${NUMBER}@127.0.0.1`), sipp.reply(180), sipp.reply(200, { sdp: sipp.SIPP_SDP }),
        sipp.expectRequest('ACK'), sipp.expectRequest('BYE', 'Reason: Q.850;cause=16'), sipp.replyInDialog(200),
      ]);
      await start([trunk([`sip:127.0.0.1:${telephone.port}`])]);
      const heard: number[] = [];
      const outcome = await place({ onProgress: ({ sipStatus }) => heard.push(sipStatus) });
      assert.ok(outcome.kind === 'answered');
      assert.deepEqual([heard, outcome.leg.legId, outcome.target], [[180], 'leg-9', `sip:127.0.0.1:${telephone.port}`]);
      assert.equal(centre.application.counters().legs, 1);
      await outcome.leg.hangUp({ result: 'agent', reason: 'agent-hung-up', q850: 16 });
      const result = await telephone.finished;
      assert.equal(result.exitCode, 0, result.errors);
      const { placed, placedAnswered } = centre.application.counters();
      assert.deepEqual([placed, placedAnswered], [1, 1]);
    });
    it('ends when the customer hangs up', async () => {
      const telephone = await sipp.waitForCalls([
        sipp.expectInviteToHangUp(), sipp.reply(200, { sdp: sipp.SIPP_SDP }), sipp.expectRequest('ACK'), sipp.pause(50), sipp.byeFromCallee(['Reason: Q.850;cause=16']), sipp.expect(200),
      ]);
      await start([trunk([`sip:127.0.0.1:${telephone.port}`])]);
      const outcome = await place();
      assert.ok(outcome.kind === 'answered');
      assert.deepEqual(await outcome.leg.ended, { result: 'caller', reason: 'caller-hung-up', q850: 16 });
      await telephone.finished;
    });
    it('answers the challenge of the carrier with its account', async () => {
      const challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n", algorithm=SHA-256, qop="auth", opaque="o"';
      const carrier = await openPeer((request) => (request.method === 'INVITE' && request.get('proxy-authorization') === '' ? { status: 407, headers: [challenge] } : undefined));
      await start([trunk([carrier.uri], { username: 'acme' })]);
      const { invite, outcome } = await answer(carrier);
      assert.equal(outcome.kind, 'answered');
      const [first] = carrier.requests;
      assert.deepEqual([invite.get('call-id'), invite.get('from'), invite.get('cseq')], [first?.get('call-id'), first?.get('from'), '2 INVITE']);
      assert.match(invite.get('proxy-authorization'), /^Digest username="acme", realm="carrier".*algorithm=SHA-256, qop=auth, nc=00000001/);
      await carrier.request('ACK'); // of the 407
      assert.match((await carrier.request('ACK')).get('proxy-authorization'), /^Digest/);
    });
    it('fails at the second challenge, and at the first without an account', async () => {
      const carrier = await openPeer((request) => (request.method === 'INVITE' ? { status: 401, headers: ['WWW-Authenticate: Digest realm="r", nonce="n"'] } : undefined));
      await start([trunk([carrier.uri], { username: 'acme' }), trunk([carrier.uri], {}, { trunkId: asId<TrunkId>('bare') })]);
      assert.deepEqual(await place(), { kind: 'failed', reason: 'credentials-refused', sipStatus: 401 });
      assert.equal(carrier.count('INVITE'), 2);
    });

    describe('shows who is calling, as the trunk wants it', () => {
      const shown = async (callerId: OutboundCall['callerId'], peer: Partial<TrunkPeer> = {}, to = '+213661000001') => {
        const carrier = await openPeer((request) => (request.method === 'INVITE' ? { status: 486 } : undefined));
        await start([trunk([carrier.uri], peer)]);
        const outcome = await place({ callerId, to });
        const [invite] = carrier.requests;
        const value = (name: string): string => invite?.get(name).replace(/;tag=.*/, '').replace(/:\d{4,5}(?!\d)/g, '') ?? '';
        return { outcome, uri: invite?.start.replace(/:\d{4,} /, ' '), from: value('from'), asserted: value('p-asserted-identity'), preferred: value('p-preferred-identity'), privacy: value('privacy') };
      };
      it('the tenant’s first number by default, another of its numbers with a name', async () => {
        const first = await shown({ kind: 'default' });
        assert.deepEqual([first.from, first.asserted, first.privacy], [`<sip:${NUMBER}@127.0.0.1>`, `<sip:${NUMBER}@127.0.0.1>`, '']);
        await centre.close();
        const named = await shown({ kind: 'number', number: '+213555000200', name: 'Atlas\r\nX: "y"' }, { domain: 'atlas.example', identityHeader: 'p-preferred-identity' });
        assert.deepEqual([named.from, named.asserted, named.uri], ['"Atlas X: \\"y\\"" <sip:+213555000200@atlas.example>', '', 'INVITE sip:+213661000001@atlas.example SIP/2.0']);
        assert.match(named.preferred, /213555000200@atlas/);
      });
      it('nobody, while the network still knows (RFC 3323, RFC 3325 §7)', async () => {
        const hidden = await shown({ kind: 'anonymous' });
        assert.deepEqual([hidden.from, hidden.asserted, hidden.privacy], ['"Anonymous" <sip:anonymous@anonymous.invalid>', `<sip:${NUMBER}@127.0.0.1>`, 'id']);
      });
      it('digits without plus, and the account in From', async () => {
        const { from, asserted, uri } = await shown({ kind: 'default' }, { numberFormat: 'digits', fromUser: 'account', username: 'acme' }, '+213661000001');
        assert.deepEqual([from, asserted, uri], ['<sip:acme@127.0.0.1>', '<sip:213555000100@127.0.0.1>', 'INVITE sip:213661000001@127.0.0.1 SIP/2.0']);
      });
      it('no number that is not its own', async () => {
        const { outcome, uri } = await shown({ kind: 'number', number: '+33100000000' });
        assert.deepEqual([outcome, uri], [{ kind: 'failed', reason: 'caller-id-not-allowed' }, undefined]);
      });
    });

    describe('goes on to the next target', () => {
      for (const status of [503, 408]) {
        it(`after ${status}`, async () => {
          const first = await openPeer((request) => (request.method === 'INVITE' ? { status } : undefined));
          const second = await openPeer();
          await start([trunk([first.uri, second.uri])]);
          const { outcome, invite } = await answer(second);
          assert.ok(outcome.kind === 'answered' && outcome.target === second.uri);
          assert.notEqual(invite.get('call-id'), first.requests[0]?.get('call-id'));
        });
      }
      it('after a transport that does not connect', async () => {
        const gone = await SipPeer.open();
        const { port } = gone;
        await gone.close();
        const second = await openPeer();
        await start([trunk([`sip:127.0.0.1:${port};transport=tcp`, second.uri])]);
        assert.equal((await answer(second)).outcome.kind, 'answered');
      });
      it('after one that says nothing, until the transaction ends', async () => {
        const mute = await openPeer();
        const second = await openPeer();
        await start([trunk([mute.uri, second.uri])]);
        assert.equal((await answer(second)).outcome.kind, 'answered');
        assert.ok(mute.count('INVITE') > 1);
      });
      it('never once it has rung, not for another answer, and not with none left', async () => {
        const first = await openPeer();
        const second = await openPeer((request) => (request.method === 'INVITE' ? { status: 503 } : undefined));
        await start([trunk([first.uri, second.uri])]);
        const refuse = async (...statuses: readonly number[]): Promise<OutboundOutcome> => {
          const placing = place();
          const invite = await first.request('INVITE');
          for (const status of statuses) first.respond(invite, status);
          return placing;
        };
        assert.deepEqual(await refuse(180, 503), { kind: 'failed', reason: 'sip-503', sipStatus: 503, q850: 41 });
        assert.deepEqual(await refuse(404), { kind: 'rejected', sipStatus: 404, q850: 1 });
        assert.equal(second.count('INVITE'), 0);
        assert.deepEqual(await refuse(503), { kind: 'failed', reason: 'sip-503', sipStatus: 503, q850: 41 });
        assert.equal(second.count('INVITE'), 1);
      });
    });

    it('is not redirected: it ends, and says so (RFC 3261 §8.1.3.4)', async () => {
      const elsewhere = await openPeer();
      const second = await openPeer();
      const first = await openPeer((request) => (request.method === 'INVITE' ? { status: 302, contact: elsewhere.uri } : undefined));
      await start([trunk([first.uri, second.uri])]);
      assert.deepEqual(await place(), { kind: 'failed', reason: 'redirected', sipStatus: 302, q850: 23 });
      assert.deepEqual([first.count('INVITE'), second.count('INVITE'), elsewhere.count('INVITE')], [1, 0, 0]);
    });
    it('is cancelled by its signal, and is nobody’s before', async () => {
      const carrier = await openPeer();
      await start([trunk([carrier.uri])]);
      assert.deepEqual(await place({}, AbortSignal.abort()), { kind: 'cancelled' });
      const giveUp = new AbortController();
      const placing = place({}, giveUp.signal);
      const invite = await carrier.request('INVITE');
      carrier.respond(invite, 180);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      giveUp.abort();
      assert.deepEqual(await placing, { kind: 'cancelled' });
      const cancel = await carrier.request('CANCEL');
      assert.match(cancel.get('reason'), /SIP;cause=487/);
      carrier.respond(cancel, 200);
      carrier.respond(invite, 487);
      await carrier.request('ACK');
    });
    it('ends when nobody answers in time, and hangs up an answer that crosses the CANCEL', async () => {
      const carrier = await openPeer();
      await start([trunk([carrier.uri])]);
      const placing = place({ answerTimeoutMs: 150 });
      const invite = await carrier.request('INVITE');
      carrier.respond(invite, 180);
      assert.deepEqual(await placing, { kind: 'no-answer', sipStatus: 408, q850: 19 });
      await carrier.request('CANCEL');
      carrier.respond(invite, 200, { sdp: sipp.SIPP_SDP });
      await carrier.request('ACK');
      assert.match((await carrier.request('BYE')).get('reason'), /no-answer/);
    });
    it('fails when the SIP server goes away while it rings', async () => {
      const carrier = await openPeer();
      await start([trunk([carrier.uri])]);
      const placing = place();
      carrier.respond(await carrier.request('INVITE'), 180);
      centre.dropApplications();
      assert.deepEqual(await placing, { kind: 'failed', reason: 'signalling-lost' });
      await centre.untilReconnected();
    });
    it('is not placed for another tenant, through an unknown trunk, or to what is no number', async () => {
      const { peer: _, ...inOnly } = trunk([], {}, { trunkId: asId<TrunkId>('in-only') });
      await start([trunk(['sip:127.0.0.1:9']), inOnly]);
      assert.deepEqual(await place({ tenantId: asId<TenantId>('t2') }), { kind: 'failed', reason: 'unknown-trunk' });
      assert.deepEqual(await place({ trunkId: asId<TrunkId>('in-only') }), { kind: 'failed', reason: 'unknown-trunk' });
      assert.deepEqual(await place({ to: '1@evil;x\r\nY: z' }), { kind: 'failed', reason: 'bad-number' });
    });
  });
});
