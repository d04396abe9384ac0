import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import type { SipLimits } from '../../../server/sip-engine/guard/limits.ts';
import type { SipListener } from '../../../server/sip-engine/transport/flow.ts';
import { KeepAlive } from '../../../server/sip-engine/transport/keep-alive.ts';
import { openAuthority, type Authority } from '../support/certificates.ts';
import { startHarness, until, type Harness } from '../support/harness.ts';
import { ping, StreamPeer } from '../support/stream-peer.ts';
import { WsPeer } from '../support/ws-peer.ts';

/** A WebSocket frame of a client, masked with zeros. */
const frame = (payload: string, options: { opcode?: number; isFinal?: boolean; claimedBytes?: number } = {}): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = (options.isFinal === false ? 0 : 0x80) | (options.opcode ?? 1);
  head[1] = 0x80 | 126;
  head.writeUInt16BE(options.claimedBytes ?? payload.length, 2);
  return Buffer.concat([head, Buffer.from(payload, 'latin1')]);
};
const upgrade = (extra = ''): string => 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  + `Sec-WebSocket-Key: ${createHash('md5').update('x').digest('base64')}\r\nSec-WebSocket-Protocol: sip\r\n${extra}\r\n`;

describe('limits of connections', () => {
  let authority: Authority;
  let harness: Harness;
  before(async () => { authority = await openAuthority(); });
  after(() => authority.close());
  afterEach(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });

  const start = async (limits: Partial<SipLimits>): Promise<void> => {
    const tls = await authority.issue('IP:127.0.0.1');
    const listeners: SipListener[] = [
      { transport: 'tcp', host: '127.0.0.1', port: 0 }, { transport: 'tls', host: '127.0.0.1', port: 0, tls },
      { transport: 'ws', host: '127.0.0.1', port: 0 }, { transport: 'wss', host: '127.0.0.1', port: 0, tls },
    ];
    harness = await startHarness({ listeners, limits });
  };
  const port = (transport: string): number => harness.engine.bound.find((one) => one.transport === transport)?.port ?? 0;
  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const closes = async (peer: StreamPeer, name: string, times = 1): Promise<void> => {
    await peer.closed;
    assert.equal(counter(name), times, `${name}: ${JSON.stringify(harness.engine.stats().counters)}`);
    await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
  };

  describe('given a client that does not finish its handshake', () => {
    it('closes it, for TLS, WebSocket and both together', async () => {
      await start({ handshakeMs: 60 });
      for (const [times, transport] of [[1, 'tls'], [2, 'ws'], [3, 'wss']] as const) {
        await closes(await StreamPeer.tcp(port(transport)), 'closed.slow-handshake', times);
      }
    });

    it('closes it when the upgrade comes drop by drop', async () => {
      await start({ handshakeMs: 60 });
      const peer = await StreamPeer.tcp(port('ws'));
      const drops = setInterval(() => { if (!peer.isClosed) peer.send('X-Y: z\r\n'); }, 20);
      peer.send('GET / HTTP/1.1\r\n');
      await closes(peer, 'closed.slow-handshake');
      clearInterval(drops);
    });
  });

  describe('given a client that says nothing', () => {
    it('closes it before the idle time', async () => {
      await start({ silentMs: 50 });
      await closes(await StreamPeer.tcp(port('tcp')), 'closed.silent');
      const web = await WsPeer.open(`ws://127.0.0.1:${port('ws')}/`);
      await until('it is closed', () => counter('closed.silent') === 2);
      await web.cut();
    });

    it('leaves it the idle time after its first message', async () => {
      await start({ silentMs: 50, idleMs: 120 });
      const peer = await StreamPeer.tcp(port('tcp'));
      peer.send(ping('TCP', '127.0.0.1:1', 'idle'));
      await peer.next('SIP/2.0 404');
      await closes(peer, 'closed.idle');
      assert.equal(counter('closed.silent'), 0);
    });
  });

  describe('given a message that comes drop by drop (slow-loris)', () => {
    it('closes the connection', async () => {
      await start({ messageMs: 60 });
      const peer = await StreamPeer.tcp(port('tcp'));
      const drops = setInterval(() => { if (!peer.isClosed) peer.send('X-Y: z\r\n'); }, 15);
      peer.send('OPTIONS sip:a@b SIP/2.0\r\n');
      await closes(peer, 'closed.slow-message');
      clearInterval(drops);
    });

    it('does not take a peer for slow that always has the next message under way', async () => {
      await start({ messageMs: 60 });
      const peer = await StreamPeer.tcp(port('tcp'));
      for (let i = 0; i < 8; i += 1) {
        const next = ping('TCP', '127.0.0.1:1', `p${i + 1}`);
        peer.send(`${i === 0 ? ping('TCP', '127.0.0.1:1', 'p0') : ping('TCP', '127.0.0.1:1', `p${i}`).slice(40)}${next.slice(0, 40)}`);
        await peer.next('SIP/2.0 404');
        await new Promise((resolve) => { setTimeout(resolve, 15); });
      }
      assert.equal(counter('closed.slow-message'), 0);
      await peer.close();
    });

    it('closes a WebSocket whose frame does not end', async () => {
      await start({ messageMs: 60 });
      const peer = await StreamPeer.tcp(port('ws'));
      peer.send(upgrade());
      await peer.next('HTTP/1.1 101');
      peer.socket.write(frame('OPTIONS sip:a', { claimedBytes: 400 }));
      await closes(peer, 'closed.slow-message');
    });

    it('closes a WebSocket whose message is never complete, however many frames it sends', async () => {
      await start({ messageMs: 60 });
      const peer = await StreamPeer.tcp(port('ws'));
      peer.send(upgrade());
      await peer.next('HTTP/1.1 101');
      peer.socket.write(frame('OPTIONS sip:a', { isFinal: false }));
      const drops = setInterval(() => { if (!peer.isClosed) peer.socket.write(frame('x', { opcode: 0, isFinal: false })); }, 15);
      await closes(peer, 'closed.slow-message');
      clearInterval(drops);
    });
  });

  describe('given frames that are not right', () => {
    it('closes a WebSocket at a message over the limit, counted', async () => {
      await start({ messageBytes: 1_000 });
      const peer = await StreamPeer.tcp(port('ws'));
      peer.send(upgrade());
      await peer.next('HTTP/1.1 101');
      peer.socket.write(frame('x'.repeat(2_000)));
      await closes(peer, 'dropped.websocket-too-large');
    });

    it('closes one at text that is no UTF-8, and at an unmasked frame, counted', async () => {
      await start({});
      for (const [bytes, name] of [[frame('\xff\xfe'), 'dropped.websocket-not-utf8'], [Buffer.from([0x81, 1, 65]), 'dropped.websocket-protocol']] as const) {
        const peer = await StreamPeer.tcp(port('ws'));
        peer.send(upgrade());
        await peer.next('HTTP/1.1 101');
        peer.socket.write(bytes);
        await closes(peer, name);
      }
    });

    it('refuses an upgrade request over the limit, and what is no upgrade', async () => {
      await start({ upgradeBytes: 1_024 });
      const large = await StreamPeer.tcp(port('ws'));
      large.send(upgrade(`X-Large: ${'x'.repeat(2_000)}\r\n`));
      await closes(large, 'refused.upgrade');
      const plain = await StreamPeer.tcp(port('ws'));
      plain.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await plain.next('HTTP/1.1 426');
      await closes(plain, 'refused.no-upgrade');
    });
  });

  describe('given many connections of one address', () => {
    it('refuses those over the limit from their first packet on, on all listeners together', async () => {
      await start({ connectionsPerAddress: 3 });
      const kept = [await StreamPeer.tcp(port('tcp')), await StreamPeer.tcp(port('tls')), await StreamPeer.tcp(port('ws'))];
      await until('they are counted', () => harness.engine.stats().gauges.connections === 3);
      for (const transport of ['tcp', 'tls', 'ws', 'wss']) {
        const one = await StreamPeer.tcp(port(transport));
        await one.closed;
      }
      assert.equal(counter('refused.too-many-connections'), 4);
      await kept[0]?.close();
      await until('there is room', () => harness.engine.stats().gauges.connections === 2);
      const again = await StreamPeer.tcp(port('tcp'));
      again.send(ping('TCP', '127.0.0.1:1', 'room'));
      await again.next('SIP/2.0 404');
      for (const one of [...kept, again]) await one.close();
    });
  });
});

