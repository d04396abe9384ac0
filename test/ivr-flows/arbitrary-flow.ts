import fc from 'fast-check';
import { reachableFrom } from '../../ivr-flows/flow-graph.ts';
import { flowSchema, type Flow } from '../../ivr-flows/flow-schema.ts';
import type { PromptCatalog } from '../../ivr-flows/prompt-catalog.ts';

const IDS: ReadonlySet<string> = new Set(['hello', 'choices', 'sorry', 'wait', 'bye']);
const PIECES: ReadonlySet<string> = new Set(['n-1', 'n-2']);
const ALL: ReadonlySet<string> = new Set([...IDS, ...PIECES]);

/** A catalogue in which everything that generated flows play is recorded. */
export const FULL_CATALOG: PromptCatalog = {
  prompts: IDS,
  pieces: { fr: PIECES, ar: PIECES, en: PIECES },
  recorded: { fr: ALL, ar: ALL, en: ALL },
};

const HUMAN = 'human';
const BYE = 'bye';
const prompts = fc.subarray([...IDS], { minLength: 1, maxLength: 3 });
const keys = fc.subarray(['1', '2', '3', '9', '*', '#']);
const attempts = fc.integer({ min: 1, max: 5 });

/**
 * A flow that is right by construction: what a silent caller takes leads only to later nodes,
 * options lead anywhere, key 0 and wrong keys lead to a human. Nodes that nothing reaches are left out.
 */
export const arbitraryFlow: fc.Arbitrary<Flow> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, index) => `node-${index}`);
  const anywhere = fc.constantFrom(...ids, HUMAN, BYE);
  const nodes = ids.map((_, index) => {
    const later = fc.constantFrom(...ids.slice(index + 1), HUMAN, BYE);
    const statement = fc.record({ prompts, next: later });
    const menu = fc.record({
      kind: fc.constant('menu'), prompts, silenceMs: fc.integer({ min: 1_000, max: 30_000 }),
      options: keys.chain((offered) => fc.tuple(...offered.map((key) => anywhere.map((next) => [key, { next }] as const))))
        .map((options) => ({ ...Object.fromEntries(options), 0: { next: HUMAN } })),
      noInput: fc.record({ attempts, prompts, next: later }),
      noMatch: fc.record({ attempts, prompts, next: fc.constant(HUMAN) }),
    });
    return fc.oneof(
      { weight: 3, arbitrary: menu },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('play'), prompts, next: later }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('branch'), on: fc.constantFrom('language-known', 'identified'), yes: later, no: later }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('greet'), text: fc.constant({ fr: '{name}', ar: '{name}', en: '{name}' }), next: later }) },
      { weight: 1, arbitrary: fc.record({
        kind: fc.constant('bill'),
        due: fc.record({ prompts: fc.constant(['hello', { say: 'bill-total' }, { say: 'bill-due-date', when: 'overdue' }, { say: 'bill-count' }]), next: later }),
        nothingDue: statement, unavailable: statement, unidentified: statement,
      }) },
    );
  });
  return fc.tuple(fc.tuple(...nodes), fc.integer({ min: 10, max: 60 })).map(([made, maxVisits]) => prune({
    id: 'generated', version: 1, languages: ['fr', 'ar', 'en'], start: 'node-0', fallback: HUMAN, maxVisits,
    nodes: {
      ...Object.fromEntries(made.map((node, index) => [`node-${index}`, node])),
      [HUMAN]: { kind: 'queue', queue: 'service', intent: 'person', prompts: ['wait'] },
      [BYE]: { kind: 'goodbye', prompts: ['bye'] },
    },
  }));
  // A flow that says goodbye to everybody is no contact centre: the checker refuses it, and so does the filter.
}).filter((flow) => reachableFrom(flow, [flow.start]).has(HUMAN));

/** Parses what was generated, as a file would be, and takes out what cannot be reached. */
function prune(raw: unknown): Flow {
  const flow = flowSchema.parse(raw);
  const reachable = reachableFrom(flow, [flow.start, flow.fallback]);
  return { ...flow, nodes: Object.fromEntries(Object.entries(flow.nodes).filter(([id]) => reachable.has(id))) };
}
