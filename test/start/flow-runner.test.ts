import assert from 'node:assert/strict';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { systemClock } from '../../server/base/time.ts';
import type { IvrOutcome } from '../../server/ivr/run-flow.ts';
import type { CallerMatch } from '../../server/model/caller-match.ts';
import { asId } from '../../server/model/ids.ts';
import type { Language } from '../../server/model/language.ts';
import { flowRunner } from '../../server/start/flow-runner.ts';
import { CAROL, oneMatch, severalMatch } from '../ivr/callers.ts';
import { FakeDevice } from '../ivr/fake-device.ts';
import { loadMainMenu } from '../ivr/main-menu.ts';

describe('the flow of a number', () => {
  let mainMenu: CheckedFlow;
  before(async () => { mainMenu = await loadMainMenu(); });

  /** A caller who is gone at once: what was noted on the way in is all there is. */
  const enter = async (match: CallerMatch, flowId = 'main-menu'): Promise<{ readonly languages: Language[]; readonly outcome: IvrOutcome }> => {
    const languages: Language[] = [];
    const run = flowRunner({
      flows: new Map([[mainMenu.id, mainMenu]]), clock: systemClock, timeZone: 'Africa/Algiers', fallbackQueueKey: 'service',
      speech: { synthesize: () => Promise.resolve('unavailable') }, selfCare: { bill: () => Promise.resolve({ kind: 'unavailable' }) },
      sayer: { money: () => [], date: () => [], number: () => [] },
    });
    const outcome = await run({
      tenantId: asId('t1'), flowId, match, device: new FakeDevice(), onStep: () => undefined,
      onEntered: ({ language }) => languages.push(language),
    }, AbortSignal.abort());
    return { languages, outcome };
  };

  it('is entered in the language of the one customer who has the number', async () => {
    assert.deepEqual((await enter(oneMatch())).languages, ['en']);
  });

  it('is entered in the language that is heard when those who share a line speak several', async () => {
    const { languages, outcome } = await enter(severalMatch(CAROL, { ...CAROL, customerId: asId('amar'), language: 'ar' }));
    assert.deepEqual(languages, ['fr']);
    assert.equal(outcome.language, 'fr');
  });

  it('leads to a person when there is no such flow', async () => {
    const { languages, outcome } = await enter(oneMatch(), 'gone');
    assert.deepEqual(languages, []);
    assert.deepEqual(outcome, { kind: 'failed', cause: 'there is no flow gone', language: 'en', path: [], fallbackQueueKey: 'service' });
  });
});
