import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { systemClock, epochMs } from '../../server/base/time.ts';
import { BILL_DEADLINE_MS, PLAYBACK_LIMIT_MS, SPEECH_DEADLINE_MS } from '../../server/ivr/flow-walk.ts';
import type { BillFact, Sayer } from '../../server/ivr/ports.ts';
import { runFlow, type IvrOutcome, type IvrSession } from '../../server/ivr/run-flow.ts';
import { asId } from '../../server/model/ids.ts';
import type { IvrStep } from '../../server/model/interaction.ts';
import { CAROL, oneMatch, severalMatch } from './callers.ts';
import { FakeDevice, SOURCE_MS } from './fake-device.ts';
import { loadMainMenu } from './main-menu.ts';

let mainMenu: CheckedFlow;
before(async () => { mainMenu = await loadMainMenu(); });

const DUE: BillFact = { kind: 'due', total: { minor: 1_250_000, currency: 'DZD' }, count: 2, nextDueAt: epochMs(Date.UTC(2026, 5, 5)), overdue: false };

/** Names what it says instead of joining pieces. */
const SAYER: Sayer = {
  money: (money, language) => [{ kind: 'prompt', language, id: `${money.minor}-${money.currency}` }],
  date: (at, timeZone, language) => [{ kind: 'prompt', language, id: `${new Date(at).toISOString().slice(0, 10)}-${timeZone}` }],
  number: (value, language) => [{ kind: 'prompt', language, id: `n${value}` }],
};

