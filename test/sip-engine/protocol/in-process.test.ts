import assert from 'node:assert/strict';
import { once } from 'node:events';
import sinon from 'sinon';
import { SipEngine } from '../../../server/sip-engine/sip-engine.ts';
import { runSipp } from '../../support/sipp.ts';
import { scenario, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { attachSrf, type SrfDialog } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer } from '../support/udp-peer.ts';

describe('an application within the process', () => {
  let harness: Harness;
  let carol: UdpPeer;

  beforeEach(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    carol = await UdpPeer.open();
  });
  afterEach(async () => {
    sinon.restore();
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await carol.close();
  });

  const applications = (): number => harness.engine.stats().gauges.applications ?? 0;
  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const answerAll = (): Promise<SrfDialog> => new Promise((resolve) => {
    harness.srf.invite((req, res) => void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve));
  });

  describe('given the wrong secret', () => {
    it('is refused as over loopback', async () => {
      await assert.rejects(attachSrf(harness.engine, 'guess'), /authenticate/);
      assert.equal(applications(), 1);
    });
  });

  describe('given text beyond ASCII', () => {
    it('gets it and sends it whole', async () => {
      harness.srf.invite((req, res) => res.send(486, { headers: { 'X-Echo': req.get('Subject') ?? '' } }));
      const headers = [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Subject: Réclamation à Béjaïa — بجاية'];
      carol.send(handMade({ method: 'INVITE', port: carol.port, branch: 'z9hG4bKu1', callId: 'utf8', headers }), harness.udp);
      assert.equal(headerOf(await carol.next('SIP/2.0 486'), 'X-Echo'), 'Réclamation à Béjaïa — بجاية');
    });
  });

  describe('given an application that leaves in the middle of a call', () => {
    it('hangs the call up and serves the next application', async () => {
      const answered = answerAll();
      carol.send(handMade({ method: 'INVITE', port: carol.port, branch: 'z9hG4bKc1', callId: 'left' }), harness.udp);
      const toTag = toTagOf(await carol.next('SIP/2.0 200'));
      carol.send(handMade({ method: 'ACK', port: carol.port, branch: 'z9hG4bKc2', callId: 'left', toTag }), harness.udp);
      await answered;
      harness.srf.disconnect();
      assert.match(await carol.next('BYE'), /application disconnected/);
      assert.equal(applications(), 0);
      const next = await attachSrf(harness.engine);
      next.invite((_req, res) => res.send(486));
      carol.send(handMade({ method: 'INVITE', port: carol.port, branch: 'z9hG4bKn1', callId: 'next' }), harness.udp);
      await carol.next('SIP/2.0 486');
      next.disconnect();
      await until('it is gone', () => applications() === 0);
    });
  });

  describe('given a handler that throws where drachtio-srf does not catch it', () => {
    it('loses its calls, and not the process', async () => {
      const complaint = sinon.stub(console, 'error');
      const dialog = answerAll().then((one) => one.on('destroy', () => { throw new Error('a bug of the application'); }));
      const result = await runSipp({ scenario: scenario('caller-hangs-up'), remote: `127.0.0.1:${harness.udp}` });
      await dialog;
      assert.equal(result.exitCode, 0, result.errors);
      assert.match(String(complaint.firstCall?.args[0]), /a bug of the application/);
    });
  });

  describe('given an engine that closes', () => {
    it('tells the application', async () => {
      const closed = once(harness.srf, 'close');
      await harness.engine.close();
      await closed;
    });
  });

  describe('given no port for other processes', () => {
    it('opens none', async () => {
      const engine = await SipEngine.start({ listeners: [], secret: 'cymru' });
      assert.equal(engine.adminPort, 0);
      const srf = await attachSrf(engine);
      assert.equal(engine.stats().gauges.applications, 1);
      srf.disconnect();
      await engine.close();
    });
  });

  it('does not deliver while the application still writes', async () => {
    const order: string[] = [];
    harness.srf.invite((_req, res) => {
      res.send(180, {}, () => order.push('sent'));
      order.push('returned');
      res.send(486);
    });
    carol.send(handMade({ method: 'INVITE', port: carol.port, branch: 'z9hG4bKo1', callId: 'order' }), harness.udp);
    await carol.next('SIP/2.0 486');
    await until('the reply is there', () => order.length === 2);
    assert.deepEqual(order, ['returned', 'sent']);
    assert.equal(counter('application.bad-frame'), 0);
  });
});
