import assert from 'node:assert/strict';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { step, type StepOutcome } from '../../server/base/machine.ts';
import { callerFacts } from '../../server/ivr/caller-facts.ts';
import { FLOW_RULES } from '../../server/ivr/flow-rules.ts';
import { beginWalk, MAX_TYPED_AHEAD, type WalkCommand, type WalkEvent, type WalkState } from '../../server/ivr/flow-walk.ts';
import { CAROL, oneMatch } from './callers.ts';
import { loadMainMenu } from './main-menu.ts';

let mainMenu: CheckedFlow;
before(async () => { mainMenu = await loadMainMenu(); });

type Name = WalkState['name'];

/** Walks from the start: each event follows the one before, with the ticket of the moment. */
function walk(events: readonly WalkEvent[], match = oneMatch()): { state: WalkState; commands: WalkCommand[] } {
  let state: WalkState = beginWalk(mainMenu, callerFacts(match, mainMenu), 'en');
  const commands: WalkCommand[] = [];
  for (const event of events) {
    const outcome: StepOutcome<WalkState, WalkCommand> = step(FLOW_RULES, state, 'ticket' in event ? { ...event, ticket: state.walk.ticket } : event);
    if (outcome.kind !== 'moved') throw new Error(`${event.type} is ${outcome.kind} while ${state.name}`);
    state = outcome.state;
    commands.push(...outcome.commands);
  }
  return { state, commands };
}

const STARTED: WalkEvent = { type: 'started' };
const PLAYED: WalkEvent = { type: 'playback-finished', ticket: 0, how: 'finished' };
const UNSAID: WalkEvent = { type: 'speech-ready', ticket: 0, source: 'unavailable' };
const TIMER: WalkEvent = { type: 'timer', ticket: 0 };
const key = (digit: '0' | '1' | '2' | '3' | '7' | '9' | '#'): WalkEvent => ({ type: 'digit', digit });
const NOTHING_DUE: WalkEvent = { type: 'bill-fact', ticket: 0, fact: { kind: 'nothing-due' } };

/** One way into each state. */
const ROADS: Readonly<Record<Name, readonly WalkEvent[]>> = {
  idle: [],
  playing: [STARTED],
  greeting: [STARTED, PLAYED],
  prompting: [STARTED, PLAYED, UNSAID],
  listening: [STARTED, PLAYED, UNSAID, PLAYED],
  'looking-up': [STARTED, PLAYED, UNSAID, key('3')],
  leaving: [STARTED, PLAYED, UNSAID, key('1')],
  ended: [STARTED, PLAYED, UNSAID, key('1'), PLAYED],
};

const EVENTS: Readonly<Record<WalkEvent['type'], WalkEvent>> = {
  started: STARTED,
  'playback-finished': PLAYED,
  digit: key('0'),
  timer: TIMER,
  'bill-fact': NOTHING_DUE,
  'speech-ready': { type: 'speech-ready', ticket: 0, source: { kind: 'file', path: '/speech.wav' } },
  'caller-gone': { type: 'caller-gone' },
  fault: { type: 'fault', cause: 'broken' },
};

