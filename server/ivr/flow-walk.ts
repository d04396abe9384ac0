import { FLOW_KEYS, type CheckedFlow, type FlowKey, type FlowNode, type FlowNodeOf } from '../../ivr-flows/flow-schema.ts';
import type { Milliseconds } from '../base/time.ts';
import type { AudioSource } from '../model/audio.ts';
import type { Digit } from '../model/digit.ts';
import type { CustomerId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { CallerFacts } from './caller-facts.ts';
import type { BillFact } from './ports.ts';
import type { Utterance } from './utterance.ts';

/** How long a speech engine may take before the sentence is left out. */
export const SPEECH_DEADLINE_MS: Milliseconds = 1_500;
/** How long a bill may take before it is unavailable: the caller hears nothing meanwhile. */
export const BILL_DEADLINE_MS: Milliseconds = 3_000;
/** No prompt is this long: a playback that has not ended by then never will. */
export const PLAYBACK_LIMIT_MS: Milliseconds = 120_000;
/** Keys pressed ahead that are remembered; more than a flow has levels are mashing, and forgotten. */
export const MAX_TYPED_AHEAD = 8;

/** What one call carries from node to node. */
export interface Walk {
  readonly flow: CheckedFlow;
  readonly facts: CallerFacts;
  readonly language: Language;
  /** Keys pressed before the menu that they are for was reached, oldest first. */
  readonly typedAhead: readonly Digit[];
  /** Nodes entered so far; at `flow.maxVisits` a human takes over. */
  readonly visits: number;
  /** Numbers playbacks, timers and questions: what comes back with an older one is late, and ignored. */
  readonly ticket: number;
}

/** Wrong keys and silences in one visit of a menu. */
export interface MenuTries {
  readonly silences: number;
  readonly wrongKeys: number;
}

/** How the flow ends, once the last prompt has been heard. */
export type Ending =
  | { readonly kind: 'queue'; readonly queueKey: string; readonly intent: string; readonly language: Language }
  | { readonly kind: 'goodbye'; readonly language: Language; readonly intent?: string }
  | { readonly kind: 'caller-gone'; readonly language: Language }
  | { readonly kind: 'failed'; readonly cause: string; readonly language: Language; readonly fallbackQueueKey: string };

/** Where a call is in its flow; see `FLOW_RULES`. */
export type WalkState =
  | { readonly name: 'idle'; readonly walk: Walk }
  /** A prompt that leads on to `next`. */
  | { readonly name: 'playing'; readonly walk: Walk; readonly nodeId: string; readonly next: string }
  /** Waits for the speech engine. */
  | { readonly name: 'greeting'; readonly walk: Walk; readonly nodeId: string; readonly next: string }
  /** Waits for the caller's bills. */
  | { readonly name: 'looking-up'; readonly walk: Walk; readonly nodeId: string; readonly bill: FlowNodeOf<'bill'> }
  /** The menu is being heard. */
  | { readonly name: 'prompting'; readonly walk: Walk; readonly nodeId: string; readonly menu: FlowNodeOf<'menu'>; readonly tries: MenuTries }
  /** The menu has been heard, and the caller is thinking. */
  | { readonly name: 'listening'; readonly walk: Walk; readonly nodeId: string; readonly menu: FlowNodeOf<'menu'>; readonly tries: MenuTries }
  /** The last prompt is being heard. */
  | { readonly name: 'leaving'; readonly walk: Walk; readonly nodeId: string; readonly ending: Ending }
  | { readonly name: 'ended'; readonly walk: Walk; readonly ending: Ending };

/** What happens to a call in its flow. */
export type WalkEvent =
  | { readonly type: 'started' }
  /** Also when it failed: what could not be heard must not hold the caller up. */
  | { readonly type: 'playback-finished'; readonly ticket: number; readonly how: 'finished' | 'failed' }
  | { readonly type: 'digit'; readonly digit: Digit }
  | { readonly type: 'timer'; readonly ticket: number }
  | { readonly type: 'bill-fact'; readonly ticket: number; readonly fact: BillFact }
  | { readonly type: 'speech-ready'; readonly ticket: number; readonly source: AudioSource | 'unavailable' }
  | { readonly type: 'caller-gone' }
  /** A command failed: a bug or a broken port. */
  | { readonly type: 'fault'; readonly cause: string };

/** What the runner must do after a step. */
export type WalkCommand =
  /** Replaces what is being played. */
  | { readonly type: 'play'; readonly ticket: number; readonly utterances: readonly Utterance[] }
  | { readonly type: 'stop-playing' }
  /** Replaces the timer that runs: there is one. */
  | { readonly type: 'start-timer'; readonly ticket: number; readonly ms: Milliseconds }
  | { readonly type: 'stop-timer' }
  | { readonly type: 'look-up-bill'; readonly ticket: number; readonly customerId: CustomerId }
  | { readonly type: 'synthesize'; readonly ticket: number; readonly text: string; readonly language: Language }
  | { readonly type: 'note-step'; readonly nodeId: string; readonly input?: string }
  | { readonly type: 'finish'; readonly ending: Ending };

/** A walk that has not begun. */
export function beginWalk(flow: CheckedFlow, facts: CallerFacts, language: Language): WalkState {
  return { name: 'idle', walk: { flow, facts, language, typedAhead: [], visits: 0, ticket: 0 } };
}

/** The option that a key takes in a menu, if any. */
export function optionFor(menu: FlowNodeOf<'menu'>, digit: Digit): { readonly next: string; readonly language?: Language | undefined } | undefined {
  return isFlowKey(digit) ? menu.options[digit] : undefined;
}

/** The node of an id; the checker has proved that each target has one. */
export function nodeOf(walk: Walk, nodeId: string): FlowNode | undefined {
  return Object.hasOwn(walk.flow.nodes, nodeId) ? walk.flow.nodes[nodeId] : undefined;
}

/** Which way a branch goes for this caller. */
export function takeBranch(walk: Walk, branch: FlowNodeOf<'branch'>): string {
  const holds = branch.on === 'identified' ? walk.facts.customer !== undefined : walk.facts.knownLanguage !== undefined;
  return holds ? branch.yes : branch.no;
}

/** The menu that follows when nothing but prompts lies between, for keys pressed ahead. */
export function nextMenu(walk: Walk, from: string): FlowNodeOf<'menu'> | undefined {
  let id = from;
  // The checker has refused circles without a key; the count bounds it all the same.
  for (let hops = 0; hops <= Object.keys(walk.flow.nodes).length; hops += 1) {
    const node = nodeOf(walk, id);
    if (node?.kind === 'menu') return node;
    if (node?.kind === 'play' || node?.kind === 'greet') id = node.next;
    else if (node?.kind === 'branch') id = takeBranch(walk, node);
    else return undefined;
  }
  return undefined;
}

const isFlowKey = (digit: Digit): digit is FlowKey => FLOW_KEYS.some((key) => key === digit);
