import { go, type Rules } from '../base/machine.ts';
import { choose, enter, fail, finish, isTakenAhead, promptMenu, sayThen, withTicket, type WalkStep } from './enter-node.ts';
import {
  MAX_TYPED_AHEAD, optionFor, type MenuTries, type WalkCommand, type WalkEvent, type WalkState,
} from './flow-walk.ts';
import type { BillFact } from './ports.ts';
import { utterBill, utterPrompts } from './utterance.ts';

type In<N extends WalkState['name']> = Extract<WalkState, { name: N }>;
type Ev<T extends WalkEvent['type']> = Extract<WalkEvent, { type: T }>;

const prepend = (step: WalkStep, ...commands: readonly WalkCommand[]): WalkStep =>
  ({ state: step.state, commands: [...commands, ...step.commands] });

/** What comes back with an older ticket belongs to something that is over. */
const current = <S extends WalkState, E extends { readonly ticket: number }>(apply: (state: S, event: E) => WalkStep) =>
  (state: S, event: E): WalkStep => (event.ticket === state.walk.ticket ? apply(state, event) : go(state));

const noteFailure = (nodeId: string, how: 'finished' | 'failed'): readonly WalkCommand[] =>
  (how === 'failed' ? [{ type: 'note-step', nodeId, input: 'prompt-failed' }] : []);

const begin = (state: In<'idle'>): WalkStep => enter(state.walk, state.walk.flow.start);


const goOn = current((state: In<'playing'>, event: Ev<'playback-finished'>) =>
  prepend(enter(state.walk, state.next), ...noteFailure(state.nodeId, event.how)));
const giveUpPlayback = current((state: In<'playing'>) =>
  prepend(enter(state.walk, state.next), { type: 'stop-playing' }, ...noteFailure(state.nodeId, 'failed')));

/**
 * A key cuts a prompt short when the menu that follows takes it. Another key was not meant for
 * what has not been heard yet: it is no mistake, and skips nothing.
 */
const bargeIn = (state: In<'playing'> | In<'greeting'>, event: Ev<'digit'>): WalkStep => {
  const walk = { ...state.walk, typedAhead: [event.digit] };
  return isTakenAhead(walk, state.next) ? prepend(enter(walk, state.next), { type: 'stop-playing' }) : go(state);
};


const sayGreeting = current((state: In<'greeting'>, event: Ev<'speech-ready'>): WalkStep =>
  (event.source === 'unavailable'
    ? enter(state.walk, state.next)
    : sayThen(state.walk, { nodeId: state.nodeId, next: state.next, utterances: [{ kind: 'source', source: event.source }] })));
const leaveGreetingOut = current((state: In<'greeting'>): WalkStep => enter(state.walk, state.next));


const sayFact = (state: In<'looking-up'>, fact: BillFact): WalkStep => {
  const { walk, nodeId, bill } = state;
  const say = (statement: { readonly next: string }, utterances: Parameters<typeof sayThen>[1]['utterances']): WalkStep =>
    sayThen(walk, { nodeId, next: statement.next, utterances });
  switch (fact.kind) {
    case 'due':
      return say(bill.due, utterBill(bill.due.prompts, fact, walk.language));
    case 'nothing-due':
      return say(bill.nothingDue, utterPrompts(bill.nothingDue.prompts, walk.language));
    case 'unavailable':
      return say(bill.unavailable, utterPrompts(bill.unavailable.prompts, walk.language));
  }
};
const sayBill = current((state: In<'looking-up'>, event: Ev<'bill-fact'>) => sayFact(state, event.fact));
const sayUnavailable = current((state: In<'looking-up'>) => sayFact(state, { kind: 'unavailable' }));
const typeAhead = (state: In<'looking-up'>, event: Ev<'digit'>): WalkStep =>
  go({ ...state, walk: { ...state.walk, typedAhead: [...state.walk.typedAhead, event.digit].slice(0, MAX_TYPED_AHEAD) } });


type InMenu = In<'prompting'> | In<'listening'>;

const listen = current((state: In<'prompting'>, event: Ev<'playback-finished'>): WalkStep => startListening(state, event.how));
const listenAnyway = current((state: In<'prompting'>): WalkStep =>
  prepend(startListening(state, 'failed'), { type: 'stop-playing' }));

/** The silence counts from the end of the prompt. */
function startListening(state: In<'prompting'>, how: 'finished' | 'failed'): WalkStep {
  const walk = withTicket(state.walk);
  return go({ ...state, name: 'listening', walk },
    ...noteFailure(state.nodeId, how),
    { type: 'start-timer', ticket: walk.ticket, ms: state.menu.silenceMs });
}