/** Where each event leads from each state; `-` where it is ignored. */
const CELLS: Readonly<Record<Name, Readonly<Record<WalkEvent['type'], Name | '-'>>>> = {
  idle: { started: 'playing', 'playback-finished': '-', digit: '-', timer: '-', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  playing: { started: '-', 'playback-finished': 'greeting', digit: 'leaving', timer: 'greeting', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  greeting: { started: '-', 'playback-finished': '-', digit: 'leaving', timer: 'prompting', 'bill-fact': '-', 'speech-ready': 'playing', 'caller-gone': 'ended', fault: 'ended' },
  prompting: { started: '-', 'playback-finished': 'listening', digit: 'leaving', timer: 'listening', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  listening: { started: '-', 'playback-finished': '-', digit: 'leaving', timer: 'prompting', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  'looking-up': { started: '-', 'playback-finished': '-', digit: 'looking-up', timer: 'playing', 'bill-fact': 'playing', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  leaving: { started: '-', 'playback-finished': 'ended', digit: '-', timer: 'ended', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': 'ended', fault: 'ended' },
  ended: { started: '-', 'playback-finished': '-', digit: '-', timer: '-', 'bill-fact': '-', 'speech-ready': '-', 'caller-gone': '-', fault: '-' },
};

// Casts because Object.keys forgets the keys' type.
const NAMES = Object.keys(CELLS) as Name[];
const TYPES = Object.keys(EVENTS) as WalkEvent['type'][];

describe('the table of a call in its flow', () => {
  for (const name of NAMES) {
    describe(`given ${name}`, () => {
      for (const type of TYPES) {
        const expected = CELLS[name][type];
        it(`${expected === '-' ? 'ignores' : `goes to ${expected} on`} ${type}`, () => {
          const { state } = walk(ROADS[name]);
          assert.equal(state.name, name);
          const event = EVENTS[type];
          const outcome = step(FLOW_RULES, state, 'ticket' in event ? { ...event, ticket: state.walk.ticket } : event);
          assert.equal(outcome.kind === 'moved' ? outcome.state.name : '-', expected);
        });
      }

      it('is not moved by what belongs to something that is over', () => {
        const { state } = walk(ROADS[name]);
        for (const event of Object.values(EVENTS)) {
          if (!('ticket' in event)) continue;
          const outcome = step(FLOW_RULES, state, { ...event, ticket: state.walk.ticket - 1 });
          if (outcome.kind !== 'moved') continue;
          assert.equal(outcome.state, state);
          assert.deepEqual(outcome.commands, []);
        }
      });
    });
  }
});

describe('keys pressed ahead', () => {
  it('cut a prompt short when the menu that follows takes them', () => {
    const { state, commands } = walk([STARTED, key('2')]);
    assert.equal(state.name === 'leaving' && state.ending.kind === 'queue' ? state.ending.queueKey : '', 'claims');
    assert.ok(commands.some((command) => command.type === 'stop-playing'));
  });

  it('are no mistake when the menu that follows does not take them', () => {
    const { state, commands } = walk([STARTED, key('7')]);
    assert.equal(state.name, 'playing');
    assert.ok(!commands.some((command) => command.type === 'stop-playing' || (command.type === 'note-step' && command.input)));
  });

  it('go through menus, in the order of the keys', () => {
    const { state } = walk([STARTED, PLAYED, UNSAID, key('3'), key('9'), key('1'), NOTHING_DUE]);
    assert.equal(state.name === 'leaving' && state.ending.kind === 'queue' ? state.ending.intent : '', 'new-contract');
  });

  it('are forgotten when the first of them fits nowhere: the bill is heard', () => {
    const { state } = walk([STARTED, PLAYED, UNSAID, key('3'), key('3'), key('0'), NOTHING_DUE]);
    assert.equal(state.name, 'playing');
    assert.deepEqual(state.walk.typedAhead, []);
  });

  it('are bounded', () => {
    const { state } = walk([STARTED, PLAYED, UNSAID, key('3'), ...Array.from({ length: 50 }, () => key('9'))]);
    assert.equal(state.walk.typedAhead.length, MAX_TYPED_AHEAD);
  });
});

describe('a menu', () => {
  const inMenu = ROADS.listening;
  const inputs = (commands: readonly WalkCommand[]): readonly (string | undefined)[] =>
    commands.flatMap((command) => (command.type === 'note-step' && command.input ? [command.input] : []));

  it('passes over a closing #, which many callers press', () => {
    assert.equal(walk([...inMenu, key('#')]).state.name, 'listening');
    assert.equal(walk([...ROADS.prompting, key('#')]).state.name, 'prompting');
  });

  it('gives a person after three wrong keys', () => {
    const { state, commands } = walk([...inMenu, key('7'), key('7'), key('7')]);
    assert.equal(state.name === 'leaving' && state.ending.kind === 'queue' ? state.ending.queueKey : '', 'service');
    assert.deepEqual(inputs(commands), ['no-match', 'no-match', 'no-match']);
  });

  it('gives a person after three failures of both kinds', () => {
    const { state, commands } = walk([...inMenu, TIMER, PLAYED, key('7'), PLAYED, TIMER]);
    assert.equal(state.name === 'leaving' && state.ending.kind === 'queue' ? state.ending.intent : '', 'person');
    assert.deepEqual(inputs(commands), ['no-input', 'no-match', 'no-input']);
  });

  it('says goodbye to a silent caller only who has heard the bill and pressed no wrong key', () => {
    const billMenu = [...ROADS['looking-up'], NOTHING_DUE, PLAYED, PLAYED];
    const silent = walk([...billMenu, TIMER, PLAYED, TIMER]).state;
    assert.equal(silent.name === 'leaving' ? silent.ending.kind : '', 'goodbye');
    const confused = walk([...billMenu, key('7'), PLAYED, TIMER, PLAYED, TIMER]).state;
    assert.equal(confused.name === 'leaving' && confused.ending.kind === 'queue' ? confused.ending.intent : '', 'bill');
  });

  it('gives a person to whoever goes round for ever', () => {
    let { state } = walk(inMenu);
    let presses = 0;
    for (; state.name !== 'leaving' && presses < 1_000; presses += 1) {
      const outcome = step(FLOW_RULES, state, key('9'));
      if (outcome.kind !== 'moved') throw new Error('a key was ignored');
      state = outcome.state;
    }
    assert.ok(presses <= mainMenu.maxVisits);
    assert.equal(state.name === 'leaving' && state.ending.kind === 'queue' ? state.ending.queueKey : '', 'service');
  });
});

describe('a fault', () => {
  it('leads to the fallback queue, and to the chosen one when there is one already', () => {
    const fallback = (road: readonly WalkEvent[]): string => {
      const { state } = walk([...road, { type: 'fault', cause: 'broken' }]);
      return state.name === 'ended' && state.ending.kind === 'failed' ? state.ending.fallbackQueueKey : '';
    };
    assert.equal(fallback(ROADS.prompting), 'service');
    assert.equal(fallback(ROADS.leaving), 'sales');
  });

  it('of a prompt that cannot be heard is noted, and holds nobody up', () => {
    const { state, commands } = walk([STARTED, { type: 'playback-finished', ticket: 0, how: 'failed' }]);
    assert.equal(state.name, 'greeting');
    assert.ok(commands.some((command) => command.type === 'note-step' && command.nodeId === 'welcome' && command.input === 'prompt-failed'));
  });
});

describe('what a flow knows of the caller', () => {
  it('is nothing of a line that several share, except a language that all of them speak', () => {
    const { customerId, ...rest } = CAROL;
    assert.ok(customerId);
    const several = (...languages: readonly ('fr' | 'en' | 'ar')[]) => callerFacts({
      kind: 'several', candidates: languages.map((language) => ({ customer: { ...rest, customerId, language }, reasons: [] })),
    }, mainMenu);
    assert.deepEqual(several('ar', 'ar'), { knownLanguage: 'ar' });
    assert.deepEqual(several('ar', 'fr'), {});
    assert.deepEqual(callerFacts({ kind: 'unavailable', cause: 'slow' }, mainMenu), {});
    assert.deepEqual(callerFacts({ kind: 'anonymous' }, mainMenu), {});
  });
});
