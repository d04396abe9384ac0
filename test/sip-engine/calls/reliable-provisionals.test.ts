import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfRequest, SrfResponse } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from '../support/udp-peer.ts';

describe('reliable provisional responses (RFC 3262)', () => {
  let harness: Harness;
  let carol: UdpPeer;
  let onInvite: (req: SrfRequest, res: SrfResponse) => void;
  let calls = 0;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    harness.srf.invite((req, res) => onInvite(req, res));
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => {
    calls += 1;
    carol = await UdpPeer.open();
  });
  afterEach(async () => { await carol.close(); });

  const request = (parts: Partial<RequestParts> & { method: string }): string => handMade({
    port: carol.port, branch: `z9hG4bK-r${calls}-${parts.method}-${parts.sequence ?? 1}`, callId: `reliable-${calls}`, ...parts,
  });
  const send = (text: string): void => carol.send(text, harness.udp);
  const invite = (...options: string[]): void => send(request({
    method: 'INVITE', body: sdp(4_000), headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp', ...options],
  }));
  const prack = (response: string, sequence = 2, rack = `${headerOf(response, 'RSeq')} 1 INVITE`): void => send(request({
    method: 'PRACK', sequence, toTag: toTagOf(response), headers: [`RAck: ${rack}`],
  }));
  const reliable = { headers: { Require: '100rel' } };

  describe('given a caller who supports them', () => {
    it('numbers the response, repeats it until its PRACK, and answers the PRACK (§3)', async () => {
      onInvite = (_req, res) => res.send(180, reliable);
      invite('Supported: 100rel');
      const ringing = await carol.next('SIP/2.0 180');
      assert.match(headerOf(ringing, 'RSeq'), /^\d+$/);
      assert.match(headerOf(ringing, 'Require'), /100rel/);
      assert.equal(await carol.next('SIP/2.0 180'), ringing, 'repeated');
      prack(ringing);
      await carol.next('SIP/2.0 200');
      await new Promise((resolve) => { setTimeout(resolve, 250); });
      carol.received.length = 0;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
      assert.deepEqual(carol.received, [], 'nothing is repeated after the PRACK');
      send(request({ method: 'CANCEL', branch: `z9hG4bK-r${calls}-INVITE-1` }));
      await carol.next('SIP/2.0 487');
    });

    it('holds the next one, and a 2xx after an answer in the first, until the PRACK (§3)', async () => {
      onInvite = (_req, res) => {
        res.send(183, { ...reliable, body: sdp(15_000) });
        res.send(180, reliable);
        res.send(200, { body: sdp(15_000) });
      };
      invite('Supported: 100rel');
      const progress = await carol.next('SIP/2.0 183');
      await carol.next('SIP/2.0 183');
      assert.equal(carol.received.some((text) => /^SIP\/2\.0 (180|200)/.test(text)), false);
      prack(progress);
      const ringing = await carol.next('SIP/2.0 180');
      assert.equal(Number(headerOf(ringing, 'RSeq')), Number(headerOf(progress, 'RSeq')) + 1);
      prack(ringing, 3);
      await until('the INVITE has its 200', () => carol.received.some((text) => text.startsWith('SIP/2.0 200') && headerOf(text, 'CSeq') === '1 INVITE'));
      send(request({ method: 'ACK', toTag: toTagOf(progress) }));
      send(request({ method: 'BYE', sequence: 4, toTag: toTagOf(progress) }));
      await until('the BYE has its 200', () => carol.received.some((text) => headerOf(text, 'CSeq') === '4 BYE'));
    });

    it('refuses a PRACK that acknowledges nothing with 481, and the INVITE with 504 when none comes (§3)', async () => {
      let wasCancelled = false;
      onInvite = (req, res) => {
        req.on('cancel', () => { wasCancelled = true; });
        res.send(180, reliable);
      };
      invite('Supported: 100rel');
      const ringing = await carol.next('SIP/2.0 180');
      prack(ringing, 2, '1 99 INVITE');
      await carol.next('SIP/2.0 481');
      await carol.next('SIP/2.0 504', 4_000);
      await until('the application knows', () => wasCancelled);
      assert.equal(harness.engine.stats().gauges.dialogs, 0);
    });
  });

  describe('given a caller who requires them', () => {
    it('sends every provisional response reliably, whatever the application says (§3)', async () => {
      onInvite = (_req, res) => res.send(180, {}, () => { setTimeout(() => res.send(486), 20); });
      invite('Require: 100rel');
      assert.match(headerOf(await carol.next('SIP/2.0 180'), 'Require'), /100rel/);
      await carol.next('SIP/2.0 486');
      send(request({ method: 'ACK', branch: `z9hG4bK-r${calls}-INVITE-1` }));
    });
  });

  describe('given a caller who does not support them', () => {
    it('sends them without, once (§3)', async () => {
      onInvite = (_req, res) => res.send(180, reliable);
      invite();
      const ringing = await carol.next('SIP/2.0 180');
      assert.deepEqual([headerOf(ringing, 'RSeq'), headerOf(ringing, 'Require')], ['', '']);
      send(request({ method: 'CANCEL', branch: `z9hG4bK-r${calls}-INVITE-1` }));
      await carol.next('SIP/2.0 487');
    });
  });

  describe('given a callee who sends them', () => {
    it('acknowledges each once and in order, each fork to its own (§4, §7.2)', async () => {
      const statuses: number[] = [];
      const call = harness.srf.createUAC(`sip:bob@127.0.0.1:${carol.port}`, { localSdp: sdp(1), callingNumber: '1', headers: { Supported: '100rel' } }, {
        cbProvisional: (res) => { statuses.push(res.status); },
      });
      const sent = await carol.next('INVITE');
      const respond = (line: string, tag: string, ...headers: string[]): void => send([
        `SIP/2.0 ${line}`, `Via: ${headerOf(sent, 'Via')}`, `From: ${headerOf(sent, 'From')}`, `To: ${headerOf(sent, 'To')};tag=${tag}`,
        `Call-ID: ${headerOf(sent, 'Call-ID')}`, `CSeq: ${headerOf(sent, 'CSeq')}`, `Contact: <sip:${tag}@127.0.0.1:${carol.port}>`, ...headers,
        'Content-Length: 0', '', '',
      ].join('\r\n'));
      respond('180 Ringing', 'one', 'Require: 100rel', 'RSeq: 7');
      respond('180 Ringing', 'two', 'Require: 100rel', 'RSeq: 7');
      const pracks = [await carol.next('PRACK'), await carol.next('PRACK')];
      assert.deepEqual(pracks.map((text) => text.slice(0, text.indexOf('@'))).sort(), ['PRACK sip:one', 'PRACK sip:two']);
      for (const text of pracks) {
        assert.equal(headerOf(text, 'RAck'), `7 ${headerOf(sent, 'CSeq')}`);
        send(text.replace(/^PRACK [^\r]*/, 'SIP/2.0 200 OK'));
      }
      respond('180 Ringing', 'one', 'Require: 100rel', 'RSeq: 7');
      respond('180 Ringing', 'one', 'Require: 100rel', 'RSeq: 9');
      respond('183 Progress', 'one', 'Require: 100rel', 'RSeq: 8');
      assert.match(headerOf(await carol.next('PRACK'), 'RAck'), /^8 /);
      assert.deepEqual(statuses, [180, 180, 183]);
      respond('486 Busy Here', 'one');
      await assert.rejects(call, { status: 486 });
      await carol.next('ACK');
    });
  });
});
