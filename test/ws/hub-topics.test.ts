import assert from 'node:assert/strict';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { CLOSE_CODES } from '../../server/wire/close-codes.ts';
import { asId, type CallId, type QueueId, type UserId } from '../../server/model/ids.ts';
import { epochMs } from '../../server/base/time.ts';
import { alice, amina, ATLAS, BARAKA } from '../access/people.ts';
import { carol, fileOf } from '../http/http-rig.ts';
import { HubRig, myState, popOf, type Tab } from './hub-rig.ts';

const queueItem = (name: string, waiting: number): LiveItem => ({
  kind: 'queue', key: `queue:${name}`, queueId: asId<QueueId>(name), name, waiting, offered: 0, enteredToday: 0, answeredToday: 0, abandonedToday: 0,
  serviceLevelFormula: 'answered within 20 s / (answered + abandoned after 20 s)', serviceLevelTarget: 0.8, agentsAvailable: 0,
});

describe('DeskHub, topics', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = new HubRig({ limits: { maxBufferedBytes: 256 * 1024, heartbeatMs: 60_000 } });
    await rig.start();
  });
  afterEach(() => rig.stop());

  describe('given an agent', () => {
    it('sends the whole desk, then each change with the next number', async () => {
      rig.hub.putItem(alice.userId, myState(1));
      const tab = await rig.tab('alice');
      await tab.follow('desk');
      rig.hub.putItem(alice.userId, myState(2));
      rig.hub.dropItem(alice.userId, 'me');
      await tab.settle();
      assert.deepEqual(tab.frames.filter(({ type }) => type !== 'pong'), [
        { type: 'snapshot', topic: 'desk', seq: 0, items: [myState(1)] },
        { type: 'delta', topic: 'desk', seq: 1, put: [myState(2)], drop: [] },
        { type: 'delta', topic: 'desk', seq: 2, put: [], drop: ['me'] },
      ]);
    });

    it('sends nothing of a topic that the tab does not follow', async () => {
      const tab = await rig.tab('alice');
      rig.hub.putItem(alice.userId, myState(1));
      await tab.settle();
      assert.deepEqual(tab.frames.map(({ type }) => type), ['pong']);
    });

    it('sends nothing for the drop of what is not there', async () => {
      const tab = await rig.tab('alice');
      await tab.follow('desk');
      rig.hub.dropItem(alice.userId, 'pop');
      await tab.settle();
      assert.ok(tab.frames.every(({ type }) => type !== 'delta'));
    });

    it('keeps the desk while no browser is there', async () => {
      const first = await rig.tab('alice');
      await first.follow('desk');
      first.socket.close();
      await first.closed;
      rig.hub.putItem(alice.userId, myState(7));
      const second = await rig.tab('alice');
      await second.follow('desk');
      assert.deepEqual([...second.desk.items.values()], [myState(7)]);
    });

    it('shows the same in each of several tabs, each with numbers of its own', async () => {
      const tabs = [await rig.tab('alice'), await rig.tab('alice', { n: 2 })] as const;
      await tabs[0].follow('desk');
      rig.hub.putItem(alice.userId, myState(1));
      await tabs[1].follow('desk');
      rig.hub.putItem(alice.userId, myState(2));
      await Promise.all(tabs.map((tab) => tab.settle()));
      for (const tab of tabs) assert.deepEqual([...tab.desk.items.values()], [myState(2)]);
      assert.deepEqual(tabs.map((tab) => tab.frames.flatMap((frame) => (frame.type === 'delta' ? [frame.seq] : []))), [[1, 2], [1]]);
    });

    it('sends the snapshot again to a tab that saw a gap, and counts on from it', async () => {
      const tab = await rig.tab('alice');
      await tab.follow('desk');
      rig.hub.putItem(alice.userId, myState(1));
      tab.send({ type: 'resync', topic: 'desk' });
      const again = await tab.frame('snapshot', ({ seq }) => seq === 1);
      assert.deepEqual(again.items, [myState(1)]);
      rig.hub.putItem(alice.userId, myState(2));
      await tab.frame('delta', ({ seq }) => seq === 2);
      assert.deepEqual([...tab.desk.items.values()], [myState(2)]);
    });

    it('makes good what got lost on the way', async () => {
      const tab = await rig.tab('alice');
      await tab.follow('desk');
      tab.loses = 2;
      rig.hub.putItem(alice.userId, myState(1));
      rig.hub.putItem(alice.userId, { kind: 'my-wrap-up', key: 'wrap-up', callId: asId<CallId>('call-1'), deadlineAt: 9 });
      rig.hub.dropItem(alice.userId, 'me');
      const again = await tab.frame('snapshot', ({ seq }) => seq === 3);
      assert.deepEqual(again.items.map(({ key }) => key), ['wrap-up']);
      rig.hub.putItem(alice.userId, myState(2));
      await tab.frame('delta', ({ seq }) => seq === 4);
      assert.deepEqual([...tab.desk.items.keys()], ['wrap-up', 'me']);
    });

    it('shows an agent her own desk and nobody else\u2019s', async () => {
      const tab = await rig.tab('amina');
      await tab.follow('desk');
      rig.hub.putItem(alice.userId, myState(1));
      rig.hub.putItem(amina.userId, myState(2));
      await tab.settle();
      assert.deepEqual([...tab.desk.items.values()], [myState(2)]);
    });

    it('refuses the wallboard', async () => {
      const tab = await rig.tab('alice');
      tab.send({ type: 'follow', topic: 'wallboard' });
      assert.equal((await tab.frame('refused')).code, 'ws.not-allowed');
      tab.send({ type: 'resync', topic: 'wallboard' });
      rig.wallboard.put(ATLAS, queueItem('claims', 1));
      await tab.settle();
      assert.ok(tab.frames.every(({ type }) => type !== 'snapshot' && type !== 'delta'));
      assert.equal(rig.wallboard.listeners.size, 0);
    });
  });

  describe('given supervisors and administrators', () => {
    it('sends the wallboard of their tenant, then each change', async () => {
      rig.wallboard.put(ATLAS, queueItem('claims', 1));
      const tabs = [await rig.tab('sam'), await rig.tab('adam')];
      for (const tab of tabs) await tab.follow('wallboard');
      rig.wallboard.put(ATLAS, queueItem('claims', 2));
      for (const tab of tabs) {
        await tab.settle();
        assert.deepEqual([...tab.wallboard.items.values()], [queueItem('claims', 2)]);
      }
    });

    it('shows two tenants nothing of each other (invariant 6)', async () => {
      const [sam, basil] = [await rig.tab('sam'), await rig.tab('basil')];
      await Promise.all([sam.follow('wallboard'), basil.follow('wallboard')]);
      rig.wallboard.put(ATLAS, queueItem('claims', 1));
      rig.wallboard.put(BARAKA, queueItem('loans', 2));
      await Promise.all([sam.settle(), basil.settle()]);
      assert.deepEqual([...sam.wallboard.items.keys()], ['queue:claims']);
      assert.deepEqual([...basil.wallboard.items.keys()], ['queue:loans']);
    });

    it('sends the wallboard of 5,000 agents', async () => {
      const agent = (n: number): LiveItem => ({
        kind: 'agent', key: `agent:user-${n}`, agentId: asId<UserId>(`user-${n}`), name: `Agent ${n} of the centre`, state: 'available',
        since: 1_700_000_000_000, queueNames: ['Claims', 'Sales', 'Service'],
      });
      for (let n = 0; n < 5_000; n += 1) rig.wallboard.put(ATLAS, agent(n));
      const tab = await rig.tab('sam');
      await tab.follow('wallboard');
      assert.equal(tab.wallboard.items.size, 5_000);
      rig.wallboard.put(ATLAS, agent(1));
      await tab.frame('delta');
    });

    it('listens to a tenant\u2019s board once, and only while somebody follows it', async () => {
      const tabs = [await rig.tab('sam'), await rig.tab('adam')];
      for (const tab of tabs) {
        await tab.follow('wallboard');
        await tab.follow('wallboard');
      }
      assert.equal(rig.wallboard.listeners.size, 1);
      for (const tab of tabs) {
        tab.socket.close();
        await tab.closed;
      }
      await (await rig.tab('sam')).settle();
      assert.equal(rig.wallboard.listeners.size, 0);
    });

    it('refuses a desk, which they do not have, and what agents ask for', async () => {
      const tab = await rig.tab('sam');
      tab.send({ type: 'follow', topic: 'desk' });
      assert.equal((await tab.frame('refused')).code, 'ws.not-allowed');
      tab.send({ type: 'go-available', ref: 5 });
      assert.equal((await tab.frame('refused', ({ ref }) => ref === 5)).code, 'ws.not-allowed');
      assert.deepEqual(rig.desk.asked, []);
    });
  });

  describe('given a browser that reads too slowly', () => {
    it('closes it with a code, and shows it everything when it comes back', async () => {
      const slow = await rig.tab('alice');
      const quick = await rig.tab('alice', { n: 2 });
      await Promise.all([slow.follow('desk'), quick.follow('desk')]);
      slow.socket.pause();
      const big = popOf('offer-1');
      const note = 'n'.repeat(100_000);
      for (let n = 0; n < 200; n += 1) {
        rig.hub.putItem(alice.userId, { kind: 'my-pop', key: 'pop', pop: { ...big, intent: `${n} ${note}` } });
        rig.clock.advance(1_000);
        await quick.settle();
      }
      slow.socket.resume();
      assert.equal(await slow.closed, CLOSE_CODES.tooSlow);
      assert.ok(slow.frames.length < 150, `${slow.frames.length} frames were kept for it`);
      const back = await rig.tab('alice');
      await back.follow('desk');
      assert.deepEqual(new Map(back.desk.items), new Map(quick.desk.items));
    });
  });
});

