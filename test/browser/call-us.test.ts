import assert from 'node:assert/strict';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { TestBrowser, type TestPage } from '../support/browser.ts';
import { PASSWORD, runCentre, type RunningCentre } from '../support/running-centre.ts';
import type { RobotAgent } from '../support/robot-agent.ts';
import { until } from '../support/until.ts';

const CAROL_HZ = 440;
const BILAL_HZ = 700;

describe('calling from a browser, watched by Sam', function () {
  this.timeout(60_000);
  let centre: RunningCentre;
  let browser: TestBrowser;
  let carol: TestPage;
  let sam: TestPage;
  let alice: RobotAgent;
  let bilal: RobotAgent;

  before(async () => {
    centre = await runCentre();
    browser = await TestBrowser.start(CAROL_HZ);
    alice = await centre.signIn('alice');
    alice.behaviour = 'ring-out';
    await alice.start();
    bilal = await centre.signIn('bilal', BILAL_HZ);
    await bilal.start();
  });
  after(async () => {
    await browser.close();
    await centre.stop();
  });

  /** The figure of a row: its `data-` attribute, once it is as expected. */
  const shows = (selector: string, attribute: string, value: string): Promise<void> =>
    sam.page.locator(`${selector}[${attribute}="${value}"]`).waitFor({ state: 'attached', timeout: 10_000 });

  it('Sam signs in and sees queues and agents', async () => {
    sam = await browser.open(`${centre.baseUrl}/`);
    await sam.signIn('sam', PASSWORD);
    await shows('[data-testid="agent-row-demo-alice"]', 'data-state', 'available');
    await shows('[data-testid="queue-row-queue:demo-service"]', 'data-waiting', '0');
  });

  it('Carol calls without signing in, presses 1 and 0, and waits: Sam sees it', async () => {
    carol = await browser.open(`${centre.baseUrl}/call-us`);
    await carol.get('call-us-start').click();
    await carol.inState('call-us-state', 'in-call');
    await carol.get('keypad-1').click();
    await new Promise((resolve) => { setTimeout(resolve, 600); });
    await carol.get('keypad-0').click();
    await until(() => alice.rings.length > 0, 'the ring', 15_000);
    await shows('[data-testid="queue-row-queue:demo-service"]', 'data-waiting', '1');
    await shows('[data-testid="agent-row-demo-alice"]', 'data-state', 'offered');
  });

  it('Alice lets it ring out and leaves the rotation; Bilal answers, and each hears the other', async () => {
    await until(() => alice.state === 'on-break', 'RONA', 25_000);
    await shows('[data-testid="agent-row-demo-alice"]', 'data-state', 'on-break');
    await until(() => bilal.isTalking, 'the conversation');
    await until(() => bilal.heard.length > 16_000, 'two seconds of Carol');
    assert.ok(analyseTone(bilal.heard.subarray(-8000), CAROL_HZ).share > 0.8);
    const heard = await carol.heard();
    assert.ok(Math.abs(heard.frequency - BILAL_HZ) < 10, `Carol hears ${heard.frequency.toFixed(0)} Hz`);
    await shows('[data-testid="agent-row-demo-bilal"]', 'data-state', 'on-call');
    await shows('[data-testid="queue-row-queue:demo-service"]', 'data-waiting', '0');
  });

  it('Carol hangs up; the call is in the history with both offers under one key', async () => {
    await carol.get('call-us-hang-up').click();
    await until(() => bilal.state === 'wrap-up', 'the wrap-up');
    const call = await until(async () => (await centre.history()).find(({ endedAt }) => endedAt !== undefined), 'the call in the history');
    assert.equal(call.termination?.result, 'caller');
    assert.deepEqual(call.offers.map(({ outcome }) => outcome), ['timeout', 'accepted']);
    assert.equal(call.offers[0]?.receipt.key, call.offers[1]?.receipt.key);
    assert.equal(call.queueStays.length, 1);
    assert.deepEqual([...carol.errors, ...sam.errors], []);
  });
});
