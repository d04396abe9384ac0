import type { FlowNodeOf, FlowPrompt } from '../../ivr-flows/flow-schema.ts';
import { go, type Step } from '../base/machine.ts';
import type { Digit } from '../model/digit.ts';
import {
  BILL_DEADLINE_MS, nextMenu, nodeOf, optionFor, PLAYBACK_LIMIT_MS, SPEECH_DEADLINE_MS, takeBranch,
  type Ending, type MenuTries, type Walk, type WalkCommand, type WalkState,
} from './flow-walk.ts';
import { utterPrompts, type Utterance } from './utterance.ts';

/** One step of a walk. */
export type WalkStep = Step<WalkState, WalkCommand>;

/** Goes to a node and does what it begins with; nodes where nothing is heard are passed at once. */
export function enter(walk: Walk, nodeId: string): WalkStep {
  const node = nodeOf(walk, nodeId);
  if (!node) return fail(walk, `the flow ${walk.flow.id} has no node "${nodeId}"`);
  if (node.kind === 'queue' || node.kind === 'goodbye') return leave(walk, nodeId, node);
  // Whoever goes round for ever is not served by this flow: a human takes over.
  if (walk.visits >= walk.flow.maxVisits) return enter(walk, walk.flow.fallback);
  const here = { ...walk, visits: walk.visits + 1 };
  switch (node.kind) {
    case 'branch':
      return enter(here, takeBranch(here, node));
    case 'play':
      return sayThen(here, { nodeId, next: node.next, utterances: utterPrompts(node.prompts, here.language) });
    case 'greet':
      return greet(here, nodeId, node);
    case 'menu':
      return openMenu(here, nodeId, node);
    case 'bill':
      return lookUpBill(here, nodeId, node);
  }
}

/** What {@link sayThen} says, where, and where it leads. */
export interface Saying {
  readonly nodeId: string;
  readonly next: string;
  readonly utterances: readonly Utterance[];
}

/** Says something and goes on; a key pressed ahead that the next menu takes leaves it out. */
export function sayThen(walk: Walk, saying: Saying): WalkStep {
  if (isTakenAhead(walk, saying.next)) return enter(walk, saying.next);
  const { walk: here, commands } = play(walk, saying.utterances);
  return go({ name: 'playing', walk: here, nodeId: saying.nodeId, next: saying.next },
    { type: 'note-step', nodeId: saying.nodeId }, ...commands);
}

/** Plays a menu, after what is said of the failure before it. */
export function promptMenu(walk: Walk, at: { readonly nodeId: string; readonly menu: FlowNodeOf<'menu'> }, tries: MenuTries, before: readonly FlowPrompt[]): WalkStep {
  const { walk: here, commands } = play(walk, utterPrompts([...before, ...at.menu.prompts], walk.language));
  return go({ name: 'prompting', walk: here, nodeId: at.nodeId, menu: at.menu, tries }, ...commands);
}

/** Takes an option of a menu. */
export function choose(walk: Walk, nodeId: string, digit: Digit, option: { readonly next: string; readonly language?: Walk['language'] | undefined }): WalkStep {
  const step = enter({ ...walk, language: option.language ?? walk.language }, option.next);
  return { state: step.state, commands: [{ type: 'note-step', nodeId, input: digit }, ...step.commands] };
}

/** Ends the flow now. */
export function finish(walk: Walk, ending: Ending): WalkStep {
  return go({ name: 'ended', walk, ending }, { type: 'stop-timer' }, { type: 'finish', ending });
}

/** Ends the flow on a fault: the caller still reaches a human. */
export function fail(walk: Walk, cause: string, queueKey: string = walk.flow.fallbackQueueKey): WalkStep {
  const ending: Ending = { kind: 'failed', cause, language: walk.language, fallbackQueueKey: queueKey };
  return go({ name: 'ended', walk, ending }, { type: 'stop-playing' }, { type: 'stop-timer' }, { type: 'finish', ending });
}

/** Whether the oldest key pressed ahead is an option of the menu that follows. */
export function isTakenAhead(walk: Walk, from: string): boolean {
  const [digit] = walk.typedAhead;
  const menu = digit === undefined ? undefined : nextMenu(walk, from);
  return digit !== undefined && menu !== undefined && optionFor(menu, digit) !== undefined;
}

/** A new ticket for what is asked of the outside from now on. */
export function withTicket(walk: Walk): Walk {
  return { ...walk, ticket: walk.ticket + 1 };
}

/** Keys pressed ahead that nothing took are forgotten: the caller hears what they were not for. */
function play(walk: Walk, utterances: readonly Utterance[]): { walk: Walk; commands: readonly WalkCommand[] } {
  const here = withTicket({ ...walk, typedAhead: [] });
  return {
    walk: here,
    commands: [
      { type: 'play', ticket: here.ticket, utterances },
      { type: 'start-timer', ticket: here.ticket, ms: PLAYBACK_LIMIT_MS },
    ],
  };
}

function greet(walk: Walk, nodeId: string, node: FlowNodeOf<'greet'>): WalkStep {
  const template = node.text[walk.language];
  const { customer } = walk.facts;
  if (!customer || template === undefined || isTakenAhead(walk, node.next)) return enter(walk, node.next);
  const here = withTicket(walk);
  const text = template.split('{name}').join(customer.name);
  return go({ name: 'greeting', walk: here, nodeId, next: node.next },
    { type: 'synthesize', ticket: here.ticket, text, language: here.language },
    { type: 'start-timer', ticket: here.ticket, ms: SPEECH_DEADLINE_MS });
}

function openMenu(walk: Walk, nodeId: string, menu: FlowNodeOf<'menu'>): WalkStep {
  const [digit, ...rest] = walk.typedAhead;
  const option = digit === undefined ? undefined : optionFor(menu, digit);
  if (digit !== undefined && option) return choose({ ...walk, typedAhead: rest }, nodeId, digit, option);
  return promptMenu(walk, { nodeId, menu }, { silences: 0, wrongKeys: 0 }, []);
}

function lookUpBill(walk: Walk, nodeId: string, bill: FlowNodeOf<'bill'>): WalkStep {
  const { customer } = walk.facts;
  if (!customer) {
    const { next, prompts } = bill.unidentified;
    return sayThen(walk, { nodeId, next, utterances: utterPrompts(prompts, walk.language) });
  }
  const here = withTicket(walk);
  return go({ name: 'looking-up', walk: here, nodeId, bill },
    { type: 'look-up-bill', ticket: here.ticket, customerId: customer.customerId },
    { type: 'start-timer', ticket: here.ticket, ms: BILL_DEADLINE_MS });
}

function leave(walk: Walk, nodeId: string, node: FlowNodeOf<'queue'> | FlowNodeOf<'goodbye'>): WalkStep {
  const ending: Ending = node.kind === 'queue'
    ? { kind: 'queue', queueKey: node.queue, intent: node.intent, language: walk.language }
    : { kind: 'goodbye', language: walk.language, ...(node.intent === undefined ? {} : { intent: node.intent }) };
  const noted: WalkCommand = { type: 'note-step', nodeId };
  if (node.prompts.length === 0) {
    const step = finish(walk, ending);
    return { state: step.state, commands: [noted, ...step.commands] };
  }
  const { walk: here, commands } = play(walk, utterPrompts(node.prompts, walk.language));
  return go({ name: 'leaving', walk: here, nodeId, ending }, noted, ...commands);
}
