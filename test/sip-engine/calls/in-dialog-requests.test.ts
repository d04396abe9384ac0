import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

describe('requests in a dialog', () => {
  let harness: Harness;
  let carol: Phone;
  let elsewhere: Phone;

  before(async () => { harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } }); });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => { [carol, elsewhere] = [await Phone.open(harness.udp), await Phone.open(harness.udp)]; });
  afterEach(async () => {
    await until('no dialog is left', () => harness.engine.stats().gauges.dialogs === 0);
    await Promise.all([carol.close(), elsewhere.close()]);
  });

  let answer: Promise<SrfDialog>;
  const established = async (headers: readonly string[] = []): Promise<{ tag: string; dialog: SrfDialog; ok: string }> => {
    answer = new Promise((resolve, reject) => {
      onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
    });
    carol.request({ method: 'INVITE', body: sdp(4_000), headers });
    const ok = await carol.next('SIP/2.0 200');
    const tag = toTagOf(ok);
    carol.request({ method: 'ACK', toTag: tag });
    return { tag, dialog: await answer, ok };
  };
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;
  before(() => { harness.srf.invite((req, res) => onInvite(req, res)); });

  const hangUpAt = async (dialog: SrfDialog, phone: Phone): Promise<string> => {
    const ended = dialog.destroy();
    const bye = await phone.next('BYE');
    phone.answer(bye, '200 OK');
    await ended;
    return bye;
  };

  for (const [method, event] of [['INFO', 'info'], ['MESSAGE', 'message'], ['OPTIONS', 'options'], ['REFER', 'refer']] as const) {
    it(`${method} goes both ways, with its body and its answer`, async () => {
      const { tag, dialog } = await established();
      dialog.once(event, (req: SrfRequest, res: SrfResponse) => res.send(method === 'REFER' ? 202 : 200, { headers: { 'X-Heard': req.body } }));
      carol.request({ method, sequence: 2, toTag: tag, body: 'salut', headers: ['Refer-To: <sip:alice@127.0.0.1>'] });
      assert.equal(headerOf(await carol.next('SIP/2.0 20'), 'X-Heard'), 'salut');
      const ours = dialog.request({ method, headers: { 'Content-Type': 'text/plain', 'Refer-To': '<sip:alice@127.0.0.1>' }, body: 'marhaba' });
      const sent = await carol.next(method);
      assert.match(sent, /\r\n\r\nmarhaba$/);
      assert.deepEqual([toTagOf(sent), /;tag=(.*)/.exec(headerOf(sent, 'From'))?.[1]], ['carol', tag]);
      carol.answer(sent, '488 Not Acceptable Here', { headers: ['X-Why: because'] });
      const refused = await ours;
      assert.deepEqual([refused.status, refused.get('X-Why')], [488, 'because']);
      await carol.hangUp(tag, 3);
    });
  }

  describe('given a peer that moves (RFC 3261 §12.2.1.2, RFC 3311 §5)', () => {
    it('follows the Contact of its UPDATE', async () => {
      const { tag, dialog } = await established();
      carol.contactPort = elsewhere.port;
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag });
      await carol.next('SIP/2.0 200');
      await hangUpAt(dialog, elsewhere);
    });

    for (const [method, change] of [
      ['INVITE', (dialog: SrfDialog) => dialog.modify(sdp(15_002))],
      ['UPDATE', (dialog: SrfDialog) => dialog.request({ method: 'UPDATE' })],
    ] as const) {
      it(`follows the Contact of its 2xx to our ${method}`, async () => {
        const { dialog } = await established();
        const changed = change(dialog);
        const sent = await carol.next(method);
        carol.contactPort = elsewhere.port;
        carol.answer(sent, '200 OK', { body: method === 'INVITE' ? sdp(4_002) : '' });
        await changed;
        if (method === 'INVITE') await elsewhere.next('ACK');
        await hangUpAt(dialog, elsewhere);
      });
    }

    it('does not follow a request that it refuses as out of order', async () => {
      const { tag, dialog } = await established();
      carol.contactPort = elsewhere.port;
      carol.request({ method: 'UPDATE', sequence: 1, toTag: tag });
      await carol.next('SIP/2.0 500');
      await hangUpAt(dialog, carol);
    });

    it('tells the peer our own Contact in a re-INVITE and in the answer to its own (§12.2.2)', async () => {
      const { tag, dialog, ok } = await established();
      const ours = headerOf(ok, 'Contact');
      const modified = dialog.modify(sdp(15_002));
      const invite = await carol.next('INVITE');
      assert.equal(headerOf(invite, 'Contact'), ours);
      carol.answer(invite, '200 OK', { body: sdp(4_002) });
      await modified;
      await carol.next('ACK');
      carol.request({ method: 'UPDATE', sequence: 2, toTag: tag });
      assert.equal(headerOf(await carol.next('SIP/2.0 200'), 'Contact'), ours);
      await carol.hangUp(tag, 3);
    });
  });

  describe('given proxies on the way that record their routes', () => {
    it('sends through loose routers, the target in the Request-URI (RFC 3261 §12.2.1.1)', async () => {
      const { dialog } = await established([`Record-Route: <sip:near@127.0.0.1:${elsewhere.port};lr>, <sip:far@192.0.2.7;lr>`]);
      const bye = await hangUpAt(dialog, elsewhere);
      assert.match(bye, new RegExp(`^BYE sip:phone@127\\.0\\.0\\.1:${carol.port} `));
      assert.deepEqual([...bye.matchAll(/\r\nRoute: ([^\r]*)/g)].map((found) => found[1]), [`<sip:near@127.0.0.1:${elsewhere.port};lr>`, '<sip:far@192.0.2.7;lr>']);
    });

    it('sends to a strict router by its URI, the target as the last Route (RFC 3261 §12.2.1.1)', async () => {
      const { dialog } = await established([`Record-Route: <sip:near@127.0.0.1:${elsewhere.port}>, <sip:far@192.0.2.7;lr>`]);
      const bye = await hangUpAt(dialog, elsewhere);
      assert.match(bye, new RegExp(`^BYE sip:near@127\\.0\\.0\\.1:${elsewhere.port} `));
      assert.deepEqual([...bye.matchAll(/\r\nRoute: ([^\r]*)/g)].map((found) => found[1]), ['<sip:far@192.0.2.7;lr>', `<sip:phone@127.0.0.1:${carol.port}>`]);
    });

    it('puts a strict router into the Request-URI also of a request outside a dialog, whose To stays the callee (RFC 3261 §8.1.2)', async () => {
      const asked = await harness.srf.request('sip:bob@192.0.2.9', {
        method: 'OPTIONS', headers: { Route: `<sip:near@127.0.0.1:${elsewhere.port}>, <sip:far@192.0.2.7;lr>` },
      });
      const options = await elsewhere.next('OPTIONS');
      assert.match(options, new RegExp(`^OPTIONS sip:near@127\\.0\\.0\\.1:${elsewhere.port} `));
      assert.deepEqual([headerOf(options, 'To'), ...[...options.matchAll(/\r\nRoute: ([^\r]*)/g)].map((found) => found[1])],
        ['<sip:bob@192.0.2.9>', '<sip:far@192.0.2.7;lr>', '<sip:bob@192.0.2.9>']);
      const answered = new Promise((resolve) => { asked.once('response', resolve); });
      elsewhere.answer(options, '200 OK');
      await answered;
    });

    it('reverses what a callee copies into its 2xx (RFC 3261 §12.1.2)', async () => {
      const call = harness.srf.createUAC(`sip:bob@127.0.0.1:${carol.port}`, { localSdp: sdp(15_000), callingNumber: '1' });
      carol.answer(await carol.next('INVITE'), '200 OK', {
        tag: 'bob', body: sdp(4_000), headers: [`Record-Route: <sip:far@192.0.2.7;lr>`, `Record-Route: <sip:near@127.0.0.1:${elsewhere.port};lr>`],
      });
      const dialog = await call;
      assert.deepEqual([...(await elsewhere.next('ACK')).matchAll(/\r\nRoute: <sip:(\w+)@/g)].map((found) => found[1]), ['near', 'far']);
      await hangUpAt(dialog, elsewhere);
    });
  });

  describe('given an application that hangs up before the ACK', () => {
    it('sends its BYE after the ACK, and not before (RFC 3261 §15)', async () => {
      onInvite = (req, res) => { void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then((dialog) => dialog.destroy()); };
      carol.request({ method: 'INVITE', body: sdp(4_000) });
      const tag = toTagOf(await carol.next('SIP/2.0 200'));
      await carol.next('SIP/2.0 200'); // Repeated: the ACK is missed.
      assert.equal(carol.received.some((text) => text.startsWith('BYE')), false);
      carol.request({ method: 'ACK', toTag: tag });
      carol.answer(await carol.next('BYE'), '200 OK');
    });

    it('sends it at once when only the ACK of a re-INVITE is missing', async () => {
      const { tag, dialog } = await established();
      carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
      await carol.next('SIP/2.0 200');
      const started = Date.now();
      await hangUpAt(dialog, carol);
      assert.ok(Date.now() - started < 1_000);
    });

    it('sends it after 64·T1 without an ACK, once', async () => {
      let ended: Promise<SrfRequest> | undefined;
      onInvite = (req, res) => { void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then((dialog) => { ended = dialog.destroy(); }); };
      carol.request({ method: 'INVITE', body: sdp(4_000) });
      const bye = await carol.next('BYE', 3_000);
      assert.equal(headerOf(bye, 'Reason'), '', 'the application\'s own');
      carol.answer(bye, '200 OK');
      await ended;
    });
  });
});
