import assert from 'node:assert/strict';
import { runSipp, startSipp } from '../../support/sipp.ts';
import { once, publishedScenario, scenario, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfRequest, SrfResponse } from '../support/srf.ts';
import { headerOf, UdpPeer } from '../support/udp-peer.ts';

const IDENTITY = { To: 'sip:alice@centre.example', From: 'sip:carol@carrier.example' };

describe('calls out of drachtio-srf through the engine', () => {
  let harness: Harness;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 200, t4: 50 } });
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  afterEach(async () => {
    await until('no transaction or dialog is left', () => {
      const { transactions, dialogs } = harness.engine.stats().gauges;
      return transactions === 0 && dialogs === 0;
    }, 8_000);
  });

  describe('given a callee who answers', () => {
    for (const [transport, mode, suffix] of [['UDP', 'u1', ''], ['TCP', 't1', ';transport=tcp']] as const) {
      it(`carries the call over ${transport} (RFC 3261 §13.1)`, async () => {
        const callee = await startSipp({ scenario: scenario('answers'), transport: mode });
        const dialog = await harness.srf.createUAC(`sip:alice@127.0.0.1:${callee.port}${suffix}`, { localSdp: sdp(15_000), callingNumber: '+213550000001' });
        assert.match(dialog.remote.sdp, /^m=audio/m);
        await dialog.destroy();
        const result = await callee.finished;
        assert.equal(result.exitCode, 0, result.errors);
        assert.match(result.messages, new RegExp(`From: <sip:\\+213550000001@127\\.0\\.0\\.1:${mode === 'u1' ? harness.udp : harness.tcp}>;tag=`), 'localhost is replaced');
      });
    }

    it('completes an offer in the 200 with the answer in the ACK (RFC 3261 §13.2.1)', async () => {
      const callee = await startSipp({ scenario: scenario('answers') });
      const dialog = await harness.srf.createUAC(`sip:alice@127.0.0.1:${callee.port}`, { headers: { ...IDENTITY } });
      await dialog.destroy();
      const result = await callee.finished;
      assert.equal(result.exitCode, 0, result.errors);
      assert.match(result.messages, /ACK sip:alice[^]*?CSeq: \d+ ACK[^]*?m=audio/);
    });
  });

  describe('given a callee who wants credentials', () => {
    for (const [name, call] of [
      ['an INVITE is challenged with 407', 'uas-auth'],
      ['a BYE is challenged', 'uas-bye-with-auth'],
    ] as const) {
      it(`sends it again with a digest when ${name} (RFC 3261 §22.2)`, async () => {
        const callee = await startSipp({ scenario: publishedScenario(call) });
        const dialog = await harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, {
          headers: { ...IDENTITY }, localSdp: sdp(15_000), auth: { username: 'foo', password: 'bar' },
        });
        await dialog.destroy();
        const result = await callee.finished;
        assert.equal(result.exitCode, 0, result.errors);
      });
    }

    it('sends a re-INVITE again with a digest, and its credentials in the ACK (RFC 3261 §13.2.2.4)', async () => {
      const callee = await startSipp({ scenario: scenario('challenges-reinvite') });
      const dialog = await harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, {
        headers: { ...IDENTITY }, localSdp: sdp(15_000), auth: { username: 'foo', password: 'bar' },
      });
      await dialog.modify(sdp(15_002));
      await dialog.destroy();
      const result = await callee.finished;
      assert.equal(result.exitCode, 0, result.errors);
    });

    it('registers with a digest (RFC 3261 §10, §22)', async () => {
      const registrar = await startSipp({ scenario: publishedScenario('uas-auth-register') });
      const request = await harness.srf.request(`sip:127.0.0.1:${registrar.port}`, {
        method: 'REGISTER',
        headers: { ...IDENTITY, Contact: '<sip:carol@localhost>;expires=3600' },
        auth: { username: 'foo', password: 'bar' },
      });
      const [response] = await once<SrfResponse>(request, 'response');
      assert.equal(response?.status, 200);
      assert.equal((await registrar.finished).exitCode, 0);
    });
  });

  describe('given a call that is given up while it rings', () => {
    it('sends the CANCEL with its Reason after the first provisional response (RFC 3261 §9.1)', async () => {
      const callee = await startSipp({ scenario: publishedScenario('uas-cancel') });
      let sent: SrfRequest | undefined;
      const failed = harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, { headers: { ...IDENTITY } }, {
        cbRequest: (_error, req) => {
          sent = req;
          // Before any response: the engine has to hold it back.
          req.cancel({ headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } }, (error) => assert.equal(error, null));
        },
      });
      await assert.rejects(failed, { status: 487 });
      assert.equal(sent?.method, 'INVITE');
      const result = await callee.finished;
      assert.equal(result.exitCode, 0, result.errors);
      assert.match(result.messages, /CANCEL sip:[^]*Reason: SIP;cause=200;text="Call completed elsewhere"/);
    });
  });

  describe('given a callee who says no', () => {
    it('hands the status to the application and acknowledges by itself (RFC 3261 §17.1.1.3)', async () => {
      const callee = await startSipp({ scenario: publishedScenario('uas-404') });
      await assert.rejects(harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, { headers: { ...IDENTITY } }), { status: 404 });
      assert.equal((await callee.finished).exitCode, 0);
    });
  });

  describe('given a callee who is not there', () => {
    it('ends with 408 after 64·T1 over UDP (RFC 3261 §17.1.1.2)', async () => {
      const silent = await UdpPeer.open();
      await assert.rejects(harness.srf.createUAC(`sip:127.0.0.1:${silent.port}`, { headers: { ...IDENTITY } }), { status: 408 });
      assert.ok(silent.received.length >= 6, 'the INVITE was repeated with doubling intervals');
      await silent.close();
    });

    it('ends with 503 at once when TCP is refused (RFC 3261 §8.1.3.1)', async () => {
      const gone = await UdpPeer.open();
      const { port } = gone;
      await gone.close();
      await assert.rejects(harness.srf.createUAC(`sip:127.0.0.1:${port};transport=tcp`, { headers: { ...IDENTITY } }), { status: 503 });
    });
  });

  describe('given two forks that both answer', () => {
    it('keeps the first and hangs up the second (RFC 3261 §13.2.2.4)', async () => {
      const proxy = await UdpPeer.open();
      const calling = harness.srf.createUAC(`sip:127.0.0.1:${proxy.port}`, { headers: { ...IDENTITY }, localSdp: sdp(15_000) });
      const invite = await proxy.next('INVITE');
      const ok = (tag: string): string => ['SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(invite, name)}`),
        `To: ${headerOf(invite, 'To')};tag=${tag}`, `Contact: <sip:${tag}@127.0.0.1:${proxy.port}>`, 'Content-Type: application/sdp', `Content-Length: ${sdp(4_000).length}`, '', sdp(4_000)].join('\r\n');
      proxy.send(ok('first'), harness.udp);
      const dialog = await calling;
      assert.equal(dialog.sip.remoteTag, 'first');
      assert.match(await proxy.next('ACK sip:first'), /;tag=first/);
      proxy.send(ok('first'), harness.udp);
      await proxy.next('ACK sip:first'); // A repeated 2xx gets its ACK again.
      proxy.send(ok('second'), harness.udp);
      await proxy.next('ACK sip:second');
      const bye = await proxy.next('BYE sip:second');
      const agree = (request: string): void => proxy.send(['SIP/2.0 200 OK', ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`), 'Content-Length: 0', '', ''].join('\r\n'), harness.udp);
      agree(bye);
      const ended = dialog.destroy();
      agree(await proxy.next('BYE sip:first'));
      await ended;
      await proxy.close();
    });
  });

  describe('given a callee who rings with ever new tags', () => {
    it('begins no more than a few early dialogs, and forgets them at the refusal', async () => {
      const callee = await UdpPeer.open();
      const calling = harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, { headers: { ...IDENTITY }, localSdp: sdp(15_000) });
      const invite = await callee.next('INVITE');
      const say = (status: string, tag: string): void => callee.send([`SIP/2.0 ${status}`, ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(invite, name)}`),
        `To: ${headerOf(invite, 'To')};tag=${tag}`, `Contact: <sip:127.0.0.1:${callee.port}>`, 'Content-Length: 0', '', ''].join('\r\n'), harness.udp);
      for (let i = 0; i < 40; i += 1) say('180 Ringing', `fork-${i}`);
      await until('all have come', () => (harness.engine.stats().counters['dropped.early-dialog'] ?? 0) === 24);
      assert.equal(harness.engine.stats().gauges.dialogs, 16);
      say('486 Busy Here', 'fork-0');
      await assert.rejects(calling, { status: 486 });
      await callee.close();
    });
  });

  describe('given an answer without Contact', () => {
    it('acknowledges it and hangs up, for drachtio-srf will not', async () => {
      const callee = await UdpPeer.open();
      const calling = harness.srf.createUAC(`sip:127.0.0.1:${callee.port}`, { headers: { ...IDENTITY }, localSdp: sdp(15_000) });
      const invite = await callee.next('INVITE');
      const copy = (request: string, tag = ''): string => ['SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`),
        `To: ${headerOf(request, 'To')}${tag}`, 'Content-Length: 0', '', ''].join('\r\n');
      callee.send(copy(invite, ';tag=x'), harness.udp);
      await assert.rejects(calling, { status: 500 });
      await callee.next('ACK');
      callee.send(copy(await callee.next('BYE')), harness.udp);
      await callee.close();
    });
  });

  describe('given a header value with a line end in it', () => {
    it('refuses the request: nothing can be injected', async () => {
      const victim = await UdpPeer.open();
      const attempt = (headers: Record<string, string>): Promise<unknown> =>
        harness.srf.createUAC(`sip:127.0.0.1:${victim.port}`, { headers: { ...IDENTITY, ...headers }, localSdp: sdp(1) });
      await assert.rejects(attempt({ Subject: 'x\nEvil: 1' }), /bad-character/);
      await assert.rejects(attempt({ Subject: 'x\rEvil: 1' }), /bad-character/);
      await assert.rejects(attempt({ Subject: 'x\r\nTo: <sip:evil@example.com>' }), /twice|repeated/);
      await assert.rejects(attempt({ Subject: 'x\r\n\r\nv=0 evil body' }), /Content-Length/);
      assert.deepEqual(victim.received, []);
      await victim.close();
    });
  });

  describe('given two legs', () => {
    let onInvite: (req: SrfRequest, res: SrfResponse) => void;
    before(() => { harness.srf.invite((req, res) => onInvite(req, res)); });

    it('carries a CANCEL from one to the other', async () => {
      const callee = await startSipp({ scenario: publishedScenario('uas-cancel') });
      const ended = new Promise<unknown>((resolve) => {
        onInvite = (req, res) => {
          harness.srf.createB2BUA(req, res, `sip:alice@127.0.0.1:${callee.port}`, {}).catch(resolve);
        };
      });
      const caller = await runSipp({ scenario: publishedScenario('uac-cancel'), remote: `127.0.0.1:${harness.udp}` });
      assert.equal(caller.exitCode, 0, caller.errors);
      assert.equal((await callee.finished).exitCode, 0);
      assert.equal((await ended as { status: number }).status, 487); // What drachtio-srf rejects with.
    });

    it('joins caller and callee and hangs up through (drachtio-srf createB2BUA)', async () => {
      const callee = await startSipp({ scenario: scenario('answers') });
      onInvite = (req, res) => {
        void harness.srf.createB2BUA(req, res, `sip:alice@127.0.0.1:${callee.port}`, {}).then(({ uas, uac }) => {
          uas.once('destroy', () => { void uac.destroy(); });
          uac.once('destroy', () => { void uas.destroy(); });
        });
      };
      const caller = await runSipp({ scenario: scenario('caller-hangs-up'), remote: `127.0.0.1:${harness.udp}` });
      assert.equal(caller.exitCode, 0, caller.errors);
      const result = await callee.finished;
      assert.equal(result.exitCode, 0, result.errors);
    });
  });
});
