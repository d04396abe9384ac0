import assert from 'node:assert/strict';
import { CLOSE_CODES } from '../../server/wire/close-codes.ts';
import { epochMs } from '../../server/base/time.ts';
import { HUB_LIMITS } from '../../server/ws/desk-hub.ts';
import { alice } from '../access/people.ts';
import { HubRig, popOf, tokenOf } from './hub-rig.ts';

describe('DeskHub, who is there', () => {
  let rig: HubRig;
  const start = async (options: ConstructorParameters<typeof HubRig>[0] = {}): Promise<void> => {
    rig = new HubRig(options);
    await rig.start();
  };
  afterEach(() => rig.stop());

  it('signs an agent in with her first tab, and out when the grace after her last is over', async () => {
    await start({ graceMs: 20 });
    const tabs = [await rig.tab('alice'), await rig.tab('alice', { n: 2 })];
    for (const tab of tabs) tab.socket.close();
    await rig.desk.heard('user-alice signOut');
    assert.deepEqual(rig.desk.asked, ['user-alice signIn', 'user-alice signOut']);
  });

  it('keeps her signed in over a reload', async () => {
    await start();
    const before = await rig.tab('alice');
    before.socket.terminate();
    await before.closed;
    const after = await rig.tab('alice');
    await after.settle();
    assert.deepEqual(rig.desk.asked, ['user-alice signIn']);
  });

  it('signs supervisors in to no desk', async () => {
    await start({ graceMs: 0 });
    const tab = await rig.tab('sam');
    await tab.settle();
    tab.socket.close();
    await tab.closed;
    assert.deepEqual(rig.desk.asked, []);
  });

  describe('given a sign-out', () => {
    it('tells every tab of the session, closes it, and signs her out without a grace', async () => {
      await start();
      const tabs = [await rig.tab('alice'), await rig.tab('alice')];
      rig.hub.endSession(tokenOf('alice'), 'signed-out');
      for (const tab of tabs) {
        assert.equal(await tab.closed, CLOSE_CODES.signedOut);
        assert.deepEqual(await tab.frame('signed-out'), { type: 'signed-out', reason: 'signed-out' });
      }
      await rig.desk.heard('user-alice signOut');
    });

    it('leaves her other browsers and everybody else alone', async () => {
      await start();
      const other = await rig.tab('alice', { n: 2 });
      const amina = await rig.tab('amina');
      const gone = await rig.tab('alice');
      rig.hub.endSession(tokenOf('alice'), 'signed-out');
      await gone.closed;
      await Promise.all([other.settle(), amina.settle()]);
      assert.ok(!rig.desk.asked.includes('user-alice signOut'));
    });
  });

  describe('given a session that expires', () => {
    it('ends it, but not in mid-call', async () => {
      await start({ limits: { heartbeatMs: 10 } });
      rig.sessions.expiresAt = epochMs(rig.clock.now + 1_000);
      const tab = await rig.tab('alice');
      await tab.follow('desk');
      rig.hub.putItem(alice.userId, { kind: 'my-pop', key: 'pop', pop: popOf('offer-1') });
      rig.clock.advance(1_000);
      let pings = 0;
      await new Promise<void>((resolve) => tab.socket.on('ping', () => {
        pings += 1;
        if (pings === 3) resolve();
      }));
      assert.ok(tab.frames.every(({ type }) => type !== 'signed-out'));
      rig.hub.dropItem(alice.userId, 'pop');
      assert.equal((await tab.frame('signed-out')).reason, 'expired');
      assert.equal(await tab.closed, CLOSE_CODES.signedOut);
    });
  });

  describe('given a connection that is half open', () => {
    it('is to be noticed within five seconds', () => {
      assert.ok((HUB_LIMITS.maxUnansweredPings + 1) * HUB_LIMITS.heartbeatMs < 5_000);
    });

    it('notices that pings are not answered, and starts the grace period', async () => {
      await start({ graceMs: 20, limits: { heartbeatMs: 20 } });
      const dead = await rig.tab('alice', { autoPong: false });
      assert.equal(await dead.closed, 1006);
      await rig.desk.heard('user-alice signOut');
    });

    it('leaves those alone that answer', async () => {
      await start({ limits: { heartbeatMs: 10 } });
      const dead = await rig.tab('alice', { autoPong: false });
      const living = await rig.tab('amina');
      await dead.closed;
      await living.settle();
      assert.equal(living.socket.readyState, living.socket.OPEN);
    });

    it('cuts one that does not answer a close either', async () => {
      await start({ limits: { heartbeatMs: 20 } });
      const tab = await rig.tab('alice', { autoPong: false });
      tab.socket.pause();
      rig.hub.endSession(tokenOf('alice'), 'signed-out');
      await rig.desk.heard('user-alice signOut');
      tab.socket.resume();
      await tab.closed;
    });
  });

  describe('given the end of the server', () => {
    it('tells every browser to come back later, ends every wait, and signs nobody out', async () => {
      await start({ graceMs: 0 });
      const tabs = [await rig.tab('alice'), await rig.tab('sam')];
      await tabs[1]?.follow('wallboard');
      const outcome = rig.hub.pop(alice.userId, popOf('offer-1'), 60_000);
      rig.hub.close();
      rig.hub.close();
      assert.equal(await outcome, 'sent');
      for (const tab of tabs) assert.equal(await tab.closed, CLOSE_CODES.goingAway);
      assert.equal(rig.wallboard.listeners.size, 0);
      assert.deepEqual(rig.desk.asked, ['user-alice signIn']);
    });
  });
});
