import type { FlowPrompt, FlowNodeOf, StatementItem } from '../../ivr-flows/flow-schema.ts';
import type { EpochMs } from '../base/time.ts';
import type { AudioSource } from '../model/audio.ts';
import type { Money } from '../model/customer-file.ts';
import type { Language } from '../model/language.ts';
import type { BillFact } from './ports.ts';

/** Something to be heard: a source that can be played, or a figure that the sayer turns into some. */
export type Utterance =
  | { readonly kind: 'source'; readonly source: AudioSource }
  | { readonly kind: 'money'; readonly money: Money; readonly language: Language }
  | { readonly kind: 'date'; readonly at: EpochMs; readonly language: Language }
  | { readonly kind: 'number'; readonly value: number; readonly language: Language };

/** The bill of which something is due. */
export type DueBill = Extract<BillFact, { kind: 'due' }>;

/** Recorded prompts, in the caller's language unless they name one. */
export function utterPrompts(prompts: readonly FlowPrompt[], language: Language): readonly Utterance[] {
  return prompts.map((item) => utterPrompt(item.prompt, ('language' in item ? item.language : undefined) ?? language));
}

/** What a bill node says of a bill: the items whose condition holds, figures filled in. */
export function utterBill(items: FlowNodeOf<'bill'>['due']['prompts'], bill: DueBill, language: Language): readonly Utterance[] {
  return items.filter((item) => holds(item, bill)).map((item) =>
    'say' in item ? utterFigure(item.say, bill, language) : utterPrompt(item.prompt, language));
}

function utterPrompt(id: string, language: Language): Utterance {
  return { kind: 'source', source: { kind: 'prompt', language, id } };
}

function holds(item: StatementItem, bill: DueBill): boolean {
  switch ('when' in item ? item.when : undefined) {
    case undefined:
      return true;
    case 'one-bill':
      return bill.count === 1;
    case 'several-bills':
      return bill.count !== 1;
    case 'overdue':
      return bill.overdue;
    case 'not-overdue':
      return !bill.overdue;
  }
}

type Figure = Extract<StatementItem, { say: unknown }>['say'];

function utterFigure(figure: Figure, bill: DueBill, language: Language): Utterance {
  switch (figure) {
    case 'bill-count':
      return { kind: 'number', value: bill.count, language };
    case 'bill-total':
      return { kind: 'money', money: bill.total, language };
    case 'bill-due-date':
      return { kind: 'date', at: bill.nextDueAt, language };
  }
}
