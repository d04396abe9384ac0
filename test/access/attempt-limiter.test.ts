import assert from 'node:assert/strict';
import { AttemptLimiter, type AttemptRule } from '../../server/access/attempt-limiter.ts';
import { HandClock } from './hand-clock.ts';

const RULE: AttemptRule = { freeAttempts: 3, firstWaitMs: 1_000, longestWaitMs: 4_000, forgetAfterMs: 60_000, maxKeys: 100 };

describe('AttemptLimiter', () => {
  let clock: HandClock;
  let limiter: AttemptLimiter;
  beforeEach(() => {
    clock = new HandClock();
    limiter = new AttemptLimiter(RULE, clock.read);
  });

  const takeTimes = (times: number, key = 'alice'): void => {
    for (let attempt = 0; attempt < times; attempt += 1) assert.equal(limiter.take(key).kind, 'granted');
  };

  it('grants the free attempts, then asks for a wait', () => {
    takeTimes(3);
    assert.deepEqual(limiter.take('alice'), { kind: 'wait', retryAfterMs: 1_000 });
  });

  it('doubles the wait with each further failure, up to the longest', () => {
    takeTimes(3);
    for (const waitMs of [1_000, 2_000, 4_000, 4_000]) {
      assert.deepEqual(limiter.check('alice'), { kind: 'wait', retryAfterMs: waitMs });
      clock.advance(waitMs);
      takeTimes(1);
    }
  });

  it('does not make the wait longer for attempts that were refused', () => {
    takeTimes(3);
    for (let attempt = 0; attempt < 20; attempt += 1) limiter.take('alice');
    clock.advance(1_000);
    takeTimes(1);
    assert.deepEqual(limiter.check('alice'), { kind: 'wait', retryAfterMs: 2_000 });
  });

  it('keeps keys apart', () => {
    takeTimes(3);
    assert.equal(limiter.take('amina').kind, 'granted');
  });

  it('forgets after a quiet time', () => {
    takeTimes(3);
    clock.advance(60_000);
    takeTimes(3);
  });

  it('counts an attempt that was given back as none', () => {
    takeTimes(2);
    limiter.giveBack('alice');
    takeTimes(2);
    assert.equal(limiter.take('alice').kind, 'wait');
    limiter.giveBack('alice');
    assert.equal(limiter.take('alice').kind, 'granted');
  });

  it('forgives everything when told to', () => {
    takeTimes(3);
    limiter.forget('alice');
    takeTimes(3);
  });

  it('remembers at most so many keys, and forgets the one longest unused', () => {
    takeTimes(3);
    for (let key = 0; key < 99; key += 1) limiter.take(`key-${key}`);
    assert.equal(limiter.size, 100);
    assert.equal(limiter.check('alice').kind, 'wait');
    limiter.take('one more');
    assert.equal(limiter.size, 100);
    assert.equal(limiter.check('alice').kind, 'granted');
  });
});
