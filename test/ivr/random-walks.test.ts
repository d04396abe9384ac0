import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkFlow } from '../../ivr-flows/check-flow.ts';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { step } from '../../server/base/machine.ts';
import { epochMs } from '../../server/base/time.ts';
import { callerFacts, firstLanguage } from '../../server/ivr/caller-facts.ts';
import { FLOW_RULES } from '../../server/ivr/flow-rules.ts';
import { beginWalk, type WalkCommand, type WalkEvent, type WalkState } from '../../server/ivr/flow-walk.ts';
import type { BillFact } from '../../server/ivr/ports.ts';
import { DIGITS, type Digit } from '../../server/model/digit.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import { arbitraryFlow, FULL_CATALOG } from '../ivr-flows/arbitrary-flow.ts';
import { CAROL, oneMatch, severalMatch } from './callers.ts';
import { loadMainMenu } from './main-menu.ts';

let mainMenu: CheckedFlow;
before(async () => { mainMenu = await loadMainMenu(); });

/** What the world does at one moment; what does not fit the moment is tried all the same. */
type Move =
  | { readonly kind: 'answer'; /** The outside answers what was asked last. */ readonly with: 'good' | 'bad' }
  | { readonly kind: 'key'; readonly digit: Digit }
  | { readonly kind: 'time' }
  | { readonly kind: 'late' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'fault' };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Move>({ kind: 'answer', with: 'good' }, { kind: 'answer', with: 'bad' }) },
  { weight: 8, arbitrary: fc.constantFrom(...DIGITS).map((digit): Move => ({ kind: 'key', digit })) },
  { weight: 4, arbitrary: fc.constant<Move>({ kind: 'time' }) },
  { weight: 2, arbitrary: fc.constant<Move>({ kind: 'late' }) },
);
const answered: Move = { kind: 'answer', with: 'good' };
const lastMoves: fc.Arbitrary<readonly Move[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly Move[]>([{ kind: 'time' }]) },
  { weight: 2, arbitrary: fc.constantFrom(...DIGITS).map((digit): readonly Move[] => [{ kind: 'key', digit }, { kind: 'time' }]) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...DIGITS), { minLength: 1, maxLength: 3 }).map((digits): readonly Move[] =>
    // Time always passes: a # that a menu passes over does not stop the silence.
    [...digits.flatMap((digit): readonly Move[] => [{ kind: 'key', digit }, answered]), { kind: 'time' }]) },
  { weight: 1, arbitrary: fc.constantFrom<readonly Move[]>([{ kind: 'hang-up' }], [{ kind: 'fault' }]) },
);

const fact: fc.Arbitrary<BillFact> = fc.oneof(
  fc.constant<BillFact>({ kind: 'nothing-due' }),
  fc.constant<BillFact>({ kind: 'unavailable' }),
  fc.record({
    kind: fc.constant('due' as const), total: fc.record({ minor: fc.nat(), currency: fc.constant('DZD') }),
    count: fc.integer({ min: 1, max: 30 }), nextDueAt: fc.nat().map(epochMs), overdue: fc.boolean(),
  }),
);
const match = fc.constantFrom(
  oneMatch(), oneMatch({ ...CAROL, language: 'ar' }), severalMatch(CAROL, { ...CAROL, language: 'fr' }),
  { kind: 'none' } as const, { kind: 'anonymous' } as const, { kind: 'unavailable', cause: 'slow' } as const,
);

function toEvent(move: Move, state: WalkState, bill: BillFact): WalkEvent {
  const { ticket } = state.walk;
  switch (move.kind) {
    case 'answer':
      if (state.name === 'greeting') {
        return { type: 'speech-ready', ticket, source: move.with === 'good' ? { kind: 'file', path: '/speech.wav' } : 'unavailable' };
      }
      if (state.name === 'looking-up') return { type: 'bill-fact', ticket, fact: move.with === 'good' ? bill : { kind: 'unavailable' } };
      return { type: 'playback-finished', ticket, how: move.with === 'good' ? 'finished' : 'failed' };
    case 'key':
      return { type: 'digit', digit: move.digit };
    case 'time':
      return { type: 'timer', ticket };
    case 'late':
      return { type: 'timer', ticket: ticket - 1 };
    case 'hang-up':
      return { type: 'caller-gone' };
    case 'fault':
      return { type: 'fault', cause: 'broken' };
  }
}

/** The longest way through a flow: in each visit, so many tries, and so many steps in each try. */
const bound = (flow: CheckedFlow): number => (flow.maxVisits + 1) * 12 + 10;

