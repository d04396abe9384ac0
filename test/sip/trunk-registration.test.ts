import assert from 'node:assert/strict';
import sinon from 'sinon';
import { systemClock } from '../../server/base/time.ts';
import { asId, type TrunkId } from '../../server/model/ids.ts';
import { sipUri } from '../../server/sip/headers/request-uri.ts';
import { refreshDelay, retryDelay } from '../../server/sip/trunk/register-schedule.ts';
import { TrunkRegistration } from '../../server/sip/trunk/registration.ts';
import { TrunkAccount } from '../../server/sip/trunk/trunk-account.ts';
import { FakeTrunkStack, type AskedRequest, type FarEnd } from './support/fake-trunk-stack.ts';

const [FIRST, SECOND] = [sipUri('sip:gw1.example'), sipUri('sip:gw2.example;transport=tcp')];
const ACCOUNT = { username: 'acme', password: 'secret' };
const CHALLENGE = { 'WWW-Authenticate': 'Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"' };
const isProven = ({ headers }: AskedRequest): boolean => headers['Authorization'] !== undefined;
/** A registrar that grants what is asked once the password was proved. */
const willing: FarEnd = (request) => (isProven(request)
  ? { status: 200, headers: { Contact: `${request.headers['Contact'] ?? ''};expires=${request.headers['Expires'] ?? ''}` } } : { status: 401, headers: CHALLENGE });

