import assert from 'node:assert/strict';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfRequest } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from '../support/udp-peer.ts';

/** What `req.proxy` of drachtio-srf is given and gives. */
interface ProxyOptions {
  destination: string[];
  forking?: 'simultaneous' | 'sequential';
  remainInDialog?: boolean;
  followRedirects?: boolean;
  provisionalTimeout?: string;
  finalTimeout?: string;
  headers?: Record<string, string>;
}
interface ProxyResult {
  readonly connected: boolean;
  readonly finalStatus: number;
  readonly responses: readonly { readonly port: number; readonly msgs: readonly { readonly status: number }[] }[];
}
type Proxying = SrfRequest & { proxy(options: ProxyOptions): Promise<ProxyResult> };

describe('requests that an application proxies (RFC 3261 §16)', () => {
  let harness: Harness;
  let carol: UdpPeer;
  let alice: UdpPeer;
  let bob: UdpPeer;
  let options: ProxyOptions;
  let result: Promise<ProxyResult>;
  let calls = 0;

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    for (const method of ['invite', 'message']) {
      harness.srf.use(method, (req) => { result = (req as Proxying).proxy(options); }); // A cast: only these tests proxy.
    }
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => {
    calls += 1;
    [carol, alice, bob] = [await UdpPeer.open(), await UdpPeer.open(), await UdpPeer.open()];
  });
  afterEach(async () => { await Promise.all([carol.close(), alice.close(), bob.close()]); });

  const at = (peer: UdpPeer): string => `sip:callee@127.0.0.1:${peer.port}`;
  const request = (parts: Partial<RequestParts> & { method: string }): string => handMade({
    port: carol.port, branch: `z9hG4bK-p${calls}-${parts.method}-${parts.sequence ?? 1}`, callId: `proxied-${calls}`, ...parts,
  });
  const send = (text: string): void => carol.send(text, harness.udp);
  const invite = (...headers: string[]): void => send(request({
    method: 'INVITE', body: sdp(4_000), headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp', ...headers],
  }));
  /** Answers as a callee: Vias, Record-Routes and the rest are the request's. */
  const answer = (peer: UdpPeer, text: string, line: string, ...headers: string[]): void => {
    const copied = text.split('\r\n').filter((one) => /^(Via|Record-Route|From|Call-ID|CSeq):/i.test(one));
    const tag = line.startsWith('100') || /;tag=/.test(headerOf(text, 'To')) ? '' : `;tag=t${peer.port}`;
    peer.send([`SIP/2.0 ${line}`, ...copied, `To: ${headerOf(text, 'To')}${tag}`, `Contact: <${at(peer)}>`, ...headers, 'Content-Length: 0', '', ''].join('\r\n'), harness.udp);
  };
  const acknowledge = (): void => send(request({ method: 'ACK', branch: `z9hG4bK-p${calls}-INVITE-1` }));
  /** Answers a CANCEL, and the INVITE with 487. */
  const terminate = async (peer: UdpPeer, sent: string): Promise<string> => {
    const cancel = await peer.next('CANCEL');
    answer(peer, cancel, '200 OK');
    answer(peer, sent, '487 Request Terminated');
    await peer.next('ACK');
    return cancel;
  };
  const nothingIsLeft = (): Promise<void> => until('nothing is left', () => {
    const { transactions, dialogs } = harness.engine.stats().gauges;
    return transactions + dialogs === 0;
  }, 5_000);

  describe('given one target', () => {
    it('forwards with its own Via, one hop less and the headers of the application, and brings the answer back (§16.6, §16.7)', async () => {
      options = { destination: [at(alice)], headers: { 'X-Queue': 'sales', 'Call-ID': 'never' } };
      invite();
      const sent = await alice.next('INVITE');
      assert.match(sent, new RegExp(`^INVITE ${at(alice)} `));
      assert.deepEqual([headerOf(sent, 'Max-Forwards'), headerOf(sent, 'X-Queue'), headerOf(sent, 'Call-ID'), headerOf(sent, 'Record-Route')], ['69', 'sales', `proxied-${calls}`, '']);
      assert.equal([...sent.matchAll(/\r\nVia:/g)].length, 2);
      answer(alice, sent, '180 Ringing');
      const ringing = await carol.next('SIP/2.0 180');
      assert.equal([...ringing.matchAll(/\r\nVia:/g)].length, 1);
      answer(alice, sent, '200 OK');
      assert.equal(toTagOf(await carol.next('SIP/2.0 200')), `t${alice.port}`);
      const { connected, responses } = await result;
      assert.deepEqual([connected, responses.flatMap(({ port, msgs }) => msgs.map(({ status }) => [port, status]))], [true, [[alice.port, 180], [alice.port, 200]]]);
      answer(alice, sent, '200 OK');
      await carol.next('SIP/2.0 200');
      await nothingIsLeft();
    });

    it('stays in the dialog when it is told to, and passes ACK, re-INVITE and BYE on (§16.4, §16.12)', async () => {
      options = { destination: [at(alice)], remainInDialog: true };
      invite();
      const sent = await alice.next('INVITE');
      const route = headerOf(sent, 'Record-Route');
      assert.match(route, /^<sip:[0-9a-f]{20}@127\.0\.0\.1:\d+;lr>$/);
      answer(alice, sent, '200 OK');
      const ok = await carol.next('SIP/2.0 200');
      assert.equal(headerOf(ok, 'Record-Route'), route);
      const inside = (method: string, sequence: number, headers: string[] = []): void => send(request({
        method, sequence, uri: at(alice), toTag: `t${alice.port}`, headers: [`Route: ${route}`, ...headers],
      }));
      inside('ACK', 1);
      const ack = await alice.next('ACK');
      assert.equal(headerOf(ack, 'Route'), '');
      inside('INVITE', 2, [`Contact: <sip:carol@127.0.0.1:${carol.port}>`]);
      const again = await alice.next('INVITE');
      answer(alice, again, '200 OK');
      await carol.next('SIP/2.0 200');
      inside('BYE', 3);
      answer(alice, await alice.next('BYE'), '200 OK');
      await carol.next('SIP/2.0 200');
      await nothingIsLeft();
    });

    it('undoes the rewriting of a strict router before us (§16.4)', async () => {
      options = { destination: [at(alice)], remainInDialog: true };
      invite();
      const sent = await alice.next('INVITE');
      const route = headerOf(sent, 'Record-Route');
      answer(alice, sent, '200 OK');
      await carol.next('SIP/2.0 200');
      send(request({ method: 'BYE', sequence: 2, uri: route.slice(1, -1), toTag: 't', headers: [`Route: <${at(alice)}>`] }));
      const bye = await alice.next('BYE');
      assert.match(bye, new RegExp(`^BYE ${at(alice)} `));
      answer(alice, bye, '200 OK');
      await carol.next('SIP/2.0 200');
    });

    for (const [hops, left] of [['1', '0'], ['255', '254'], ['nonsense', '69'], ['99999', '69']] as const) {
      it(`forwards with Max-Forwards ${left} what came with ${hops} (§16.6, item 3)`, async () => {
        options = { destination: [at(alice)] };
        send(request({ method: 'INVITE' }).replace('Max-Forwards: 70', `Max-Forwards: ${hops}`));
        const sent = await alice.next('INVITE');
        assert.equal(headerOf(sent, 'Max-Forwards'), left);
        answer(alice, sent, '486 Busy Here');
        await carol.next('SIP/2.0 486');
        acknowledge();
      });
    }

    it('forwards nothing that may go no further, however many noughts say so (§16.3, item 3)', async () => {
      options = { destination: [at(alice)] };
      for (const [sequence, hops] of [[1, '0'], [2, '000']] as const) {
        send(request({ method: 'INVITE', sequence }).replace('Max-Forwards: 70', `Max-Forwards: ${hops}`));
        await carol.next('SIP/2.0 483');
        send(request({ method: 'ACK', sequence, branch: `z9hG4bK-p${calls}-INVITE-${sequence}` }));
      }
      assert.deepEqual(alice.received, []);
    });

    it('forwards for no call that it did not sign', async () => {
      send(request({ method: 'BYE', uri: at(alice), toTag: 'x', headers: [`Route: <sip:0123456789abcdef0123@127.0.0.1:${harness.udp};lr>`] }));
      await carol.next('SIP/2.0 481');
      assert.deepEqual(alice.received, []);
    });

    it('cancels when the caller does, and brings the 487 back (§16.10)', async () => {
      options = { destination: [at(alice)] };
      invite();
      const sent = await alice.next('INVITE');
      answer(alice, sent, '180 Ringing');
      await carol.next('SIP/2.0 180');
      send(request({ method: 'CANCEL', branch: `z9hG4bK-p${calls}-INVITE-1` }));
      await carol.next('SIP/2.0 200');
      const cancel = await terminate(alice, sent);
      assert.equal([...cancel.matchAll(/\r\nVia:/g)].length, 1);
      await carol.next('SIP/2.0 487');
      acknowledge();
      assert.equal((await result).finalStatus, 487);
      await nothingIsLeft();
    });

    it('says nothing to a request other than INVITE that nobody answers (RFC 4320 §4.3)', async () => {
      options = { destination: [at(alice)] };
      send(request({ method: 'MESSAGE', headers: [] }));
      await alice.next('MESSAGE');
      assert.equal((await result).connected, false);
      assert.equal(carol.received.some((text) => text.startsWith('SIP/2.0 408')), false);
    });
  });

  describe('given a loop', () => {
    it('refuses a request that comes back as it left with 482 (§16.3)', async () => {
      options = { destination: [at(alice)] };
      invite();
      const sent = await alice.next('INVITE');
      const uri = 'sip:1000@127.0.0.1'; // As the caller wrote it: a callee that sends it round.
      alice.send(sent.replace(/^INVITE \S+/, `INVITE ${uri}`).replace('\r\nVia:', `\r\nVia: SIP/2.0/UDP 127.0.0.1:${alice.port};branch=z9hG4bK-loop${calls}\r\nVia:`), harness.udp);
      await alice.next('SIP/2.0 482');
      answer(alice, sent, '486 Busy Here');
      await carol.next('SIP/2.0 486');
      acknowledge();
      await alice.next('ACK');
    });

    it('refuses a Proxy-Require that it does not know with 420 (§16.3, item 5)', async () => {
      options = { destination: [at(alice)] };
      invite('Proxy-Require: magic');
      assert.equal(headerOf(await carol.next('SIP/2.0 420'), 'Unsupported'), 'magic');
      acknowledge();
      await assert.rejects(result, /Proxy-Require/);
    });
  });

  describe('given several targets, one after the other', () => {
    it('tries the next one after a refusal, and after silence (§16.6)', async () => {
      const silent = await UdpPeer.open();
      options = { destination: [at(alice), at(silent), at(bob)], provisionalTimeout: '50ms' };
      invite();
      answer(alice, await alice.next('INVITE'), '486 Busy Here');
      await alice.next('ACK');
      await silent.next('INVITE');
      const sent = await bob.next('INVITE');
      answer(bob, sent, '200 OK');
      await carol.next('SIP/2.0 200');
      assert.equal((await result).connected, true);
      await silent.close();
    });

    it('cancels a target that rings too long (finalTimeout)', async () => {
      options = { destination: [at(alice), at(bob)], finalTimeout: '60ms' };
      invite();
      const rung = await alice.next('INVITE');
      answer(alice, rung, '180 Ringing');
      const second = await bob.next('INVITE');
      await terminate(alice, rung);
      answer(bob, second, '404 Not Found');
      await carol.next('SIP/2.0 404');
      acknowledge();
      assert.equal((await result).connected, false);
    });

    it('stops at a 6xx (§16.7, item 5)', async () => {
      options = { destination: [at(alice), at(bob)] };
      invite();
      answer(alice, await alice.next('INVITE'), '603 Decline');
      await carol.next('SIP/2.0 603');
      acknowledge();
      await result;
      assert.deepEqual(bob.received, []);
    });

    it('follows a redirection when it is told to, each target once (§16.5)', async () => {
      options = { destination: [at(alice)], followRedirects: true };
      invite();
      const sent = await alice.next('INVITE');
      alice.send([`SIP/2.0 302 Moved`, ...sent.split('\r\n').filter((one) => /^(Via|From|Call-ID|CSeq):/i.test(one)), `To: ${headerOf(sent, 'To')};tag=m`,
        `Contact: <${at(alice)}>, <${at(bob)}>`, 'Content-Length: 0', '', ''].join('\r\n'), harness.udp);
      const moved = await bob.next('INVITE');
      answer(bob, moved, '200 OK');
      await carol.next('SIP/2.0 200');
      assert.equal((await result).connected, true);
    });

    it('brings a redirection to the caller when it is not', async () => {
      options = { destination: [at(alice)] };
      invite();
      answer(alice, await alice.next('INVITE'), '302 Moved');
      await carol.next('SIP/2.0 302');
      acknowledge();
    });
  });

  describe('given several targets at once', () => {
    beforeEach(() => { options = { destination: [at(alice), at(bob)], forking: 'simultaneous' }; });

    it('takes the first that answers and cancels the others (§16.7, item 10)', async () => {
      invite();
      const [first, second] = [await alice.next('INVITE'), await bob.next('INVITE')];
      answer(alice, first, '180 Ringing');
      answer(bob, second, '180 Ringing');
      const tags = [toTagOf(await carol.next('SIP/2.0 180')), toTagOf(await carol.next('SIP/2.0 180'))];
      assert.equal(new Set(tags).size, 2, 'two early dialogs');
      answer(bob, second, '200 OK');
      assert.equal(toTagOf(await carol.next('SIP/2.0 200')), `t${bob.port}`);
      await terminate(alice, first);
      const { connected, finalStatus } = await result;
      assert.deepEqual([connected, finalStatus], [true, 200]);
      await nothingIsLeft();
    });

    it('brings a second 2xx to the caller too (§16.7, item 5)', async () => {
      invite();
      const [first, second] = [await alice.next('INVITE'), await bob.next('INVITE')];
      answer(alice, first, '200 OK');
      answer(bob, second, '200 OK');
      const tags = [toTagOf(await carol.next('SIP/2.0 200')), toTagOf(await carol.next('SIP/2.0 200'))];
      assert.deepEqual(tags.sort(), [`t${alice.port}`, `t${bob.port}`].sort());
    });

    it('chooses the best refusal, with the challenges of all (§16.7, items 6 and 7)', async () => {
      invite();
      const [first, second] = [await alice.next('INVITE'), await bob.next('INVITE')];
      answer(alice, first, '407 Proxy Authentication Required', 'Proxy-Authenticate: Digest realm="a", nonce="1"');
      answer(bob, second, '401 Unauthorized', 'WWW-Authenticate: Digest realm="b", nonce="2"');
      const best = await carol.next('SIP/2.0 40');
      assert.match(best, /Proxy-Authenticate: Digest realm="a"/);
      assert.match(best, /WWW-Authenticate: Digest realm="b"/);
      acknowledge();
    });

    it('ends every branch at a 6xx (§16.7, item 5)', async () => {
      invite();
      const [first, second] = [await alice.next('INVITE'), await bob.next('INVITE')];
      answer(alice, first, '180 Ringing');
      await carol.next('SIP/2.0 180');
      answer(bob, second, '603 Decline');
      await terminate(alice, first);
      await carol.next('SIP/2.0 603');
      acknowledge();
    });

    it('turns a 503 into 500 (§16.7, item 6)', async () => {
      invite();
      answer(alice, await alice.next('INVITE'), '503 Service Unavailable');
      answer(bob, await bob.next('INVITE'), '503 Service Unavailable');
      await carol.next('SIP/2.0 500');
      acknowledge();
    });
  });
});
