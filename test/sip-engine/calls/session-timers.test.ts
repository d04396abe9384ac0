import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from '../support/udp-peer.ts';

describe('session timers (RFC 4028)', () => {
  let harness: Harness;
  let carol: UdpPeer;
  let dialog: SrfDialog | undefined;
  let calls = 0;

  before(async () => {
    // A second is 2 ms: a session of 90 seconds takes 180 ms.
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50, second: 2 } });
    harness.srf.invite((req: SrfRequest, res: SrfResponse) => {
      void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then((answered) => { dialog = answered; });
    });
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => {
    calls += 1;
    dialog = undefined;
    carol = await UdpPeer.open();
  });
  afterEach(async () => { await carol.close(); });

  const request = (parts: Partial<RequestParts> & { method: string }): string => handMade({
    port: carol.port, branch: `z9hG4bK-s${calls}-${parts.method}-${parts.sequence ?? 1}`, callId: `session-${calls}`, ...parts,
  });
  const send = (text: string): void => carol.send(text, harness.udp);
  const contact = (): string => `Contact: <sip:carol@127.0.0.1:${carol.port}>`;
  const call = async (...headers: string[]): Promise<string> => {
    send(request({ method: 'INVITE', headers: [contact(), ...headers] }));
    const ok = await carol.next('SIP/2.0 200');
    send(request({ method: 'ACK', toTag: toTagOf(ok) }));
    await until('the application has the dialog', () => dialog !== undefined);
    return ok;
  };
  /** Answers a request of the engine as the callee of it. */
  const answer = (text: string, line: string, ...headers: string[]): void => send([
    `SIP/2.0 ${line}`, ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(text, name)}`), contact(), ...headers, 'Content-Length: 0', '', '',
  ].join('\r\n'));
  const sequenceOf = (text: string): number => Number.parseInt(headerOf(text, 'CSeq'), 10);
  /** The next request that is no retransmission of the last. */
  const nextAfter = async (method: string, last: number): Promise<string> => {
    for (;;) {
      const text = await carol.next(method);
      if (sequenceOf(text) > last) return text;
    }
  };
  const hangUp = async (ok: string, sequence: number): Promise<void> => {
    send(request({ method: 'BYE', sequence, toTag: toTagOf(ok) }));
    await carol.next('SIP/2.0 200');
  };

  it('refuses an interval below 90 seconds with 422 (§9)', async () => {
    send(request({ method: 'INVITE', headers: [contact(), 'Supported: timer', 'Session-Expires: 89'] }));
    assert.equal(headerOf(await carol.next('SIP/2.0 422'), 'Min-SE'), '90');
    send(request({ method: 'ACK', branch: `z9hG4bK-s${calls}-INVITE-1` }));
  });

  it('lets a caller that can refresh do so, and hangs up when it does not (§9, §10)', async () => {
    const ok = await call('Supported: timer', 'Session-Expires: 90');
    assert.deepEqual([headerOf(ok, 'Session-Expires'), headerOf(ok, 'Require')], ['90;refresher=uac', 'timer']);
    const reason = new Promise<string>((resolve) => { dialog?.once('destroy', (_bye: SrfRequest, text: string) => resolve(text)); });
    const bye = await carol.next('BYE');
    assert.match(headerOf(bye, 'Reason'), /Session timer expired/);
    answer(bye, '200 OK');
    assert.equal(await reason, 'Session timer expired');
  });

  it('goes on when the caller refreshes (§7.4)', async () => {
    const ok = await call('Supported: timer', 'Session-Expires: 90');
    for (const sequence of [2, 3, 4]) {
      await new Promise((resolve) => { setTimeout(resolve, 70); });
      send(request({ method: 'UPDATE', sequence, toTag: toTagOf(ok), headers: [contact(), 'Supported: timer', 'Session-Expires: 90;refresher=uac'] }));
      assert.equal(headerOf(await carol.next('SIP/2.0 200'), 'Session-Expires'), '90;refresher=uac');
    }
    assert.equal(carol.received.some((text) => text.startsWith('BYE')), false);
    await hangUp(ok, 5);
  });

  it('refreshes for a caller that cannot, with UPDATE when it takes that (§10)', async () => {
    const ok = await call('Allow: INVITE, ACK, BYE, UPDATE', 'Session-Expires: 90');
    assert.equal(headerOf(ok, 'Session-Expires'), '90;refresher=uas');
    for (let n = 0; n < 2; n += 1) {
      const update = await carol.next('UPDATE');
      assert.equal(headerOf(update, 'Session-Expires'), '90;refresher=uac');
      answer(update, '200 OK', 'Session-Expires: 90;refresher=uac');
    }
    await hangUp(ok, 2);
  });

  it('refreshes with a re-INVITE otherwise, and acknowledges it (§10)', async () => {
    const ok = await call('Session-Expires: 90');
    const invite = await carol.next('INVITE');
    assert.match(invite, /m=audio 15000/);
    answer(invite, '200 OK', 'Session-Expires: 90;refresher=uac');
    await carol.next('ACK');
    await hangUp(ok, 2);
  });

  it('hangs up when a refresh is answered with 481 (§10, RFC 3261 §12.2.1.2)', async () => {
    await call('Allow: UPDATE', 'Session-Expires: 90');
    answer(await carol.next('UPDATE'), '481 Call/Transaction Does Not Exist');
    answer(await carol.next('BYE'), '481 Call/Transaction Does Not Exist');
    await until('no dialog is left', () => harness.engine.stats().gauges.dialogs === 0);
  });

  it('does as the callee says in its 2xx (§7.2)', async () => {
    const placed = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { localSdp: sdp(1), callingNumber: '1', headers: { Supported: 'timer', 'Session-Expires': '90' } });
    const invite = await carol.next('INVITE');
    answer(invite.replace(/\r\nTo: ([^\r]*)/, '\r\nTo: $1;tag=bob'), '200 OK', 'Session-Expires: 90;refresher=uas', 'Require: timer');
    await placed;
    await carol.next('ACK');
    assert.match(headerOf(await carol.next('BYE'), 'Reason'), /Session timer expired/);
  });

  describe('given a refresh of ours that is refused', () => {
    const outbound = async (headers: readonly string[], options: { localSdp?: string; noAck?: boolean } = { localSdp: sdp(1) }): Promise<SrfDialog> => {
      const placed = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { ...options, callingNumber: '1', headers: { Supported: 'timer', 'Session-Expires': '90' } });
      const invite = await carol.next('INVITE');
      const body = sdp(4_000);
      send([
        'SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(invite, name)}`), `To: ${headerOf(invite, 'To')};tag=bob`,
        contact(), ...headers, 'Content-Type: application/sdp', `Content-Length: ${body.length}`, '', body,
      ].join('\r\n'));
      const made = await placed;
      await carol.next('ACK');
      return made;
    };
    const end = async (call: SrfDialog): Promise<void> => {
      const ended = call.destroy();
      answer(await carol.next('BYE'), '200 OK');
      await ended;
    };

    for (const [method, allow] of [['UPDATE', 'Allow: INVITE, UPDATE'], ['INVITE', 'Allow: INVITE']] as const) {
      it(`tries a ${method} again after a 491, with the same interval (RFC 3261 §14.1)`, async () => {
        const call = await outbound([allow, 'Session-Expires: 90;refresher=uac']);
        let last = 0;
        for (const status of ['491 Request Pending', '491 Request Pending', '200 OK']) {
          const refresh = await nextAfter(method, last);
          assert.equal(headerOf(refresh, 'Session-Expires'), '90;refresher=uac');
          last = sequenceOf(refresh);
          answer(refresh, status, 'Session-Expires: 90;refresher=uac');
          if (method === 'INVITE') await carol.next('ACK');
        }
        await nextAfter(method, last); // The timer runs on.
        await end(call);
      });
    }

    it('gives up before the session ends, and tells the application (§10)', async () => {
      const call = await outbound(['Allow: UPDATE', 'Session-Expires: 90;refresher=uac']);
      const reason = new Promise<string>((resolve) => { call.once('destroy', (_bye: SrfRequest, text: string) => resolve(text)); });
      let refreshes = 0;
      let bye = '';
      while (bye === '') {
        await until('the engine sends something', () => carol.received.length > 0);
        const text = carol.received.shift() ?? '';
        if (text.startsWith('BYE')) bye = text;
        if (!text.startsWith('UPDATE')) continue;
        refreshes += 1;
        answer(text, '491 Request Pending');
      }
      answer(bye, '200 OK');
      assert.equal(await reason, 'Session timer expired');
      assert.ok(refreshes > 1);
    });

    it('asks for the longer interval that a 422 names (§7.3)', async () => {
      const call = await outbound(['Allow: UPDATE', 'Session-Expires: 90;refresher=uac']);
      const short = await carol.next('UPDATE');
      answer(short, '422 Session Interval Too Small', 'Min-SE: 120');
      const again = await nextAfter('UPDATE', sequenceOf(short));
      assert.deepEqual([headerOf(again, 'Session-Expires'), headerOf(again, 'Min-SE')], ['120;refresher=uac', '120']);
      answer(again, '200 OK', 'Session-Expires: 120;refresher=uac');
      await end(call);
    });

    it('repeats what was said in the ACK, when the callee made the offer', async () => {
      const call = await outbound(['Session-Expires: 90;refresher=uac'], {});
      const refresh = await carol.next('INVITE');
      assert.match(refresh, /\r\n\r\nv=0/);
      answer(refresh, '200 OK', 'Session-Expires: 90;refresher=uac');
      await carol.next('ACK');
      await end(call);
    });
  });

  it('holds what the application changes while the engine refreshes, and sends it then', async () => {
    const ok = await call('Session-Expires: 90');
    const refresh = await carol.next('INVITE');
    const modified = dialog?.modify(sdp(15_004));
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.deepEqual(carol.received.splice(0).filter((text) => text.startsWith('INVITE') && text !== refresh), []);
    answer(refresh, '200 OK', 'Session-Expires: 90;refresher=uac');
    await carol.next('ACK');
    const theirs = await nextAfter('INVITE', sequenceOf(refresh));
    assert.match(theirs, /m=audio 15004/);
    answer(theirs, '488 Not Acceptable Here');
    await carol.next('ACK');
    await assert.rejects(modified ?? Promise.resolve(), { status: 488 });
    await hangUp(ok, 2);
  });
});
