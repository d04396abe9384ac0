import assert from 'node:assert/strict';
import type { InboundLeg, OutboundOutcome } from '../../server/call/ports.ts';
import type { Trunk, TrunkPeer } from '../../server/model/centre.ts';
import { asId, type CallId, type LegId, type OfferId, type TenantId, type TrunkId, type UserId } from '../../server/model/ids.ts';
import { DrachtioConnection } from '../../server/sip/drachtio/connection.ts';
import type { SipDialog } from '../../server/sip/drachtio/messages.ts';
import { sipUri } from '../../server/sip/headers/request-uri.ts';
import { AgentSipLeg } from '../../server/sip/leg/agent-sip-leg.ts';
import { hangUpDialog, sendInDialog } from '../../server/sip/leg/in-dialog-request.ts';
import { ring } from '../../server/sip/outbound/ring.ts';
import { TrunkAccount } from '../../server/sip/trunk/trunk-account.ts';
import { until } from '../support/until.ts';
import { Challenger, type ChallengerOptions } from './support/challenger.ts';
import { ALICE } from './support/fake-credentials.ts';
import { SIPP_SDP } from './support/scenario.ts';
import { LOCAL_SDP, SipCentre, type CentreOptions } from './support/sip-centre.ts';
import { SipPeer, type PeerScript } from './support/sip-peer.ts';

const CARRIER = asId<TrunkId>('carrier');
const T1 = asId<TenantId>('t1');
const DONE = { result: 'system', reason: 'done', q850: 16 } as const;
const trunk = (targets: readonly string[], peer: Partial<TrunkPeer> = {}): Trunk => ({
  trunkId: CARRIER, tenantId: T1, name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
  peer: { targets, username: 'acme', callerIds: ['+213555000100'], fromUser: 'caller-id', identityHeader: 'none', numberFormat: 'plus', ...peer },
});