interface WalkCase {
  readonly flow: CheckedFlow;
  readonly caller: typeof match extends fc.Arbitrary<infer M> ? M : never;
  readonly moves: readonly Move[];
  /** What goes on happening, over and over, when the moves are done. */
  readonly last: readonly Move[];
  readonly bill: BillFact;
}

/** Walks until the end and checks what every walk owes to its caller. */
function walkToTheEnd({ flow, caller, moves, last, bill }: WalkCase): void {
  const facts = callerFacts(caller, flow);
  let state: WalkState = beginWalk(flow, facts, firstLanguage(facts, flow, 'fr'));
  const finishes: WalkCommand[] = [];
  let isWaiting = false;
  const take = (event: WalkEvent): void => {
    const outcome = step<WalkState, WalkEvent, WalkCommand>(FLOW_RULES, state, event);
    assert.notEqual(outcome.kind, 'refused');
    if (outcome.kind !== 'moved') return;
    state = outcome.state;
    for (const command of outcome.commands) {
      if (command.type === 'start-timer') isWaiting = true;
      if (command.type === 'stop-timer') isWaiting = false;
      if (command.type === 'finish') finishes.push(command);
      if (command.type === 'play') {
        assert.ok(command.utterances.length > 0, 'a playback of nothing');
        assert.ok(command.utterances.every((utterance) => flow.languages.includes(utterance.kind === 'source'
          ? (utterance.source.kind === 'prompt' ? utterance.source.language : state.walk.language) : utterance.language)));
      }
    }
    // Whatever the caller and the ports do, something of ours wakes the walk up again.
    assert.ok(state.name === 'ended' || isWaiting, `nothing would ever wake ${state.name}`);
  };
  take({ type: 'started' });
  const steps = [...moves];
  let taken = 0;
  for (; state.name !== 'ended' && taken < bound(flow) + moves.length; taken += 1) {
    const move = steps.shift() ?? last[taken % last.length];
    if (move) take(toEvent(move, state, bill));
  }
  assert.equal(state.name, 'ended', `still ${state.name} after ${taken} steps`);
  assert.equal(finishes.length, 1);
  take({ type: 'caller-gone' });
  take({ type: 'fault', cause: 'late' });
  assert.equal(finishes.length, 1, 'ended twice');
  const [finish] = finishes;
  assert.ok(finish?.type === 'finish');
  const { ending } = finish;
  if (ending.kind === 'failed') assert.equal(last[0]?.kind, 'fault', 'failed without a fault');
  if (ending.kind === 'caller-gone') assert.equal(last[0]?.kind, 'hang-up', 'gone without hanging up');
  if (ending.kind === 'failed') assert.ok(Object.values(flow.nodes).some((node) => node.kind === 'queue' && node.queue === ending.fallbackQueueKey));
}

describe('random walks (invariant 5)', () => {
  const checked = arbitraryFlow.map((flow) => {
    const result = checkFlow(flow, { catalog: FULL_CATALOG });
    if (result.kind === 'refused') throw new Error(JSON.stringify(result.faults));
    return result.flow;
  });
  const mainMenuOnly = (): fc.Arbitrary<CheckedFlow> => fc.constant(mainMenu);
  const language = fc.subarray([...LANGUAGES], { minLength: 1 });
  const walks = (flow: fc.Arbitrary<CheckedFlow>): fc.Arbitrary<WalkCase> =>
    fc.record({ flow, caller: match, moves: fc.array(move, { maxLength: 80 }), last: lastMoves, bill: fact });

  it('through generated flows end with a human, a goodbye or the caller gone, within a bound', () => {
    fc.assert(fc.property(walks(checked), walkToTheEnd), { numRuns: 1_000 });
  });

  it('through the main menu do too', () => {
    fc.assert(fc.property(walks(mainMenuOnly()), walkToTheEnd), { numRuns: 1_000 });
  });

  it('of callers who never stop pressing one key do too', () => {
    fc.assert(fc.property(fc.oneof(checked, mainMenuOnly()), match, fc.constantFrom(...DIGITS), fact, (flow, caller, digit, bill) => {
      walkToTheEnd({ flow, caller, moves: [], last: [{ kind: 'key', digit }, { kind: 'key', digit }, answered, { kind: 'time' }], bill });
    }), { numRuns: 500 });
  });

  it('begin in a language that the flow offers', () => {
    fc.assert(fc.property(language, match, fc.constantFrom(...LANGUAGES), (languages, caller, defaultLanguage) => {
      // A cast because the flow is accepted with any of its languages.
      const flow = { ...mainMenu, languages } as CheckedFlow;
      assert.ok(languages.includes(firstLanguage(callerFacts(caller, flow), flow, defaultLanguage)));
    }));
  });
});
