import assert from 'node:assert/strict';
import type { AgentInvitation, InvitationOutcome } from '../../server/call/ports.ts';
import { asId, type CallId, type LegId, type OfferId, type UserId } from '../../server/model/ids.ts';
import { epochMs } from '../../server/base/time.ts';
import { ALICE } from './support/fake-credentials.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import type { WireMessage, WsPhone } from './support/ws-phone.ts';

const ALICE_ID = asId<UserId>('alice');
const PHONE_SDP = 'v=0\r\no=alice 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\n';
const invitation = (over: Partial<AgentInvitation> = {}): AgentInvitation => ({
  agentId: ALICE_ID, callId: asId<CallId>('call-1'), offerId: asId<OfferId>('offer-1'), legId: asId<LegId>('leg-2'), sdpOffer: LOCAL_SDP,
  callerNumber: '+213555000111', callerName: 'كريمة "Kari" Haddad', ringTimeoutMs: 5_000, ...over,
});
const never = new AbortController().signal;

describe('an agent’s softphone over WebSocket', () => {
  let centre: SipCentre;
  let phone: WsPhone;
  beforeEach(async () => {
    centre = await SipCentre.start({ timers: { t1: 25 } });
    centre.credentials.add('a1', ALICE);
    phone = await centre.openPhone('a1');
  });
  afterEach(async () => {
    await centre.close();
    assert.deepEqual(centre.faults, []);
  });
  const signIn = async (): Promise<void> => assert.equal((await phone.register('a1-password')).status, 200);
  const ring = (over: Partial<AgentInvitation> = {}, signal: AbortSignal = never): { outcome: Promise<InvitationOutcome>; invite: Promise<WireMessage> } => ({
    outcome: centre.application.inviteAgent(invitation(over), signal), invite: phone.request('INVITE'),
  });
  /** Rings and answers; the leg on our side, the INVITE on hers. */
  const connect = async () => {
    const { outcome, invite } = ring();
    const received = await invite;
    phone.respond(received, 200, { sdp: PHONE_SDP });
    const answered = await outcome;
    assert.ok(answered.kind === 'answered');
    await phone.request('ACK');
    return { leg: answered.leg, answered, invite: received };
  };

  describe('given registration', () => {
    it('registers with digest, and unregisters', async () => {
      assert.equal(centre.application.isRegistered(ALICE_ID), false);
      const registered = await phone.register('a1-password');
      assert.equal(registered.status, 200);
      assert.match(registered.get('contact'), /;expires=300$/);
      assert.equal(centre.application.isRegistered(ALICE_ID), true);
      assert.equal((await phone.register('a1-password', 0)).status, 200);
      assert.equal(centre.application.isRegistered(ALICE_ID), false);
    });
    it('does not register with a wrong password', async () => {
      assert.equal((await phone.register('guess')).status, 401);
      assert.deepEqual([centre.application.isRegistered(ALICE_ID), centre.application.counters().denied], [false, 1]);
    });
    it('forgets her when her credentials are dropped', async () => {
      await signIn();
      centre.application.dropRegistrations('a1');
      assert.equal(centre.application.isRegistered(ALICE_ID), false);
    });
    it('does not register with credentials that ended', async () => {
      centre.credentials.add('a1', ALICE, epochMs(1));
      assert.equal((await phone.register('a1-password')).status, 401);
    });
  });

  describe('given an offer', () => {
    beforeEach(signIn);

    it('rings with caller, call and offer, and is answered', async () => {
      const { answered, invite } = await connect();
      assert.match(invite.start, new RegExp(`^INVITE ${phone.contact.replace(/[.]/g, '\\.')} SIP/2\\.0$`));
      assert.match(invite.get('from'), /^"كريمة \\"Kari\\" Haddad" <sip:\+213555000111@allo>;tag=/);
      assert.deepEqual([invite.get('x-allo-call'), invite.get('x-allo-offer'), invite.body], ['call-1', 'offer-1', LOCAL_SDP]);
      assert.deepEqual([answered.sdpAnswer, answered.leg.legId], [PHONE_SDP, 'leg-2']);
      await answered.leg.hangUp({ result: 'system', reason: 'done', q850: 16 });
    });
    it('ends when she hangs up', async () => {
      const { leg, invite } = await connect();
      phone.sendInDialog('BYE', invite);
      assert.equal((await phone.final('BYE')).status, 200);
      assert.deepEqual(await leg.ended, { result: 'agent', reason: 'agent-hung-up', q850: 16 });
      assert.equal(centre.application.counters().legs, 0);
    });
    it('hangs up on her with a Reason', async () => {
      const { leg } = await connect();
      const termination = { result: 'caller', reason: 'caller-hung-up', q850: 16 } as const;
      await leg.hangUp(termination);
      const bye = await phone.request('BYE');
      assert.equal(bye.get('reason'), 'Q.850;cause=16;text="caller-hung-up"');
      phone.respond(bye, 200);
      assert.deepEqual(await leg.ended, termination);
    });
    it('hears her keys by INFO', async () => {
      const { leg, invite } = await connect();
      const heard = new Promise((resolve) => { leg.onDigit(resolve); });
      phone.sendInDialog('INFO', invite, { headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=7\r\nDuration=160\r\n' });
      assert.equal((await phone.final('INFO')).status, 200);
      assert.equal(await heard, '7');
      await leg.hangUp({ result: 'system', reason: 'done' });
    });
    for (const status of [486, 603, 480]) {
      it(`is rejected by ${status}`, async () => {
        const { outcome, invite } = ring();
        phone.respond(await invite, status);
        assert.deepEqual(await outcome, { kind: 'rejected', sipStatus: status });
      });
    }
    it('fails with 500, and keeps the contact', async () => {
      const { outcome, invite } = ring();
      phone.respond(await invite, 500);
      assert.deepEqual(await outcome, { kind: 'failed', sipStatus: 500, reason: 'sip-500' });
      assert.equal(centre.application.isRegistered(ALICE_ID), true);
    });
    it('is cancelled when it rings out', async () => {
      const { outcome, invite } = ring({ ringTimeoutMs: 150 });
      const received = await invite;
      phone.respond(received, 180);
      assert.deepEqual(await outcome, { kind: 'timeout' });
      const cancel = await phone.request('CANCEL');
      assert.equal(cancel.get('reason'), 'SIP;cause=408;text="no-answer"');
      phone.respond(cancel, 200);
      phone.respond(received, 487);
      await phone.request('ACK');
    });
    it('is cancelled when the caller gives up', async () => {
      const caller = new AbortController();
      const { outcome, invite } = ring({}, caller.signal);
      const received = await invite;
      phone.respond(received, 180);
      caller.abort();
      assert.deepEqual(await outcome, { kind: 'rescinded' });
      phone.respond(await phone.request('CANCEL'), 200);
      phone.respond(received, 487);
    });
    it('acknowledges an answer that crosses the CANCEL, and hangs it up at once (RFC 3261 §9.1)', async () => {
      const caller = new AbortController();
      const { outcome, invite } = ring({}, caller.signal);
      const received = await invite;
      phone.respond(received, 180);
      caller.abort();
      assert.deepEqual(await outcome, { kind: 'rescinded' });
      await phone.request('CANCEL');
      phone.respond(received, 200, { sdp: PHONE_SDP });
      await phone.request('ACK');
      phone.respond(await phone.request('BYE'), 200);
      assert.equal(centre.application.counters().legs, 0);
    });
    it('fails when her tab was closed, and forgets the contact', async () => {
      await phone.close();
      const outcome = await centre.application.inviteAgent(invitation(), never);
      assert.ok(outcome.kind === 'failed', outcome.kind);
      assert.equal(centre.application.isRegistered(ALICE_ID), false);
    });
    it('rings the older tab when the newest is gone', async () => {
      const newest = await centre.openPhone('a1');
      assert.equal((await newest.register('a1-password')).status, 200);
      await newest.close();
      const { outcome, invite } = ring();
      phone.respond(await invite, 486);
      assert.equal((await outcome).kind, 'rejected');
    });
    it('rings the newest of two tabs', async () => {
      const newest = await centre.openPhone('a1');
      assert.equal((await newest.register('a1-password')).status, 200);
      const outcome = centre.application.inviteAgent(invitation(), never);
      newest.respond(await newest.request('INVITE'), 603);
      assert.equal((await outcome).kind, 'rejected');
      await assert.rejects(phone.request('INVITE', 50));
    });
  });

  describe('given an INVITE from a browser', () => {
    const callCentre = (contact: string): void => phone.send('INVITE', {
      uri: 'sip:1000@allo', callId: `from-browser-${contact.length}`, to: '<sip:1000@allo>', body: PHONE_SDP,
      headers: [`Contact: <${contact}>`, 'Content-Type: application/sdp'],
    });
    const facts = async (contact: string) => {
      const incoming = centre.nextCall();
      callCentre(contact);
      const leg = await incoming;
      await leg.refuse({ status: 486 });
      assert.equal((await phone.final('INVITE')).status, 486);
      return leg.invite;
    };
    it('knows who is calling over a connection that registered', async () => {
      await signIn();
      const { principal, transport } = await facts(`${phone.contact};ob`);
      assert.deepEqual([principal, transport], [ALICE, 'ws']);
    });
    it('knows nobody over a connection that did not', async () => assert.equal((await facts(phone.contact)).principal, undefined));
    it('knows nobody behind another contact than the one registered', async () => {
      await signIn();
      assert.equal((await facts('sip:other@other.invalid;transport=ws')).principal, undefined);
    });
    it('ends a call whose tab is closed before the answer', async () => {
      const incoming = centre.nextCall();
      callCentre(phone.contact);
      const leg = await incoming;
      await phone.close();
      assert.equal((await leg.ended).reason, 'cancelled');
    });
  });
});

describe('the connection to the SIP server', () => {
  it('ends every call as failed when it drops, and comes back', async () => {
    const centre = await SipCentre.start();
    try {
      centre.credentials.add('a1', ALICE);
      const phone = await centre.openPhone('a1');
      await phone.register('a1-password');
      const ringing = centre.application.inviteAgent(invitation(), never);
      await phone.request('INVITE');
      centre.dropApplications();
      assert.deepEqual(await ringing, { kind: 'failed', reason: 'signalling-lost' });
      await centre.untilReconnected();
      const again = centre.application.inviteAgent(invitation(), never);
      phone.respond(await phone.next((message) => message.method === 'INVITE'), 486);
      assert.deepEqual(await again, { kind: 'rejected', sipStatus: 486 });
      assert.equal(centre.application.counters().reconnects, 1);
    } finally {
      await centre.close();
    }
  });
});
