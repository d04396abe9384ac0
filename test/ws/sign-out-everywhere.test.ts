import assert from 'node:assert/strict';
import { once } from 'node:events';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../server/wire/close-codes.ts';
import { DeskHub } from '../../server/ws/desk-hub.ts';
import { HttpRig, type Browser } from '../http/http-rig.ts';
import { FakeDesk, FakeWallboard, myState, Tab } from './hub-rig.ts';
import { alice } from '../access/people.ts';

describe('signing in and out over HTTP, with the desk open', () => {
  let rig: HttpRig;
  let desk: FakeDesk;
  let hub: DeskHub;
  beforeEach(async () => {
    rig = new HttpRig();
    desk = new FakeDesk();
    hub = new DeskHub({ sessions: rig.services.sessions, desk, wallboard: new FakeWallboard(), clock: rig.clock.read, log: pino({ level: 'silent' }) });
    await rig.start({
      services: { ...rig.services, onSignedOut: (sessionId) => hub.endSession(sessionId, 'signed-out') },
      upgrades: new Map([['/ws', (request, socket, head) => hub.handleUpgrade(request, socket, head)]]),
    });
  });
  afterEach(async () => {
    hub.close();
    await rig.stop();
  });

  async function openDesk(browser: Browser): Promise<Tab> {
    const tab = new Tab(new WebSocket(`${rig.baseUrl.replace('http', 'ws')}/ws`, { origin: rig.baseUrl, headers: { Cookie: browser.cookie ?? '' } }));
    await once(tab.socket, 'open');
    await tab.follow('desk');
    return tab;
  }

  it('opens the desk with the cookie of the sign-in', async () => {
    hub.putItem(alice.userId, myState(1));
    const tab = await openDesk(await rig.browserOf('alice'));
    assert.deepEqual([...tab.desk.items.values()], [myState(1)]);
    assert.deepEqual(desk.asked, ['user-alice signIn']);
  });

  it('closes the desk with the sign-out, in every tab of that browser', async () => {
    const browser = await rig.browserOf('alice');
    const tabs = [await openDesk(browser), await openDesk(browser)];
    await browser.fetch('/api/session', { method: 'DELETE' });
    for (const tab of tabs) assert.equal(await tab.closed, CLOSE_CODES.signedOut);
    await desk.heard('user-alice signOut');
  });

  it('closes the desk of whoever was signed in before in the same browser', async () => {
    const browser = await rig.browserOf('alice');
    const tab = await openDesk(browser);
    await browser.signIn('amina');
    assert.equal(await tab.closed, CLOSE_CODES.signedOut);
    await openDesk(browser);
    await desk.heard('user-amina signIn');
  });
});
