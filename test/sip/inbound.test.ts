import assert from 'node:assert/strict';
import type { Digit } from '../../server/model/digit.ts';
import type { SippResult } from '../support/sipp.ts';
import * as sipp from './support/scenario.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';

const succeeded = (result: SippResult): void => assert.equal(result.exitCode, 0, `${result.errors}\n${result.messages}`);
const GOODBYE = { result: 'system', reason: 'goodbye', q850: 16 } as const;

describe('a caller’s leg', () => {
  let centre: SipCentre;
  before(async () => { centre = await SipCentre.start({ timers: { t1: 25 } }); });
  after(async () => {
    await centre.close();
    assert.deepEqual(centre.faults, []);
  });
  const dial = (steps: readonly sipp.Step[], transport: 'u1' | 't1' = 'u1') =>
    sipp.call(steps, { remote: centre.address(transport === 'u1' ? 'udp' : 'tcp'), transport, timeoutMs: 8_000 });

  describe('given a call that is answered', () => {
    for (const transport of ['u1', 't1'] as const) {
      it(`carries the facts of the INVITE and ends with the caller's BYE (${transport === 'u1' ? 'UDP' : 'TCP'})`, async () => {
        const incoming = centre.nextCall();
        const headers = ['P-Asserted-Identity: "Haddad, Carol" <sip:+213555000111@carrier.example>, <tel:+213-555-000-111>', 'Privacy: id'];
        const calling = dial([
          sipp.invite({ sdp: sipp.SIPP_SDP, headers }), sipp.maybe(100), sipp.expect(200, 'm=audio 41000'), sipp.ack(), sipp.pause(50),
          sipp.inDialog('BYE', 2, { headers: ['Reason: Q.850;cause=17;text="busy"'] }), sipp.expect(200),
        ], transport);
        const leg = await incoming;
        assert.deepEqual(await leg.answer(LOCAL_SDP), { kind: 'answered' });
        assert.deepEqual(await leg.ended, { result: 'caller', reason: 'caller-hung-up', q850: 17 });
        succeeded(await calling);
        const { dialled, fromUser, fromHost, assertedUsers, privacy, sourceAddress, sdp } = leg.invite;
        assert.deepEqual({ dialled, fromUser, fromHost, assertedUsers, privacy, sourceAddress, transport: leg.invite.transport }, {
          dialled: '1000', fromUser: '0555000111', fromHost: 'carrier.example', assertedUsers: ['+213555000111', '+213555000111'],
          privacy: ['id'], sourceAddress: '127.0.0.1', transport: transport === 'u1' ? 'udp' : 'tcp',
        });
        assert.match(sdp ?? '', /m=audio 40000/);
      });
    }
    it('hangs up with a Reason (RFC 3326), once', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.expectRequest('BYE', 'Reason: Q.850;cause=16;text="goodbye"'), sipp.replyInDialog(200),
      ]);
      const leg = await incoming;
      await leg.answer(LOCAL_SDP);
      await leg.hangUp(GOODBYE);
      await leg.hangUp({ ...GOODBYE, reason: 'again' });
      assert.deepEqual(await leg.ended, GOODBYE);
      succeeded(await calling);
    });
    it('hands over the answer of a late offer from the ACK (RFC 3261 §13.2.1)', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite({ sdp: undefined }), sipp.maybe(100), sipp.expect(200, 'm=audio 41000'), sipp.ack({ sdp: sipp.SIPP_SDP }), sipp.pause(50),
        sipp.inDialog('BYE', 2), sipp.expect(200),
      ]);
      const leg = await incoming;
      assert.equal(leg.invite.sdp, undefined);
      const outcome = await leg.answer(LOCAL_SDP);
      assert.ok(outcome.kind === 'answered');
      assert.match(outcome.ackSdp ?? '', /m=audio 40000/);
      await leg.ended;
      succeeded(await calling);
    });
    it('hears keys by INFO, and refuses other bodies with 415', async () => {
      const incoming = centre.nextCall();
      const info = (cseq: number, type: string, body: string): sipp.Step => sipp.inDialog('INFO', cseq, { headers: [`Content-Type: ${type}`], body });
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.pause(50),
        info(2, 'application/dtmf-relay', 'Signal=5\nDuration=160\n'), sipp.expect(200), info(3, 'application/dtmf', '#'), sipp.expect(200),
        info(4, 'text/plain', 'hello'), sipp.expect(415, 'Accept: application/dtmf-relay'), info(5, 'application/dtmf', 'hello'), sipp.expect(400),
        sipp.inDialog('OPTIONS', 6), sipp.expect(200, 'Allow: INVITE'), sipp.inDialog('MESSAGE', 7), sipp.expect(405),
        sipp.inDialog('BYE', 8), sipp.expect(200),
      ]);
      const leg = await incoming;
      const heard: Digit[] = [];
      leg.onDigit((digit) => heard.push(digit));
      await leg.answer(LOCAL_SDP);
      await leg.ended;
      succeeded(await calling);
      assert.deepEqual(heard, ['5', '#']);
    });
    it('answers a re-INVITE and an UPDATE by its handler, 488 when there is none or it cannot', async () => {
      const incoming = centre.nextCall();
      const hold = sipp.SIPP_SDP.replace('a=rtpmap:8', 'a=sendonly\na=rtpmap:8');
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.pause(50),
        sipp.invite({ sdp: hold, cseq: 2 }), sipp.maybe(100), sipp.expect(200, 'a=recvonly'), sipp.ack({ cseq: 2 }),
        sipp.invite({ sdp: undefined, cseq: 3 }), sipp.maybe(100), sipp.expect(200, 'a=recvonly'), sipp.ack({ cseq: 3, sdp: hold }),
        sipp.inDialog('UPDATE', 4, { headers: ['Content-Type: application/sdp'], body: sipp.SIPP_SDP }), sipp.expect(200, 'a=sendrecv'),
        sipp.inDialog('UPDATE', 5), sipp.expect(200),
        sipp.inDialog('UPDATE', 6, { headers: ['Content-Type: application/sdp'], body: `${sipp.SIPP_SDP}a=unusable\n` }), sipp.expect(488),
        sipp.inDialog('BYE', 7), sipp.expect(200),
      ]);
      const leg = await incoming;
      const offers: string[] = [];
      leg.onReoffer(async (offer) => {
        offers.push(offer);
        if (offer.includes('unusable')) return undefined;
        return `${LOCAL_SDP}${offer.includes('sendonly') ? 'a=recvonly' : 'a=sendrecv'}\r\n`;
      });
      await leg.answer(LOCAL_SDP);
      await leg.ended;
      succeeded(await calling);
      assert.equal(offers.length, 3);
    });
    it('answers re-INVITEs with 488 until a handler is set', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.pause(50),
        sipp.invite({ sdp: sipp.SIPP_SDP, cseq: 2 }), sipp.maybe(100), sipp.expect(488), sipp.ackInDialogRefusal(2),
        sipp.inDialog('BYE', 3), sipp.expect(200),
      ]);
      const leg = await incoming;
      await leg.answer(LOCAL_SDP);
      await leg.ended;
      succeeded(await calling);
    });
  });

  describe('given a call that is not answered', () => {
    it('refuses with status, Reason and Retry-After', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(503, 'Reason: Q.850;cause=41;text="draining"'), sipp.ackRefusal(),
      ]);
      const leg = await incoming;
      await leg.refuse({ status: 503, reason: 'draining', retryAfterS: 30 });
      assert.deepEqual(await leg.ended, { result: 'refused', reason: 'draining', sipStatus: 503, q850: 41 });
      const result = await calling;
      succeeded(result);
      assert.match(result.messages, /Retry-After: 30/);
    });
    it('ends with the caller’s CANCEL, and an answer after it finds her gone', async () => {
      const incoming = centre.nextCall();
      const calling = dial([sipp.invite(), sipp.expect(100), sipp.cancel(), sipp.expect(200), sipp.expect(487), sipp.ackRefusal()]);
      const leg = await incoming;
      const termination = await leg.ended;
      assert.deepEqual(termination, { result: 'caller', reason: 'cancelled', sipStatus: 487, q850: 16 });
      assert.deepEqual(await leg.answer(LOCAL_SDP), { kind: 'gone', termination });
      await leg.refuse({ status: 486 });
      await leg.hangUp(GOODBYE);
      succeeded(await calling);
    });
    it('hangs up before the answer with a final response', async () => {
      const incoming = centre.nextCall();
      const calling = dial([sipp.invite(), sipp.maybe(100), sipp.expect(480, 'Reason: Q.850;cause=16'), sipp.ackRefusal()]);
      await (await incoming).hangUp(GOODBYE);
      succeeded(await calling);
    });
    it('is gone when the ACK never comes (RFC 3261 §13.3.1.4)', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), ...Array.from({ length: 9 }, () => sipp.maybe(200)), sipp.expectRequest('BYE'), sipp.replyInDialog(200),
      ]);
      const leg = await incoming;
      const outcome = await leg.answer(LOCAL_SDP);
      assert.deepEqual(outcome, { kind: 'gone', termination: { result: 'failed', reason: 'ack-timeout', sipStatus: 408, q850: 102 } });
      assert.deepEqual(await leg.ended, outcome.termination);
      succeeded(await calling);
    });
    it('holds its BYE until the ACK when it hangs up in between (RFC 3261 §15)', async () => {
      const incoming = centre.nextCall();
      const calling = dial([
        sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.pause(300), sipp.ack(), sipp.maybe(200), sipp.expectRequest('BYE'), sipp.replyInDialog(200),
      ]);
      const leg = await incoming;
      const answering = leg.answer(LOCAL_SDP);
      await leg.hangUp(GOODBYE);
      assert.deepEqual(await answering, { kind: 'gone', termination: GOODBYE });
      succeeded(await calling);
    });
  });

  describe('given what is no call', () => {
    it('answers OPTIONS with what it can (RFC 3261 §11.2)', async () => {
      const ping = sipp.inDialog('OPTIONS', 1).replace('[next_url]', 'sip:[remote_ip]:[remote_port]').replace('[peer_tag_param]', '');
      succeeded(await dial([ping, sipp.expect(200, 'Accept: application/sdp')]));
    });
    it('answers 481 within a dialog that it does not know, 405 to a method that it does not serve', async () => {
      const bye = sipp.inDialog('BYE', 1).replace('[next_url]', 'sip:[remote_ip]:[remote_port]').replace('[peer_tag_param]', ';tag=unknown');
      succeeded(await dial([bye, sipp.expect(481)]));
      const publish = sipp.inDialog('PUBLISH', 1).replace('[next_url]', 'sip:[remote_ip]:[remote_port]').replace('[peer_tag_param]', '');
      succeeded(await dial([publish, sipp.expect(405, 'Allow: INVITE')]));
    });
  });
});

describe('admission', () => {
  it('refuses a stranger with 403, counts it, and tells the call layer nothing', async () => {
    const centre = await SipCentre.start({ admit: () => ({ kind: 'hostile' }) });
    try {
      let heard = 0;
      centre.onInbound = () => { heard += 1; };
      succeeded(await sipp.call([sipp.invite(), sipp.maybe(100), sipp.expect(403), sipp.ackRefusal()], { remote: centre.address('udp') }));
      assert.deepEqual([heard, centre.application.counters().hostile, centre.application.counters().legs], [0, 1, 0]);
    } finally {
      await centre.close();
    }
  });
});