describe('TrunkRegistration', () => {
  let clock: sinon.SinonFakeTimers;
  let registration: TrunkRegistration;
  let stack: FakeTrunkStack;
  let isConnected: boolean;
  const faults: unknown[] = [];
  const heard: (string | undefined)[] = [];
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    isConnected = true;
  });
  afterEach(async () => {
    stack.farEnd = () => ({ status: 200 });
    await registration.stop();
    clock.restore();
    assert.deepEqual(faults, []);
  });
  const start = async (farEnd: FarEnd): Promise<void> => {
    stack = new FakeTrunkStack(farEnd);
    const account = new TrunkAccount(ACCOUNT, { targets: [FIRST, SECOND] });
    registration = new TrunkRegistration({
      trunkId: asId<TrunkId>('carrier'), peer: { domain: 'carrier.example' }, account: ACCOUNT, exchangeWith: (target) => account.exchangeWith(target), onAnswered: (address) => heard.push(address), expiresS: 600,
      order: () => [FIRST, SECOND], stack: () => (isConnected ? stack : undefined), clock: systemClock, onFault: (cause) => faults.push(cause), random: () => 0.5,
    });
    registration.start();
    await clock.tickAsync(0);
  };

  describe('given a registrar that takes it', () => {
    it('answers the challenge and is registered; the status says where and until when', async () => {
      await start(willing);
      const [first, second] = stack.asked;
      assert.deepEqual([first?.uri, first?.proxy, first?.headers['To']], ['sip:carrier.example', FIRST, '<sip:acme@carrier.example>']);
      assert.match(second?.headers['Contact'] ?? '', /^<sip:acme@localhost;line=[0-9a-f]{24}>$/);
      assert.equal(first?.headers['Call-ID'], second?.headers['Call-ID']);
      assert.deepEqual([first?.headers['CSeq'], second?.headers['CSeq']], ['1 REGISTER', '2 REGISTER']);
      assert.deepEqual(registration.status, { state: 'registered', target: FIRST, registeredSince: 1_000_000, expiresAt: 1_600_000, failures: 0, nextAttemptAt: 1_540_000 });
      assert.deepEqual([registration.live?.address, heard.at(-1)], ['192.0.2.1', '192.0.2.1']);
    });
    it('refreshes before the end, with the same nonce and the next count', async () => {
      await start(willing);
      await clock.tickAsync(540_000);
      assert.equal(stack.asked.length, 3);
      assert.match(stack.asked[2]?.headers['Authorization'] ?? '', /nonce="n1".*nc=00000002/);
      assert.deepEqual([registration.status.registeredSince, registration.status.expiresAt], [1_000_000, 2_140_000]);
    });
    it('keeps to what was granted to its own contact, not to others', async () => {
      await start((request) => ({ status: 200, headers: { Contact: `<sip:acme@old>;expires=9, ${request.headers['Contact'] ?? ''};expires=100`, Expires: '7' } }));
      assert.equal(registration.status.expiresAt, 1_100_000);
    });
    it('asks for as long as the registrar wants (423, RFC 3261 §10.2.8)', async () => {
      await start((request) => (Number(request.headers['Expires']) < 1800 ? { status: 423, headers: { 'Min-Expires': '1800' } } : willing(request)));
      assert.equal(registration.status.state, 'registered');
      assert.equal(registration.status.expiresAt, 1_000_000 + 1_800_000);
    });
    it('takes a new nonce when the old one is stale, and when the registrar started anew', async () => {
      let nonce = 'n1';
      await start((request) => (request.headers['Authorization']?.includes(`nonce="${nonce}"`)
        ? { status: 200 } : { status: 401, headers: { 'WWW-Authenticate': `Digest realm="r", nonce="${nonce}", qop="auth"` } }));
      assert.equal(registration.status.state, 'registered');
      nonce = 'n2';
      await clock.tickAsync(540_000);
      assert.deepEqual([registration.status.state, registration.status.failures], ['registered', 0]);
    });
    it('unregisters when it is stopped', async () => {
      await start(willing);
      await registration.stop();
      const last = stack.asked.at(-1);
      assert.deepEqual([last?.proxy, last?.headers['Expires'], last && isProven(last)], [FIRST, '0', true]);
      assert.equal(registration.status.state, 'stopped');
      assert.equal(registration.live, undefined);
    });
    it('keeps its line over restarts, so that an old contact is not a second one', async () => {
      await start(willing);
      const { line } = registration;
      await registration.stop();
      await start(willing);
      assert.equal(registration.line, line);
    });
    it('keeps the Service-Route (RFC 3608)', async () => {
      await start(() => ({ status: 200, headers: { 'Service-Route': '<sip:edge.example;lr>' } }));
      assert.equal(registration.live?.serviceRoute, '<sip:edge.example;lr>');
    });
  });

  describe('given a registrar that cannot be reached', () => {
    for (const [what, answer, waitsMs] of [['503', { status: 503 }, 0], ['408', { status: 408 }, 0], ['no route', 'unsent', 0], ['silence', 'silent', 5_000]] as const) {
      it(`goes on to the next after ${what}, and stays there`, async () => {
        await start((request) => (request.proxy === FIRST ? answer : willing(request)));
        await clock.tickAsync(waitsMs);
        assert.equal(registration.status.target, SECOND);
        await clock.tickAsync(540_000);
        assert.equal(stack.asked.filter(({ proxy }) => proxy === FIRST).length, 1);
      });
    }
    it('comes back to the first when the second is lost', async () => {
      let down = FIRST;
      await start((request) => (request.proxy === down ? { status: 503 } : willing(request)));
      down = SECOND;
      await clock.tickAsync(540_000);
      assert.deepEqual([registration.status.target, registration.status.state], [FIRST, 'registered']);
    });
    it('waits longer each time when none can be, and says why', async () => {
      await start(() => ({ status: 503 }));
      const waits: number[] = [];
      for (let round = 0; round < 8; round += 1) {
        const { nextAttemptAt = 0, state, lastFailure } = registration.status;
        assert.deepEqual([state, lastFailure?.reason], ['failed', 'sip-503']);
        waits.push(nextAttemptAt - Date.now());
        await clock.tickAsync(nextAttemptAt - Date.now());
      }
      assert.deepEqual(waits, [3_000, 6_000, 12_000, 24_000, 48_000, 90_000, 90_000, 90_000]);
      assert.equal(stack.asked.length, 18);
    });
    it('waits as long as it is told to (Retry-After, RFC 3261 §20.33)', async () => {
      await start(() => ({ status: 503, headers: { 'Retry-After': '77 (maintenance)' } }));
      assert.equal(registration.status.nextAttemptAt, 1_077_000);
    });
    it('holds on to a registration that could not be refreshed until it expires', async () => {
      await start(willing);
      stack.farEnd = () => ({ status: 503 });
      await clock.tickAsync(540_000);
      assert.deepEqual([registration.status.state, registration.status.failures], ['registered', 1]);
      assert.ok(registration.live);
      await clock.tickAsync(60_001 + 30_000);
      assert.equal(registration.live, undefined);
      assert.equal(registration.status.state, 'failed');
    });
    it('tries at once when the SIP server is back', async () => {
      isConnected = false;
      await start(willing);
      assert.equal(registration.status.lastFailure?.reason, 'signalling-lost');
      isConnected = true;
      registration.wake();
      await clock.tickAsync(0);
      assert.equal(registration.status.state, 'registered');
    });
  });

  describe('given a registrar that does not want it', () => {
    for (const [reason, farEnd] of [
      ['credentials-refused', () => ({ status: 401, headers: CHALLENGE })], ['challenge-unsupported', () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } })],
      ['sip-403', () => ({ status: 403 })],
    ] as const satisfies readonly (readonly [string, FarEnd])[]) {
      it(`says ${reason}, asks no other and does not hammer`, async () => {
        await start(farEnd);
        assert.deepEqual(registration.status.lastFailure, { at: 1_000_000, reason });
        assert.equal(stack.asked.every(({ proxy }) => proxy === FIRST), true);
        assert.ok(stack.asked.length <= 2);
        assert.equal(registration.status.nextAttemptAt, 1_045_000);
      });
    }
    it('does not agree for ever with one that asks for more and more', async () => {
      await start((request) => ({ status: 423, headers: { 'Min-Expires': String(Number(request.headers['Expires']) + 1) } }));
      assert.equal(registration.status.lastFailure?.reason, 'no-agreement');
    });
    it('does not call a registration that was not kept one', async () => {
      await start(() => ({ status: 200, headers: { Expires: '0' } }));
      assert.equal(registration.status.lastFailure?.reason, 'not-kept');
    });
  });

  it('is not left behind when it is stopped in the middle of asking', async () => {
    await start(() => 'silent');
    stack.farEnd = () => ({ status: 200 });
    await registration.stop();
    assert.deepEqual([stack.asked.length, stack.asked[1]?.headers['Expires']], [2, '0']);
  });
});

describe('the schedule of registrations', () => {
  it('refreshes within the last fifth, at least a second away', () => {
    for (const random of [0, 0.5, 1]) {
      assert.ok(refreshDelay(3_600_000, random) <= 3_570_000 && refreshDelay(3_600_000, random) >= 3_200_000);
      assert.ok(refreshDelay(60_000, random) <= 48_000 && refreshDelay(60_000, random) >= 42_000);
      assert.equal(refreshDelay(500, random), 1_000);
    }
  });
  it('stays within its bounds however often it fails', () => {
    for (const failures of [1, 10, 10_000]) {
      const wait = retryDelay({ isRefused: false }, failures, 1);
      assert.ok(wait >= 2_000 && wait <= 120_000);
      assert.ok(retryDelay({ isRefused: true, retryAfterMs: 1e12 }, failures, 0) <= 600_000);
    }
  });
});
