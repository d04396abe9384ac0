import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../server/base/app-error.ts';
import type { InboundLeg } from '../../server/call/ports.ts';
import type { Trunk } from '../../server/model/centre.ts';
import { asId, type CallId, type LegId, type OfferId, type TenantId, type TrunkId, type UserId } from '../../server/model/ids.ts';
import { SipCaller } from '../../server/sip/outbound/sip-caller.ts';
import { ALICE } from './support/fake-credentials.ts';
import { hostileText } from './support/hostile-text.ts';
import { SIPP_SDP } from './support/scenario.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import { SipPeer, type PeerRequest } from './support/sip-peer.ts';
import type { WireMessage, WsPhone } from './support/ws-phone.ts';

const T1 = asId<TenantId>('t1');
const NUMBER = '+213555000100';
const never = new AbortController().signal;
const RUNS = { numRuns: 60 };
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Of every request that we send outside of dialogs. */
const COMMON = ['allow', 'call-id', 'contact', 'content-length', 'content-type', 'cseq', 'from', 'max-forwards', 'to', 'via'];

/** What stands on the wire: no line that is none, and no header but those that were asked for, once each. */
function hasOnly(message: WireMessage | undefined, names: readonly string[]): void {
  assert.ok(message);
  assert.doesNotMatch(message.head.replaceAll('\r\n', ''), /[\u0000-\u001f\u007f]/);
  const found = message.head.split('\r\n').slice(1).map((row) => row.slice(0, row.indexOf(':')).toLowerCase());
  assert.deepEqual(found.sort(), [...names].sort());
}

const trunkTo = (peer: SipPeer, trunkId: string, over: Partial<Trunk['peer']> = {}): Trunk => ({
  trunkId: asId<TrunkId>(trunkId), tenantId: T1, name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
  peer: { targets: [peer.uri], callerIds: [NUMBER], fromUser: 'caller-id', identityHeader: 'p-asserted-identity', numberFormat: 'plus', ...over },
});

