import assert from 'node:assert/strict';
import type { InboundLeg, OutboundOutcome } from '../../server/call/ports.ts';
import type { Trunk } from '../../server/model/centre.ts';
import { asId, type CallId, type LegId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import { AgentSipLeg } from '../../server/sip/leg/agent-sip-leg.ts';
import { InboundSipLeg } from '../../server/sip/leg/inbound-sip-leg.ts';
import type { SippResult } from '../support/sipp.ts';
import * as sipp from './support/scenario.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import { SipPeer } from './support/sip-peer.ts';
import type { WireMessage } from './support/ws-phone.ts';

const succeeded = (result: SippResult): void => assert.equal(result.exitCode, 0, `${result.errors}\n${result.messages}`);
const DONE = { result: 'system', reason: 'done', q850: 16 } as const;
const HOLD = `${LOCAL_SDP}a=sendonly\r\n`;
const THEIRS = sipp.SIPP_SDP.replace('carol 1 1', 'carol 1 2');
const asWire = (sdp: string): string => sdp.replaceAll('\n', '\r\n');

describe('an offer of ours within a call', () => {
  let centre: SipCentre;
  const peers: SipPeer[] = [];
  const start = async (...targets: readonly string[]): Promise<void> => {
    const trunk: Trunk = {
      trunkId: asId<TrunkId>('carrier'), tenantId: asId<TenantId>('t1'), name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
      peer: { targets, callerIds: ['+213555000100'], fromUser: 'caller-id', identityHeader: 'none', numberFormat: 'plus' },
    };
    centre = await SipCentre.start({ timers: { t1: 25 }, trunks: targets.length === 0 ? [] : [trunk] });
  };
  afterEach(async () => {
    await centre.close();
    for (const peer of peers.splice(0)) await peer.close();
    assert.deepEqual(centre.faults, []);
  });
  const place = (): Promise<OutboundOutcome> => centre.application.placeCall({
    trunkId: asId<TrunkId>('carrier'), tenantId: asId<TenantId>('t1'), callId: asId<CallId>('c'), legId: asId<LegId>('l'), to: '+213661000001',
    callerId: { kind: 'default' }, sdpOffer: LOCAL_SDP, answerTimeoutMs: 5_000,
  }, new AbortController().signal);
  const outboundLeg = async (): Promise<AgentSipLeg> => {
    const outcome = await place();
    assert.ok(outcome.kind === 'answered' && outcome.leg instanceof AgentSipLeg);
    return outcome.leg;
  };
  const asSipLeg = (leg: InboundLeg): InboundSipLeg => {
    assert.ok(leg instanceof InboundSipLeg);
    return leg;
  };

  it('is answered by a telephone of another make that we called', async () => {
    const telephone = await sipp.waitForCalls([
      sipp.expectRequest('INVITE'), sipp.reply(200, { sdp: sipp.SIPP_SDP }), sipp.expectRequest('ACK'),
      sipp.expectRequest('INVITE', 'a=sendonly'), sipp.replyInDialog(200, { sdp: THEIRS }), sipp.expectRequest('ACK'),
      sipp.expectRequest('BYE'), sipp.replyInDialog(200),
    ]);
    await start(`sip:127.0.0.1:${telephone.port}`);
    const leg = await outboundLeg();
    assert.deepEqual(await leg.modify(HOLD), { kind: 'agreed', sdpAnswer: asWire(THEIRS) });
    await leg.hangUp(DONE);
    succeeded(await telephone.finished);
    assert.deepEqual(await leg.modify(HOLD), { kind: 'gone' });
  });
  it('is made again to a caller who offers at the same time (491, RFC 3261 §14.1)', async () => {
    await start();
    const incoming = centre.nextCall();
    const calling = sipp.call([
      sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(),
      sipp.expectRequest('INVITE'), sipp.replyInDialog(491), sipp.expectRequest('ACK'),
      sipp.expectRequest('INVITE', 'a=sendonly'), sipp.replyInDialog(200, { sdp: THEIRS }), sipp.expectRequest('ACK'),
      sipp.expectRequest('BYE'), sipp.replyInDialog(200),
    ], { remote: centre.address('udp'), timeoutMs: 8_000 });
    const leg = asSipLeg(await incoming);
    assert.deepEqual(await leg.modify(HOLD), { kind: 'failed', reason: 'not-confirmed' });
    await leg.answer(LOCAL_SDP);
    assert.deepEqual(await leg.modify(HOLD), { kind: 'agreed', sdpAnswer: asWire(THEIRS) });
    await leg.hangUp(DONE);
    succeeded(await calling);
  });
  it('gives way to an offer that crosses it on the wire, and comes after it', async () => {
    const peer = await SipPeer.open((request) => (request.method === 'INVITE' && !request.get('to').includes('tag=') ? { status: 200, sdp: sipp.SIPP_SDP } : undefined));
    peers.push(peer);
    await start(peer.uri);
    const leg = await outboundLeg();
    leg.onReoffer(async () => `${LOCAL_SDP}a=recvonly\r\n`);
    const modifying = leg.modify(HOLD);
    const first = await peer.next<SipPeer['requests'][number]>((message) => message.method === 'INVITE' && message.get('to').includes('tag='));
    const [, target = ''] = /<([^>]+)>/.exec(first.get('contact')) ?? [];
    const theirs = (method: string, cseq: number, branch: string): void => peer.send([
      `${method} ${target} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK-${branch}`, 'Max-Forwards: 70', `From: ${first.get('to')}`, `To: ${first.get('from')}`,
      `Call-ID: ${first.get('call-id')}`, `CSeq: ${cseq} ${method}`, ...(method === 'ACK' ? [] : [`Contact: <${peer.uri}>`, 'Content-Type: application/sdp']),
    ], method === 'ACK' ? '' : sipp.SIPP_SDP, first.from.port);
    const final = (cseq: number): Promise<WireMessage> => peer.next((message) => message.status >= 200 && message.get('cseq') === `${cseq} INVITE` && message.get('from') === first.get('to'));
    theirs('INVITE', 1, 'first');
    assert.equal((await final(1)).status, 491);
    theirs('ACK', 1, 'first');
    peer.respond(first, 491);
    await peer.next((message) => message.method === 'ACK' && message.get('cseq') === first.get('cseq').replace('INVITE', 'ACK'));
    theirs('INVITE', 2, 'second');
    const ours = await final(2);
    assert.deepEqual([ours.status, ours.body.includes('a=recvonly')], [200, true]);
    theirs('ACK', 2, 'ack');
    const second = await peer.next<SipPeer['requests'][number]>((message) => message.method === 'INVITE' && message.get('cseq') !== first.get('cseq'), 5_000);
    peer.respond(second, 200, { sdp: THEIRS });
    assert.deepEqual(await modifying, { kind: 'agreed', sdpAnswer: THEIRS });
    await leg.hangUp(DONE);
    peer.respond(await peer.request('BYE'), 200);
  });
  it('ends a leg whose far end knows the dialog no more (481, RFC 3261 §12.2.1.2)', async () => {
    const peer = await SipPeer.open((request) => {
      if (request.method === 'INVITE') return request.get('to').includes('tag=') ? { status: 481 } : { status: 200, sdp: sipp.SIPP_SDP };
      return request.method === 'BYE' ? { status: 481 } : undefined;
    });
    peers.push(peer);
    await start(peer.uri);
    const leg = await outboundLeg();
    assert.deepEqual(await leg.modify(HOLD), { kind: 'gone' });
    assert.deepEqual(await leg.ended, { result: 'failed', reason: 'dialog-lost', q850: 102 });
    assert.equal(centre.application.counters().legs, 0);
  });
});
