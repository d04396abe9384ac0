import assert from 'node:assert/strict';
import { startHarness, sdp, type Harness } from '../support/harness.ts';
import { connectSrf, type Srf, type SrfRequest, type SrfResponse } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer } from '../support/udp-peer.ts';

describe('subscriptions, Replaces and challenges', () => {
  let harness: Harness;
  let carol: UdpPeer;

  beforeEach(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    carol = await UdpPeer.open();
  });
  afterEach(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await carol.close();
  });

  const answer = (text: string, line: string, ...headers: string[]): void => carol.send([
    `SIP/2.0 ${line}`, ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(text, name)}`),
    `To: ${headerOf(text, 'To').replace(/;tag=.*/, '')};tag=bob`, `Contact: <sip:bob@127.0.0.1:${carol.port}>`, ...headers, 'Content-Length: 0', '', '',
  ].join('\r\n'), harness.udp);

  describe('given a NOTIFY that overtakes the 2xx to its SUBSCRIBE', () => {
    it('brings it to the application in the dialog that the 2xx confirms (RFC 6665 §4.1.2.4)', async () => {
      const notified: string[] = [];
      harness.srf.use('notify', (req: SrfRequest, res: SrfResponse) => {
        notified.push((req as SrfRequest & { stackDialogId: string }).stackDialogId); // A cast: the tests' typing leaves it out.
        res.send(200);
      });
      const subscribed = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { method: 'SUBSCRIBE', callingNumber: '1', headers: { Event: 'presence' } });
      const subscribe = await carol.next('SUBSCRIBE');
      const tag = /;tag=([^;]+)/.exec(headerOf(subscribe, 'From'))?.[1] ?? '';
      carol.send(handMade({
        method: 'NOTIFY', port: carol.port, branch: 'z9hG4bKn', callId: headerOf(subscribe, 'Call-ID'), toTag: tag,
        headers: [`Contact: <sip:bob@127.0.0.1:${carol.port}>`, 'Event: presence', 'Subscription-State: active'],
      }).replace(';tag=carol', ';tag=bob'), harness.udp);
      await carol.next('SIP/2.0 200');
      answer(subscribe, '200 OK', 'Expires: 60');
      assert.deepEqual(notified, [(await subscribed).id]);
      assert.equal(harness.engine.stats().gauges.dialogs, 1);
    });
  });

  describe('given an INVITE with Replaces', () => {
    let second: Srf;
    beforeEach(async () => { second = await connectSrf(harness.engine.adminPort); });
    afterEach(() => { second.disconnect(); });

    it('takes it to the application that has the dialog, among several (RFC 3891 §3)', async () => {
      const got: string[] = [];
      for (const [name, srf] of [['first', harness.srf], ['second', second]] as const) {
        srf.invite((req, res) => {
          got.push(name);
          if (req.has('Replaces')) res.send(480);
          else void srf.createUAS(req, res, { localSdp: sdp(15_000) });
        });
      }
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      const invite = (callId: string, ...headers: string[]): void => carol.send(handMade({
        method: 'INVITE', port: carol.port, branch: `z9hG4bK${callId}`, callId, headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, ...headers],
      }), harness.udp);
      invite('original');
      const tag = toTagOf(await carol.next('SIP/2.0 200'));
      carol.send(handMade({ method: 'ACK', port: carol.port, branch: 'z9hG4bKa', callId: 'original', toTag: tag }), harness.udp);
      for (const n of [1, 2, 3]) {
        invite(`replacing-${n}`, `Replaces: original;to-tag=${tag};from-tag=carol`);
        await carol.next('SIP/2.0 480');
      }
      assert.equal(new Set(got).size, 1);
      invite('too-late', `Replaces: original;to-tag=${tag};from-tag=carol;early-only`);
      await carol.next('SIP/2.0 486');
      assert.equal(got.length, 4);
    });
  });

  describe('given a server that challenges with SHA-256 and MD5', () => {
    it('lets drachtio-srf answer the one that it can (RFC 8760 §2.4)', async () => {
      const call = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { localSdp: sdp(1), callingNumber: '1', auth: { username: 'u', password: 'p' } });
      answer(await carol.next('INVITE'), '401 Unauthorized',
        'WWW-Authenticate: Digest realm="allo", nonce="n1", qop="auth", algorithm=SHA-256',
        'WWW-Authenticate: Digest realm="allo", nonce="n2", qop="auth", algorithm=MD5');
      await carol.next('ACK');
      const again = await carol.next('INVITE');
      assert.match(headerOf(again, 'Authorization'), /nonce="n2".*algorithm=MD5/);
      answer(again, '486 Busy Here');
      await assert.rejects(call, { status: 486 });
      await carol.next('ACK');
    });
    const challenges = async (...rows: readonly string[]): Promise<readonly string[]> => {
      const sent = await harness.srf.request(`sip:127.0.0.1:${carol.port}`, { method: 'OPTIONS', headers: {} });
      const asked = new Promise<SrfResponse>((resolve) => { sent.on('response', resolve); });
      answer(await carol.next('OPTIONS'), '401 Unauthorized', ...rows.map((row) => `WWW-Authenticate: ${row}`));
      return [...(await asked).get('WWW-Authenticate').matchAll(/nonce="(\w+)"/g)].map((found) => found[1] ?? '');
    };
    it('shows both to an application that answers for itself, in the order that drachtio-srf reads right', async () => {
      assert.deepEqual(await challenges('Digest realm="allo", nonce="md5", qop="auth"', 'Digest realm="allo", nonce="sha", qop="auth", algorithm=SHA-256'), ['sha', 'md5']);
    });
    it('shows one where drachtio-srf would mix them up: of two realms, or with a parameter that only one has', async () => {
      assert.deepEqual(await challenges('Digest realm="a", nonce="sha", algorithm=SHA-256', 'Digest realm="b", nonce="md5"'), ['md5']);
      assert.deepEqual(await challenges('Digest realm="a", nonce="sha", opaque="o", algorithm=SHA-256', 'Digest realm="a", nonce="md5"'), ['md5']);
      assert.deepEqual(await challenges('Digest realm="a", nonce="sha", algorithm=SHA-256', 'Digest nonce="md5", realm="a"'), ['md5']);
    });
  });
});

describe('extensions that are required (RFC 3261 §8.2.2.3)', () => {
  it('are refused with 420 when nobody here knows them', async () => {
    const harness = await startHarness();
    const carol = await UdpPeer.open();
    carol.send(handMade({ method: 'OPTIONS', port: carol.port, branch: 'z9hG4bKe', callId: 'e', headers: ['Require: timer, magic'] }), harness.udp);
    assert.equal(headerOf(await carol.next('SIP/2.0 420'), 'Unsupported'), 'magic');
    await harness.close();
    await carol.close();
  });
});
