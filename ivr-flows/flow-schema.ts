import { z } from 'zod';
import type { Brand } from '../server/base/brand.ts';

/** The languages that a flow can offer: those of `server/model/language.ts`. */
export const FLOW_LANGUAGES = ['fr', 'ar', 'en'] as const;
/** One language of a flow. */
export type FlowLanguage = (typeof FLOW_LANGUAGES)[number];

/** The keys that a menu can offer: those that telephones have (ITU-T Q.23). */
export const FLOW_KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const;
/** One key of a menu. */
export type FlowKey = (typeof FLOW_KEYS)[number];

/** Conditions on the bill that a statement's item may have. */
export const BILL_CONDITIONS = ['one-bill', 'several-bills', 'overdue', 'not-overdue'] as const;
/** What a bill statement can say besides recorded prompts. */
export const BILL_FIGURES = ['bill-count', 'bill-total', 'bill-due-date'] as const;

const name = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'must be a kebab-case name of at most 48 characters');
const target = name;
const language = z.enum(FLOW_LANGUAGES);

/** A recorded prompt: by its id alone (in the caller's language), or in a given language. */
const prompt = z.union([
  name.transform((id) => ({ prompt: id })),
  z.strictObject({ prompt: name, language: language.optional() }),
]);
const prompts = z.array(prompt).max(12);

/** What a bill node can say: prompts and figures, each possibly under a condition. */
const statementItem = z.union([
  name.transform((id) => ({ prompt: id })),
  z.strictObject({ prompt: name, when: z.enum(BILL_CONDITIONS).optional() }),
  z.strictObject({ say: z.enum(BILL_FIGURES), when: z.enum(BILL_CONDITIONS).optional() }),
]);
const statement = z.strictObject({ prompts: z.array(statementItem).min(1).max(16), next: target });
const plainStatement = z.strictObject({ prompts: prompts.min(1), next: target });

const option = z.strictObject({ next: target, language: language.optional() });
const failure = z.strictObject({
  /** How many times before `next` is taken; each time before that, the prompts and the menu are heard again. */
  attempts: z.number().int().min(1).max(5),
  prompts: prompts.default([]),
  next: target,
});

const node = z.discriminatedUnion('kind', [
  /** Goes one of two ways by what is known of the caller; nothing is heard. */
  z.strictObject({ kind: z.literal('branch'), on: z.enum(['language-known', 'identified']), yes: target, no: target }),
  /** Plays prompts; a key cuts them short and is kept for the next menu. */
  z.strictObject({ kind: z.literal('play'), prompts: prompts.min(1), next: target }),
  /** Says a sentence with the customer's name, where there is a speech engine and one customer. */
  z.strictObject({
    kind: z.literal('greet'),
    text: z.partialRecord(language, z.string().min(1).max(200).includes('{name}')),
    next: target,
  }),
  /** Asks for one key. */
  z.strictObject({
    kind: z.literal('menu'),
    prompts: prompts.min(1),
    silenceMs: z.number().int().min(1_000).max(30_000).default(5_000),
    options: z.partialRecord(z.enum(FLOW_KEYS), option),
    /** Nothing was pressed, and no wrong key before it. */
    noInput: failure,
    /** Wrong keys, or wrong keys and silences: a confused caller. */
    noMatch: failure,
  }),
  /** Looks up what the one identified customer owes, and says it. */
  z.strictObject({
    kind: z.literal('bill'),
    due: statement,
    nothingDue: plainStatement,
    unavailable: plainStatement,
    unidentified: plainStatement,
  }),
  /** A human: the end of the flow, after a short prompt. */
  z.strictObject({ kind: z.literal('queue'), queue: name, intent: name, prompts }),
  /** The end of the call, after a last prompt. */
  z.strictObject({ kind: z.literal('goodbye'), intent: name.optional(), prompts: prompts.min(1) }),
]);

/** The whole flow file; `strict`: a misspelt field is a fault, not a silence. */
export const flowSchema = z.strictObject({
  id: name,
  version: z.number().int().min(1),
  languages: z.array(language).min(1).refine((list) => new Set(list).size === list.length, 'names a language twice'),
  start: target,
  /** The queue node that takes over on a fault, or when the caller has gone round for `maxVisits`. */
  fallback: target,
  /** How many nodes one call may enter before a human takes over. */
  maxVisits: z.number().int().min(10).max(500).default(60),
  nodes: z.record(name, node).refine((nodes) => Object.keys(nodes).length <= 200, 'has more than 200 nodes'),
});

/** A flow as its file says it: well formed, not yet checked. */
export type Flow = z.infer<typeof flowSchema>;
/** One node of a flow. */
export type FlowNode = Flow['nodes'][string];
/** The node of one kind: `FlowNodeOf<'menu'>`. */
export type FlowNodeOf<K extends FlowNode['kind']> = Extract<FlowNode, { kind: K }>;
/** A recorded prompt in a node. */
export type FlowPrompt = z.infer<typeof prompt>;
/** One item of what a bill node says. */
export type StatementItem = z.infer<typeof statementItem>;

/** A flow that the checker has accepted: the only kind that a call can run. */
export type CheckedFlow = Brand<Flow & { /** The queue of the `fallback` node. */ readonly fallbackQueueKey: string }, 'CheckedFlow'>;
