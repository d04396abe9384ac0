import assert from 'node:assert/strict';
import sinon from 'sinon';
import { epochMs } from '../../server/base/time.ts';
import type { AgentInvitation } from '../../server/call/ports.ts';
import { asId, type CallId, type LegId, type OfferId, type UserId } from '../../server/model/ids.ts';
import type { SipDialog, SipStack, UacOptions, UacProgress } from '../../server/sip/drachtio/messages.ts';
import { sipUri } from '../../server/sip/headers/request-uri.ts';
import { AgentRinger, nextHop } from '../../server/sip/outbound/agent-ringer.ts';
import { Bindings } from '../../server/sip/registrar/bindings.ts';
import { ALICE } from './support/fake-credentials.ts';
import { FakeDialog } from './support/fake-dialog.ts';
import { fakeRequest } from './support/fake-request.ts';

/** One INVITE that the fake stack was asked to send. */
interface Sent {
  readonly uri: string;
  readonly options: UacOptions;
  readonly progress: UacProgress;
  readonly final: (error: unknown, dialog?: SipDialog) => void;
  readonly cancels: (string | undefined)[];
}

const dialog = (sdp = 'v=0 answer'): FakeDialog => new FakeDialog({ sdp });
const sipError = (status: number): Error => Object.assign(new Error('refused'), { status });

function setUp(contacts = 1, protocol = 'ws') {
  const sent: Sent[] = [];
  const stack: SipStack = {
    use: () => undefined, connect: () => undefined, request: () => undefined, disconnect: () => undefined, on: () => undefined, createUAS: () => undefined,
    createUAC: (uri, options, progress, final) => {
      const cancels: (string | undefined)[] = [];
      sent.push({ uri, options, progress, final, cancels });
      progress.cbRequest(null, { ...fakeRequest(), cancel: ({ headers }) => void cancels.push(headers?.['Reason']) });
    },
  };
  const bindings = new Bindings({ clock: () => epochMs(1) });
  for (let n = 1; n <= contacts; n += 1) {
    bindings.put({
      username: 'a1', principal: ALICE, contactUri: sipUri(`sip:x@tab${n}.invalid`), flow: { address: '127.0.0.1', port: 40_000 + n, protocol },
      expiresAt: epochMs(2), registeredAt: epochMs(1), callId: 'c', cseq: 1,
    });
  }
  const faults: unknown[] = [];
  let live: SipStack | undefined = stack;
  const ringer = new AgentRinger({ realm: 'allo', bindings, stack: () => live, onLeg: () => undefined, onFault: (cause) => faults.push(cause) });
  const at = (index: number): Sent => {
    const found = sent[index];
    assert.ok(found, `INVITE ${index + 1} was not sent`);
    return found;
  };
  return { sent, at, bindings, ringer, faults, goDown: () => { live = undefined; } };
}

const INVITATION: AgentInvitation = {
  agentId: asId<UserId>('alice'), callId: asId<CallId>('call-1'), offerId: asId<OfferId>('offer-1'), legId: asId<LegId>('leg-2'),
  sdpOffer: 'v=0 offer', callerNumber: '+213555000111', callerName: 'Carol', ringTimeoutMs: 15_000,
};
const never = new AbortController().signal;
const settled = () => new Promise<void>((resolve) => { setImmediate(resolve); });