describe('challenges', () => {
  let centre: SipCentre;
  const peers: SipPeer[] = [];
  const openPeer = async (script?: PeerScript, host?: string): Promise<SipPeer> => {
    const peer = await SipPeer.open(script, host);
    peers.push(peer);
    return peer;
  };
  const start = async (trunks: readonly Trunk[], options: CentreOptions = {}): Promise<void> => {
    centre = await SipCentre.start({ timers: { t1: 25 }, trunkPassword: 'acme-password', trunks, ...options });
  };
  const place = (signal = new AbortController().signal): Promise<OutboundOutcome> => centre.application.placeCall({
    trunkId: CARRIER, tenantId: T1, callId: asId<CallId>('call-1'), legId: asId<LegId>('leg-9'), to: '+213661000001', callerId: { kind: 'default' },
    sdpOffer: LOCAL_SDP, answerTimeoutMs: 5_000,
  }, signal);
  const answered = async (): Promise<AgentSipLeg> => {
    const outcome = await place();
    assert.ok(outcome.kind === 'answered' && outcome.leg instanceof AgentSipLeg, outcome.kind);
    return outcome.leg;
  };
  afterEach(async () => {
    await centre.close();
    for (const peer of peers.splice(0)) await peer.close();
    assert.deepEqual(centre.faults, []);
  });

  /** A carrier that answers every call; its challenger asks for proof of what it is asked about. */
  const carrierThat = (challenger: Challenger, asks: (method: string) => boolean, of: { headers?: readonly string[]; contact?: string } = {}): PeerScript => (request) => {
    if (request.method === 'ACK') return undefined;
    return (asks(request.method) ? challenger.check(request) : undefined) ?? { status: 200, ...(request.method === 'INVITE' ? { sdp: SIPP_SDP, ...of } : {}) };
  };

  describe('given a trunk that asks for proof of a BYE only (RFC 3261 §22.3)', () => {
    const kinds: readonly [string, ChallengerOptions, string][] = [
      ['MD5', {}, 'MD5'], ['SHA-256 only', { algorithms: ['SHA-256'] }, 'SHA-256'], ['as a server does', { status: 401 }, 'MD5'],
      ['with both algorithms on rows of their own', { algorithms: ['SHA-256', 'MD5'] }, 'SHA-256'], ['with both in one row', { algorithms: ['SHA-256', 'MD5'], isJoined: true }, 'SHA-256'],
    ];
    for (const [what, options, algorithm] of kinds) {
      it(`sends it again with credentials: ${what}`, async () => {
        const challenger = new Challenger(options);
        const carrier = await openPeer(carrierThat(challenger, (method) => method === 'BYE'));
        await start([trunk([carrier.uri])]);
        await (await answered()).hangUp(DONE);
        await until(() => challenger.accepted.length === 1, 'the second BYE');
        assert.match(challenger.accepted[0] ?? '', new RegExp(`^BYE ${algorithm} n1 1$`));
        const byes = carrier.requests.filter(({ method }) => method === 'BYE');
        assert.deepEqual(byes.map((bye) => Number(bye.get('cseq').split(' ')[0])), [2, 3]);
        assert.deepEqual(byes.map((bye) => bye.get('reason')), Array(2).fill('Q.850;cause=16;text="done"'));
      });
    }
    it('sends it again for an answer that crossed our CANCEL, too', async () => {
      const challenger = new Challenger();
      const carrier = await openPeer(carrierThat(challenger, (method) => method === 'BYE'));
      carrier.script = () => undefined;
      await start([trunk([carrier.uri])]);
      const giveUp = new AbortController();
      const placing = place(giveUp.signal);
      const invite = await carrier.request('INVITE');
      giveUp.abort();
      assert.deepEqual(await placing, { kind: 'cancelled' });
      carrier.script = carrierThat(challenger, (method) => method === 'BYE');
      carrier.respond(invite, 200, { sdp: SIPP_SDP });
      await until(() => challenger.accepted.length === 1, 'the second BYE');
    });
    it('gives up after one answer that is not taken', async () => {
      const challenger = new Challenger({ password: 'another' });
      const carrier = await openPeer(carrierThat(challenger, (method) => method === 'BYE'));
      await start([trunk([carrier.uri])]);
      await (await answered()).hangUp(DONE);
      await until(() => carrier.count('BYE') === 2, 'the second BYE');
      await place(); // By now a third would be there.
      assert.equal(carrier.count('BYE'), 2);
    });
  });

  describe('given a trunk that asks for proof of everything', () => {
    const everything = (): boolean => true;

    it('proves itself unasked with the nonce that it knows, and counts its uses (RFC 7616 §3.4, §3.6)', async () => {
      const challenger = new Challenger();
      const carrier = await openPeer(carrierThat(challenger, everything));
      await start([trunk([carrier.uri])]);
      for (const call of [1, 2]) {
        await (await answered()).hangUp(DONE);
        await until(() => carrier.count('BYE') === call, 'the BYE');
      }
      assert.deepEqual(challenger.accepted, ['INVITE MD5 n1 1', 'BYE MD5 n1 2', 'INVITE MD5 n1 3', 'BYE MD5 n1 4']);
      assert.deepEqual([carrier.count('INVITE'), carrier.count('BYE')], [3, 2]);
    });
    it('takes the new nonce of a stale one, and counts anew', async () => {
      const challenger = new Challenger();
      const carrier = await openPeer(carrierThat(challenger, everything));
      await start([trunk([carrier.uri])]);
      const leg = await answered();
      Object.assign(challenger, { nonce: 'n2', isStale: true });
      await leg.hangUp(DONE);
      await until(() => carrier.count('BYE') === 2, 'the second BYE');
      assert.deepEqual(challenger.accepted, ['INVITE MD5 n1 1', 'BYE MD5 n2 1']);
    });
    it('proves a re-INVITE of ours, and its ACK (RFC 3261 §13.2.2.4)', async () => {
      const challenger = new Challenger({ algorithms: ['SHA-256'] });
      const carrier = await openPeer(carrierThat(challenger, (method) => method !== 'INVITE' || challenger.nonce === 'n2'));
      await start([trunk([carrier.uri])]);
      const leg = await answered();
      challenger.nonce = 'n2';
      assert.deepEqual(await leg.modify(`${LOCAL_SDP}a=sendonly\r\n`), { kind: 'agreed', sdpAnswer: SIPP_SDP });
      assert.deepEqual(challenger.accepted, ['INVITE SHA-256 n2 1']);
      await until(() => carrier.requests.filter((request) => request.method === 'ACK').at(-1)?.get('proxy-authorization').includes('nonce="n2"'), 'the ACK with credentials');
      await leg.hangUp(DONE);
    });
    it('proves OPTIONS that watch it, so that it is not taken for a scanner', async () => {
      const challenger = new Challenger({ status: 401 });
      const carrier = await openPeer(carrierThat(challenger, everything));
      await start([trunk([carrier.uri], { optionsIntervalMs: 30 })]);
      await until(() => challenger.accepted.length >= 2, 'two checks');
      const [first, second, third] = carrier.requests;
      assert.deepEqual([first?.get('call-id'), first?.get('from'), second?.get('cseq')], [second?.get('call-id'), second?.get('from'), '2 OPTIONS']);
      assert.notEqual(third?.get('call-id'), first?.get('call-id'));
      assert.deepEqual(challenger.accepted.slice(0, 2), ['OPTIONS MD5 n1 1', 'OPTIONS MD5 n1 2']);
      assert.equal(centre.application.trunkStatus()[0]?.targets[0]?.state, 'up');
    });
  });

  describe('given every request that a dialog can carry', () => {
    const withDialog = async (carrier: SipPeer, use: (dialog: SipDialog, exchanges: ReturnType<TrunkAccount['exchangesIn']>) => Promise<void>): Promise<void> => {
      await start([]);
      const connection = await DrachtioConnection.connect({
        address: { host: '127.0.0.1', port: centre.engine.adminPort, secret: 'test-secret' }, serve: () => undefined, onLost: () => undefined, onFault: (cause) => { throw cause; },
      });
      try {
        assert.ok(connection.stack);
        const target = sipUri(carrier.uri);
        const account = new TrunkAccount({ username: 'acme', password: 'acme-password' }, { targets: [carrier.uri] });
        const outcome = await ring<SipDialog>(connection.stack, { uri: target, sdpOffer: LOCAL_SDP, headers: {}, adopt: (dialog) => dialog }).outcome;
        assert.ok(outcome.kind === 'answered');
        await use(outcome.leg, account.exchangesIn(outcome.leg, target));
      } finally {
        await connection.close();
      }
    };
    it('repeats each with credentials, with its body and headers', async () => {
      const challenger = new Challenger({ algorithms: ['SHA-256'] });
      const carrier = await openPeer(carrierThat(challenger, (method) => method !== 'INVITE'));
      await withDialog(carrier, async (dialog, exchanges) => {
        for (const method of ['INFO', 'UPDATE', 'OPTIONS'] as const) {
          challenger.nonce = `${method}-nonce`;
          const headers = { 'Content-Type': 'application/dtmf-relay' };
          const reply = await sendInDialog(dialog, { method, headers, body: 'Signal=5\r\n' }, exchanges);
          assert.ok(reply.kind === 'response' && reply.response.status === 200, method);
          assert.equal(carrier.requests.at(-1)?.body, 'Signal=5\r\n');
        }
        await hangUpDialog(dialog, undefined, exchanges);
      });
      assert.deepEqual(challenger.accepted, ['INFO SHA-256 INFO-nonce 1', 'UPDATE SHA-256 UPDATE-nonce 1', 'OPTIONS SHA-256 OPTIONS-nonce 1', 'BYE SHA-256 OPTIONS-nonce 2']);
    });
    it('says that a request could not be sent, and forgets the dialog', async () => {
      const carrier = await openPeer(carrierThat(new Challenger(), () => false));
      await withDialog(carrier, async (dialog) => {
        assert.equal((await hangUpDialog(dialog, undefined, undefined)).kind, 'response');
        const again = await hangUpDialog(dialog, undefined, undefined);
        assert.ok(again.kind === 'unsent');
        assert.match(again.reason, /unable to find dialog/);
      });
    });
  });

  describe('given somebody whom the credentials are not for', () => {
    it('tells a second target nothing of what the first asked', async () => {
      const challenger = new Challenger();
      const first = await openPeer((request) => (request.method === 'INVITE' ? challenger.check(request) ?? { status: 503 } : undefined));
      const second = await openPeer((request) => (request.method === 'INVITE' ? { status: 486 } : undefined));
      await start([trunk([first.uri, second.uri])]);
      assert.equal((await place()).kind, 'busy');
      assert.equal(challenger.accepted.length, 1);
      assert.deepEqual(second.requests.filter(({ method }) => method === 'INVITE').map((request) => request.get('proxy-authorization')), ['']);
    });
    it('proves nothing to a telephone elsewhere that the trunk leads to, unasked or asked', async () => {
      const stranger = await openPeer((request) => (request.method === 'BYE' ? new Challenger().check(request) : undefined), '127.0.0.2');
      const carrier = await openPeer(carrierThat(new Challenger(), (method) => method === 'INVITE', { contact: stranger.uri }));
      await start([trunk([carrier.uri])]);
      await (await answered()).hangUp(DONE);
      await until(() => stranger.count('BYE') > 0, 'the BYE');
      await place();
      assert.deepEqual(stranger.requests.filter(({ method }) => method === 'BYE').map((bye) => bye.get('proxy-authorization')), ['']);
    });
    it('goes by the trunk, with its proof, when the trunk stays on the way (Record-Route)', async () => {
      const challenger = new Challenger();
      const carrier = await openPeer((request) => carrierThat(challenger, () => true, { contact: 'sip:far@127.0.0.2:9', headers: [`Record-Route: <${carrier.uri};lr>`] })(request));
      await start([trunk([carrier.uri])]);
      await (await answered()).hangUp(DONE);
      await until(() => challenger.accepted.length === 2, 'the BYE');
      assert.equal(carrier.requests.at(-1)?.start, 'BYE sip:far@127.0.0.2:9 SIP/2.0');
    });
    it('does not answer for another realm than those that it knows, within a call', async () => {
      const challenger = new Challenger();
      const foreign = new Challenger({ realm: 'elsewhere' });
      const carrier = await openPeer(carrierThat(challenger, (method) => method === 'INVITE'));
      await start([trunk([carrier.uri])]);
      const leg = await answered();
      carrier.script = (request) => (request.method === 'BYE' ? foreign.check(request) : undefined);
      await leg.hangUp(DONE);
      await until(() => carrier.count('BYE') > 0, 'the BYE');
      carrier.script = carrierThat(challenger, (method) => method === 'INVITE');
      await place();
      assert.equal(carrier.count('BYE'), 1);
    });
    it('has nothing for an agent’s softphone', async () => {
      await start([]);
      centre.credentials.add('a1', ALICE);
      const phone = await centre.openPhone('a1');
      await phone.register('a1-password');
      const ringing = centre.application.inviteAgent({
        agentId: asId<UserId>('alice'), callId: asId<CallId>('c'), offerId: asId<OfferId>('o'), legId: asId<LegId>('l'), sdpOffer: LOCAL_SDP, callerNumber: '1', ringTimeoutMs: 3_000,
      }, new AbortController().signal);
      phone.respond(await phone.request('INVITE'), 200, { sdp: SIPP_SDP });
      const outcome = await ringing;
      assert.ok(outcome.kind === 'answered');
      await outcome.leg.hangUp(DONE);
      phone.respond(await phone.request('BYE'), 407, { headers: ['Proxy-Authenticate: Digest realm="carrier", nonce="n", qop="auth"'] });
      await assert.rejects(phone.request('BYE', 100));
    });
  });

  describe('given a call that came in by the trunk', () => {
    const callIn = async (from: SipPeer): Promise<InboundLeg> => {
      const incoming = centre.nextCall();
      const [host = '', port = ''] = centre.address('udp').split(':');
      const send = (method: string, to: string, more: readonly string[], body: string): void => from.send([
        `${method} sip:1000@${host}:${port} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${from.port};branch=z9hG4bK-${method}`, 'Max-Forwards: 70', 'From: <sip:carol@h>;tag=1', `To: ${to}`,
        'Call-ID: in-1', `CSeq: 1 ${method}`, ...more,
      ], body, Number(port));
      send('INVITE', '<sip:1000@h>', [`Contact: <${from.uri}>`, 'Content-Type: application/sdp'], SIPP_SDP);
      const leg = await incoming;
      const answering = leg.answer(LOCAL_SDP);
      send('ACK', (await from.final()).get('to'), [], '');
      assert.equal((await answering).kind, 'answered');
      return leg;
    };
    it('proves our BYE with the account of the trunk that admission names', async () => {
      const challenger = new Challenger();
      const carrier = await openPeer((request) => (request.method === 'BYE' ? challenger.check(request) ?? { status: 200 } : undefined));
      await start([trunk([carrier.uri])], { admit: () => ({ kind: 'trunk', trunkId: CARRIER }) });
      await (await callIn(carrier)).hangUp(DONE);
      await until(() => challenger.accepted.length === 1, 'the second BYE');
    });
    it('proves nothing where admission names none', async () => {
      const carrier = await openPeer((request) => (request.method === 'BYE' ? new Challenger().check(request) : request.method === 'INVITE' ? { status: 486 } : undefined));
      await start([trunk([carrier.uri])]);
      await (await callIn(carrier)).hangUp(DONE);
      await until(() => carrier.count('BYE') > 0, 'the BYE');
      await place();
      assert.equal(carrier.count('BYE'), 1);
    });
  });
});
