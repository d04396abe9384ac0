import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { SipEngine } from '../../../server/sip-engine/sip-engine.ts';
import { AppError } from '../../../server/base/app-error.ts';
import { routesAreKnown, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { connectSrf, removeRoute, type SrfDialog } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer } from '../support/udp-peer.ts';

/** Speaks the frames by hand. */
class RawApplication {
  text = '';
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setEncoding('latin1').on('data', (chunk: string) => { this.text += chunk; });
    this.closed = new Promise((resolve) => { this.#socket.once('close', () => resolve()); });
    this.#socket.on('error', () => undefined); // A refused connection shows as closed.
  }

  send(payload: string): void {
    this.#socket.write(`${payload.length}#${payload}`, 'latin1');
  }

  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  heard(pattern: RegExp): Promise<void> {
    return until(String(pattern), () => pattern.test(this.text));
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return this.closed;
  }
}

describe('applications of the engine', () => {
  let harness: Harness;
  let carol: UdpPeer;

  beforeEach(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 }, limits: { authenticateMs: 100, frameBytes: 10_000 } });
    carol = await UdpPeer.open();
  });
  afterEach(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await carol.close();
  });

  const invite = (branch: string, callId: string): string => handMade({ method: 'INVITE', port: carol.port, branch, callId });

  describe('given the wrong secret', () => {
    it('says NOK and closes', async () => {
      await assert.rejects(connectSrf(harness.engine.adminPort, 'guess'), /authenticate/);
      assert.equal(harness.engine.stats().counters['application.wrong-secret'], 1);
    });
  });

  describe('given a client that does not authenticate', () => {
    it('serves it nothing', async () => {
      const application = new RawApplication(harness.engine.adminPort);
      application.send('1|route|invite');
      await application.heard(/\|response\|1\|NOK\|not authenticated/);
      await application.closed;
    });

    it('closes it after a while', async () => {
      await new RawApplication(harness.engine.adminPort).closed;
      assert.equal(harness.engine.stats().counters['application.not-authenticated'], 1);
    });

    it('closes it at a frame that makes no sense', async () => {
      const application = new RawApplication(harness.engine.adminPort);
      application.write('GET / HTTP/1.1\r\n\r\n');
      await application.closed;
      assert.equal(harness.engine.stats().counters['application.bad-frame'], 1);
    });
  });

  describe('given an authenticated client', () => {
    const authenticated = async (): Promise<RawApplication> => {
      const application = new RawApplication(harness.engine.adminPort);
      application.send('1|authenticate|cymru|');
      await application.heard(/\|response\|1\|OK\|udp\/127\.0\.0\.1:\d+,tcp\/127\.0\.0\.1:\d+\|v0\.8\.\d+\|/);
      return application;
    };

    it('answers a ping', async () => {
      const application = await authenticated();
      application.send('2|ping');
      await application.heard(/\|response\|2\|OK/);
      await application.close();
    });

    it('refuses what it does not know, and goes on', async () => {
      const application = await authenticated();
      application.send('2|nonsense');
      application.send('3|proxy|txn|||||serial|||sip:a@b\r\nINVITE sip:a SIP/2.0\r\ncontent-length: 0\r\n\r\n');
      application.send('4|sip||unknown-dialog\r\nBYE sip:placeholder SIP/2.0\r\ncontent-length: 0\r\n\r\n');
      application.send('5|sip|unknown-transaction|\r\nSIP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n');
      application.send('6|sip||\r\nOPTIONS tel:+1 SIP/2.0\r\ncontent-length: 0\r\n\r\n');
      application.send('7|sip||\r\nMESSAGE sip:a@127.0.0.1:9 SIP/2.0\r\ncontent-length: 1\r\n\r\nx');
      application.send(`8|sip||\r\nOPTIONS sip:127.0.0.1:${harness.udp} SIP/2.0\r\ncontent-length: 0\r\n\r\n`);
      await application.heard(/2\|NOK\|Unknown[^]*3\|NOK\|proxy[^]*4\|NOK\|unable to find dialog[^]*5\|NOK\|Response not sent[^]*6\|NOK\|no SIP URI[^]*7\|NOK\|missing content-type[^]*8\|NOK\|can not send request to myself/);
      await application.close();
    });
  });

  describe('given no application', () => {
    it('answers 503, and 404 when none wants the method', async () => {
      carol.send(invite('z9hG4bK1', 'a'), harness.udp);
      await carol.next('SIP/2.0 404');
      harness.srf.disconnect();
      await until('the application is gone', () => harness.engine.stats().gauges.applications === 0);
      carol.send(invite('z9hG4bK2', 'b'), harness.udp);
      await carol.next('SIP/2.0 503');
    });
  });

  describe('given several applications', () => {
    it('takes turns among those that asked for the method', async () => {
      const second = await connectSrf(harness.engine.adminPort);
      harness.srf.invite((_req, res) => res.send(486));
      second.invite((_req, res) => res.send(600));
      await until('both are connected', () => harness.engine.stats().gauges.applications === 2);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      for (const call of ['1', '2', '3', '4']) carol.send(invite(`z9hG4bK${call}`, call), harness.udp);
      for (const status of [486, 486, 600, 600]) await carol.next(`SIP/2.0 ${status}`);
      second.disconnect();
    });

    it('gives no request to one that has taken its route back (remove_route), while the other goes on', async () => {
      const second = await connectSrf(harness.engine.adminPort);
      harness.srf.invite((_req, res) => res.send(486));
      second.invite((_req, res) => res.send(600));
      harness.srf.use('options', (_req, res) => res.send(200));
      for (const srf of [harness.srf, second]) await routesAreKnown(srf, harness);
      removeRoute(harness.srf, 'invite');
      await routesAreKnown(harness.srf, harness);
      for (const call of ['1', '2', '3']) {
        carol.send(invite(`z9hG4bK${call}`, call), harness.udp);
        await carol.next('SIP/2.0 600');
      }
      carol.send(handMade({ method: 'OPTIONS', port: carol.port, branch: 'z9hG4bKo', callId: 'o' }), harness.udp);
      await carol.next('SIP/2.0 200');
      second.disconnect();
    });

    it('keeps a transaction to the application that it was given to', async () => {
      let transactionId = '';
      harness.srf.invite((req, res) => {
        transactionId = (req as unknown as { stackTxnId: string }).stackTxnId; // Not in the test's typing: only this test needs it.
        res.send(180);
      });
      carol.send(invite('z9hG4bK1', 'a'), harness.udp);
      await carol.next('SIP/2.0 180');
      const thief = new RawApplication(harness.engine.adminPort);
      thief.send('1|authenticate|cymru|');
      thief.send(`2|sip|${transactionId}|\r\nSIP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n`);
      await thief.heard(/\|response\|2\|NOK\|Response not sent due to unknown transaction/);
      await thief.close();
    });
  });

  describe('given an application that goes away in the middle of calls', () => {
    it('answers what was pending with 503 and hangs up what was established', async () => {
      const answered = new Promise<SrfDialog>((resolve, reject) => {
        harness.srf.invite((req, res) => {
          if (req.get('Call-ID') === 'pending') res.send(180);
          else harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject);
        });
      });
      carol.send(invite('z9hG4bK1', 'established'), harness.udp);
      const ok = await carol.next('SIP/2.0 200');
      carol.send(handMade({ method: 'ACK', port: carol.port, branch: 'z9hG4bKa', callId: 'established', toTag: toTagOf(ok) }), harness.udp);
      carol.send(invite('z9hG4bK2', 'pending'), harness.udp);
      await carol.next('SIP/2.0 180');
      await answered;
      harness.srf.disconnect();
      await carol.next('SIP/2.0 503');
      assert.match(headerOf(await carol.next('BYE'), 'Reason'), /application disconnected/);
      assert.equal(harness.engine.stats().gauges.dialogs, 0);
    });
  });
});

