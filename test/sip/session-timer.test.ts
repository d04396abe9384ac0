import assert from 'node:assert/strict';
import type { InboundLeg, OutboundOutcome } from '../../server/call/ports.ts';
import type { Trunk } from '../../server/model/centre.ts';
import { asId, type CallId, type LegId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import { answerSessionTimer, askForSessionTimer, longerSession } from '../../server/sip/headers/session-timer.ts';
import { fakeRequest } from './support/fake-request.ts';
import { SIPP_SDP } from './support/scenario.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import { SipPeer, type PeerRequest } from './support/sip-peer.ts';
import type { WireMessage } from './support/ws-phone.ts';

/** 1,800 seconds pass in 900 ms: a session that is not refreshed is over after 884 ms (RFC 4028 §10). */
const TIMERS = { t1: 25, second: 0.5 };
const EXPIRED = { result: 'failed', reason: 'session-expired', q850: 102 } as const;

describe('answerSessionTimer (RFC 4028 §9)', () => {
  const cases: readonly [string, Record<string, string>, string | undefined, string | undefined][] = [
    ['gives a timer to who can refresh it, also without asking', { Supported: '100rel, timer' }, '1800;refresher=uac', 'timer'],
    ['gives none to who knows none', { Supported: 'outbound' }, undefined, undefined],
    ['keeps a shorter interval', { Supported: 'timer', 'Session-Expires': '90' }, '90;refresher=uac', 'timer'],
    ['shortens a longer one', { Supported: 'timer', 'Session-Expires': '7200;refresher=uac' }, '1800;refresher=uac', 'timer'],
    ['not below the least that a proxy on the way allows', { Supported: 'timer', 'Session-Expires': '7200', 'Min-SE': '3600' }, '3600;refresher=uac', 'timer'],
    ['lets us refresh when the far end wants that', { Supported: 'timer', 'Session-Expires': '1800; refresher=UAS' }, '1800;refresher=uas', undefined],
    ['and when only a proxy asked for a timer', { 'Session-Expires': '1800' }, '1800;refresher=uas', undefined],
    ['takes no sense from nonsense', { Supported: 'timer', 'Session-Expires': 'soon', 'Min-SE': 'x' }, '1800;refresher=uac', 'timer'],
  ];
  for (const [what, headers, expires, require] of cases) {
    it(what, () => {
      const answer = answerSessionTimer(fakeRequest({ headers }));
      assert.deepEqual([answer['Session-Expires'], answer.Require], [expires, require]);
    });
  }
});

describe('longerSession (RFC 4028 §7.3)', () => {
  for (const [minSe, longer] of [['3600', 3_600], ['3600;x=y', 3_600], ['1800', undefined], ['90', undefined], ['999999', undefined], ['x', undefined], [undefined, undefined]] as const) {
    it(`makes ${longer ?? 'nothing'} of ${minSe}`, () => assert.equal(longerSession(minSe, 1_800), longer));
  }
  it('is what the next INVITE asks for', () => assert.equal(askForSessionTimer(3_600)['Session-Expires'], '3600;refresher=uas'));
});

describe('session timers over real sockets', () => {
  let centre: SipCentre;
  let peer: SipPeer;
  const start = async (script?: SipPeer['script']): Promise<void> => {
    peer = await SipPeer.open(script);
    const trunk: Trunk = {
      trunkId: asId<TrunkId>('carrier'), tenantId: asId<TenantId>('t1'), name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
      peer: { targets: [peer.uri], callerIds: ['+213555000100'], fromUser: 'caller-id', identityHeader: 'none', numberFormat: 'plus' },
    };
    centre = await SipCentre.start({ timers: TIMERS, trunks: [trunk] });
  };
  afterEach(async () => {
    await centre.close();
    await peer.close();
    assert.deepEqual(centre.faults, []);
  });

  describe('given a caller', () => {
    const send = (method: string, cseq: number, of: { to?: string; headers?: readonly string[] } = {}): void => {
      const hasSdp = method === 'INVITE';
      peer.send([
        `${method} sip:1000@${centre.address('udp')} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK-${method}-${cseq}`, 'Max-Forwards: 70', 'From: <sip:carol@h>;tag=1',
        `To: ${of.to ?? '<sip:1000@h>'}`, 'Call-ID: in-1', `CSeq: ${cseq} ${method}`, `Contact: <${peer.uri}>`, ...(of.headers ?? []), ...(hasSdp ? ['Content-Type: application/sdp'] : []),
      ], hasSdp ? SIPP_SDP : '', Number(centre.address('udp').split(':')[1]));
    };
    const callIn = async (headers: readonly string[]): Promise<{ leg: InboundLeg; ok: WireMessage }> => {
      const incoming = centre.nextCall();
      send('INVITE', 1, { headers });
      const leg = await incoming;
      const answering = leg.answer(LOCAL_SDP);
      const ok = await peer.final();
      send('ACK', 1, { to: ok.get('to') });
      assert.equal((await answering).kind, 'answered');
      return { leg, ok };
    };
    it('hangs up on one who vanishes without BYE, and says so (RFC 4028 §10)', async () => {
      await start();
      const { leg, ok } = await callIn(['Supported: timer']);
      assert.deepEqual([ok.get('session-expires'), ok.get('require')], ['1800;refresher=uac', 'timer']);
      assert.deepEqual(await leg.ended, EXPIRED);
      await peer.request('BYE');
      assert.equal(centre.application.counters().legs, 0);
    });
    it('keeps one who refreshes', async () => {
      await start();
      const { leg, ok } = await callIn(['Supported: timer']);
      const answeredAt = performance.now();
      while (performance.now() < answeredAt + 450) await new Promise((resolve) => { setTimeout(resolve, 10); }); // Half of the interval.
      send('UPDATE', 2, { to: ok.get('to'), headers: ['Supported: timer'] }); // Our 2xx goes on with the timer, though this one does not ask.
      const refreshed = await peer.final();
      assert.deepEqual([refreshed.status, refreshed.get('session-expires')], [200, '1800;refresher=uac']);
      assert.deepEqual(await leg.ended, EXPIRED);
      assert.ok(performance.now() - answeredAt > 450 + 800);
    });
    it('asks none of one who knows none', async () => {
      await start();
      const { leg, ok } = await callIn([]);
      assert.deepEqual([ok.get('session-expires'), ok.get('require')], ['', '']);
      await leg.hangUp({ result: 'system', reason: 'done' });
    });
  });

  describe('given a call out', () => {
    const place = (): Promise<OutboundOutcome> => centre.application.placeCall({
      trunkId: asId<TrunkId>('carrier'), tenantId: asId<TenantId>('t1'), callId: asId<CallId>('c'), legId: asId<LegId>('l'), to: '+213661000001',
      callerId: { kind: 'default' }, sdpOffer: LOCAL_SDP, answerTimeoutMs: 5_000,
    }, new AbortController().signal);
    const timerOf = (invite: PeerRequest | undefined) => [invite?.get('supported'), invite?.get('session-expires')];

    it('asks the far end to refresh, and hangs up when it vanishes', async () => {
      await start((request) => (request.method === 'INVITE' ? { status: 200, sdp: SIPP_SDP, headers: ['Session-Expires: 1800;refresher=uas', 'Require: timer'] } : undefined));
      const outcome = await place();
      assert.ok(outcome.kind === 'answered');
      assert.deepEqual(timerOf(peer.requests[0]), ['timer', '1800;refresher=uas']);
      assert.deepEqual(await outcome.leg.ended, EXPIRED);
      await peer.request('BYE');
    });
    it('asks again for the interval that the far end wants (422, RFC 4028 §7.3)', async () => {
      await start((request) => {
        if (request.method !== 'INVITE') return undefined;
        return request.get('session-expires').startsWith('3600;') ? { status: 486 } : { status: 422, headers: ['Min-SE: 3600'] };
      });
      assert.equal((await place()).kind, 'busy');
      const [first, second] = peer.requests.filter(({ method }) => method === 'INVITE');
      assert.deepEqual([timerOf(first), timerOf(second)], [['timer', '1800;refresher=uas'], ['timer', '3600;refresher=uas']]);
      assert.deepEqual([second?.get('call-id'), second?.get('cseq')], [first?.get('call-id'), '2 INVITE']);
    });
    it('ends with the status when the far end wants more and more', async () => {
      let minSe = 1_800;
      await start((request) => (request.method === 'INVITE' ? { status: 422, headers: [`Min-SE: ${minSe += 1}`] } : undefined));
      assert.deepEqual(await place(), { kind: 'failed', reason: 'sip-422', sipStatus: 422, q850: 31 });
      assert.equal(peer.count('INVITE'), 3);
    });
  });
});
