import assert from 'node:assert/strict';
import { analyseTone, levelDbfs } from '../../server/media/listen/tone.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import type { CustomerList } from '../../server/wire/api.ts';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import { Baresip } from '../support/baresip.ts';
import { TestBrowser, type TestPage } from '../support/browser.ts';
import { PASSWORD, runCentre, type RunningCentre } from '../support/running-centre.ts';
import type { RobotAgent } from '../support/robot-agent.ts';
import { until } from '../support/until.ts';

const CAROL_HZ = 440;
const ALICE_HZ = 700;
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('the first call: a telephone, the menu, and Alice in her browser', function () {
  this.timeout(60_000);
  let centre: RunningCentre;
  let browser: TestBrowser;
  let alice: TestPage;
  let sam: RobotAgent;
  let carol: Baresip;
  let customer: CustomerFile;

  before(async () => {
    centre = await runCentre();
    browser = await TestBrowser.start(ALICE_HZ);
    sam = await centre.signIn('sam');
    customer = await aKnownCustomer(sam);
  });
  after(async () => {
    await carol?.close();
    await browser.close();
    await centre.stop();
  });

  it('Alice signs in, her softphone registers, she takes calls', async () => {
    alice = await browser.open(centre.baseUrl);
    await alice.signIn('alice', PASSWORD);
    await alice.inState('phone-state', 'registered');
    await alice.get('status-available').click();
    await alice.inState('agent-state', 'available');
  });

  it('Carol dials, hears her language at once, presses 0, and the pop is there before the ring', async () => {
    const number = customer.numbers[0];
    assert.ok(number);
    carol = await Baresip.start({ number, toneHz: CAROL_HZ });
    await carol.dial(`sip:1000@${centre.sipAddress}`);
    await wait(500);
    carol.press('0');
    const ring = alice.get('ring');
    await ring.waitFor({ timeout: 20_000 });
    const pop = alice.get('pop');
    const [shownAt, ringingAt] = [await pop.getAttribute('data-shown-at'), await ring.getAttribute('data-ringing-at')];
    assert.ok(Number(shownAt) > 0 && Number(shownAt) < Number(ringingAt), `pop ${shownAt}, ring ${ringingAt}`);
    assert.equal(await pop.getAttribute('data-offer-id'), await ring.getAttribute('data-offer-id'));
    assert.equal(await alice.get('pop-customer-name').innerText(), customer.displayName);
    assert.ok((await alice.get('pop-why').innerText()).length > 20, 'why this call came here');
  });

  it('they talk: each hears the tone of the other', async () => {
    await alice.get('answer').click();
    await alice.inState('phone-state', 'in-call');
    await wait(1500);
    const heard = await alice.heard();
    assert.ok(Math.abs(heard.frequency - CAROL_HZ) < 10, `Alice hears ${heard.frequency.toFixed(0)} Hz at ${heard.levelDb.toFixed(0)} dB`);
    assert.ok(heard.levelDb > -50);
    await wait(1500);
  });

  it('a key that Alice presses reaches the telephone as RFC 4733', async () => {
    await alice.get('keypad').click();
    await alice.get('keypad-5').click();
    await until(() => carol.events.includes('CALL_DTMF_START'), 'the key at the telephone');
    await alice.get('keypad').click();
  });

  it('on hold Carol hears music and Alice nothing; then they talk again', async () => {
    await alice.get('hold').click();
    await wait(800);
    const silence = await alice.heard();
    assert.ok(silence.levelDb < -75, `Alice hears ${silence.frequency.toFixed(0)} Hz at ${silence.levelDb.toFixed(0)} dB on hold`);
    await wait(700);
    await alice.get('hold').click();
    await wait(800);
    const again = await alice.heard();
    assert.ok(Math.abs(again.frequency - CAROL_HZ) < 10);
  });

  it('muted, Carol hears silence', async () => {
    await alice.get('mute').click();
    await wait(2000);
    await alice.get('mute').click();
    await wait(1000);
  });

  it('Alice hangs up, and files the wrap-up', async () => {
    await alice.get('hang-up').click();
    // Within a second, the wait for the history included.
    await until(async () => (await centre.history())[0]?.endedAt, 'the complete interaction', 1000);
    await until(() => carol.isOver, 'the end of the call at the telephone');
    await alice.inState('agent-state', 'wrap-up');
    await alice.get('wrap-up-disposition').click();
    await alice.page.getByRole('option').first().click();
    await alice.get('wrap-up-note').fill('Asked about her policy.');
    await alice.get('wrap-up-save').click();
    await alice.inState('agent-state', 'available');
    assert.deepEqual(alice.errors, []);
  });

  it('Carol heard prompts, then Alice, music while on hold, silence while muted, each without the others', async () => {
    const { samples, sampleRate } = await readWav(await carol.heardFile());
    assert.equal(sampleRate, 8000);
    const seconds = Array.from({ length: Math.floor(samples.length / 4000) }, (_, n) => samples.subarray(n * 4000, (n + 1) * 4000));
    const isAlice = (piece: Int16Array): boolean => analyseTone(piece, ALICE_HZ).share > 0.8;
    const first = seconds.findIndex(isAlice);
    const last = seconds.findLastIndex(isAlice);
    assert.ok(first > 0 && last > first, 'Alice is heard');
    assert.ok(seconds.slice(0, first).some((piece) => levelDbfs(piece) > -40), 'prompts and music before her');
    const between = seconds.slice(first, last + 1);
    const onHold = between.filter((piece) => !isAlice(piece) && levelDbfs(piece) > -55 && analyseTone(piece, ALICE_HZ).share < 0.1);
    const muted = between.filter((piece) => levelDbfs(piece) < -60);
    assert.ok(onHold.length >= 2, `${onHold.length} half seconds of music`);
    assert.ok(muted.length >= 2, `${muted.length} half seconds of silence`);
  });

  it('the call is in the history within a second, whole, and in the file\'s timeline', async () => {
    const number = customer.numbers[0] ?? '';
    const call = await centre.completed(number);
    assert.equal(call.termination?.result, 'agent');
    assert.equal(call.customerName, customer.displayName);
    assert.equal(call.queueStays.length, 1);
    assert.equal(call.offers.length, 1);
    assert.equal(call.offers[0]?.outcome, 'accepted');
    assert.equal(call.holds.length, 1);
    assert.ok(call.ivrPath.some(({ input }) => input === '0'));
    await until(async () => (await centre.completed(number)).note === 'Asked about her policy.', 'the note');
    const file = await sam.api<CustomerFile>(`/api/customers/${customer.customerId}`);
    assert.equal(file.timeline[0]?.interactionId, call.interactionId);
    await alice.page.locator(`[data-call-id="${call.interactionId}"]`).first().waitFor();
  });
});

/** A customer with a number that nobody else has, and a language of her own. */
async function aKnownCustomer(sam: RobotAgent): Promise<CustomerFile> {
  for (const letter of ['b', 'm', 'a']) {
    const { customers } = await sam.api<CustomerList>(`/api/customers?q=${letter}`);
    for (const { customerId } of customers) {
      const file = await sam.api<CustomerFile>(`/api/customers/${customerId}`);
      if (file.language !== 'fr' || file.numbers[0] === undefined) continue;
      const sameLine = await sam.api<CustomerList>(`/api/customers?q=${encodeURIComponent(file.numbers[0])}`);
      if (sameLine.customers.length === 1) return file;
    }
  }
  throw new Error('the demonstration has no such customer');
}
