import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { routesAreKnown, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { removeRoute, type SrfDialog, type SrfRequest, type SrfResponse } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from '../support/udp-peer.ts';

describe('messages to the engine, one by one', () => {
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
  afterEach(async () => {
    await carol.close();
  });

  const request = (parts: Partial<RequestParts> & { method: string }): string => handMade({
    port: carol.port, branch: `z9hG4bK-${calls}-${parts.method}-${parts.sequence ?? 1}`, callId: `call-${calls}`, ...parts,
  });
  const send = (text: string): void => carol.send(text, harness.udp);
  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const answer = (): Promise<SrfDialog> => new Promise((resolve, reject) => {
    onInvite = (req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); };
  });

  /** A call that stands; returns the engine's tag. */
  const establish = async (): Promise<{ tag: string; dialog: SrfDialog }> => {
    const answered = answer();
    send(request({ method: 'INVITE', body: sdp(4_000), headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp'] }));
    const tag = toTagOf(await carol.next('SIP/2.0 200'));
    send(request({ method: 'ACK', toTag: tag }));
    return { tag, dialog: await answered };
  };
  const hangUp = async (tag: string, sequence = 2): Promise<void> => {
    send(request({ method: 'BYE', sequence, toTag: tag }));
    await carol.next('SIP/2.0 200');
  };

  describe('given an INVITE that comes again', () => {
    it('sends the last response again and does not ask the application twice (RFC 3261 §17.2.1)', async () => {
      let invites = 0;
      onInvite = (_req, res) => { invites += 1; res.send(180); };
      const invite = request({ method: 'INVITE' });
      send(invite);
      await carol.next('SIP/2.0 100');
      await carol.next('SIP/2.0 180');
      send(invite);
      await carol.next('SIP/2.0 180');
      assert.equal(invites, 1);
      send(request({ method: 'CANCEL', branch: `z9hG4bK-${calls}-INVITE-1` }));
      await carol.next('SIP/2.0 487');
    });
  });

  describe('given one INVITE that comes by two ways', () => {
    it('refuses the second while the first is open, and the CANCEL finds the first (RFC 3261 §8.2.2.2)', async () => {
      let cancelled = 0;
      let invites = 0;
      onInvite = (req, res) => {
        invites += 1;
        req.on('cancel', () => { cancelled += 1; });
        res.send(180);
      };
      send(request({ method: 'INVITE' }));
      await carol.next('SIP/2.0 180');
      for (const fromTag of ['', 'other']) {
        const second = request({ method: 'INVITE', branch: `z9hG4bK-merged-${fromTag}` });
        send(fromTag === '' ? second : second.replace(/;tag=[^;\r\n]+/, `;tag=${fromTag}`));
        await carol.next('SIP/2.0 482');
      }
      assert.equal(invites, 1);
      send(request({ method: 'CANCEL', branch: `z9hG4bK-${calls}-INVITE-1` }));
      await carol.next('SIP/2.0 487');
      await until('the application hears the CANCEL', () => cancelled === 1);
    });

    it('refuses it while the call stands, whose BYE still ends it', async () => {
      const { tag, dialog } = await establish();
      const ended = new Promise((resolve) => { dialog.once('destroy', resolve); });
      send(request({ method: 'INVITE', sequence: 5, branch: 'z9hG4bK-merged-late' }));
      await carol.next('SIP/2.0 482');
      await hangUp(tag);
      await ended;
    });

    it('refuses a copy of any other request that still waits for its answer, and takes the next of its sender', async () => {
      const waiting: SrfResponse[] = [];
      harness.srf.use('message', (_req, res) => waiting.push(res));
      await routesAreKnown(harness.srf, harness);
      send(request({ method: 'MESSAGE' }));
      await until('the application has it', () => waiting.length === 1);
      send(request({ method: 'MESSAGE', branch: 'z9hG4bK-merged-message' }));
      await carol.next('SIP/2.0 482');
      send(request({ method: 'MESSAGE', sequence: 2 }));
      await until('the application has the next', () => waiting.length === 2);
      for (const res of waiting) res.send(202);
      await carol.next('SIP/2.0 202');
      await carol.next('SIP/2.0 202');
      assert.equal(waiting.length, 2);
      removeRoute(harness.srf, 'message');
      await routesAreKnown(harness.srf, harness);
    });

    it('takes it again after a refusal', async () => {
      onInvite = (_req, res) => res.send(480);
      for (const sequence of [1, 2]) {
        send(request({ method: 'INVITE', sequence }));
        const refused = await carol.next('SIP/2.0 480');
        send(request({ method: 'ACK', sequence, branch: `z9hG4bK-${calls}-INVITE-${sequence}`, toTag: toTagOf(refused) }));
      }
    });
  });

  describe('given a 2xx that is lost', () => {
    it('repeats it until the ACK, and no longer (RFC 3261 §13.3.1.4)', async () => {
      void answer();
      send(request({ method: 'INVITE' }));
      const first = await carol.next('SIP/2.0 200');
      assert.equal(await carol.next('SIP/2.0 200'), first);
      send(request({ method: 'ACK', toTag: toTagOf(first) }));
      await new Promise((resolve) => { setTimeout(resolve, 60); });
      carol.received.length = 0;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
      assert.deepEqual(carol.received, []);
      await hangUp(toTagOf(first));
    });
  });

  describe('given a CANCEL that crosses the 200', () => {
    it('answers it with 200 and lets the call stand (RFC 3261 §9.2)', async () => {
      void answer();
      send(request({ method: 'INVITE' }));
      const ok = await carol.next('SIP/2.0 200');
      send(request({ method: 'ACK', toTag: toTagOf(ok) }));
      send(request({ method: 'CANCEL', branch: `z9hG4bK-${calls}-INVITE-1` }));
      assert.match(headerOf(await carol.next('SIP/2.0 200'), 'CSeq'), /CANCEL/);
      assert.equal(harness.engine.stats().gauges.dialogs, 1);
      await hangUp(toTagOf(ok));
    });
  });

  describe('given an application that never answers', () => {
    it('answers 408 in its place after timer C, and tells it', async () => {
      const other = await startHarness({ timers: { c: 100 } });
      const cancelled = new Promise<string>((resolve) => {
        other.srf.invite((req, res) => {
          req.once('cancel', (cancel: SrfRequest) => resolve(cancel.method));
          res.send(180);
        });
      });
      carol.send(request({ method: 'INVITE' }), other.udp);
      const refused = await carol.next('SIP/2.0 408');
      assert.equal(await cancelled, 'CANCEL');
      assert.deepEqual(other.engine.stats().gauges.dialogs, 0);
      carol.send(request({ method: 'ACK', branch: `z9hG4bK-${calls}-INVITE-1`, toTag: toTagOf(refused) }), other.udp);
      await other.close();
    });
  });

  describe('given a BYE in an early dialog', () => {
    it('answers it and refuses the INVITE with 487 (RFC 3261 §15.1.2)', async () => {
      const told = new Promise<void>((resolve) => {
        onInvite = (req, res) => {
          req.once('cancel', () => resolve());
          res.send(183);
        };
      });
      send(request({ method: 'INVITE' }));
      const tag = toTagOf(await carol.next('SIP/2.0 183'));
      send(request({ method: 'BYE', sequence: 2, toTag: tag }));
      await carol.next('SIP/2.0 487');
      await carol.next('SIP/2.0 200');
      await told;
      assert.equal(harness.engine.stats().gauges.dialogs, 0);
    });
  });

  describe('given a CANCEL for no INVITE', () => {
    it('answers 481 (RFC 3261 §9.2)', async () => {
      send(request({ method: 'CANCEL' }));
      await carol.next('SIP/2.0 481');
    });
  });

  describe('given requests for dialogs that do not exist', () => {
    it('answers 481 to a BYE (RFC 3261 §12.2.2)', async () => {
      send(request({ method: 'BYE', toTag: 'nobody' }));
      await carol.next('SIP/2.0 481');
    });

    it('drops an ACK, counted', async () => {
      const before = counter('dropped.stray-ack');
      send(request({ method: 'ACK', toTag: 'nobody' }));
      await until('the ACK is counted', () => counter('dropped.stray-ack') === before + 1);
    });

    it('drops a response that nobody waits for, counted (RFC 3261 §18.1.2)', async () => {
      const before = counter('dropped.stray-response');
      send(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:${harness.udp};branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n`);
      await until('the response is counted', () => counter('dropped.stray-response') === before + 1);
    });
  });

  describe('given requests in a dialog', () => {
    it('brings an INFO to the application and its answer back', async () => {
      const { tag, dialog } = await establish();
      dialog.on('info', (req: SrfRequest, res: SrfResponse) => res.send(200, { headers: { 'X-Signal': req.body } }));
      send(request({ method: 'INFO', sequence: 2, toTag: tag, body: 'Signal=5', headers: ['Content-Type: application/dtmf-relay'] }));
      assert.equal(headerOf(await carol.next('SIP/2.0 200'), 'X-Signal'), 'Signal=5');
      await hangUp(tag, 3);
    });

    it('answers 500 to a sequence number that was used before (RFC 3261 §12.2.2)', async () => {
      const { tag } = await establish();
      send(request({ method: 'INFO', sequence: 1, toTag: tag }));
      await carol.next('SIP/2.0 500');
      await hangUp(tag);
    });

    it('sends to the Contact of the latest re-INVITE (RFC 3261 §12.2.1.2)', async () => {
      const elsewhere = await UdpPeer.open();
      const { tag, dialog } = await establish();
      send(request({ method: 'INVITE', sequence: 2, toTag: tag, body: sdp(4_002), headers: [`Contact: <sip:carol@127.0.0.1:${elsewhere.port}>`, 'Content-Type: application/sdp'] }));
      await carol.next('SIP/2.0 100');
      await carol.next('SIP/2.0 200');
      send(request({ method: 'ACK', sequence: 2, toTag: tag }));
      const ended = dialog.destroy();
      const bye = await elsewhere.next('BYE');
      elsewhere.send(`SIP/2.0 200 OK\r\nVia: ${headerOf(bye, 'Via')}\r\nFrom: ${headerOf(bye, 'From')}\r\nTo: ${headerOf(bye, 'To')}\r\nCall-ID: ${headerOf(bye, 'Call-ID')}\r\nCSeq: ${headerOf(bye, 'CSeq')}\r\nContent-Length: 0\r\n\r\n`, harness.udp);
      await ended;
      await elsewhere.close();
    });

    it('answers 491 while an INVITE of ours is open (RFC 3261 §14.2)', async () => {
      const { tag, dialog } = await establish();
      const modified = dialog.modify(sdp(15_002));
      const ours = await carol.next('INVITE');
      send(request({ method: 'INVITE', sequence: 2, toTag: tag }));
      await carol.next('SIP/2.0 491');
      send(request({ method: 'ACK', sequence: 2, toTag: tag }));
      send(['SIP/2.0 200 OK', ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(ours, name)}`),
        `Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp', `Content-Length: ${sdp(4_004).length}`, '', sdp(4_004)].join('\r\n'));
      assert.equal(await modified, sdp(4_004));
      await carol.next('ACK');
      await hangUp(tag, 3);
    });
  });

  describe('given a request that may go no further', () => {
    it('answers 483 at Max-Forwards 0 (RFC 3261 §16.3)', async () => {
      send(request({ method: 'OPTIONS' }).replace('Max-Forwards: 70', 'Max-Forwards: 0'));
      await carol.next('SIP/2.0 483');
    });

    it('answers 404 when no application asked for the method', async () => {
      send(request({ method: 'MESSAGE', body: 'hello', headers: ['Content-Type: text/plain'] }));
      await carol.next('SIP/2.0 404');
    });
  });

  describe('given a sender behind NAT', () => {
    it('writes received and rport into its Via and answers to the source (RFC 3581 §4)', async () => {
      const options = request({ method: 'OPTIONS' })
        .replace(`127.0.0.1:${carol.port};branch`, '192.0.2.7:5099;rport;received=203.0.113.9;branch');
      send(options);
      const via = headerOf(await carol.next('SIP/2.0 404'), 'Via');
      assert.equal(via, `SIP/2.0/UDP 192.0.2.7:5099;rport=${carol.port};branch=z9hG4bK-${calls}-OPTIONS-1;received=127.0.0.1`);
    });
  });

  describe('given malformed messages', () => {
    it('answers 400 to a request that says where it came from', async () => {
      const before = counter('refused.malformed');
      send(request({ method: 'OPTIONS' }).replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'));
      assert.match(await carol.next('SIP/2.0 400'), /CSeq Method Mismatch/);
      assert.equal(counter('refused.malformed'), before + 1);
    });

    it('answers 400 to a bracket that never closes, before an application spends minutes on it', async () => {
      let invites = 0;
      onInvite = (_req, res) => { invites += 1; res.send(480); };
      send(request({ method: 'INVITE' }).replace('To: <sip:1000@127.0.0.1>', `To: <${' '.repeat(400)}sip:1000@127.0.0.1`));
      assert.match(await carol.next('SIP/2.0 400'), /Bad To/);
      assert.equal(invites, 0);
    });

    it('drops what is no SIP, counted, and goes on', async () => {
      const before = counter('malformed.no-start-line') + counter('malformed.unfinished');
      send('\0\u0001\u0002garbage garbage');
      send('GET / HTTP/1.1\r\n\r\n');
      await until('both are counted', () => counter('malformed.unfinished') + counter('malformed.bad-start-line') >= before + 2);
      await hangUp((await establish()).tag);
    });
  });

  describe('given TCP', () => {
    it('puts fragments together and takes pipelined messages apart (RFC 3261 §18.3)', async () => {
      const socket = connect(harness.tcp, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
      const one = handMade({ method: 'OPTIONS', port: 5099, branch: 'z9hG4bK-t1', callId: 'tcp-1' }).replace('/UDP', '/TCP');
      const two = handMade({ method: 'MESSAGE', port: 5099, branch: 'z9hG4bK-t2', callId: 'tcp-2', body: 'salut', headers: ['Content-Type: text/plain'] }).replace('/UDP', '/TCP');
      const stream = `\r\n\r\n${one}${two}`;
      for (let i = 0; i < stream.length; i += 40) {
        socket.write(stream.slice(i, i + 40));
        await new Promise((resolve) => { setImmediate(resolve); });
      }
      await until('both are answered', () => (text.match(/SIP\/2\.0 404/g) ?? []).length === 2);
      assert.ok(text.startsWith('\r\n'), 'the ping is answered first (RFC 5626 §4.4.1)');
      socket.write(`${one.replaceAll('t1', 't3')}${two.replaceAll('t2', 't4')}`);
      await until('all four are answered', () => (text.match(/SIP\/2\.0 404/g) ?? []).length === 4);
      socket.destroy();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
    });

    it('closes a stream without Content-Length', async () => {
      const socket = connect(harness.tcp, '127.0.0.1');
      const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()); });
      socket.write('OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n\r\n');
      await closed;
      assert.equal(counter('dropped.stream-no-content-length'), 1);
    });
  });
});
