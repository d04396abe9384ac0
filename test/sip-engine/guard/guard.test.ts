import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Counters } from '../../../server/sip-engine/guard/counters.ts';
import { Guard, type Admission } from '../../../server/sip-engine/guard/guard.ts';
import { DEFAULT_GUARD, type GuardOptions } from '../../../server/sip-engine/guard/guard-options.ts';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { RecentMap } from '../../../server/sip-engine/guard/recent-map.ts';
import { readEssentials, type Essentials } from '../../../server/sip-engine/message/essentials.ts';
import { parseMessage } from '../../../server/sip-engine/message/parse-message.ts';
import { respondTo } from '../../../server/sip-engine/message/respond.ts';
import type { SipRequest } from '../../../server/sip-engine/message/sip-message.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';

const flowFrom = (remoteAddress: string, transport: Flow['transport'] = 'udp'): Flow & { sent: string[] } => {
  const sent: string[] = [];
  return {
    transport, reliable: transport !== 'udp', isOpen: true, remoteAddress, remotePort: 5060,
    localAddress: '192.0.2.1', localPort: 5060, sent, send: (text) => { sent.push(text); },
  };
};

interface Parts {
  readonly method?: string;
  readonly user?: string;
  readonly toTag?: string;
  readonly lines?: readonly string[];
}

function request({ method = 'OPTIONS', user = '1000', toTag, lines = [] }: Parts = {}): { message: SipRequest; essentials: Essentials; bytes: number } {
  const text = [
    `${method} sip:${user}@centre.example SIP/2.0`, 'Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1', 'From: <sip:x@example.net>;tag=1',
    `To: <sip:${user}@centre.example>${toTag === undefined ? '' : `;tag=${toTag}`}`, 'Call-ID: c', `CSeq: 1 ${method}`, ...lines, '', '',
  ].join('\r\n');
  const outcome = parseMessage(text, DEFAULT_LIMITS);
  assert.ok(outcome.kind === 'message' && outcome.message.kind === 'request');
  const checked = readEssentials(outcome.message);
  assert.ok(checked.kind === 'ok');
  return { message: outcome.message, essentials: checked.essentials, bytes: text.length };
}

const CREDENTIALS = 'Authorization: Digest username="x"';

