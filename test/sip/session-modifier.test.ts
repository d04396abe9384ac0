import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import type { SipResponse } from '../../server/sip/drachtio/messages.ts';
import { Renegotiation } from '../../server/sip/leg/renegotiation.ts';
import { glareDelay, SessionModifier } from '../../server/sip/leg/session-modifier.ts';
import { FakeDialog, fakeResponse, type DialogFarEnd } from './support/fake-dialog.ts';
import { fakeRequest } from './support/fake-request.ts';

const OFFER = 'v=0 offer';
const AGREED = { kind: 'agreed', sdpAnswer: 'v=0 agreed' } as const;
const agree: DialogFarEnd = () => ({ status: 200, body: 'v=0 agreed', headers: { Contact: '<sip:moved@192.0.2.7>' } });
/** Answers of the far end one after the other; the last one again and again. */
const inTurn = (...answers: readonly DialogFarEnd[]): DialogFarEnd => {
  let at = 0;
  return (request) => answers[Math.min((at += 1) - 1, answers.length - 1)]?.(request) ?? 500;
};

describe('glareDelay (RFC 3261 §14.1)', () => {
  it('lies between 2.1 and 4 s for the side that made the Call-ID, up to 2 s for the other, in steps of 10 ms', () => fc.assert(fc.property(
    fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (ownsCallId, random) => {
      const ms = glareDelay(ownsCallId, random);
      assert.equal(ms % 10, 0);
      assert.ok(ownsCallId ? ms >= 2_100 && ms <= 4_000 : ms >= 0 && ms <= 2_000);
    },
  )));
});

