import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

describe('CANCEL in each state of its INVITE (RFC 3261 §9)', () => {
  let harness: Harness;
  let carol: Phone;
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;
  let cancelled: number;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    harness.srf.invite((req, res) => {
      req.on('cancel', () => { cancelled += 1; });
      onInvite(req, res);
    });
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => {
    cancelled = 0;
    carol = await Phone.open(harness.udp);
  });
  afterEach(async () => {
    await until('no dialog is left', () => harness.engine.stats().gauges.dialogs === 0);
    await carol.close();
  });

  const invite = (): string => carol.request({ method: 'INVITE', body: sdp(4_000) });
  /** The answer to the CANCEL, and not the one to its INVITE. */
  const answerToCancel = async (start: string): Promise<void> => assert.match(headerOf(await carol.next(start), 'CSeq'), /CANCEL/);

  describe('given a call to us', () => {
    it('ends it before the application has said anything', async () => {
      onInvite = () => undefined;
      const sent = invite();
      await carol.next('SIP/2.0 100');
      carol.cancel(sent);
      await answerToCancel('SIP/2.0 200');
      carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 487')));
      await until('the application hears of it', () => cancelled === 1);
    });

    it('ends it while it rings, once, however often the CANCEL comes', async () => {
      onInvite = (_req, res) => res.send(180);
      const sent = invite();
      await carol.next('SIP/2.0 180');
      carol.cancel(sent);
      carol.cancel(sent);
      await answerToCancel('SIP/2.0 200');
      await answerToCancel('SIP/2.0 200');
      carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 487')));
      await until('the application hears of it', () => cancelled > 0);
      assert.equal(cancelled, 1);
    });

    it('changes nothing once it is refused, before its ACK and after (§9.2)', async () => {
      onInvite = (_req, res) => res.send(486);
      const sent = invite();
      const tag = toTagOf(await carol.next('SIP/2.0 486'));
      carol.cancel(sent);
      await answerToCancel('SIP/2.0 200');
      carol.acknowledgeRefusal(sent, tag);
      await until('the transactions are over', () => harness.engine.stats().gauges.transactions === 0, 4_000);
      assert.equal(cancelled, 0);
      assert.equal(carol.received.some((text) => text.startsWith('SIP/2.0 487')), false);
      carol.cancel(sent);
      await answerToCancel('SIP/2.0 481');
    });

    it('ends a re-INVITE and leaves the call as it was (§14.1)', async () => {
      const answered = new Promise<SrfDialog>((resolve, reject) => {
        onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
      });
      const tag = await carol.call();
      const dialog = await answered;
      const held = new Promise<void>((resolve) => { dialog.once('modify', () => resolve()); });
      const again = carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await held;
      carol.cancel(again);
      await answerToCancel('SIP/2.0 200');
      carol.acknowledgeRefusal(again, toTagOf(await carol.next('SIP/2.0 487')));
      assert.equal(harness.engine.stats().gauges.dialogs, 1);
      const modified = new Promise<void>((resolve) => { dialog.once('modify', (_req: SrfRequest, res: SrfResponse) => { res.send(200, { body: sdp(15_000) }); resolve(); }); });
      carol.request({ method: 'INVITE', sequence: 3, toTag: tag, body: sdp(4_004) });
      await modified;
      await carol.next('SIP/2.0 200');
      carol.request({ method: 'ACK', sequence: 3, toTag: tag });
      await carol.hangUp(tag, 4);
    });
  });

  describe('given a call of ours', () => {
    let sent: Promise<SrfRequest>;
    const call = async (): Promise<{ invite: string; ringing: Promise<SrfDialog> }> => {
      let tell: (req: SrfRequest) => void = () => undefined;
      sent = new Promise((resolve) => { tell = resolve; });
      const ringing = harness.srf.createUAC(`sip:bob@127.0.0.1:${carol.port}`, { localSdp: sdp(15_000), callingNumber: '1' }, { cbRequest: (_error, req) => tell(req) });
      ringing.catch(() => undefined); // Each test looks at its end.
      return { invite: await carol.next('INVITE'), ringing };
    };
    const cancel = async (): Promise<Error | null> => {
      const request = await sent;
      return new Promise((resolve) => { request.cancel({}, resolve); });
    };

    it('refuses to cancel what is over', async () => {
      const { invite: text, ringing } = await call();
      carol.answer(text, '486 Busy Here', { tag: 'bob' });
      await assert.rejects(ringing, { status: 486 });
      await carol.next('ACK');
      assert.match(String(await cancel()), /unable to cancel unknown transaction/);
    });

    it('brings the 200 that crosses it to the application, which hangs up', async () => {
      const { invite: text, ringing } = await call();
      carol.answer(text, '180 Ringing', { tag: 'bob' });
      assert.equal(await cancel(), null);
      carol.answer(text, '200 OK', { tag: 'bob', body: sdp(4_000) });
      carol.answer(await carol.next('CANCEL'), '200 OK');
      const dialog = await ringing;
      await carol.next('ACK');
      const ended = dialog.destroy();
      carol.answer(await carol.next('BYE'), '200 OK');
      await ended;
    });

    it('ends it after 64·T1 when the callee never says 487 (§9.1)', async () => {
      const { invite: text, ringing } = await call();
      carol.answer(text, '180 Ringing', { tag: 'bob' });
      await cancel();
      carol.answer(await carol.next('CANCEL'), '200 OK');
      await assert.rejects(ringing, { status: 408 });
    });
  });
});
