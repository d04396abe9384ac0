import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

/** The event of drachtio-srf for a request in a dialog, kept to be answered later. */
interface Held {
  readonly res: SrfResponse;
}

describe('changes of a session that cross each other', () => {
  let harness: Harness;
  let carol: Phone;
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    harness.srf.invite((req, res) => onInvite(req, res));
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => { carol = await Phone.open(harness.udp); });
  afterEach(async () => {
    await until('no dialog is left', () => harness.engine.stats().gauges.dialogs === 0);
    await carol.close();
  });

  const established = async (parts?: { body: string }): Promise<{ tag: string; dialog: SrfDialog }> => {
    const answered = new Promise<SrfDialog>((resolve, reject) => {
      onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
    });
    return { tag: await carol.call(parts), dialog: await answered };
  };
  /** The next request of a kind that the application gets, unanswered. */
  const held = (dialog: SrfDialog, event: string): Promise<Held> =>
    new Promise((resolve) => { dialog.once(event, (_req: SrfRequest, res: SrfResponse) => resolve({ res })); });
  const retryAfter = (refusal: string): number => Number(headerOf(refusal, 'Retry-After') || NaN);
  const isWithinTenSeconds = (refusal: string): boolean => retryAfter(refusal) >= 0 && retryAfter(refusal) <= 10;

  describe('given an offer of ours without an answer', () => {
    it('refuses an UPDATE with an offer with 491, and takes the next when the answer is there (RFC 3311 §5.2)', async () => {
      const { tag, dialog } = await established();
      const updated = dialog.request({ method: 'UPDATE', body: sdp(15_002) });
      const ours = await carol.next('UPDATE');
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.answer(ours, '200 OK', { body: sdp(4_000) });
      assert.equal((await updated).status, 200);
      carol.request({ method: 'UPDATE', sequence: 3, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 200');
      await carol.hangUp(tag, 4);
    });

    it('holds a re-INVITE of ours back until our 200 is acknowledged (RFC 3261 §14.1)', async () => {
      const answered = new Promise<SrfDialog>((resolve, reject) => {
        onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
      });
      carol.request({ method: 'INVITE', body: sdp(4_000) });
      const tag = toTagOf(await carol.next('SIP/2.0 200'));
      const modified = (await answered).modify(sdp(15_002));
      await carol.next('SIP/2.0 200'); // It comes again, as nobody has acknowledged it.
      assert.deepEqual(carol.received.filter((text) => text.startsWith('INVITE')), []);
      carol.request({ method: 'ACK', toTag: tag });
      carol.answer(await carol.next('INVITE'), '200 OK', { body: sdp(4_000) });
      await modified;
      await carol.next('ACK');
      await carol.hangUp(tag, 2);
    });

    it('refuses the re-INVITE that it held back when the ACK never comes', async () => {
      const answered = new Promise<SrfDialog>((resolve, reject) => {
        onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
      });
      carol.request({ method: 'INVITE', body: sdp(4_000) });
      await carol.next('SIP/2.0 200');
      const modified = (await answered).modify(sdp(15_002));
      const refused = assert.rejects(modified, /unable to find dialog/);
      const bye = await carol.next('BYE', 4_000);
      carol.answer(bye, '200 OK');
      await refused;
      assert.deepEqual(carol.received.filter((text) => text.startsWith('INVITE')), []);
    });

    it('refuses it while a re-INVITE of ours is open', async () => {
      const { tag, dialog } = await established();
      const modified = dialog.modify(sdp(15_002));
      const ours = await carol.next('INVITE');
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.answer(ours, '200 OK', { body: sdp(4_000) });
      await modified;
      await carol.next('ACK');
      await carol.hangUp(tag, 3);
    });

    it('refuses a re-INVITE with 491 while an UPDATE of ours is open (RFC 3261 §14.2)', async () => {
      const { tag, dialog } = await established();
      const updated = dialog.request({ method: 'UPDATE', body: sdp(15_002) });
      const ours = await carol.next('UPDATE');
      const invite = carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.acknowledgeRefusal(invite, tag);
      carol.answer(ours, '488 Not Acceptable Here');
      assert.equal((await updated).status, 488);
      await carol.hangUp(tag, 3);
    });

    it('refuses an UPDATE with 491 before the ACK that answers the offer of our 2xx', async () => {
      onInvite = (req, res) => { void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }); };
      carol.request({ method: 'INVITE' });
      const tag = toTagOf(await carol.next('SIP/2.0 200'));
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.request({ method: 'ACK', toTag: tag, body: sdp(4_000) });
      await carol.hangUp(tag, 3);
    });
  });

  describe('given an offer of the peer without an answer of the application', () => {
    it('refuses a second UPDATE with 500 and Retry-After, with an offer and without (RFC 3311 §5.2)', async () => {
      const { tag, dialog } = await established();
      const first = held(dialog, 'update');
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      const { res } = await first;
      carol.request({ method: 'UPDATE', sequence: 3, toTag: tag, body: sdp(4_004) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      carol.request({ method: 'UPDATE', sequence: 4, toTag: tag });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      res.send(200, { body: sdp(15_000) });
      assert.match(headerOf(await carol.next('SIP/2.0 200'), 'CSeq'), /^2 UPDATE/);
      const again = held(dialog, 'update');
      carol.request({ method: 'UPDATE', sequence: 5, toTag: tag, body: sdp(4_004) });
      (await again).res.send(488);
      await carol.next('SIP/2.0 488');
      await carol.hangUp(tag, 6);
    });

    it('refuses an UPDATE during a re-INVITE, and a re-INVITE during an UPDATE, with 500', async () => {
      const { tag, dialog } = await established();
      const invited = held(dialog, 'modify');
      carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
      const { res } = await invited;
      carol.request({ method: 'UPDATE', sequence: 3, toTag: tag, body: sdp(4_004) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      res.send(200, { body: sdp(15_000) });
      await carol.next('SIP/2.0 200');
      carol.request({ method: 'ACK', sequence: 2, toTag: tag });
      const updated = held(dialog, 'update');
      carol.request({ method: 'UPDATE', sequence: 4, toTag: tag, body: sdp(4_004) });
      const { res: late } = await updated;
      const refused = carol.request({ method: 'INVITE', sequence: 5, toTag: tag, body: sdp(4_006) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      carol.acknowledgeRefusal(refused, tag);
      late.send(200, { body: sdp(15_000) });
      await carol.next('SIP/2.0 200');
      await carol.hangUp(tag, 6);
    });

    it('forgets an UPDATE that the application never answers (RFC 4320 §4.2)', async () => {
      const { tag, dialog } = await established();
      const first = held(dialog, 'update');
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await first;
      await until('the engine gave it up', () => harness.engine.stats().counters['ended.unanswered'] === 1, 4_000);
      carol.request({ method: 'UPDATE', sequence: 3, toTag: tag, body: sdp(4_004) });
      await carol.next('SIP/2.0 200');
      await carol.hangUp(tag, 4);
    });
  });

  describe('given an application that changes the session while a change is open', () => {
    it('refuses it with a reason, and the dialog stays usable (RFC 3261 §14.1, RFC 3311 §5.1)', async () => {
      const { tag, dialog } = await established();
      const first = dialog.request({ method: 'UPDATE', body: sdp(15_002) });
      const ours = await carol.next('UPDATE');
      await assert.rejects(dialog.modify(sdp(15_004)), /request pending.*the peer has not answered/);
      await assert.rejects(dialog.request({ method: 'UPDATE', body: sdp(15_004) }), /request pending/);
      carol.answer(ours, '200 OK', { body: sdp(4_000) });
      await first;
      const invited = held(dialog, 'modify');
      carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
      const { res } = await invited;
      await assert.rejects(dialog.request({ method: 'UPDATE', body: sdp(15_004) }), /request pending.*answer the peer first/);
      res.send(200, { body: sdp(15_000) });
      await carol.next('SIP/2.0 200');
      carol.request({ method: 'ACK', sequence: 2, toTag: tag });
      const modified = dialog.modify(sdp(15_004));
      carol.answer(await carol.next('INVITE'), '200 OK', { body: sdp(4_000) });
      assert.equal(await modified, sdp(4_000));
      await carol.next('ACK');
      await carol.hangUp(tag, 3);
    });

    it('hands it the 491 of the peer (RFC 3261 §14.1)', async () => {
      const { tag, dialog } = await established();
      const modified = dialog.modify(sdp(15_002));
      carol.answer(await carol.next('INVITE'), '491 Request Pending');
      await carol.next('ACK');
      await assert.rejects(modified, { status: 491 });
      await carol.hangUp(tag, 2);
    });
  });

  describe('given a call to us that rings', () => {
    it('refuses an UPDATE with an offer with 500 until a reliable response has answered the INVITE (RFC 3311 §5.1)', async () => {
      let ring = (): void => undefined;
      const updated: string[] = [];
      onInvite = (req, res) => {
        req.on('update', (update: SrfRequest, answer: SrfResponse) => {
          updated.push(update.body);
          answer.send(200, { body: sdp(15_000) });
        });
        res.send(183, { body: sdp(15_000) });
        ring = () => res.send(183, { headers: { Require: '100rel' }, body: sdp(15_000) });
      };
      const invite = carol.request({ method: 'INVITE', body: sdp(4_000), headers: ['Supported: 100rel'] });
      const tag = toTagOf(await carol.next('SIP/2.0 183'));
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag, body: sdp(4_002) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      ring();
      const progress = await carol.next('SIP/2.0 183');
      carol.request({ method: 'PRACK', sequence: 3, toTag: tag, headers: [`RAck: ${headerOf(progress, 'RSeq')} 1 INVITE`] });
      await carol.next('SIP/2.0 200');
      carol.request({ method: 'UPDATE', sequence: 4, toTag: tag, body: sdp(4_002) });
      assert.match(await carol.next('SIP/2.0 200'), /m=audio 15000/);
      assert.deepEqual(updated, [sdp(4_002)]);
      carol.cancel(invite);
      await carol.next('SIP/2.0 487');
    });

    it('counts an offer in a PRACK, until the application has answered it (RFC 3262 §5)', async () => {
      const pracks: SrfResponse[] = [];
      harness.srf.use('prack', (_req, res) => pracks.push(res));
      onInvite = (_req, res) => res.send(183, { headers: { Require: '100rel' }, body: sdp(15_000) });
      const invite = carol.request({ method: 'INVITE', body: sdp(4_000), headers: ['Supported: 100rel'] });
      const progress = await carol.next('SIP/2.0 183');
      const tag = toTagOf(progress);
      carol.request({ method: 'PRACK', sequence: 2, toTag: tag, body: sdp(4_002), headers: [`RAck: ${headerOf(progress, 'RSeq')} 1 INVITE`] });
      await until('the application has it', () => pracks.length === 1);
      carol.request({ method: 'UPDATE', sequence: 3, toTag: tag, body: sdp(4_004) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      pracks[0]?.send(200, { body: sdp(15_002) });
      assert.match(await carol.next('SIP/2.0 200'), /m=audio 15002/);
      carol.cancel(invite);
      await carol.next('SIP/2.0 487');
    });
  });

  describe('given a call of ours that rings', () => {
    let call: Promise<SrfDialog>;
    let invite: string;
    const ring = async (options: { localSdp?: string }): Promise<void> => {
      call = harness.srf.createUAC(`sip:bob@127.0.0.1:${carol.port}`, { ...options, callingNumber: '1', headers: { Supported: '100rel' } });
      call.catch(() => undefined); // Its end is asserted by `refused`.
      invite = await carol.next('INVITE');
    };
    const refused = async (): Promise<void> => {
      carol.answer(invite, '486 Busy Here', { tag: 'bob' });
      await assert.rejects(call, { status: 486 });
      await carol.next('ACK');
    };

    it('refuses an UPDATE with an offer with 491 until our INVITE is answered reliably, and brings one without (RFC 3311 §5.2)', async () => {
      await ring({ localSdp: sdp(15_000) });
      carol.answer(invite, '183 Session Progress', { tag: 'bob', body: sdp(4_000) });
      carol.requestIn(invite, 'bob', { method: 'UPDATE', sequence: 1, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.requestIn(invite, 'bob', { method: 'UPDATE', sequence: 2 });
      await carol.next('SIP/2.0 200');
      carol.answer(invite, '183 Session Progress', { tag: 'bob', body: sdp(4_000), headers: ['Require: 100rel', 'RSeq: 1'] });
      carol.answer(await carol.next('PRACK'), '200 OK');
      carol.requestIn(invite, 'bob', { method: 'UPDATE', sequence: 3, body: sdp(4_002) });
      assert.match(await carol.next('SIP/2.0 200'), /m=audio 15000/);
      await refused();
    });

    it('keeps the forks apart: the answer of one is not the answer of the other (RFC 3261 §13.2.2.4)', async () => {
      await ring({ localSdp: sdp(15_000) });
      for (const tag of ['bob', 'eve']) carol.answer(invite, '180 Ringing', { tag });
      carol.answer(invite, '183 Session Progress', { tag: 'bob', body: sdp(4_000), headers: ['Require: 100rel', 'RSeq: 1'] });
      carol.answer(await carol.next('PRACK'), '200 OK');
      carol.requestIn(invite, 'eve', { method: 'UPDATE', sequence: 1, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      carol.requestIn(invite, 'bob', { method: 'UPDATE', sequence: 2, body: sdp(4_002) });
      await carol.next('SIP/2.0 200');
      await refused();
    });

    it('refuses with 500 what comes behind an offer of the callee that we have not answered', async () => {
      await ring({});
      carol.answer(invite, '183 Session Progress', { tag: 'bob', body: sdp(4_000), headers: ['Require: 100rel', 'RSeq: 1'] });
      carol.answer(await carol.next('PRACK'), '200 OK');
      carol.requestIn(invite, 'bob', { method: 'UPDATE', sequence: 1, body: sdp(4_002) });
      assert.ok(isWithinTenSeconds(await carol.next('SIP/2.0 500')));
      await refused();
    });

    it('refuses a re-INVITE of the callee with 491 (RFC 3261 §14.2)', async () => {
      await ring({ localSdp: sdp(15_000) });
      carol.answer(invite, '180 Ringing', { tag: 'bob' });
      carol.requestIn(invite, 'bob', { method: 'INVITE', sequence: 1, body: sdp(4_002) });
      await carol.next('SIP/2.0 491');
      await refused();
    });
  });
});