describe('runFlow on the main menu', () => {
  let clock: sinon.SinonFakeTimers;
  let device: FakeDevice;
  let gone: AbortController;
  let steps: IvrStep[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    device = new FakeDevice();
    gone = new AbortController();
    steps = [];
  });

  afterEach(() => {
    assert.equal(clock.countTimers(), 0, 'a timer outlived the call');
    assert.equal(device.listeners, 0, 'the keys are still listened to');
    clock.restore();
  });

  const session = (changes: Partial<IvrSession> = {}): IvrSession => ({
    tenantId: asId('tenant'), flow: mainMenu, device, match: { kind: 'none' },
    speech: { synthesize: () => Promise.resolve('unavailable') },
    selfCare: { bill: () => Promise.resolve(DUE) },
    sayer: SAYER, defaultLanguage: 'fr', timeZone: 'Africa/Algiers', clock: systemClock, onStep: (taken) => steps.push(taken),
    ...changes,
  });
  const start = (changes: Partial<IvrSession> = {}): Promise<IvrOutcome> => runFlow(session(changes), gone.signal);
  const prompts = (count: number): Promise<number> => clock.tickAsync(count * SOURCE_MS);
  const silence = (ms: number): Promise<number> => clock.tickAsync(ms);
  const pathOf = (outcome: IvrOutcome): readonly string[] => outcome.path.map(({ nodeId, input }) => (input ? `${nodeId}:${input}` : nodeId));

  describe('given an unknown caller', () => {
    it('offers the languages in themselves, and speaks the one chosen', async () => {
      const ended = start();
      await prompts(3);
      assert.equal(device.heard[0], 'choose-language@fr choose-language@ar choose-language@en');
      device.press('2');
      await prompts(1);
      await prompts(1);
      device.press('1');
      await prompts(1);
      const outcome = await ended;
      assert.deepEqual(device.heard.slice(1), ['welcome@ar', 'main-menu@ar', 'connecting-sales@ar']);
      assert.deepEqual({ ...outcome, path: pathOf(outcome) }, {
        kind: 'queue', queueKey: 'sales', intent: 'new-contract', language: 'ar',
        path: ['choose-language:2', 'welcome', 'main-menu:1', 'sales'],
      });
      assert.deepEqual(outcome.path, steps);
      assert.ok(outcome.path.every(({ at }) => at >= 1_000_000));
    });

    it('takes silence for the language of the number dialled, from the end of the prompt on', async () => {
      const ended = start();
      await prompts(3);
      await silence(3_999);
      assert.equal(device.heard.length, 1);
      await silence(1);
      assert.equal(device.heard[1], 'welcome@fr');
      device.press('0');
      await prompts(1);
      assert.equal((await ended).language, 'fr');
    });

    it('gives a person after three silences in the menu', async () => {
      const ended = start();
      await prompts(3);
      await silence(4_000);
      await prompts(1);
      for (let round = 0; round < 3; round += 1) {
        await prompts(2);
        await silence(5_000);
      }
      await prompts(1);
      const outcome = await ended;
      assert.deepEqual(pathOf(outcome).slice(-4), ['main-menu:no-input', 'main-menu:no-input', 'main-menu:no-input', 'person']);
      assert.equal(outcome.kind === 'queue' ? outcome.queueKey : outcome.kind, 'service');
      assert.equal(device.heard.filter((heard) => heard === 'no-input@fr main-menu@fr').length, 2);
    });

    it('takes keys through menus in one go, before anything was heard to its end', async () => {
      const ended = start();
      await silence(0);
      device.press('3', '2');
      await prompts(1);
      const outcome = await ended;
      assert.deepEqual(pathOf(outcome), ['choose-language:3', 'welcome', 'main-menu:2', 'claims']);
      assert.equal(outcome.kind === 'queue' ? outcome.intent : '', 'claim');
    });

    it('says that it does not know who calls before it sends a question of a bill to a person', async () => {
      const ended = start();
      device.press('1', '3');
      await silence(0);
      await prompts(1);
      await prompts(1);
      await silence(3_000);
      await prompts(1);
      const outcome = await ended;
      assert.deepEqual(device.heard.slice(-3), ['bill-unidentified@fr', 'bill-help-menu@fr', 'connecting-person@fr']);
      assert.equal(outcome.kind === 'queue' ? outcome.intent : '', 'bill');
    });
  });

  describe('given a customer', () => {
    it('speaks her language at once, and greets her by name where it can', async () => {
      const asked: string[] = [];
      const ended = start({
        match: oneMatch(),
        speech: { synthesize: (text, language) => { asked.push(`${language}: ${text}`); return Promise.resolve({ kind: 'file', path: '/hello.wav' }); } },
      });
      await prompts(1);
      await prompts(1);
      assert.deepEqual(device.heard, ['welcome@en', 'file:/hello.wav', 'main-menu@en']);
      assert.deepEqual(asked, ['en: Hello, Carol Benali.']);
      device.press('0');
      await prompts(1);
      assert.deepEqual(pathOf(await ended), ['welcome', 'greet', 'main-menu:0', 'person']);
    });

    it('leaves the greeting out when the speech engine is too slow, and tells it to stop', async () => {
      let signal: AbortSignal | undefined;
      const ended = start({
        match: oneMatch(),
        speech: { synthesize: (_text, _language, aborted) => { signal = aborted; return new Promise(() => undefined); } },
      });
      await prompts(1);
      await silence(SPEECH_DEADLINE_MS);
      assert.deepEqual(device.heard, ['welcome@en', 'main-menu@en']);
      device.press('0');
      await prompts(1);
      await ended;
      assert.equal(signal?.aborted, true);
    });

    it('is not greeted when she shares her line', async () => {
      const ended = start({
        match: severalMatch(CAROL, { ...CAROL, customerId: asId('customer-2'), displayName: 'Karim Benali' }),
        speech: { synthesize: () => Promise.reject(new Error('must not be asked')) },
        selfCare: { bill: () => Promise.reject(new Error('must not be asked')) },
      });
      await prompts(1);
      device.press('3');
      await prompts(1);
      assert.deepEqual(device.heard, ['welcome@en', 'main-menu@en', 'bill-unidentified@en', 'bill-help-menu@en']);
      gone.abort();
      assert.equal((await ended).kind, 'caller-gone');
    });

    it('hears her bill without a human, again with 1, and goodbye when she says nothing more', async () => {
      const ended = start({ match: oneMatch() });
      await prompts(1);
      device.press('3');
      await silence(0);
      const bill = 'bill-several@en n2@en bill-total@en 1250000-DZD@en bill-due-on@en 2026-06-05-Africa/Algiers@en';
      assert.equal(device.heard.at(-1), bill);
      await prompts(6);
      assert.equal(device.heard.at(-1), 'bill-menu@en');
      device.press('1');
      await silence(0);
      assert.equal(device.heard.at(-1), bill);
      await prompts(6);
      await prompts(1);
      await silence(5_000);
      await prompts(1);
      await silence(5_000);
      assert.equal(device.heard.at(-1), 'goodbye@en');
      await prompts(1);
      const outcome = await ended;
      assert.deepEqual({ ...outcome, path: pathOf(outcome) }, {
        kind: 'goodbye', language: 'en', intent: 'bill',
        path: ['welcome', 'main-menu:3', 'bill', 'bill-menu:1', 'bill', 'bill-menu:no-input', 'bill-menu:no-input', 'goodbye'],
      });
    });

    const saying = async (fact: BillFact): Promise<string | undefined> => {
      const ended = start({ match: oneMatch(), selfCare: { bill: () => Promise.resolve(fact) } });
      await prompts(1);
      device.press('3');
      await silence(0);
      const heard = device.heard.at(-1);
      gone.abort();
      await ended;
      return heard;
    };

    it('hears that one bill is overdue, and since when', async () => {
      assert.equal(await saying({ ...DUE, count: 1, overdue: true }),
        'bill-one@en bill-total@en 1250000-DZD@en bill-overdue-since@en 2026-06-05-Africa/Algiers@en');
    });

    it('hears that nothing is due', async () => assert.equal(await saying({ kind: 'nothing-due' }), 'bill-nothing-due@en'));

    it('hears that her bills are unavailable', async () => assert.equal(await saying({ kind: 'unavailable' }), 'bill-unavailable@en'));

    it('hears the same when nobody answers in time', async () => {
      const ended = start({ match: oneMatch(), selfCare: { bill: () => new Promise(() => undefined) } });
      await prompts(1);
      device.press('3');
      await silence(BILL_DEADLINE_MS);
      assert.equal(device.heard.at(-1), 'bill-unavailable@en');
      gone.abort();
      await ended;
    });
  });

  describe('given a key while the menu is heard', () => {
    it('stops the prompt and takes the key', async () => {
      const ended = start({ match: oneMatch() });
      await prompts(1);
      await silence(SOURCE_MS / 2);
      device.press('2');
      await silence(0);
      assert.equal(device.heard.at(-1), 'connecting-claims@en');
      assert.ok(device.stopped > 0);
      await prompts(1);
      assert.equal((await ended).kind, 'queue');
    });

    it('repeats the menu on 9', async () => {
      const ended = start({ match: oneMatch() });
      await prompts(1);
      device.press('9');
      await silence(0);
      assert.deepEqual(device.heard, ['welcome@en', 'main-menu@en', 'main-menu@en']);
      gone.abort();
      assert.deepEqual(pathOf(await ended), ['welcome', 'main-menu:9', 'main-menu:hung-up']);
    });
  });

  describe('given a caller who hangs up', () => {
    it('ends at once, wherever she is, and stops what plays', async () => {
      const ended = start();
      await silence(10);
      gone.abort();
      const outcome = await ended;
      assert.equal(outcome.kind, 'caller-gone');
      assert.equal(device.stopped, 1);
      assert.deepEqual(pathOf(outcome), ['choose-language:hung-up']);
    });

    it('plays nothing when she was gone before it began', async () => {
      gone.abort();
      assert.equal((await start()).kind, 'caller-gone');
      assert.deepEqual(device.heard, []);
    });
  });

  describe('given a fault', () => {
    const failure = async (ended: Promise<IvrOutcome>): Promise<string> => {
      const outcome = await ended;
      return outcome.kind === 'failed' ? `${outcome.cause} → ${outcome.fallbackQueueKey}` : outcome.kind;
    };

    it('reaches a human when the device cannot play', async () => {
      device.behaviour = 'throw';
      assert.equal(await failure(start()), 'Error: the media worker is gone → service');
    });

    it('reaches a human when the device cannot hear', async () => {
      const deaf = { play: device.play.bind(device), onDigit: () => { throw new Error('deaf'); } };
      assert.equal(await failure(start({ device: deaf })), 'Error: deaf → service');
    });

    it('reaches a human when the step cannot be written down', async () => {
      const ended = start({ match: oneMatch(), onStep: () => { throw new Error('disk full'); } });
      assert.equal(await failure(ended), 'Error: disk full → service');
    });

    it('reaches a human when a node is not what the checker let through', async () => {
      // A cast because no flow of the checker's has such a node.
      const broken = { ...mainMenu, nodes: { ...mainMenu.nodes, [mainMenu.start]: { kind: 'play', next: mainMenu.start } } } as unknown as CheckedFlow;
      const ended = start({ flow: broken });
      await silence(0);
      assert.match(await failure(ended), /^TypeError: .* → service$/);
    });

    it('reaches a human when an amount cannot be said', async () => {
      const ended = start({ match: oneMatch(), sayer: { ...SAYER, money: () => { throw new Error('no such currency'); } } });
      await prompts(1);
      device.press('3');
      assert.equal(await failure(ended), 'Error: no such currency → service');
    });

    it('reaches a human when a port breaks its word and rejects', async () => {
      const ended = start({ match: oneMatch(), selfCare: { bill: () => Promise.reject(new Error('broken')) } });
      await prompts(1);
      device.press('3');
      assert.equal(await failure(ended), 'Error: broken → service');
    });

    it('goes on, unheard, when no prompt can be read: three silences still give a person', async () => {
      device.behaviour = 'fail';
      const ended = start();
      await clock.tickAsync(60_000);
      const outcome = await ended;
      assert.equal(outcome.kind === 'queue' ? outcome.queueKey : outcome.kind, 'service');
      assert.ok(pathOf(outcome).includes('main-menu:prompt-failed'));
    });

    it('goes on when a playback never ends', async () => {
      device.behaviour = 'hang';
      const ended = start();
      await clock.tickAsync(PLAYBACK_LIMIT_MS * 10);
      assert.equal((await ended).kind, 'queue');
    });
  });
});