describe('Guard', () => {
  let clock: sinon.SinonFakeTimers;
  let counters: Counters;
  const stranger = flowFrom('203.0.113.9');

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    counters = new Counters();
  });
  afterEach(() => clock.restore());

  const guardWith = (options: Partial<GuardOptions> = {}): Guard =>
    new Guard({ options, counters, isInDialog: ({ toTag }) => toTag === 'ours' });
  const ask = (guard: Guard, flow: Flow, parts?: Parts): Admission => {
    const { message, essentials, bytes } = request(parts);
    const admission = guard.admitBytes(bytes, flow);
    return admission === 'pass' ? guard.admit(message, essentials, flow) : admission;
  };
  const answer = (guard: Guard, flow: Flow, status: number, parts: Parts & { readonly challenge?: string } = {}): void => {
    const { message } = request(parts);
    const response = respondTo(message, { status, toTag: 't' });
    if (parts.challenge !== undefined) response.headers.add('WWW-Authenticate', parts.challenge);
    guard.answered(message, response, flow);
  };
  const passed = (times: number, one: () => Admission): number => Array.from({ length: times }, one).filter((admission) => admission === 'pass').length;
  const counted = (name: string): number => counters.snapshot()[name] ?? 0;

  describe('given requests from one source', () => {
    it('lets so many through at once and so many per second, and counts the rest', () => {
      const guard = guardWith({ requests: { perSecond: 10, burst: 20 } });
      assert.equal(passed(50, () => ask(guard, stranger)), 20);
      assert.equal(counted('dropped.guard-requests'), 30);
      clock.tick(1_000);
      assert.equal(passed(50, () => ask(guard, stranger)), 10);
    });

    it('keeps other sources out of it', () => {
      const guard = guardWith({ requests: { perSecond: 1, burst: 1 } });
      passed(10, () => ask(guard, stranger));
      assert.equal(ask(guard, flowFrom('203.0.113.10')), 'pass');
    });

    it('takes the addresses of an IPv6 /64 for one source', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 3 } });
      let last = 0;
      assert.equal(passed(10, () => ask(guard, flowFrom(`2001:db8:1:2::${(last += 1).toString(16)}`))), 3);
      assert.equal(ask(guard, flowFrom('2001:db8:1:3::1')), 'pass');
    });

    it('counts bytes before they are parsed', () => {
      const guard = guardWith({ messages: { perSecond: 0, burst: 5 } });
      assert.equal(passed(9, () => guard.admitBytes(10, stranger)), 5);
      assert.equal(counted('dropped.guard-messages'), 4);
    });

    it('limits calls more than other requests', () => {
      const guard = guardWith({ calls: { perSecond: 0, burst: 2 } });
      assert.equal(passed(5, () => ask(guard, stranger, { method: 'INVITE' })), 2);
      assert.equal(ask(guard, stranger), 'pass');
      assert.equal(counted('dropped.guard-calls'), 3);
    });

    it('limits malformed messages with the requests, because they are answered too', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 2 } });
      assert.equal(passed(5, () => guard.admitMalformed(stranger)), 2);
    });
  });

  describe('given trusted networks', () => {
    it('limits and bans nobody in them', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 0 }, messages: { perSecond: 0, burst: 0 }, trusted: ['198.51.100.0/24', '2001:db8::/32', '192.0.2.77'] });
      for (const address of ['198.51.100.200', '2001:db8:ffff::1', '192.0.2.77']) {
        assert.equal(ask(guard, flowFrom(address), { lines: ['User-Agent: friendly-scanner'] }), 'pass', address);
        assert.equal(guard.metered(flowFrom(address)) instanceof Object, true);
      }
      for (const address of ['198.51.101.1', '2001:db9::1', '192.0.2.78', '127.0.0.1']) assert.notEqual(ask(guard, flowFrom(address)), 'pass', address);
    });

    it('trusts this machine unless told otherwise', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 0 } });
      assert.deepEqual([ask(guard, flowFrom('127.0.0.1')), ask(guard, flowFrom('::1'))], ['pass', 'pass']);
    });

    it('refuses to start with a network that is none', () => {
      for (const network of ['carrier.example', '10.0.0.0/33', '::/129', '10.0.0.0/x', '']) assert.throws(() => guardWith({ trusted: [network] }), RangeError, network);
    });
  });

  describe('given calls in progress', () => {
    it('lets their requests through a flood and through a ban', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 1 }, calls: { perSecond: 0, burst: 0 } });
      ask(guard, stranger, { lines: ['User-Agent: sipvicious'] });
      assert.equal(passed(100, () => ask(guard, stranger, { method: 'INVITE' })), 0);
      assert.equal(passed(100, () => ask(guard, stranger, { method: 'BYE', toTag: 'ours' })), 100);
    });

    it('does not believe a To tag that is not ours', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 1 } });
      assert.equal(passed(10, () => ask(guard, stranger, { method: 'BYE', toTag: 'guessed' })), 1);
    });

    it('lets every ACK through, which ends retransmissions', () => {
      const guard = guardWith({ requests: { perSecond: 0, burst: 0 } });
      assert.equal(ask(guard, stranger, { method: 'ACK', toTag: 'x' }), 'pass');
    });

    it('gives a source that knows one of our tags more room', () => {
      const guard = guardWith({ calls: { perSecond: 0, burst: 2 }, provenFactor: 10 });
      ask(guard, stranger, { method: 'BYE', toTag: 'ours' });
      assert.equal(passed(50, () => ask(guard, stranger, { method: 'INVITE' })), 20);
    });
  });

  describe('given a flood of calls from forged addresses', () => {
    const options = { unprovenCalls: { perSecond: 10, burst: 20 } };
    let next = 0;
    const forged = (): Flow => flowFrom(`198.51.${(next += 1) >> 8}.${next & 255}`);

    it('lets only so many of all of them through, while proven sources and connections call on', () => {
      const guard = guardWith(options);
      ask(guard, stranger, { method: 'BYE', toTag: 'ours' });
      assert.equal(passed(2_000, () => ask(guard, forged(), { method: 'INVITE' })), 20);
      assert.equal(counted('dropped.guard-unproven-calls'), 1_980);
      assert.equal(ask(guard, stranger, { method: 'INVITE' }), 'pass');
      assert.equal(ask(guard, flowFrom('203.0.113.77', 'ws'), { method: 'INVITE' }), 'pass');
    });

    it('remembers no more sources and bans than it may', () => {
      const guard = guardWith({ sources: 1_000, bans: 100 });
      for (let i = 0; i < 20_000; i += 1) ask(guard, forged(), { lines: ['User-Agent: friendly-scanner'] });
      assert.ok(guard.size.sources <= 1_001 && guard.size.bans <= 101, JSON.stringify(guard.size));
    });
  });

  describe('given scanners', () => {
    it('bans them at once, answers nothing, and forgives after a while, later each time', () => {
      const guard = guardWith({ banMs: 60_000, longestBanMs: 150_000 });
      const scan = (): Admission => ask(guard, stranger, { lines: ['User-Agent: Friendly-Scanner v1'] });
      assert.deepEqual(scan(), { drop: 'scanner' });
      assert.deepEqual(ask(guard, stranger), { drop: 'banned' });
      assert.deepEqual(guard.admitMalformed(stranger), { drop: 'banned' });
      clock.tick(60_000);
      assert.equal(ask(guard, stranger), 'pass');
      scan();
      clock.tick(119_999);
      assert.deepEqual(ask(guard, stranger), { drop: 'banned' });
      clock.tick(1);
      assert.equal(ask(guard, stranger), 'pass');
      scan();
      clock.tick(150_000); // The longest.
      assert.equal(ask(guard, stranger), 'pass');
      assert.equal(counted('banned.scanner'), 3);
    });

    it('knows the usual tools', () => {
      for (const agent of DEFAULT_GUARD.scanners) {
        assert.deepEqual(ask(guardWith(), stranger, { lines: [`User-Agent: x ${agent.toUpperCase()}/1.0`] }), { drop: 'scanner' });
      }
      for (const agent of ['Asterisk PBX 20', 'Yealink SIP-T46S', 'SIP.js/0.21.2', 'MicroSIP/3.21']) assert.equal(ask(guardWith(), stranger, { lines: [`User-Agent: ${agent}`] }), 'pass', agent);
    });
  });

  describe('given answers of the application', () => {
    const isBanned = (guard: Guard, flow: Flow = stranger): boolean => ask(guard, flow) !== 'pass';

    it('bans after so many wrong passwords, also for one user', () => {
      const guard = guardWith({ failedAuthentications: 5 });
      for (let i = 0; i < 4; i += 1) answer(guard, stranger, 401, { method: 'REGISTER', lines: [CREDENTIALS] });
      assert.equal(isBanned(guard), false);
      answer(guard, stranger, 403, { method: 'REGISTER', lines: [CREDENTIALS] });
      assert.equal(isBanned(guard), true);
      assert.equal(counted('banned.authentication'), 1);
    });

    it('forgets failures with their window', () => {
      const guard = guardWith({ failedAuthentications: 5, windowMs: 60_000 });
      for (let i = 0; i < 20; i += 1) {
        answer(guard, stranger, 407, { method: 'INVITE', lines: ['Proxy-Authorization: Digest username="x"'] });
        clock.tick(15_000);
      }
      assert.equal(isBanned(guard), false);
    });

    it('counts no old nonce as a wrong password (RFC 7616 §3.3)', () => {
      const guard = guardWith({ failedAuthentications: 2 });
      for (let i = 0; i < 9; i += 1) answer(guard, stranger, 401, { method: 'REGISTER', lines: [CREDENTIALS], challenge: 'Digest realm="x", stale=true' });
      assert.equal(isBanned(guard), false);
    });

    for (const method of ['REGISTER', 'INVITE', 'OPTIONS']) {
      it(`bans who tries many users with ${method}`, () => {
        const guard = guardWith({ failedUsers: 5 });
        for (let i = 0; i < 5; i += 1) answer(guard, stranger, i % 2 === 0 ? 404 : 403, { method, user: `${1000 + i}` });
        assert.equal(isBanned(guard), true);
        assert.equal(counted('banned.enumeration'), 1);
      });
    }

    it('does not ban who misses one user many times', () => {
      const guard = guardWith({ failedUsers: 5 });
      for (let i = 0; i < 50; i += 1) answer(guard, stranger, 404, { method: 'OPTIONS' });
      assert.equal(isBanned(guard), false);
    });

    it('lets an office of many phones register, and bans who only collects challenges', () => {
      const guard = guardWith({ unansweredChallenges: 50 });
      for (let i = 0; i < 300; i += 1) {
        answer(guard, stranger, 401, { method: 'REGISTER', user: `phone-${i}`, challenge: 'Digest realm="x"' });
        answer(guard, stranger, 200, { method: 'REGISTER', user: `phone-${i}`, lines: [CREDENTIALS] });
      }
      assert.equal(isBanned(guard), false);
      const scanner = flowFrom('203.0.113.200');
      for (let i = 0; i < 50; i += 1) answer(guard, scanner, 401, { method: 'REGISTER', user: `${i}`, challenge: 'Digest realm="x"' });
      assert.equal(isBanned(guard, scanner), true);
    });
  });

  describe('given answers to a source that may be forged', () => {
    it('lets no more bytes leave than three times what came, and a little', () => {
      const guard = guardWith({ answerBytes: 1_000, answerFactor: 3 });
      const flow = guard.metered(stranger);
      guard.admitBytes(500, stranger);
      for (let i = 0; i < 20; i += 1) flow.send('x'.repeat(500));
      assert.equal(stranger.sent.join('').length, 2_500);
      assert.equal(counted('dropped.guard-amplification'), 15);
      guard.admitBytes(500, stranger);
      for (let i = 0; i < 20; i += 1) flow.send('x'.repeat(500));
      assert.equal(stranger.sent.join('').length, 4_000);
    });

    it('counts no more once it has shown a tag of ours', () => {
      const guard = guardWith({ answerBytes: 0 });
      const peer = flowFrom('203.0.113.20');
      const flow = guard.metered(peer);
      flow.send('lost');
      ask(guard, peer, { method: 'BYE', toTag: 'ours' });
      for (let i = 0; i < 100; i += 1) flow.send('x'.repeat(1_000));
      assert.equal(peer.sent.length, 100);
    });

    it('meters no connection and nobody trusted', () => {
      const guard = guardWith();
      for (const flow of [flowFrom('203.0.113.21', 'tcp'), flowFrom('127.0.0.1')]) assert.equal(guard.metered(flow), flow);
    });
  });
});

describe('RecentMap', () => {
  it('keeps what is looked at and forgets the rest', () => {
    const map = new RecentMap<number, string>(100);
    map.set(-1, 'kept');
    for (let i = 0; i < 1_000; i += 1) {
      map.set(i, 'x');
      assert.equal(map.get(-1), 'kept');
      assert.ok(map.size <= 100);
    }
    assert.equal(map.get(0), undefined);
    map.delete(-1);
    assert.equal(map.get(-1), undefined);
  });
});
