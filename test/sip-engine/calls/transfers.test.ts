import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

describe('transfers through drachtio-srf (RFC 3515, RFC 3891, RFC 5589)', () => {
  let harness: Harness;
  let transferor: Phone;
  let target: Phone;
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    harness.srf.invite((req, res) => onInvite(req, res));
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => { [transferor, target] = [await Phone.open(harness.udp), await Phone.open(harness.udp)]; });
  afterEach(async () => {
    await until('no dialog is left', () => harness.engine.stats().gauges.dialogs === 0);
    await Promise.all([transferor.close(), target.close()]);
  });

  const answered = (): Promise<SrfDialog> => new Promise((resolve, reject) => {
    onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
  });
  const notify = (dialog: SrfDialog, state: string, line: string): Promise<SrfResponse> => dialog.request({
    method: 'NOTIFY', headers: { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag' }, body: `SIP/2.0 ${line}`,
  });
  const sipfrag = (text: string): [string, string] => [headerOf(text, 'Subscription-State'), text.slice(text.indexOf('\r\n\r\n') + 4)];

  it('takes a REFER with Replaces, calls the target, tells how it goes, and the call outlives its subscription', async () => {
    const standing = answered();
    const tag = await transferor.call();
    const dialog = await standing;
    let placed: Promise<SrfDialog> | undefined;
    dialog.once('refer', (req: SrfRequest, res: SrfResponse) => {
      res.send(202);
      const [, replaces = ''] = /[?&]Replaces=([^&>]+)/.exec(req.get('Refer-To')) ?? [];
      placed = harness.srf.createUAC(`sip:target@127.0.0.1:${target.port}`, {
        localSdp: sdp(15_002), callingNumber: '1',
        headers: { Replaces: decodeURIComponent(replaces), 'Referred-By': req.get('Referred-By') },
      }, { cbProvisional: () => { void notify(dialog, 'active;expires=60', '180 Ringing'); } });
      void placed.then(() => notify(dialog, 'terminated;reason=noresource', '200 OK'));
    });
    transferor.request({
      method: 'REFER', sequence: 2, toTag: tag,
      headers: [`Refer-To: <sip:target@127.0.0.1:${target.port}?Replaces=consult%3Bto-tag%3Da%3Bfrom-tag%3Db>`, 'Referred-By: <sip:carol@127.0.0.1>'],
    });
    await transferor.next('SIP/2.0 202');
    const invite = await target.next('INVITE');
    assert.deepEqual([headerOf(invite, 'Replaces'), headerOf(invite, 'Referred-By')], ['consult;to-tag=a;from-tag=b', '<sip:carol@127.0.0.1>']);
    target.answer(invite, '180 Ringing', { tag: 'target' });
    const ringing = await transferor.next('NOTIFY');
    assert.deepEqual(sipfrag(ringing), ['active;expires=60', 'SIP/2.0 180 Ringing']);
    transferor.answer(ringing, '200 OK');
    target.answer(invite, '200 OK', { tag: 'target', body: sdp(4_002) });
    await target.next('ACK');
    const done = await transferor.next('NOTIFY');
    assert.deepEqual(sipfrag(done), ['terminated;reason=noresource', 'SIP/2.0 200 OK']);
    transferor.answer(done, '200 OK');
    await until('both calls stand', () => harness.engine.stats().gauges.dialogs === 2);
    await transferor.hangUp(tag, 3);
    const ended = (await placed)?.destroy();
    target.answer(await target.next('BYE'), '200 OK');
    await ended;
  });

  it('sends a REFER and brings the NOTIFYs of the transferee to the dialog, which a last one does not end (RFC 3515 §2.4.4)', async () => {
    const standing = answered();
    const tag = await transferor.call();
    const dialog = await standing;
    const heard: string[] = [];
    dialog.on('notify', (req: SrfRequest, res: SrfResponse) => {
      heard.push(`${req.get('Subscription-State')} ${req.body}`);
      res.send(200);
    });
    const referred = dialog.request({ method: 'REFER', headers: { 'Refer-To': `<sip:target@127.0.0.1:${target.port}>` } });
    const refer = await transferor.next('REFER');
    assert.match(headerOf(refer, 'Contact'), /^<sip:/);
    transferor.answer(refer, '202 Accepted');
    assert.equal((await referred).status, 202);
    for (const [sequence, state] of [[2, 'active;expires=60'], [3, 'terminated;reason=noresource']] as const) {
      transferor.request({ method: 'NOTIFY', sequence, toTag: tag, body: 'SIP/2.0 200 OK', headers: ['Event: refer', `Subscription-State: ${state}`] });
      await transferor.next('SIP/2.0 200');
    }
    assert.deepEqual(heard, ['active;expires=60 SIP/2.0 200 OK', 'terminated;reason=noresource SIP/2.0 200 OK']);
    assert.equal(harness.engine.stats().gauges.dialogs, 1);
    await transferor.hangUp(tag, 4);
  });

  it('lets an INVITE with Replaces take over a call that stands (RFC 3891 §3)', async () => {
    const standing = answered();
    const tag = await transferor.call();
    const first = await standing;
    const taken = new Promise<SrfDialog>((resolve, reject) => {
      onInvite = (req, res) => {
        assert.equal(req.get('Replaces'), `${transferor.callId};to-tag=${tag};from-tag=carol`);
        harness.srf.createUAS(req, res, { localSdp: sdp(15_004) }).then((dialog) => {
          void first.destroy();
          resolve(dialog);
        }, reject);
      };
    });
    target.request({ method: 'INVITE', body: sdp(4_004), headers: [`Replaces: ${transferor.callId};to-tag=${tag};from-tag=carol`] });
    const ok = await target.next('SIP/2.0 200');
    target.request({ method: 'ACK', toTag: toTagOf(ok) });
    await taken;
    transferor.answer(await transferor.next('BYE'), '200 OK');
    await target.hangUp(toTagOf(ok), 2);
  });
});
