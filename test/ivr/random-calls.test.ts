import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { epochMs, systemClock } from '../../server/base/time.ts';
import type { BillFact } from '../../server/ivr/ports.ts';
import { runFlow, type IvrOutcome } from '../../server/ivr/run-flow.ts';
import { sayDate, sayMoney, sayNumber } from '../../server/media/say/say.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { DIGITS, type Digit } from '../../server/model/digit.ts';
import { asId } from '../../server/model/ids.ts';
import { oneMatch, severalMatch, CAROL } from './callers.ts';
import { FakeDevice } from './fake-device.ts';
import { loadMainMenu } from './main-menu.ts';

let mainMenu: CheckedFlow;
before(async () => { mainMenu = await loadMainMenu(); });

/** One thing that happens, and how long after the one before. */
interface Happening {
  readonly afterMs: number;
  readonly what: Digit | 'hang-up' | 'nothing';
  readonly device: FakeDevice['behaviour'];
}

/** How a port answers: at once, late, never, or against its word. */
type Manner = 'at-once' | 'late' | 'never' | 'rejects';

const happening: fc.Arbitrary<Happening> = fc.record({
  afterMs: fc.integer({ min: 0, max: 8_000 }),
  what: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...DIGITS) }, { weight: 6, arbitrary: fc.constant('nothing' as const) }, { weight: 1, arbitrary: fc.constant('hang-up' as const) }),
  device: fc.oneof({ weight: 10, arbitrary: fc.constant('finish' as const) }, fc.constantFrom('fail' as const, 'hang' as const, 'throw' as const)),
});
const manner = fc.constantFrom<Manner>('at-once', 'late', 'never', 'rejects');
const match = fc.constantFrom(oneMatch(), severalMatch(CAROL, CAROL), { kind: 'none' } as const);
const bill = fc.constantFrom<BillFact>(
  { kind: 'nothing-due' }, { kind: 'unavailable' },
  { kind: 'due', total: { minor: 123_405, currency: 'DZD' }, count: 3, nextDueAt: epochMs(Date.UTC(2026, 5, 5)), overdue: true },
  { kind: 'due', total: { minor: 100, currency: 'XAU' }, count: 1, nextDueAt: epochMs(0), overdue: false },
);

function answer<T>(how: Manner, value: T): Promise<T> {
  if (how === 'rejects') return Promise.reject(new Error('against its word'));
  if (how === 'never') return new Promise(() => undefined);
  return how === 'at-once' ? Promise.resolve(value) : new Promise((resolve) => { setTimeout(() => resolve(value), 2_000); });
}

describe('runFlow with random callers, devices and ports (invariants 5 and 8)', () => {
  it('ends once, leaves no timer and no listener, and never rejects', async () => {
    const speech: AudioSource = { kind: 'file', path: '/speech.wav' };
    const call = fc.record({ match, bill, speechManner: manner, billManner: manner, happenings: fc.array(happening, { maxLength: 40 }) });
    await fc.assert(fc.asyncProperty(call, async (given) => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
      try {
        const device = new FakeDevice();
        const gone = new AbortController();
        let outcome: IvrOutcome | undefined;
        const ended = runFlow({
          tenantId: asId('tenant'), flow: mainMenu, device, match: given.match, defaultLanguage: 'fr', timeZone: 'Africa/Algiers',
          speech: { synthesize: () => answer(given.speechManner, speech) },
          selfCare: { bill: () => answer(given.billManner, given.bill) },
          sayer: { money: sayMoney, date: sayDate, number: sayNumber },
          clock: systemClock, onStep: () => undefined,
        }, gone.signal).then((how) => { outcome = how; });
        for (const { afterMs, what, device: behaviour } of given.happenings) {
          await clock.tickAsync(afterMs);
          device.behaviour = behaviour;
          if (what === 'hang-up') gone.abort();
          else if (what !== 'nothing') device.press(what);
        }
        device.behaviour = 'finish';
        // Left alone, every caller arrives somewhere: hung playbacks count as two minutes each.
        await clock.tickAsync(20 * 60_000);
        await ended;
        assert.ok(outcome);
        assert.equal(clock.countTimers(), 0);
        assert.equal(device.listeners, 0);
        if (outcome.kind === 'queue') assert.ok(['sales', 'claims', 'service'].includes(outcome.queueKey));
        if (outcome.kind === 'failed') assert.ok(['sales', 'claims', 'service'].includes(outcome.fallbackQueueKey));
      } finally {
        clock.restore();
      }
    }), { numRuns: 300 });
  });
});
