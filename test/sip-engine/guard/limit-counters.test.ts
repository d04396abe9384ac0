import assert from 'node:assert/strict';
import type { SipEngineOptions } from '../../../server/sip-engine/sip-engine.ts';
import { openAuthority } from '../support/certificates.ts';
import { routesAreKnown, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import { ping, StreamPeer, StreamServer } from '../support/stream-peer.ts';
import { handMade } from '../support/udp-peer.ts';

/** What is not tested here has its test beside its transport: transport/connection-limits. */
describe('every limit that is met is counted by its own name', () => {
  let harness: Harness;
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  const start = async (options: Partial<SipEngineOptions>): Promise<void> => { harness = await startHarness(options); };
  const counted = (name: string): Promise<void> => until(name, () => (harness.engine.stats().counters[name] ?? 0) > 0);
  const kept = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  const options = (lines: readonly string[], uri = 'sip:a@127.0.0.1'): string =>
    handMade({ method: 'OPTIONS', port: 5099, branch: 'z9hG4bK-limit', callId: 'limit', uri, headers: lines });

  describe('of a message', () => {
    for (const [counter, text, status] of [
      ['malformed.line-too-long', options([`Subject: ${'x'.repeat(8_200)}`]), '400'],
      ['malformed.too-many-headers', options(Array.from({ length: 201 }, (_, i) => `X-${i}: 1`)), '400'],
      ['malformed.uri-too-long', options([], `sip:${'x'.repeat(2_050)}@127.0.0.1`), '414'],
    ] as const) {
      it(`${counter}: ${status}`, async () => {
        await start({});
        const carol = kept(await Phone.open(harness.udp));
        carol.send(text.replace('127.0.0.1:5099', `127.0.0.1:${carol.port}`));
        await carol.next(`SIP/2.0 ${status}`);
        await counted(counter);
      });
    }

    it('malformed.too-large: a datagram over the limit gets no answer', async () => {
      await start({ limits: { messageBytes: 1_000 } });
      const carol = kept(await Phone.open(harness.udp));
      carol.send(options([`Subject: ${'x'.repeat(1_000)}`]));
      await counted('malformed.too-large');
      assert.deepEqual(carol.received, []);
    });

    for (const [counter, text] of [
      ['dropped.stream-too-large', `OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 999999999\r\n\r\n`],
      ['dropped.stream-bad-content-length', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: many\r\n\r\n'],
    ] as const) {
      it(`${counter}: the connection ends`, async () => {
        await start({});
        const peer = kept(await StreamPeer.tcp(harness.tcp));
        peer.send(text);
        await peer.closed;
        await counted(counter);
      });
    }
  });

  it('refused.overload: 503 to new requests, while a call that stands goes on', async () => {
    await start({ limits: { transactions: 10 }, timers: { t1: 100, t2: 400, t4: 100 } });
    harness.srf.invite((req, res) => { void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }); });
    harness.srf.use('message', () => undefined); // Never answered: they fill the table.
    await routesAreKnown(harness.srf, harness);
    const carol = kept(await Phone.open(harness.udp));
    const tag = await carol.call();
    const mallory = kept(await Phone.open(harness.udp));
    for (let i = 0; i < 20; i += 1) mallory.request({ method: 'MESSAGE', callId: `fill-${i}` });
    await mallory.next('SIP/2.0 503');
    await counted('refused.overload');
    await carol.hangUp(tag, 2);
  });

  it('closed.slow-reader: a peer that does not read what it asked for', async () => {
    await start({ limits: { sendBufferBytes: 10_000 } });
    let [asked, answered] = [0, 0];
    harness.srf.use('options', (_req, res) => {
      asked += 1;
      res.send(200, { headers: { 'Content-Type': 'text/plain' }, body: 'x'.repeat(60_000) }, () => { answered += 1; });
    });
    await routesAreKnown(harness.srf, harness);
    const peer = kept(await StreamPeer.tcp(harness.tcp));
    peer.socket.pause();
    for (let i = 0; i < 200; i += 1) peer.send(ping('TCP', '127.0.0.1:1', `slow-${i}`));
    await counted('closed.slow-reader');
    await until('drachtio-srf has read every echo', () => answered === asked); // It throws when it is cut off in one.
  });

  it('closed.slow-connect: a server that takes the connection and says nothing', async () => {
    await start({ limits: { connectMs: 50 }, outboundTls: { verify: 'none' } });
    const server = kept(await StreamServer.open());
    await assert.rejects(harness.srf.createUAC(`sip:bob@127.0.0.1:${server.port};transport=tls`, { localSdp: sdp(1), callingNumber: '1' }), { status: 503 });
    await counted('closed.slow-connect');
  });

  describe('closed.half-open', () => {
    it('a WebSocket that answers no ping', async () => {
      await start({ listeners: [{ transport: 'ws', host: '127.0.0.1', port: 0 }], limits: { keepAliveMs: 30 } });
      const peer = kept(await StreamPeer.tcp(harness.engine.bound[0]?.port ?? 0));
      peer.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
        + 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n');
      await peer.next('HTTP/1.1 101');
      await peer.closed;
      await counted('closed.half-open');
    });

    it('a connection of ours whose server used to answer (RFC 5626 §4.4.1)', async () => {
      await start({ limits: { keepAliveMs: 30, pongMs: 30 }, timers: { t1: 5, t2: 20, t4: 10 } });
      const server = kept(await StreamServer.open());
      harness.srf.request(`sip:127.0.0.1:${server.port};transport=tcp`, { method: 'OPTIONS' }).catch(() => undefined); // It is never answered.
      const connection = await server.connection();
      await until('a ping', () => connection.text.endsWith('\r\n\r\n\r\n\r\n'));
      connection.send('\r\n');
      await connection.closed;
      await counted('closed.half-open');
    });
  });

  it('refused.tls-handshake: a client that speaks no TLS we take', async () => {
    const authority = kept(await openAuthority());
    await start({ listeners: [{ transport: 'tls', host: '127.0.0.1', port: 0, tls: await authority.issue('IP:127.0.0.1') }] });
    const peer = kept(await StreamPeer.tcp(harness.engine.bound[0]?.port ?? 0));
    peer.send('OPTIONS sip:a@b SIP/2.0\r\n\r\n');
    await peer.closed;
    await counted('refused.tls-handshake');
  });
});