describe('header injection on the wire', () => {
  let centre: SipCentre;
  let peer: SipPeer;
  let phone: WsPhone;
  beforeEach(async () => {
    peer = await SipPeer.open((request) => (request.method === 'INVITE' ? { status: 486 } : undefined));
    centre = await SipCentre.start({ timers: { t1: 25 }, trunks: [trunkTo(peer, 'carrier'), trunkTo(peer, 'broken', { domain: 'h\r\nX-Evil: 1' })] });
    centre.credentials.add('a1', ALICE);
    phone = await centre.openPhone('a1');
    assert.equal((await phone.register('a1-password')).status, 200);
  });
  afterEach(async () => {
    await centre.close();
    await peer.close();
    // Values that cannot be cleaned are refused, and whoever gave them hears of it.
    for (const fault of centre.faults) assert.ok(fault instanceof AppError && /^sip\.unsafe-/.test(fault.code), String(fault));
  });
  const place = (over: { to?: string; name?: string; callId?: string; trunkId?: string; sdp?: string }) => centre.application.placeCall({
    trunkId: asId<TrunkId>(over.trunkId ?? 'carrier'), tenantId: T1, callId: asId<CallId>(over.callId ?? 'call-1'), legId: asId<LegId>('leg-1'), to: over.to ?? '+213661000001',
    callerId: over.name === undefined ? { kind: 'default' } : { kind: 'number', number: NUMBER, name: over.name }, sdpOffer: over.sdp ?? LOCAL_SDP, answerTimeoutMs: 3_000,
  }, never);
  const CALL_OUT = [...COMMON, 'p-asserted-identity', 'x-allo-call', 'supported', 'session-expires'];

  it('is none in a call out, whoever is said to call', () => fc.assert(fc.asyncProperty(hostileText(), hostileText(), async (name, body) => {
    peer.requests.length = 0;
    const outcome = await place({ name, sdp: `v=0\r\n${body}` });
    assert.equal(outcome.kind, 'busy');
    hasOnly(peer.requests.find(({ method }) => method === 'INVITE'), CALL_OUT);
  }), RUNS));
  it('is none in a call out, whatever is dialled and whatever the call is named', () => fc.assert(fc.asyncProperty(hostileText(), hostileText(), async (to, callId) => {
    peer.requests.length = 0;
    assert.equal((await place({ to })).kind === 'busy', peer.count('INVITE') === 1);
    assert.equal((await place({ callId })).kind, CONTROLS.test(callId) ? 'failed' : 'busy');
    for (const invite of peer.requests.filter(({ method }) => method === 'INVITE')) hasOnly(invite, CALL_OUT);
  }), RUNS));
  it('is none by a trunk that is set up with it: the call fails', async () => {
    assert.deepEqual(await place({ trunkId: 'broken' }), { kind: 'failed', reason: 'fault' });
    assert.deepEqual([peer.count('INVITE'), centre.faults.length], [0, 1]);
  });

  it('is none when an agent is rung, whoever calls', () => fc.assert(fc.asyncProperty(hostileText(), hostileText(), hostileText(), async (callerName, callerNumber, id) => {
    const outcome = centre.application.inviteAgent({
      agentId: asId<UserId>('alice'), callId: asId<CallId>(CONTROLS.test(id) ? 'call-1' : id), offerId: asId<OfferId>('offer-1'), legId: asId<LegId>('leg-2'), sdpOffer: LOCAL_SDP,
      callerName, callerNumber, ringTimeoutMs: 3_000,
    }, never);
    const invite = await phone.request('INVITE');
    phone.respond(invite, 486);
    hasOnly(invite, [...COMMON, 'x-allo-call', 'x-allo-offer']);
    assert.equal((await outcome).kind, 'rejected');
    await phone.request('ACK');
  }), RUNS));

  describe('given a call that came in', () => {
    let calls = 0;
    const callIn = async (): Promise<InboundLeg> => {
      const incoming = centre.nextCall();
      calls += 1;
      peer.send([
        `INVITE sip:1000@${centre.address('udp')} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK-${calls}`, 'Max-Forwards: 70', `From: <sip:carol@h>;tag=${calls}`,
        'To: <sip:1000@h>', `Call-ID: in-${calls}`, 'CSeq: 1 INVITE', `Contact: <${peer.uri}>`, 'Content-Type: application/sdp',
      ], SIPP_SDP, Number(centre.address('udp').split(':')[1]));
      return incoming;
    };
    /** Waits for the final response to the latest INVITE, and acknowledges it. */
    const final = async (): Promise<WireMessage> => {
      const response = await peer.next<WireMessage>((message) => message.status >= 200 && message.get('call-id') === `in-${calls}`);
      peer.send([
        `ACK sip:1000@${centre.address('udp')} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK-${response.status < 300 ? 'ack-' : ''}${calls}`, 'Max-Forwards: 70',
        `From: ${response.get('from')}`, `To: ${response.get('to')}`, `Call-ID: in-${calls}`, 'CSeq: 1 ACK',
      ], '', Number(centre.address('udp').split(':')[1]));
      return response;
    };
    const bye = async (): Promise<WireMessage> => {
      const request = await peer.next<PeerRequest>((message) => message.method === 'BYE' && message.get('call-id') === `in-${calls}`);
      peer.respond(request, 200);
      return request;
    };
    const confirm = async (leg: InboundLeg): Promise<void> => {
      const answering = leg.answer(LOCAL_SDP);
      await final();
      assert.equal((await answering).kind, 'answered');
    };

    it('is none in a refusal, whatever its reason', () => fc.assert(fc.asyncProperty(hostileText(), fc.integer({ min: 0, max: 127 }), async (reason, q850) => {
      await (await callIn()).refuse({ status: 486, reason, q850, retryAfterS: 3 });
      hasOnly(await final(), ['call-id', 'content-length', 'cseq', 'from', 'to', 'via', 'reason', 'retry-after']);
    }), RUNS));
    it('is none when we hang up, whatever the reason, before the answer and after it', () => fc.assert(fc.asyncProperty(hostileText(), fc.boolean(), async (reason, isAnswered) => {
      const leg = await callIn();
      if (isAnswered) await confirm(leg);
      await leg.hangUp({ result: 'system', reason, q850: 16, sipStatus: 480 });
      const said = isAnswered ? await bye() : await final();
      hasOnly(said, ['call-id', 'content-length', 'cseq', 'from', 'to', 'via', 'reason', ...(isAnswered ? ['max-forwards'] : [])]);
    }), RUNS));
  });

  it('is none in a call of the command line’s telephone: a name is escaped, a host is refused', async () => {
    const faults: unknown[] = [];
    const caller = await SipCaller.connect({ host: '127.0.0.1', port: centre.engine.adminPort, secret: 'test-secret' }, (cause) => faults.push(cause));
    try {
      await fc.assert(fc.asyncProperty(hostileText(), hostileText(), async (to, from) => {
        peer.requests.length = 0;
        const { outcome } = caller.dial({ to: `1${to}`, from, server: { host: '127.0.0.1', port: peer.port }, sdpOffer: LOCAL_SDP, onProvisional: () => undefined });
        assert.equal((await outcome).kind, 'refused');
        hasOnly(peer.requests.find(({ method }) => method === 'INVITE'), from === 'anonymous' ? [...COMMON, 'privacy'] : [...COMMON, 'p-asserted-identity']);
      }), RUNS);
      const dial = (host: string) => caller.dial({ to: '1', from: '2', server: { host, port: peer.port }, sdpOffer: LOCAL_SDP, onProvisional: () => undefined });
      assert.throws(() => dial('h\r\nX-Evil: 1'), { code: 'sip.unsafe-uri' });
    } finally {
      await caller.close();
    }
    assert.deepEqual(faults, []);
  });
});