describe('AgentRinger', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => clock.restore());

  it('sends the INVITE through the flow of the softphone, with the ids of call and offer', async () => {
    const { ringer, at } = setUp();
    const outcome = ringer.invite(INVITATION, never);
    const { uri, options, final } = at(0);
    assert.deepEqual([uri, options.proxy, options.localSdp], ['sip:x@tab1.invalid', 'sip:127.0.0.1:40001;transport=ws', 'v=0 offer']);
    assert.deepEqual([options.headers['X-Allo-Call'], options.headers['X-Allo-Offer'], options.headers['From']], ['call-1', 'offer-1', '"Carol" <sip:+213555000111@allo>']);
    final(null, dialog());
    const answered = await outcome;
    assert.ok(answered.kind === 'answered');
    assert.deepEqual([answered.sdpAnswer, answered.leg.legId], ['v=0 answer', 'leg-2']);
  });
  for (const [protocol, timer] of [['ws', undefined], ['wss', undefined], ['tls', '1800;refresher=uas'], ['udp', '1800;refresher=uas']] as const) {
    it(`asks for ${timer === undefined ? 'no' : 'a'} session timer of a telephone over ${protocol} (RFC 4028 §7.1)`, async () => {
      const { ringer, at } = setUp(1, protocol);
      const outcome = ringer.invite(INVITATION, never);
      assert.equal(at(0).options.headers['Session-Expires'], timer);
      at(0).final(sipError(486));
      await outcome;
    });
  }
  for (const status of [480, 486, 600, 603]) {
    it(`is rejected by ${status} and asks no other tab`, async () => {
      const { ringer, at, sent } = setUp(2);
      const outcome = ringer.invite(INVITATION, never);
      at(0).final(sipError(status));
      assert.deepEqual(await outcome, { kind: 'rejected', sipStatus: status });
      assert.equal(sent.length, 1);
    });
  }
  it('goes on to the next tab when the newest is dead, and forgets the dead one', async () => {
    const { ringer, at, bindings } = setUp(2);
    const outcome = ringer.invite(INVITATION, never);
    assert.equal(at(0).uri, 'sip:x@tab2.invalid');
    at(0).final(sipError(408));
    await settled();
    assert.equal(at(1).uri, 'sip:x@tab1.invalid');
    at(1).final(null, dialog());
    assert.equal((await outcome).kind, 'answered');
    assert.equal(bindings.listByAgent(INVITATION.agentId).length, 1);
  });
  it('fails with the status of the last tab, and after one that the server could not send to', async () => {
    const { ringer, at } = setUp(2);
    const outcome = ringer.invite(INVITATION, never);
    at(0).final('no such flow');
    await settled();
    at(1).final(sipError(500));
    assert.deepEqual(await outcome, { kind: 'failed', sipStatus: 500, reason: 'sip-500' });
  });
  it('fails at once when no softphone is registered, or the SIP server is out of reach', async () => {
    assert.deepEqual(await setUp(0).ringer.invite(INVITATION, never), { kind: 'failed', reason: 'not-registered' });
    const { ringer, goDown } = setUp();
    goDown();
    assert.deepEqual(await ringer.invite(INVITATION, never), { kind: 'failed', reason: 'signalling-lost' });
  });
  it('cancels when it rang long enough', async () => {
    const { ringer, at } = setUp();
    const outcome = ringer.invite(INVITATION, never);
    await clock.tickAsync(14_999);
    assert.deepEqual(at(0).cancels, []);
    await clock.tickAsync(1);
    assert.deepEqual(await outcome, { kind: 'timeout' });
    assert.deepEqual(at(0).cancels, ['SIP;cause=408;text="no-answer"']);
  });
  it('cancels when the caller gives up, and asks no other tab', async () => {
    const { ringer, at, sent } = setUp(2);
    const caller = new AbortController();
    const outcome = ringer.invite(INVITATION, caller.signal);
    caller.abort();
    assert.deepEqual(await outcome, { kind: 'rescinded' });
    assert.deepEqual(at(0).cancels, ['SIP;cause=487;text="rescinded"']);
    at(0).final(sipError(487));
    await settled();
    assert.equal(sent.length, 1);
  });
  it('is rescinded without a word when the caller was gone before', async () => {
    const { ringer, sent } = setUp();
    assert.deepEqual(await ringer.invite(INVITATION, AbortSignal.abort()), { kind: 'rescinded' });
    assert.equal(sent.length, 0);
  });
  it('hangs up an answer that crosses its CANCEL (RFC 3261 §9.1)', async () => {
    const { ringer, at } = setUp();
    const caller = new AbortController();
    const outcome = ringer.invite(INVITATION, caller.signal);
    caller.abort();
    assert.equal((await outcome).kind, 'rescinded');
    const late = dialog();
    at(0).final(null, late);
    assert.deepEqual(late.byes, ['SIP;cause=487;text="rescinded"']);
  });
  it('hangs up an answer that comes in the very turn in which the caller gave up', async () => {
    const { ringer, at } = setUp();
    const caller = new AbortController();
    const outcome = ringer.invite(INVITATION, caller.signal);
    const crossing = dialog();
    caller.abort();
    at(0).final(null, crossing);
    assert.equal((await outcome).kind, 'rescinded');
    await settled();
    assert.equal(crossing.byes.length, 1);
  });
  it('hangs up an answer without SDP', async () => {
    const { ringer, at } = setUp();
    const outcome = ringer.invite(INVITATION, never);
    const silent = dialog('');
    at(0).final(null, silent);
    assert.deepEqual(await outcome, { kind: 'failed', sipStatus: 488, reason: 'sip-488' });
    assert.equal(silent.byes.length, 1);
  });
  it('fails when the SIP server goes away while it rings', async () => {
    const { ringer } = setUp();
    const outcome = ringer.invite(INVITATION, never);
    ringer.lose();
    assert.deepEqual(await outcome, { kind: 'failed', reason: 'signalling-lost' });
  });
});

describe('nextHop', () => {
  it('puts an IPv6 address in brackets', () => assert.equal(nextHop({ address: '::1', port: 5, protocol: 'wss' }), 'sip:[::1]:5;transport=wss'));
});