describe('SessionModifier', () => {
  let clock: sinon.SinonFakeTimers;
  const over = { controller: new AbortController() };
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    over.controller = new AbortController();
  });
  afterEach(() => clock.restore());
  const setUp = (type: 'uac' | 'uas', farEnd: DialogFarEnd, hasSessionTimer = false) => {
    const dialog = new FakeDialog({ type });
    dialog.farEnd = farEnd;
    const faults: unknown[] = [];
    const answers: { reoffer?: (offer: string) => Promise<string | undefined> } = {};
    const renegotiation = new Renegotiation(dialog, { reoffer: () => answers.reoffer, onFault: (cause) => faults.push(cause) });
    const modifier = new SessionModifier({ dialog, renegotiation, exchanges: undefined, hasSessionTimer, over: over.controller.signal, random: () => 0.5 });
    let losses = 0;
    return { dialog, answers, renegotiation, faults, modify: (offer = OFFER) => modifier.modify(offer, () => { losses += 1; }), losses: () => losses };
  };
  /** An offer of the far end, and the statuses that it gets. */
  const theirOffer = (renegotiation: Renegotiation, method: 'INVITE' | 'UPDATE'): number[] => {
    const statuses: number[] = [];
    const response: SipResponse = { ...fakeResponse({ status: 0 }), send: (status) => void statuses.push(status) };
    renegotiation.serve(fakeRequest({ method, headers: { 'content-type': 'application/sdp' }, body: 'v=0 theirs' }), response);
    return statuses;
  };

  it('offers by re-INVITE and keeps what was agreed', async () => {
    const { dialog, modify } = setUp('uac', agree);
    assert.deepEqual(await modify(), AGREED);
    assert.deepEqual(dialog.asked, [{ method: 'INVITE', headers: { Contact: '<sip:us@192.0.2.9>', 'Content-Type': 'application/sdp' }, body: OFFER }]);
    assert.deepEqual([dialog.local.sdp, dialog.remote.sdp, dialog.remote.uri], [OFFER, 'v=0 agreed', 'sip:moved@192.0.2.7']);
  });
  it('asks for a session timer where there is one, or it would end with this offer (RFC 4028 §7.2)', async () => {
    const { dialog, modify } = setUp('uac', agree, true);
    await modify();
    assert.deepEqual([dialog.asked[0]?.headers['Supported'], dialog.asked[0]?.headers['Session-Expires']], ['timer', '1800;refresher=uas']);
  });
  it('asks for the interval that the far end wants (422, RFC 4028 §7.3), and remembers it', async () => {
    const { dialog, modify } = setUp('uac', ({ headers }) => (headers['Session-Expires']?.startsWith('3600;') ? { status: 200, body: 'v=0 agreed' } : { status: 422, headers: { 'Min-SE': '3600' } }), true);
    assert.deepEqual([await modify(), await modify(), dialog.asked.length], [AGREED, AGREED, 3]);
  });
  it('does not raise it for ever, nor for a Min-SE without sense', async () => {
    const raising = setUp('uac', ({ headers }) => ({ status: 422, headers: { 'Min-SE': `${parseInt(headers['Session-Expires'] ?? '', 10) + 1}` } }), true);
    assert.deepEqual([await raising.modify(), raising.dialog.asked.length], [{ kind: 'refused', sipStatus: 422 }, 5]);
    const senseless = setUp('uac', () => ({ status: 422, headers: { 'Min-SE': '60' } }), true);
    assert.deepEqual([await senseless.modify(), senseless.dialog.asked.length], [{ kind: 'refused', sipStatus: 422 }, 1]);
  });
  it('leaves the session as it was when the far end refuses (RFC 3261 §14.1)', async () => {
    const { dialog, modify } = setUp('uac', () => 488);
    assert.deepEqual(await modify(), { kind: 'refused', sipStatus: 488 });
    assert.deepEqual([dialog.local.sdp, dialog.remote.sdp], ['v=0 local', 'v=0 answer']);
  });
  for (const [type, waitMs] of [['uac', 3_050], ['uas', 1_000]] as const) {
    it(`tries again ${waitMs} ms after a 491, as ${type} and at half of the chance (RFC 3261 §14.1)`, async () => {
      const { dialog, modify } = setUp(type, inTurn(() => 491, () => 491, agree));
      const outcome = modify();
      await clock.tickAsync(waitMs - 1);
      assert.equal(dialog.asked.length, 1);
      await clock.tickAsync(1);
      assert.equal(dialog.asked.length, 2);
      await clock.tickAsync(waitMs);
      assert.deepEqual(await outcome, AGREED);
    });
  }
  for (const unsent of ['an INVITE is in progress in this dialog', 'request pending in this dialog']) {
    it(`takes “${unsent}” of our own server for a 491`, async () => {
      const { dialog, modify } = setUp('uac', inTurn(() => ({ unsent }), agree));
      const outcome = modify();
      await clock.tickAsync(4_000);
      assert.deepEqual([await outcome, dialog.asked.length], [AGREED, 2]);
    });
  }
  it('gives up on a far end that always offers at the same moment', async () => {
    const { dialog, modify } = setUp('uas', () => 491);
    const outcome = modify();
    await clock.tickAsync(60_000);
    assert.deepEqual([await outcome, dialog.asked.length], [{ kind: 'refused', sipStatus: 491 }, 5]);
  });
  for (const status of [481, 408]) {
    it(`says that the dialog is lost after ${status} (RFC 3261 §12.2.1.2)`, async () => {
      const { modify, losses } = setUp('uac', () => status);
      assert.deepEqual([await modify(), losses()], [{ kind: 'gone' }, 1]);
    });
  }
  it('fails when the server cannot send, and with an answer that has no session', async () => {
    assert.deepEqual(await setUp('uac', () => ({ unsent: 'no flow' })).modify(), { kind: 'failed', reason: 'unsent' });
    assert.deepEqual(await setUp('uac', () => 200).modify(), { kind: 'failed', reason: 'no-answer-sdp' });
  });
  it('makes one offer after the other', async () => {
    const { dialog, modify } = setUp('uas', inTurn(() => 491, agree));
    const [first, second] = [modify('v=0 first'), modify('v=0 second')];
    await clock.tickAsync(999);
    assert.deepEqual(dialog.asked.map(({ body }) => body), ['v=0 first']);
    await clock.tickAsync(1);
    assert.deepEqual([await first, await second], [AGREED, AGREED]);
    assert.deepEqual(dialog.asked.map(({ body }) => body), ['v=0 first', 'v=0 first', 'v=0 second']);
  });
  it('is over with the leg: in flight, while it waits, and before it began', async () => {
    const flying = setUp('uac', () => 'silent');
    const inFlight = flying.modify();
    await clock.tickAsync(0);
    over.controller.abort();
    assert.deepEqual([await inFlight, await flying.modify(), flying.dialog.asked.length], [{ kind: 'gone' }, { kind: 'gone' }, 1]);
    over.controller = new AbortController();
    const waiting = setUp('uac', () => 491);
    const inWait = waiting.modify();
    await clock.tickAsync(1_000);
    over.controller.abort();
    assert.deepEqual([await inWait, waiting.dialog.asked.length], [{ kind: 'gone' }, 1]);
  });

  it('follows the far end to another Contact (RFC 3261 §12.2.2)', () => {
    const { dialog, renegotiation } = setUp('uas', agree);
    renegotiation.serve(fakeRequest({ method: 'UPDATE', headers: { contact: '<sip:elsewhere@192.0.2.8>' } }), fakeResponse({ status: 0 }));
    assert.equal(dialog.remote.uri, 'sip:elsewhere@192.0.2.8');
    renegotiation.serve(fakeRequest({ method: 'UPDATE' }), fakeResponse({ status: 0 }));
    assert.equal(dialog.remote.uri, 'sip:elsewhere@192.0.2.8');
  });

  describe('given an offer of the far end at the same time', () => {
    it('answers it 491 while ours is open (RFC 3311 §5.2)', async () => {
      const { renegotiation, modify } = setUp('uac', () => 'silent');
      void modify();
      await clock.tickAsync(0);
      assert.deepEqual([theirOffer(renegotiation, 'UPDATE'), theirOffer(renegotiation, 'INVITE')], [[491], [491]]);
      over.controller.abort();
    });
    it('waits with ours until theirs is answered, and answers a third one 500', async () => {
      const { dialog, answers, renegotiation, modify } = setUp('uas', agree);
      let answer: (sdp: string) => void = () => undefined;
      answers.reoffer = () => new Promise((resolve) => { answer = resolve; });
      const theirs = theirOffer(renegotiation, 'UPDATE');
      const outcome = modify();
      await clock.tickAsync(0);
      assert.deepEqual([dialog.asked.length, theirOffer(renegotiation, 'UPDATE')], [0, [500]]);
      answer('v=0 ours');
      await clock.tickAsync(1_000);
      assert.deepEqual([theirs, await outcome], [[200], AGREED]);
    });
    it('reports a handler that fails, answers 500, and goes on', async () => {
      const { answers, renegotiation, faults } = setUp('uas', agree);
      answers.reoffer = () => Promise.reject(new Error('media'));
      const first = theirOffer(renegotiation, 'INVITE');
      await clock.tickAsync(0);
      answers.reoffer = async () => 'v=0 ours';
      const second = theirOffer(renegotiation, 'INVITE');
      await clock.tickAsync(0);
      assert.deepEqual([first, second, faults.length], [[500], [200], 1]);
    });
  });
});