describe('KeepAlive (RFC 5626 §4.4.1)', () => {
  let clock: SinonFakeTimers;
  let pings: number;
  let isDead: boolean;
  let keepAlive: KeepAlive;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }); // Not nextTick, which the reporter's output needs.
    pings = 0;
    isDead = false;
    keepAlive = new KeepAlive({ keepAliveMs: 100_000, pongMs: 10_000 }, { ping: () => { pings += 1; }, onDead: () => { isDead = true; } });
  });
  afterEach(() => {
    keepAlive.stop();
    assert.equal(clock.countTimers(), 0);
    clock.restore();
  });

  it('pings what is quiet, and only that', () => {
    clock.tick(90_000);
    keepAlive.heard();
    clock.tick(99_999);
    assert.equal(pings, 0);
    clock.tick(1);
    assert.equal(pings, 1);
  });

  it('finds a peer dead that used to answer', () => {
    clock.tick(100_000);
    keepAlive.heard();
    clock.tick(100_000);
    assert.equal(pings, 2);
    clock.tick(9_999);
    assert.equal(isDead, false);
    clock.tick(1);
    assert.equal(isDead, true);
  });

  it('does not expect an answer of a peer that never gave one', () => {
    clock.tick(1_000_000);
    assert.equal(isDead, false);
    assert.ok(pings > 5);
  });
});