const hearKey = (state: InMenu, event: Ev<'digit'>): WalkStep => {
  const option = optionFor(state.menu, event.digit);
  // Many callers end a choice with #: it answers nothing, and is no mistake.
  if (!option && event.digit === '#') return go(state);
  const step = option
    ? choose(state.walk, state.nodeId, event.digit, option)
    : fallShort(state, { ...state.tries, wrongKeys: state.tries.wrongKeys + 1 }, 'no-match');
  return prepend(step, { type: 'stop-playing' }, { type: 'stop-timer' });
};
const hearNothing = current((state: In<'listening'>): WalkStep =>
  fallShort(state, { ...state.tries, silences: state.tries.silences + 1 }, 'no-input'));

/**
 * A silence or a wrong key: the menu again, until it has been heard often enough.
 * Only silence alone leads to `noInput.next`, which may be a goodbye; whoever has pressed a wrong
 * key is there and confused, and gets `noMatch.next`, which is a human.
 */
function fallShort(state: InMenu, tries: MenuTries, input: 'no-input' | 'no-match'): WalkStep {
  const { noInput, noMatch } = state.menu;
  const failure = tries.wrongKeys === 0 ? noInput : noMatch;
  const isOver = tries.silences + tries.wrongKeys >= failure.attempts;
  const step = isOver
    ? enter(state.walk, failure.next)
    : promptMenu(state.walk, state, tries, (input === 'no-input' ? noInput : noMatch).prompts);
  return prepend(step, { type: 'note-step', nodeId: state.nodeId, input });
}


const depart = current((state: In<'leaving'>, event: Ev<'playback-finished'>) =>
  prepend(finish(state.walk, state.ending), ...noteFailure(state.nodeId, event.how)));
const departAnyway = current((state: In<'leaving'>) =>
  prepend(finish(state.walk, state.ending), { type: 'stop-playing' }, ...noteFailure(state.nodeId, 'failed')));

const hangUp = (state: Exclude<WalkState, In<'ended'>>): WalkStep =>
  prepend(finish(state.walk, { kind: 'caller-gone', language: state.walk.language }),
    ...('nodeId' in state ? [{ type: 'note-step', nodeId: state.nodeId, input: 'hung-up' } as const] : []),
    { type: 'stop-playing' });

const breakDown = (state: Exclude<WalkState, In<'ended'> | In<'leaving'>>, event: Ev<'fault'>): WalkStep => fail(state.walk, event.cause);
/** The caller has already chosen a queue: the fault does not send her to another. */
const breakDownLeaving = (state: In<'leaving'>, event: Ev<'fault'>): WalkStep =>
  fail(state.walk, event.cause, state.ending.kind === 'queue' ? state.ending.queueKey : undefined);

/**
 * One call in its flow.
 *
 *   idle -> playing <-> greeting | looking-up | prompting -> listening -> … -> leaving -> ended
 *
 * Every pair of state and event has a cell, none is refused, and every path ends (invariant 5):
 * without keys the checker has proved it, with keys `maxVisits` bounds it, and a fault or a caller
 * who goes away ends it from anywhere.
 */
export const FLOW_RULES: Rules<WalkState, WalkEvent, WalkCommand> = {
  idle: {
    started: begin, 'playback-finished': 'ignore', digit: 'ignore', timer: 'ignore', 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDown,
  },
  playing: {
    started: 'ignore', 'playback-finished': goOn, digit: bargeIn, timer: giveUpPlayback, 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDown,
  },
  greeting: {
    started: 'ignore', 'playback-finished': 'ignore', digit: bargeIn, timer: leaveGreetingOut, 'bill-fact': 'ignore',
    'speech-ready': sayGreeting, 'caller-gone': hangUp, fault: breakDown,
  },
  'looking-up': {
    started: 'ignore', 'playback-finished': 'ignore', digit: typeAhead, timer: sayUnavailable, 'bill-fact': sayBill,
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDown,
  },
  prompting: {
    started: 'ignore', 'playback-finished': listen, digit: hearKey, timer: listenAnyway, 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDown,
  },
  listening: {
    started: 'ignore', 'playback-finished': 'ignore', digit: hearKey, timer: hearNothing, 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDown,
  },
  leaving: {
    started: 'ignore', 'playback-finished': depart, digit: 'ignore', timer: departAnyway, 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': hangUp, fault: breakDownLeaving,
  },
  ended: {
    started: 'ignore', 'playback-finished': 'ignore', digit: 'ignore', timer: 'ignore', 'bill-fact': 'ignore',
    'speech-ready': 'ignore', 'caller-gone': 'ignore', fault: 'ignore',
  },
};
