import assert from 'node:assert/strict';
import { pino } from 'pino';
import sinon from 'sinon';
import { Presence } from '../../server/ws/presence.ts';
import { alice, amina } from '../access/people.ts';
import { FakeDesk } from './hub-rig.ts';

const A = alice.userId;

describe('Presence', () => {
  let timers: sinon.SinonFakeTimers;
  let desk: FakeDesk;
  let presence: Presence;
  beforeEach(() => {
    timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    desk = new FakeDesk();
    presence = new Presence({ desk, graceMs: 15_000, log: pino({ level: 'silent' }) });
  });
  afterEach(() => {
    presence.close();
    timers.restore();
  });

  it('signs an agent in with her first browser only', () => {
    presence.arrive(A);
    presence.arrive(A);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
  });

  it('signs her out when the grace period after her last browser is over', () => {
    presence.arrive(A);
    presence.arrive(A);
    presence.leave(A, false);
    timers.tick(60_000);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
    presence.leave(A, false);
    timers.tick(14_999);
    assert.equal(presence.isHere(A), true);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
    timers.tick(1);
    assert.equal(presence.isHere(A), false);
    assert.deepEqual(desk.asked, ['user-alice signIn', 'user-alice signOut']);
  });

  it('says nothing to the desk of a reload: what she chose for after the call still holds', () => {
    presence.arrive(A);
    presence.leave(A, false);
    timers.tick(14_000);
    presence.arrive(A);
    timers.tick(60_000);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
  });

  it('gives each departure a whole grace period', () => {
    presence.arrive(A);
    for (let reload = 0; reload < 3; reload += 1) {
      presence.leave(A, false);
      timers.tick(14_000);
      presence.arrive(A);
    }
    presence.leave(A, false);
    timers.tick(14_999);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
  });

  it('signs her in again when she comes back later', () => {
    presence.arrive(A);
    presence.leave(A, false);
    timers.tick(15_000);
    presence.arrive(A);
    assert.deepEqual(desk.asked, ['user-alice signIn', 'user-alice signOut', 'user-alice signIn']);
  });

  it('signs her out at once when she signed out herself, unless another browser is there', () => {
    presence.arrive(A);
    presence.arrive(A);
    presence.leave(A, true);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
    presence.leave(A, true);
    assert.deepEqual(desk.asked, ['user-alice signIn', 'user-alice signOut']);
  });

  it('keeps agents apart, and survives a desk that fails', async () => {
    desk.reply = () => Promise.reject(new Error('desk failed'));
    presence.arrive(A);
    presence.arrive(amina.userId);
    presence.leave(A, false);
    await timers.tickAsync(15_000);
    assert.equal(presence.isHere(amina.userId), true);
    assert.equal(presence.isHere(A), false);
  });

  it('leaves no timer behind when it closes', () => {
    presence.arrive(A);
    presence.leave(A, false);
    presence.close();
    assert.equal(timers.countTimers(), 0);
  });
});
