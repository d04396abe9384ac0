import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import type { CustomerSummary } from '../model/customer-file.ts';
import type { CustomerId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';

/** What a flow may know of the caller; derived once, from the match. */
export interface CallerFacts {
  /** Set when everybody who may be calling speaks one and the same language, and the flow offers it. */
  readonly knownLanguage?: Language;
  /** Set when exactly one customer has the number: nobody else's name or bill is ever spoken. */
  readonly customer?: { readonly customerId: CustomerId; readonly name: string };
}

/** Derives what the flow may use from what is known of the caller. */
export function callerFacts(match: CallerMatch, flow: CheckedFlow): CallerFacts {
  const candidates = customersOf(match);
  const [first, ...others] = candidates;
  const language = first?.language;
  const isKnown = language !== undefined && flow.languages.includes(language) && others.every((other) => other.language === language);
  return {
    ...(isKnown ? { knownLanguage: language } : {}),
    ...(first && others.length === 0 ? { customer: { customerId: first.customerId, name: first.displayName } } : {}),
  };
}

/** The language that an unknown caller hears: the entry point's, or the flow's first when it does not offer that. */
export function firstLanguage(facts: CallerFacts, flow: CheckedFlow, defaultLanguage: Language): Language {
  if (facts.knownLanguage) return facts.knownLanguage;
  return flow.languages.includes(defaultLanguage) ? defaultLanguage : flow.languages[0] ?? defaultLanguage;
}

function customersOf(match: CallerMatch): readonly CustomerSummary[] {
  if (match.kind === 'one') return [match.candidate.customer];
  if (match.kind === 'several') return match.candidates.map((candidate) => candidate.customer);
  return [];
}