describe('SipEngine.start and close', () => {
  const options = { adminPort: 0, secret: 'cymru' };

  for (const transport of ['udp', 'tcp'] as const) {
    it(`names the ${transport} port that is in use, and leaves nothing open`, async () => {
      const first = await SipEngine.start({ ...options, listeners: [{ transport, host: '127.0.0.1', port: 0 }] });
      const port = first.bound[0]?.port ?? 0;
      await assert.rejects(
        SipEngine.start({ ...options, listeners: [{ transport: transport === 'udp' ? 'tcp' : 'udp', host: '127.0.0.1', port: 0 }, { transport, host: '127.0.0.1', port }] }),
        (error: unknown) => {
          assert.ok(error instanceof AppError);
          assert.deepEqual([error.code, error.details], ['sip.port-in-use', { transport, host: '127.0.0.1', port }]);
          assert.match(error.message, new RegExp(`${transport} 127\\.0\\.0\\.1:${port}`));
          return true;
        },
      );
      await first.close();
      const again = await SipEngine.start({ ...options, listeners: [{ transport, host: '127.0.0.1', port }] });
      await again.close();
    });
  }

  it('names an address that cannot be bound', async () => {
    await assert.rejects(
      SipEngine.start({ ...options, listeners: [{ transport: 'udp', host: '203.0.113.1', port: 0 }] }),
      { code: 'sip.listen-failed' },
    );
  });

  it('names the application port that is in use', async () => {
    const first = await SipEngine.start({ ...options, listeners: [] });
    await assert.rejects(SipEngine.start({ ...options, adminPort: first.adminPort, listeners: [] }), { code: 'sip.port-in-use' });
    await first.close();
  });

  it('closes in the middle of calls and leaves nothing behind', async () => {
    const harness = await startHarness();
    const carol = await UdpPeer.open();
    harness.srf.invite((req, res) => { void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }); });
    carol.send(handMade({ method: 'INVITE', port: carol.port, branch: 'z9hG4bK1', callId: 'x' }), harness.udp);
    await carol.next('SIP/2.0 200');
    const ringing = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { localSdp: sdp(1), callingNumber: '1' });
    ringing.catch(() => undefined); // Nobody answers a call of an engine that closes.
    await carol.next('INVITE');
    const idle = connect(harness.tcp, '127.0.0.1');
    const cut = new Promise<void>((resolve) => { idle.once('close', () => resolve()).on('error', () => undefined); });
    await until('the connection is there', () => harness.engine.stats().gauges.connections === 1);
    harness.srf.disconnect();
    await Promise.all([harness.engine.close(), harness.engine.close()]);
    await cut;
    assert.deepEqual(harness.engine.stats().gauges, { transactions: 0, dialogs: 0, connections: 0, applications: 0 });
    assert.deepEqual(harness.faults, []);
    await carol.close();
  });
});
