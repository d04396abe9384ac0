import assert from 'node:assert/strict';
import { FakeResolver, service } from '../support/fake-resolver.ts';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfResponse } from '../support/srf.ts';
import { answerTo, ping, StreamPeer, StreamServer } from '../support/stream-peer.ts';
import { headerOf, UdpPeer } from '../support/udp-peer.ts';

const HEADERS = { To: 'sip:alice@carrier.example', From: 'sip:centre@centre.example' };

describe('ways to the next hop', () => {
  let harness: Harness;
  let dns: FakeResolver;
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    dns = new FakeResolver();
    dns.ttlMs = 0;
    harness = await startHarness({ resolver: dns, timers: { t1: 5, t2: 20, t4: 10 } });
  });
  afterEach(async () => {
    await until('no transaction is left', () => harness.engine.stats().gauges.transactions === 0);
    assert.deepEqual(harness.faults, []);
    await harness.close();
    for (const one of open.splice(0).reverse()) await one.close();
  });

  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const udp = async (): Promise<UdpPeer> => {
    const peer = await UdpPeer.open();
    open.push(peer);
    return peer;
  };
  const server = async (port?: number): Promise<StreamServer> => {
    const opened = await StreamServer.open(port === undefined ? {} : { port });
    open.push(opened);
    return opened;
  };
  const zone = (transport: 'udp' | 'tcp', ...ports: number[]): void => {
    dns.srv[`_sip._${transport}.carrier.example`] = ports.map((port, i) => service('edge.example', port, i));
    dns.a['edge.example'] = ['127.0.0.1'];
  };
  const send = (uri: string, extra: { headers?: Record<string, string>; body?: string } = {}): Promise<number> => new Promise((resolve, reject) => {
    harness.srf.request(uri, { method: 'MESSAGE', ...extra, headers: { ...HEADERS, 'Content-Type': 'text/plain', ...extra.headers } }).then((req) => {
      req.once('response', (res: SrfResponse) => resolve(res.status));
    }, reject);
  });

  describe('given SRV records (RFC 3263 §4.3)', () => {
    it('goes to the next target after a 503, in a transaction of its own', async () => {
      const [one, two] = [await udp(), await udp()];
      zone('udp', one.port, two.port);
      const status = send('sip:alice@carrier.example');
      const refused = await one.next('MESSAGE');
      one.send(answerTo(refused, '503 Service Unavailable'), harness.udp);
      const retried = await two.next('MESSAGE');
      assert.notEqual(/branch=([^;]+)/.exec(retried)?.[1], /branch=([^;]+)/.exec(refused)?.[1]);
      for (const name of ['Call-ID', 'CSeq', 'From']) assert.equal(headerOf(retried, name), headerOf(refused, name));
      two.send(answerTo(retried, '200 OK'), harness.udp);
      assert.equal(await status, 200);
      assert.equal(counter('retried.next-target'), 1);
    });

    it('tries the one that failed last for a while', async () => {
      const [one, two] = [await udp(), await udp()];
      zone('udp', one.port, two.port);
      const first = send('sip:alice@carrier.example');
      one.send(answerTo(await one.next('MESSAGE'), '503 Service Unavailable'), harness.udp);
      two.send(answerTo(await two.next('MESSAGE'), '200 OK'), harness.udp);
      await first;
      const second = send('sip:alice@carrier.example');
      two.send(answerTo(await two.next('MESSAGE'), '200 OK'), harness.udp);
      assert.equal(await second, 200);
      assert.equal(counter('retried.next-target'), 1);
    });

    it('goes on after a time-out without any response', async () => {
      const [dead, alive] = [await udp(), await udp()];
      zone('udp', dead.port, alive.port);
      const status = send('sip:alice@carrier.example');
      alive.send(answerTo(await alive.next('MESSAGE'), '202 Accepted'), harness.udp);
      assert.equal(await status, 202);
    });

    it('goes on when a connection is refused', async () => {
      const gone = await server();
      const [port] = [gone.port];
      await open.pop()?.close();
      const alive = await server();
      zone('tcp', port, alive.port);
      const status = send('sip:alice@carrier.example');
      const connection = await alive.connection();
      connection.send(answerTo(await connection.next('MESSAGE'), '200 OK'));
      assert.equal(await status, 200);
    });

    it('tells the application of the last failure when nothing is left', async () => {
      const [one, two] = [await udp(), await udp()];
      zone('udp', one.port, two.port);
      const status = send('sip:alice@carrier.example');
      one.send(answerTo(await one.next('MESSAGE'), '503 Service Unavailable'), harness.udp);
      two.send(answerTo(await two.next('MESSAGE'), '503 Full'), harness.udp);
      assert.equal(await status, 503);
    });

    it('calls no other target once the called party rings, nor after a CANCEL', async () => {
      const [one, two] = [await udp(), await udp()];
      zone('udp', one.port, two.port);
      const ringing = harness.srf.createUAC('sip:alice@carrier.example', { localSdp: sdp(15_000), headers: HEADERS });
      const invite = await one.next('INVITE');
      one.send(answerTo(invite, '180 Ringing'), harness.udp);
      one.send(answerTo(invite, '503 Service Unavailable'), harness.udp);
      await assert.rejects(ringing, { status: 503 });
      await one.next('ACK');
      assert.deepEqual(two.received, []);
    });

    it('cancels the INVITE of the target that has it', async () => {
      const [one, two] = [await udp(), await udp()];
      zone('udp', one.port, two.port);
      let cancel = (): void => undefined;
      const call = harness.srf.createUAC('sip:alice@carrier.example', { localSdp: sdp(15_000), headers: HEADERS }, {
        cbRequest: (_error, req) => { cancel = () => req.cancel({}, () => undefined); },
      });
      one.send(answerTo(await one.next('INVITE'), '503 Service Unavailable'), harness.udp);
      const invite = await two.next('INVITE');
      two.send(answerTo(invite, '180 Ringing'), harness.udp);
      cancel();
      const cancelled = await two.next('CANCEL');
      assert.equal(headerOf(cancelled, 'Via'), headerOf(invite, 'Via'));
      two.send(answerTo(cancelled, '200 OK'), harness.udp);
      two.send(answerTo(invite, '487 Request Terminated'), harness.udp);
      await assert.rejects(call, { status: 487 });
      await two.next('ACK');
    });
  });

  describe('given NAPTR records, when they are wanted (RFC 3263 §4.1)', () => {
    it('follows the transport that they prefer to its SRV records, and past a target that is not there', async () => {
      await harness.close();
      harness = await startHarness({ resolver: dns, naptr: true, timers: { t1: 5, t2: 20, t4: 10 } });
      const gone = await StreamServer.open();
      const { port } = gone;
      await gone.close();
      const [alive, notAsked] = [await server(), await udp()];
      zone('udp', notAsked.port);
      zone('tcp', port, alive.port);
      dns.naptr['carrier.example'] = [
        { order: 20, preference: 10, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.carrier.example' },
        { order: 10, preference: 10, flags: 's', service: 'SIP+D2T', replacement: '_sip._tcp.carrier.example' },
      ];
      const status = send('sip:alice@carrier.example');
      const connection = await alive.connection();
      connection.send(answerTo(await connection.next('MESSAGE'), '200 OK'));
      assert.equal(await status, 200);
      assert.deepEqual(notAsked.received, []);
    });
  });

  describe('given a request of more than 1300 bytes (RFC 3261 §18.1.1)', () => {
    const large = { headers: { 'X-Large': 'x'.repeat(1_400) } };

    it('sends it over TCP, with a Via that says so', async () => {
      const peer = await server();
      const status = send(`sip:alice@127.0.0.1:${peer.port}`, large);
      const connection = await peer.connection();
      const request = await connection.next('MESSAGE');
      assert.match(headerOf(request, 'Via'), new RegExp(`^SIP/2\\.0/TCP 127\\.0\\.0\\.1:${harness.tcp};`));
      connection.send(answerTo(request, '200 OK'));
      assert.equal(await status, 200);
    });

    it('falls back to UDP when the peer has no TCP, and remembers it', async () => {
      const peer = await udp();
      for (const times of [1, 1]) {
        const status = send(`sip:alice@127.0.0.1:${peer.port}`, large);
        const request = await peer.next('MESSAGE');
        assert.match(headerOf(request, 'Via'), new RegExp(`^SIP/2\\.0/UDP 127\\.0\\.0\\.1:${harness.udp};`));
        peer.send(answerTo(request, '200 OK'), harness.udp);
        assert.equal(await status, 200);
        assert.equal(counter('retried.next-target'), times);
      }
    });

    it('keeps to UDP when the URI asks for it', async () => {
      const peer = await udp();
      const status = send(`sip:alice@127.0.0.1:${peer.port};transport=udp`, large);
      peer.send(answerTo(await peer.next('MESSAGE'), '200 OK'), harness.udp);
      assert.equal(await status, 200);
      assert.equal(counter('retried.next-target'), 0);
    });

    it('moves the Contact of an INVITE with it', async () => {
      const peer = await server();
      const call = harness.srf.createUAC(`sip:alice@127.0.0.1:${peer.port}`, { localSdp: sdp(15_000), headers: { ...HEADERS, ...large.headers } });
      const connection = await peer.connection();
      const invite = await connection.next('INVITE');
      assert.match(headerOf(invite, 'Contact'), new RegExp(`127\\.0\\.0\\.1:${harness.tcp};transport=tcp>$`));
      connection.send(answerTo(invite, '486 Busy Here'));
      await assert.rejects(call, { status: 486 });
      await connection.next('ACK');
    });
  });

  describe('given a connection that is gone before the answer (RFC 3261 §18.2.2)', () => {
    it('opens another one to the sent-by port', async () => {
      const carol = await server();
      let answer = (): void => undefined;
      harness.srf.use('options', (_req, res) => { answer = () => res.send(200); });
      const peer = await StreamPeer.tcp(harness.tcp);
      peer.send(ping('TCP', `127.0.0.1:${carol.port}`, 'reopen'));
      await until('the application has it', () => harness.engine.stats().gauges.transactions === 1);
      await peer.close();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
      answer();
      assert.match(await (await carol.connection()).next('SIP/2.0 200'), /Call-ID: reopen/);
      assert.equal(counter('reopened.for-response'), 1);
    });

    it('tells nobody when there is nobody', async () => {
      let answer = (): void => undefined;
      harness.srf.use('options', (_req, res) => { answer = () => res.send(200); });
      const peer = await StreamPeer.tcp(harness.tcp);
      peer.send(ping('TCP', '127.0.0.1:1', 'nobody'));
      await until('the application has it', () => harness.engine.stats().gauges.transactions === 1);
      await peer.close();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
      answer();
      await until('it failed', () => counter('fault.tcp-connect') === 1);
    });
  });
});