describe('DeskHub, the screen pop', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = new HubRig();
    await rig.start();
  });
  afterEach(() => rig.stop());

  const showing = async (): Promise<[Tab, Tab]> => {
    const tabs: [Tab, Tab] = [await rig.tab('alice'), await rig.tab('alice', { n: 2 })];
    await Promise.all(tabs.map((tab) => tab.follow('desk')));
    return tabs;
  };
  const hasPop = (tab: Tab): boolean => tab.desk.items.has('pop');

  it('reaches every tab, and is shown when the first says so', async () => {
    const tabs = await showing();
    const outcome = rig.hub.pop(alice.userId, popOf('offer-1'), 60_000);
    for (const tab of tabs) {
      const { put } = await tab.frame('delta');
      assert.deepEqual(put, [{ kind: 'my-pop', key: 'pop', pop: popOf('offer-1') }]);
    }
    tabs[1].send({ type: 'pop-shown', offerId: 'offer-1' });
    assert.equal(await outcome, 'shown');
    tabs[0].send({ type: 'pop-shown', offerId: 'offer-1' });
    await tabs[0].settle();
  });

  it('is sent when nobody says so in time, or says so for another offer or another agent', async () => {
    const [tab] = await showing();
    const amina = await rig.tab('amina');
    const outcome = rig.hub.pop(alice.userId, popOf('offer-1'), 50);
    tab.send({ type: 'pop-shown', offerId: 'offer-0' });
    amina.send({ type: 'pop-shown', offerId: 'offer-1' });
    assert.equal(await outcome, 'sent');
  });

  it('has nobody to go to when she has no browser', async () => {
    assert.equal(await rig.hub.pop(alice.userId, popOf('offer-1'), 60_000), 'nobody');
  });

  it('reaches an agent who reloads her page just then', async () => {
    const first = await rig.tab('alice');
    first.socket.close();
    await first.closed;
    const outcome = rig.hub.pop(alice.userId, popOf('offer-1'), 60_000);
    const second = await rig.tab('alice');
    await second.follow('desk');
    assert.ok(hasPop(second));
    second.send({ type: 'pop-shown', offerId: 'offer-1' });
    assert.equal(await outcome, 'shown');
  });

  it('is taken away with its offer, and ends the wait', async () => {
    const tabs = await showing();
    const outcome = rig.hub.pop(alice.userId, popOf('offer-1'), 60_000);
    rig.hub.retract(alice.userId, popOf('offer-1').offerId);
    assert.equal(await outcome, 'sent');
    await Promise.all(tabs.map((tab) => tab.settle()));
    assert.deepEqual(tabs.map(hasPop), [false, false]);
  });

  it('arrives with fifty long notes cut to what is read while it rings', async () => {
    const [tab] = await showing();
    const line = { interactionId: asId<CallId>('call-0'), channel: 'note', direction: 'inbound', startedAt: epochMs(1), note: 'ن'.repeat(10_000) } as const;
    const pop = { ...popOf('offer-1'), file: { ...fileOf(carol), timeline: Array.from({ length: 50 }, () => line) } };
    const outcome = rig.hub.pop(alice.userId, pop, 20);
    const item = (await tab.frame('delta')).put[0];
    assert.ok(item?.kind === 'my-pop');
    assert.deepEqual([...new Set(item.pop.file?.timeline.map(({ note }) => note))], [`${'ن'.repeat(1_000)}…`]);
    await outcome;
  });

  it('stays when an earlier offer is taken away', async () => {
    const tabs = await showing();
    const outcome = rig.hub.pop(alice.userId, popOf('offer-2'), 20);
    rig.hub.retract(alice.userId, popOf('offer-1').offerId);
    await outcome;
    await tabs[0].settle();
    assert.ok(hasPop(tabs[0]));
  });
});
