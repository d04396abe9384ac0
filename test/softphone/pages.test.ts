import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Language } from '../../server/model/language.ts';
import { asId, type CallId, type CustomerId } from '../../server/model/ids.ts';
import type { SessionView } from '../../server/wire/api.ts';
import type { Topic } from '../../server/wire/frames.ts';
import { FakeCentre } from './support/fake-centre.ts';
import { openBrowser } from './support/open-browser.ts';
import { ALICE, DISPOSITIONS, OFFER_ID, SAM, sampleAgents, sampleFile, sampleInteraction, samplePop, sampleQueues, sampleTimeline } from './support/sample-centre.ts';

const ROOT = join(import.meta.dirname, '../..');
const CALL_ID = asId<CallId>('call-1');

describe('the pages in Chromium', function () {
  this.timeout(60_000);
  let browser: Browser;
  let context: BrowserContext | undefined;
  let centre: FakeCentre | undefined;
  const faults: string[] = [];

  before(async () => {
    execFileSync(process.execPath, ['--import', 'tsx', 'softphone/build-if-stale.ts'], { cwd: ROOT, stdio: 'inherit' });
    browser = await openBrowser();
  });
  after(() => browser.close());

  afterEach(async () => {
    await context?.close();
    await centre?.stop();
    assert.deepEqual(faults.splice(0), [], 'the pages threw');
  });

  async function open(options: { readonly topic?: Topic; readonly session?: SessionView; readonly language?: Language; readonly path?: string }): Promise<{ readonly page: Page; readonly fake: FakeCentre }> {
    const fake = new FakeCentre(options.topic ?? 'desk', options.session);
    centre = fake;
    const now = Date.now();
    fake.answers.set('GET /api/dispositions', { body: { dispositions: DISPOSITIONS } });
    fake.answers.set('GET /api/interactions', { body: { interactions: sampleTimeline(now) } });
    fake.answers.set('GET /api/interactions/call-1', { body: sampleInteraction(now) });
    fake.answers.set('GET /api/interactions/call-1/explanation', { body: { interactionId: 'call-1', language: 'fr', explanations: [{ offerId: OFFER_ID, sentences: ['Parce que.'] }] } });
    fake.answers.set('GET /api/customers', { body: { customers: [sampleFile(now)] } });
    fake.answers.set('GET /api/customers/carol-id', { body: sampleFile(now) });
    fake.answers.set('GET /api/ledger/proof', { body: { gap: 0, trunks: [] } });
    if (options.topic === 'wallboard') fake.change([...sampleQueues(now), ...sampleAgents(now)]);
    else fake.change([{ kind: 'my-state', key: 'me', state: 'available', since: now }]);
    const base = await fake.start();
    context = await browser.newContext({ viewport: { width: 1366, height: 768 }, permissions: ['microphone'] });
    await context.addInitScript(`localStorage.setItem('allo.language', '${options.language ?? 'fr'}')`);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(base + (options.path ?? '/'));
    return { page, fake };
  }

  /** The call at hand is in the file already; the page shows it apart from the history. */
  function offer(fake: FakeCentre): void {
    const pop = samplePop(Date.now());
    assert.ok(pop.file);
    const [latest] = pop.file.timeline;
    assert.ok(latest);
    const file = { ...pop.file, timeline: [{ ...latest, interactionId: CALL_ID }, ...pop.file.timeline] };
    fake.change([{ kind: 'my-state', key: 'me', state: 'offered', since: Date.now() }, { kind: 'my-pop', key: 'pop', pop: { ...pop, file } }]);
  }

  const wrapUp = (fake: FakeCentre, leftMs: number): void =>
    fake.change([{ kind: 'my-state', key: 'me', state: 'wrap-up', since: Date.now() }, { kind: 'my-wrap-up', key: 'wrap-up', callId: CALL_ID, deadlineAt: Date.now() + leftMs }]);

  function ring(fake: FakeCentre): void {
    assert.ok(fake.registrar);
    fake.registrar.invite({ callId: CALL_ID, offerId: OFFER_ID, number: '+213550123456', name: 'Carol Mézïane' });
  }

  describe('given nobody is signed in', () => {
    it('says why a sign-in failed, how long to wait, and lets in who is right', async () => {
      const { page, fake } = await open({});
      const submit = async (): Promise<void> => {
        await page.getByTestId('sign-in-username').fill('alice');
        await page.getByTestId('sign-in-password').fill('wrong');
        await page.getByTestId('sign-in-submit').click();
      };
      fake.answers.set('POST /api/session', { status: 401, body: { code: 'http.wrong-credentials', title: 'Unauthorized', status: 401 } });
      await submit();
      await page.getByText('mot de passe incorrect').waitFor();
      fake.answers.set('POST /api/session', { status: 429, body: { code: 'http.too-many-requests', title: 'Too Many Requests', status: 429 }, headers: { 'Retry-After': '2' } });
      await submit();
      await page.getByText('Réessayez dans 2 secondes').waitFor();
      assert.equal(await page.getByTestId('sign-in-submit').isDisabled(), true);
      await page.getByText('Vous pouvez réessayer maintenant').waitFor();
      fake.answers.set('POST /api/session', { body: ALICE });
      await page.locator('[data-testid=sign-in-submit]:enabled').waitFor();
      await submit();
      await page.getByTestId('phone-state').waitFor();
    });

    it('turns the page round for Arabic', async () => {
      const { page } = await open({});
      assert.equal(await page.locator('html').getAttribute('dir'), 'ltr');
      await page.getByText('العربية').click();
      await page.locator('html[dir=rtl][lang=ar]').waitFor();
    });
  });

  describe('given an agent at her desk', () => {
    it('shows the file, says so, and only then rings; answers; keeps the note; saves the wrap-up', async () => {
      const { page, fake } = await open({ session: ALICE });
      await page.locator('[data-testid=phone-state][data-state=registered]').waitFor();
      offer(fake);
      assert.equal((await fake.hears('pop-shown')).offerId, OFFER_ID);
      ring(fake);
      const shown = Number(await page.getByTestId('pop').getAttribute('data-shown-at'));
      const ringing = Number(await page.getByTestId('ring').getAttribute('data-ringing-at'));
      assert.ok(shown > 0 && shown < ringing, `shown at ${shown}, ringing at ${ringing}`);
      assert.equal(await page.getByTestId('pop-customer-name').textContent(), 'Carol Meziane');
      assert.equal(await page.getByTestId('pop-tier').textContent(), 'Or');
      assert.match(await page.getByTestId('pop-why').textContent() ?? '', /libre depuis le plus longtemps/);
      assert.equal(await page.getByTestId('timeline-row').count(), 4);
      await page.getByTestId('ring').getByText('Carol Mézïane').waitFor();

      const top = (await page.getByTestId('phone-state').boundingBox())?.y;
      await page.keyboard.press('Alt+a');
      await page.locator('[data-testid=phone-state][data-state=in-call]').waitFor();
      assert.equal((await page.getByTestId('phone-state').boundingBox())?.y, top, 'the phone jumped');
      fake.change([{ kind: 'my-state', key: 'me', state: 'on-call', since: Date.now() }, { kind: 'my-call', key: 'call', callId: CALL_ID, startedAt: Date.now(), onHold: false, callerNumber: '+213550123456' }]);
      await page.getByTestId('hold').click();
      assert.deepEqual({ ...(await fake.hears('hold')), ref: 0 }, { type: 'hold', ref: 0, callId: CALL_ID, on: true });
      await page.getByTestId('mute').click();
      await page.locator('[data-testid=mute][aria-pressed=true]').waitFor();
      await page.getByTestId('wrap-up-note').fill('Begun during the call.');

      await page.getByTestId('hang-up').click();
      await fake.registrar?.hears(/^BYE/);
      fake.change([{ kind: 'my-state', key: 'me', state: 'wrap-up', since: Date.now() }, { kind: 'my-wrap-up', key: 'wrap-up', callId: CALL_ID, deadlineAt: Date.now() + 60_000 }], ['call']);
      await page.getByTestId('wrap-up-disposition').click();
      await page.getByRole('option', { name: 'Sinistre déclaré' }).click();
      await page.getByTestId('wrap-up-save').click();
      const { disposition, note } = await fake.hears('complete-wrap-up');
      assert.deepEqual({ disposition, note }, { disposition: 'claim-opened', note: 'Begun during the call.' });
    });

    it('keeps the note of a wrap-up that runs out of time before a result is chosen', async () => {
      const { page, fake } = await open({ session: ALICE });
      const other = { code: 'other', label: { fr: 'Autre', ar: 'أخرى', en: 'Other' } };
      fake.answers.set('GET /api/dispositions', { body: { dispositions: [...DISPOSITIONS, other] } });
      await page.reload();
      wrapUp(fake, 5_500);
      await page.getByTestId('wrap-up-note').fill('Half a sen');
      await page.getByText('gardée sous « Autre »').first().waitFor();
      const { disposition, note } = await fake.hears('complete-wrap-up');
      assert.deepEqual({ disposition, note }, { disposition: 'other', note: 'Half a sen' });
      await page.getByText('votre note est gardée sous « Autre »').waitFor();
      fake.change([{ kind: 'my-state', key: 'me', state: 'available', since: Date.now() }], ['wrap-up']);
      await page.getByText('Après un appel').waitFor();
      assert.equal(await page.getByTestId('left-over-note').count(), 0);
    });

    it('shows a note again that the server did not take, until it is given up', async () => {
      const { page, fake } = await open({ session: ALICE });
      wrapUp(fake, 60_000);
      await page.getByTestId('wrap-up-note').fill('Never <b>arrived</b>.');
      fake.change([{ kind: 'my-state', key: 'me', state: 'available', since: Date.now() }], ['wrap-up']);
      await page.getByTestId('left-over-note').getByText('Never <b>arrived</b>.').waitFor();
      await page.reload();
      await page.getByTestId('left-over-note').getByRole('button', { name: 'Jeter' }).click();
      await page.getByTestId('left-over-note').waitFor({ state: 'detached' });
      await page.reload();
      await page.getByText('Après un appel').waitFor();
      assert.equal(await page.getByTestId('left-over-note').count(), 0);
    });

    it('lets nobody sign out in the middle of a wrap-up', async () => {
      const { page, fake } = await open({ session: ALICE });
      wrapUp(fake, 60_000);
      await page.getByTestId('wrap-up-note').waitFor();
      await page.getByTestId('user-menu').click();
      await page.getByText('Enregistrez le post-appel').waitFor();
      assert.equal(await page.getByTestId('sign-out').isDisabled(), true);
    });

    it('names nobody on a line of several customers until the agent has chosen', async () => {
      const { page, fake } = await open({ session: ALICE });
      await page.locator('[data-testid=phone-state][data-state=registered]').waitFor();
      const pop = samplePop(Date.now());
      assert.equal(pop.match.kind, 'one');
      const { candidate } = pop.match;
      const sister = { ...candidate, customer: { ...candidate.customer, customerId: asId<CustomerId>('sister-id'), displayName: 'Nadia Meziane' } };
      fake.answers.set('GET /api/customers/sister-id', { body: { ...sampleFile(Date.now()), customerId: 'sister-id', displayName: 'Nadia Meziane' } });
      fake.change([{ kind: 'my-state', key: 'me', state: 'offered', since: Date.now() }, { kind: 'my-pop', key: 'pop', pop: { ...pop, match: { kind: 'several', candidates: [candidate, sister] } } }]);
      await fake.hears('pop-shown');
      ring(fake);
      await page.getByTestId('ring').getByText('Ligne partagée').waitFor();
      await page.getByTestId('pop-candidate').nth(1).click();
      await page.getByTestId('ring').getByText('Nadia Meziane').waitFor();
    });

    it('answers a call for which there is no microphone with a fault, not with a refusal', async () => {
      const { page, fake } = await open({ session: ALICE });
      await page.locator('[data-testid=phone-state][data-state=registered]').waitFor();
      await page.evaluate("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))");
      offer(fake);
      ring(fake);
      await page.getByTestId('answer').click();
      await fake.registrar?.hears(/^SIP\/2.0 500/);
      await page.getByText('n’a pas le droit d’utiliser le micro').waitFor();
    });

    it('declines with 603, and with 486 while another call rings', async () => {
      const { page, fake } = await open({ session: ALICE });
      await page.locator('[data-testid=phone-state][data-state=registered]').waitFor();
      offer(fake);
      ring(fake);
      await page.getByTestId('ring').waitFor();
      ring(fake);
      await fake.registrar?.hears(/^SIP\/2.0 486/);
      await page.getByTestId('reject').click();
      await fake.registrar?.hears(/^SIP\/2.0 603/);
    });

    it('shows what the server refuses, and comes back after a lost connection', async () => {
      const { page, fake } = await open({ session: ALICE });
      fake.refusal = 'desk.not-possible';
      await page.getByTestId('status-break').click();
      await page.getByTestId('break-lunch').click();
      await page.getByText('refused').waitFor();
      fake.cut();
      await page.getByTestId('connection-lost').waitFor();
      await page.locator('[data-testid=live-status][data-state=live]').waitFor();
      await page.locator('[data-testid=phone-state][data-state=registered]').waitFor();
    });

    it('finds a customer and opens the file', async () => {
      const { page } = await open({ session: ALICE, language: 'ar' });
      await page.getByTestId('customer-search').fill('mez');
      await page.getByTestId('customer-option').click();
      await page.getByTestId('customer-file').getByText('AUTO-2019-0042').waitFor();
    });
  });

  describe('given a supervisor', () => {
    it('shows queues and agents as they change, and what happened in a call', async () => {
      const { page, fake } = await open({ topic: 'wallboard', session: SAM });
      const claims = page.getByTestId('queue-row-queue:claims-id');
      await claims.getByText('74 %').waitFor();
      const [queue] = sampleQueues(Date.now());
      assert.ok(queue);
      fake.change([{ ...queue, waiting: 9 }]);
      await page.locator('[data-testid="queue-row-queue:claims-id"][data-waiting="9"]').waitFor();
      await page.getByTestId('agent-row-carim-id').getByText('Appel sans réponse').waitFor();
      fake.answers.set('GET /api/interactions', { body: { interactions: [sampleInteraction(Date.now())] } });
      await page.reload();
      await page.getByTestId('interaction-row').click();
      await page.getByTestId('interaction-why').getByText('Parce que.').waitFor();
      await page.getByText('caller-hung-up').waitFor();
    });
  });

  describe('given a guest on the call-us page', () => {
    it('registers, calls the number, and hangs up', async () => {
      const { page, fake } = await open({ path: '/call-us' });
      await page.getByTestId('call-us-start').click();
      await page.locator('[data-testid=call-us-state][data-state=calling]').waitFor();
      while (!fake.registrar?.heard.some((line) => line.startsWith('INVITE sip:1000@'))) await new Promise((resolve) => fake.registrar?.once('message', resolve));
      await page.getByTestId('call-us-hang-up').click();
      await page.locator('[data-testid=call-us-state][data-state=ended]').waitFor();
    });

    it('says so when the centre takes no calls from the web', async () => {
      const { page, fake } = await open({ path: '/call-us' });
      fake.answers.set('POST /api/call-us', { status: 404, body: { code: 'http.not-found', title: 'Not Found', status: 404 } });
      await page.getByTestId('call-us-start').click();
      await page.getByTestId('call-us-fault').waitFor();
    });
  });
});
