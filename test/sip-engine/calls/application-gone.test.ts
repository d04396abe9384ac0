import assert from 'node:assert/strict';
import { FakeResolver } from '../support/fake-resolver.ts';
import { routesAreKnown, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

describe('an application that disconnects in the middle of', () => {
  let harness: Harness;
  let carol: Phone;
  let alice: Phone;
  let dns: FakeResolver;
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;

  beforeEach(async () => {
    dns = new FakeResolver();
    harness = await startHarness({ resolver: dns, timers: { t1: 25, t2: 100, t4: 50 } });
    harness.srf.invite((req, res) => onInvite(req, res));
    [carol, alice] = [await Phone.open(harness.udp), await Phone.open(harness.udp)];
  });
  afterEach(async () => {
    await until('nothing is left', () => {
      const { transactions, dialogs } = harness.engine.stats().gauges;
      return transactions + dialogs === 0;
    });
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await Promise.all([carol.close(), alice.close()]);
  });

  const disconnect = async (): Promise<void> => {
    harness.srf.disconnect();
    await until('it is gone', () => harness.engine.stats().gauges.applications === 0);
  };
  const answered = (): Promise<SrfDialog> => new Promise((resolve, reject) => {
    onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
  });
  const callOut = async (): Promise<string> => {
    harness.srf.createUAC(`sip:bob@127.0.0.1:${carol.port}`, { localSdp: sdp(15_000), callingNumber: '1' }).catch(() => undefined); // Nobody is left to be told.
    return carol.next('INVITE');
  };
  const isHungUp = async (): Promise<void> => {
    const bye = await carol.next('BYE');
    assert.match(headerOf(bye, 'Reason'), /application disconnected/);
    carol.answer(bye, '200 OK');
  };

  it('a call that rings here: 503 to the caller', async () => {
    onInvite = (_req, res) => res.send(180);
    const invite = carol.request({ method: 'INVITE', body: sdp(4_000) });
    await carol.next('SIP/2.0 180');
    await disconnect();
    carol.acknowledgeRefusal(invite, toTagOf(await carol.next('SIP/2.0 503')));
  });

  it('a call that stands: BYE', async () => {
    const dialog = answered();
    await carol.call();
    await dialog;
    await disconnect();
    await isHungUp();
  });

  it('a call that is answered, but not acknowledged: BYE after the ACK, not before (RFC 3261 §15)', async () => {
    void answered();
    carol.request({ method: 'INVITE', body: sdp(4_000) });
    const tag = toTagOf(await carol.next('SIP/2.0 200'));
    await disconnect();
    await carol.next('SIP/2.0 200'); // Repeated, because there is no ACK yet.
    assert.equal(carol.received.some((text) => text.startsWith('BYE')), false);
    carol.request({ method: 'ACK', toTag: tag });
    await isHungUp();
  });

  it('a call whose ACK never comes: BYE after 64·T1', async () => {
    void answered();
    carol.request({ method: 'INVITE', body: sdp(4_000) });
    await carol.next('SIP/2.0 200');
    await disconnect();
    carol.answer(await carol.next('BYE', 3_000), '200 OK');
  });

  it('a re-INVITE of the peer: 503 to it, and BYE', async () => {
    const dialog = answered();
    const tag = await carol.call();
    const held = new Promise<void>((resolve) => { void dialog.then((one) => one.once('modify', () => resolve())); });
    await dialog;
    const again = carol.request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002) });
    await held;
    await disconnect();
    carol.acknowledgeRefusal(again, toTagOf(await carol.next('SIP/2.0 503')));
    await isHungUp();
  });

  it('a re-INVITE of ours that the peer accepts all the same: ACK and BYE', async () => {
    const dialog = answered();
    await carol.call();
    (await dialog).modify(sdp(15_002)).catch(() => undefined); // Nobody is left to be told.
    const again = await carol.next('INVITE');
    await disconnect();
    await isHungUp();
    carol.answer(again, '200 OK', { body: sdp(4_002) });
    await carol.next('ACK');
  });

  it('a call of ours before any response: CANCEL as soon as there is one (RFC 3261 §9.1)', async () => {
    const invite = await callOut();
    await disconnect();
    carol.answer(invite, '180 Ringing', { tag: 'bob' });
    carol.answer(await carol.next('CANCEL'), '200 OK');
    carol.answer(invite, '487 Request Terminated', { tag: 'bob' });
    await carol.next('ACK');
  });

  it('a call of ours that rings: CANCEL', async () => {
    const invite = await callOut();
    carol.answer(invite, '180 Ringing', { tag: 'bob' });
    await until('the dialog is early', () => harness.engine.stats().gauges.dialogs === 1);
    await disconnect();
    carol.answer(await carol.next('CANCEL'), '200 OK');
    carol.answer(invite, '487 Request Terminated', { tag: 'bob' });
    await carol.next('ACK');
  });

  it('a call of ours whose 200 crosses the CANCEL: ACK for each 200, one BYE, and no dialog that nobody has', async () => {
    const invite = await callOut();
    carol.answer(invite, '180 Ringing', { tag: 'bob' });
    await until('the dialog is early', () => harness.engine.stats().gauges.dialogs === 1);
    await disconnect();
    const cancel = await carol.next('CANCEL');
    for (let i = 0; i < 2; i += 1) {
      carol.answer(invite, '200 OK', { tag: 'bob', body: sdp(4_000) });
      await carol.next('ACK');
    }
    carol.answer(cancel, '200 OK');
    const bye = await carol.next('BYE');
    carol.answer(bye, '200 OK');
    assert.deepEqual(carol.received.filter((text) => text.startsWith('BYE') && text !== bye), []);
    assert.equal(harness.engine.stats().gauges.dialogs, 0);
  });

  it('a look-up of a name: no call for nobody', async () => {
    let answer: (() => void) | undefined;
    dns.addresses = () => new Promise((resolve) => { answer = () => resolve({ records: ['127.0.0.1'], ttlMs: 1 }); });
    harness.srf.createUAC(`sip:bob@slow:${carol.port}`, { localSdp: sdp(15_000), callingNumber: '1' }).catch(() => undefined); // Nobody is left to be told.
    await until('the name is asked for', () => answer !== undefined);
    await disconnect();
    answer?.();
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.deepEqual([carol.received, harness.engine.stats().counters['sent.udp']], [[], undefined]);
  });

  it('a call that it proxies: the call goes on without it (RFC 3261 §16.7)', async () => {
    type Proxying = SrfRequest & { proxy(options: { destination: string[]; remainInDialog: boolean }): Promise<unknown> };
    onInvite = (req) => { (req as Proxying).proxy({ destination: [`sip:alice@127.0.0.1:${alice.port}`], remainInDialog: true }).catch(() => undefined); }; // A cast: only this test proxies.
    carol.request({ method: 'INVITE', body: sdp(4_000) });
    const invite = await alice.next('INVITE');
    await disconnect();
    alice.answer(invite, '180 Ringing', { tag: 'alice' });
    await carol.next('SIP/2.0 180');
    alice.answer(invite, '200 OK', { tag: 'alice', body: sdp(4_002) });
    const ok = await carol.next('SIP/2.0 200');
    const route = `Route: ${headerOf(ok, 'Record-Route')}`;
    const uri = `sip:phone@127.0.0.1:${alice.port}`;
    carol.request({ method: 'ACK', uri, toTag: 'alice', headers: [route] });
    await alice.next('ACK');
    carol.request({ method: 'BYE', uri, sequence: 2, toTag: 'alice', headers: [route] });
    alice.answer(await alice.next('BYE'), '200 OK');
    await carol.next('SIP/2.0 200');
  });

  it('a request that it was asked: 503', async () => {
    const asked = new Promise<void>((resolve) => { harness.srf.use('message', () => resolve()); });
    await routesAreKnown(harness.srf, harness);
    carol.request({ method: 'MESSAGE' });
    await asked;
    await disconnect();
    await carol.next('SIP/2.0 503');
  });

  it('subscriptions: a last NOTIFY to those who subscribed, an end to ours, and no BYE (RFC 6665 §4.4.1)', async () => {
    const subscribed = new Promise<void>((resolve, reject) => {
      harness.srf.use('subscribe', (req, res) => { harness.srf.createUAS(req, res, { headers: { Expires: '600' } }).then(() => resolve(), reject); });
    });
    const ours = harness.srf.createUAC(`sip:bob@127.0.0.1:${alice.port}`, { method: 'SUBSCRIBE', callingNumber: '1', headers: { Event: 'dialog', Expires: '600' } });
    alice.answer(await alice.next('SUBSCRIBE'), '200 OK', { tag: 'bob', headers: ['Expires: 600'] });
    await ours;
    carol.request({ method: 'SUBSCRIBE', headers: ['Event: presence', 'Expires: 600'] });
    await carol.next('SIP/2.0 202');
    await subscribed;
    await disconnect();
    const last = await carol.next('NOTIFY');
    assert.deepEqual([headerOf(last, 'Event'), headerOf(last, 'Subscription-State')], ['presence', 'terminated;reason=deactivated']);
    carol.answer(last, '200 OK');
    const end = await alice.next('SUBSCRIBE');
    assert.deepEqual([headerOf(end, 'Event'), headerOf(end, 'Expires')], ['dialog', '0']);
    alice.answer(end, '200 OK');
  });
});
