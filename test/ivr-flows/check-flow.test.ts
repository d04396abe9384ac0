import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkFlow } from '../../ivr-flows/check-flow.ts';
import type { FlowFaultCode } from '../../ivr-flows/flow-fault.ts';
import { FLOW_KEYS, FLOW_LANGUAGES, type Flow, type FlowNode, type FlowNodeOf } from '../../ivr-flows/flow-schema.ts';
import { parseFlow } from '../../ivr-flows/load-flow.ts';
import type { PromptCatalog } from '../../ivr-flows/prompt-catalog.ts';
import { DIGITS } from '../../server/model/digit.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import { arbitraryFlow, FULL_CATALOG } from './arbitrary-flow.ts';

const context = { catalog: FULL_CATALOG };

/** The smallest flow with every kind of node. */
const SOUND = `
id: sound
version: 1
languages: [fr, ar, en]
start: known
fallback: human
nodes:
  known: { kind: branch, on: language-known, yes: hello, no: menu }
  hello: { kind: play, prompts: [hello], next: greet }
  greet: { kind: greet, text: { fr: "{name}", ar: "{name}", en: "{name}" }, next: menu }
  menu:
    kind: menu
    prompts: [choices, { prompt: choices, language: ar }]
    options: { 1: { next: bill }, 2: { next: menu, language: ar }, 0: { next: human } }
    noInput: { attempts: 3, prompts: [sorry], next: human }
    noMatch: { attempts: 3, prompts: [sorry], next: human }
  bill:
    kind: bill
    due: { prompts: [hello, { say: bill-total, when: overdue }], next: bye }
    nothingDue: { prompts: [hello], next: bye }
    unavailable: { prompts: [hello], next: human }
    unidentified: { prompts: [hello], next: human }
  human: { kind: queue, queue: service, intent: person, prompts: [wait] }
  bye: { kind: goodbye, prompts: [bye] }
`;

/** The faults of a flow given as text: `code line path`. */
function faultsOf(text: string, catalog: PromptCatalog = FULL_CATALOG): readonly string[] {
  const result = parseFlow(text, { catalog, queues: new Set(['service']) });
  return result.kind === 'accepted' ? [] : result.faults.map((fault) => `${fault.code} ${fault.line ?? '-'} ${fault.path.join('.')}`);
}

/** The sound flow with one part changed. */
function changed(from: string, to: string): string {
  assert.ok(SOUND.includes(from), from);
  return SOUND.replace(from, to);
}

describe('checkFlow', () => {
  it('accepts a sound flow and names the queue that serves on a fault', () => {
    const result = parseFlow(SOUND, context);
    assert.equal(result.kind === 'accepted' ? result.flow.fallbackQueueKey : JSON.stringify(result.faults), 'service');
  });

  describe('refuses, with the line', () => {
    const table: readonly (readonly [string, string, readonly string[]])[] = [
      ['a target that is not there', changed('next: greet }', 'next: gret }'), ['unknown-target 9 nodes.hello.next']],
      ['a target of a key that is not there', changed('1: { next: bill }', '1: { next: bil }'), ['unknown-target 14 nodes.menu.options.1.next']],
      ['a target that JavaScript objects happen to have', changed('start: known', 'start: constructor'), ['unknown-target 5 start']],
      ['an unreachable node', changed('1: { next: bill }, ', ''), ['unreachable 17 nodes.bill', 'unreachable 24 nodes.bye']],
      ['a loop without input', changed('next: menu }\n  menu', 'next: hello }\n  menu'), ['loop-without-input 9 nodes.hello', 'dead-end 9 nodes.hello', 'dead-end 10 nodes.greet']],
      ['a loop of silences through a menu', changed('prompts: [sorry], next: human }\n    noMatch', 'prompts: [sorry], next: hello }\n    noMatch'), ['loop-without-input 9 nodes.hello']],
      ['a missing prompt', changed('prompts: [hello], next: greet', 'prompts: [hallo], next: greet'), ['missing-prompt 9 nodes.hello.prompts.0']],
      ['a missing prompt of a bill', changed('[hello, { say', '[hallo, { say'), ['missing-prompt 19 nodes.bill.due.prompts.0']],
      ['a missing sentence', changed('en: "{name}" }', '}'), ['missing-text 10 nodes.greet.text']],
      ['a sentence without the name', changed('en: "{name}"', 'en: "Hello"'), ['schema 10 nodes.greet.text.en']],
      ['a menu without a human on key 0', changed('0: { next: human }', '0: { next: bye }'), ['no-human-key 14 nodes.menu.options']],
      ['a menu without key 0', changed(', 0: { next: human }', ''), ['no-human-key 14 nodes.menu.options']],
      ['a menu without noInput', changed('    noInput: { attempts: 3, prompts: [sorry], next: human }\n', ''), ['schema 11 nodes.menu.noInput']],
      ['a menu without noMatch', changed('    noMatch: { attempts: 3, prompts: [sorry], next: human }\n', ''), ['schema 11 nodes.menu.noMatch']],
      ['a menu that hangs up on a confused caller', changed('noMatch: { attempts: 3, prompts: [sorry], next: human }', 'noMatch: { attempts: 3, next: bye }'), ['confused-caller-not-helped 16 nodes.menu.noMatch.next']],
      ['a key twice', changed('2: { next: menu, language: ar }', "'1': { next: menu }"), ['duplicate-key 14 ']],
      ['a node twice', changed('  hello:', '  bye: { kind: goodbye, prompts: [bye] }\n  hello:'), ['duplicate-key 25 ']],
      ['a key that telephones do not have', changed('2: { next: menu', 'A: { next: menu'), ['schema 14 nodes.menu.options']],
      ['a fallback without humans', changed('fallback: human', 'fallback: bye'), ['fallback-not-a-queue 6 fallback']],
      ['a queue that the centre does not have', changed('queue: service', 'queue: servce'), ['unknown-queue 23 nodes.human.queue']],
      ['a language that the flow does not offer', changed('languages: [fr, ar, en]', 'languages: [fr, en]'), ['schema 14 nodes.menu.options.2.language']],
      ['a language twice', changed('[fr, ar, en]', '[fr, fr]'), ['schema 4 languages', ]],
      ['a misspelt field', changed('kind: play, prompts', 'kind: play, promts: [], prompts'), ['schema 9 nodes.hello']],
      ['text that is not YAML', 'id: [', ['yaml 1 ']],
      ['an empty file', '', ['schema 1 ']],
    ];
    for (const [what, text, expected] of table) {
      it(what, () => assert.deepEqual([...faultsOf(text)].sort(), [...expected].sort()));
    }

    it('a node from which nothing serves the caller', () => {
      const text = changed('1: { next: bill }', '1: { next: lost }').replace('  bye:', '  lost: { kind: play, prompts: [hello], next: lost2 }\n  lost2: { kind: play, prompts: [hello], next: lost }\n  bye:');
      const codes = new Set(faultsOf(text).map((fault) => fault.split(' ')[0]));
      assert.ok(codes.has('dead-end') && codes.has('loop-without-input'));
    });

    it('a flow from which no human can be reached', () => {
      const codes = faultsOf(`
id: no-human
version: 1
languages: [fr]
start: bye
fallback: human
nodes:
  human: { kind: queue, queue: service, intent: person, prompts: [] }
  bye: { kind: goodbye, prompts: [bye] }
`);
      assert.deepEqual(codes, ['no-human 5 start']);
    });

    it('a bomb of aliases', () => {
      const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`)];
      assert.deepEqual(faultsOf(lines.join('\n')).map((fault) => fault.split(' ')[0]), ['yaml']);
    });
  });

  it('answers any text with faults, and never throws', () => {
    const lines = fc.array(fc.constantFrom(...SOUND.split('\n'), '  : - x', '? [', '&a *a', '<<: *a', '"', '\t'), { maxLength: 30 });
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 200 }), lines.map((some) => some.join('\n'))), (text) => {
      const result = parseFlow(text, context);
      if (result.kind === 'refused') assert.ok(result.faults.length > 0);
      else assert.ok(result.flow.nodes[result.flow.start]);
    }), { numRuns: 500 });
  });

  it('refuses a prompt that is not recorded in one of the languages, and only there', () => {
    const without = (id: string): PromptCatalog =>
      ({ ...FULL_CATALOG, recorded: { ...FULL_CATALOG.recorded, ar: new Set([...FULL_CATALOG.recorded.ar].filter((one) => one !== id)) } });
    assert.deepEqual(faultsOf(SOUND, without('bye')), ['missing-recording 24 nodes.bye.prompts.0']);
    assert.deepEqual(faultsOf(SOUND, without('n-2')), ['missing-recording 19 nodes.bill.due.prompts.1']);
    const french = changed('languages: [fr, ar, en]', 'languages: [fr, en]').replace('2: { next: menu, language: ar }, ', '');
    assert.deepEqual(faultsOf(french, without('bye')), [], 'Arabic is not offered');
    assert.deepEqual(faultsOf(french, without('choices')), ['missing-recording 13 nodes.menu.prompts.1'], 'but one prompt is always Arabic');
  });

  it('speaks the languages and knows the keys of the model', () => {
    assert.deepEqual([...FLOW_LANGUAGES], [...LANGUAGES]);
    assert.deepEqual([...FLOW_KEYS], DIGITS.filter((digit) => !/[A-D]/.test(digit)));
  });
});

describe('checkFlow on generated flows (invariant 5)', () => {
  it('accepts those that are right by construction', () => {
    fc.assert(fc.property(arbitraryFlow, (flow) => {
      const result = checkFlow(flow, context);
      assert.equal(result.kind, 'accepted', JSON.stringify(result));
    }), { numRuns: 300 });
  });

  const replaceNode = (flow: Flow, id: string, node: FlowNode): Flow => ({ ...flow, nodes: { ...flow.nodes, [id]: node } });
  const menuOf = (flow: Flow): readonly [string, FlowNodeOf<'menu'>] | undefined =>
    Object.entries(flow.nodes).flatMap(([id, node]) => (node.kind === 'menu' ? [[id, node] as const] : []))[0];
  /** Sound flows with their first menu. */
  const withMenu = arbitraryFlow.map((flow) => ({ flow, menu: menuOf(flow) })).filter(({ menu }) => menu !== undefined);
  const mutations: Readonly<Partial<Record<FlowFaultCode, (flow: Flow, id: string, menu: FlowNodeOf<'menu'>) => Flow>>> = {
    'unknown-target': (flow, id, menu) => replaceNode(flow, id, { ...menu, noInput: { ...menu.noInput, next: 'nowhere' } }),
    unreachable: (flow) => replaceNode(flow, 'island', { kind: 'goodbye', prompts: [{ prompt: 'bye' }] }),
    'dead-end': (flow, id, menu) => replaceNode(replaceNode(flow, 'pit', { kind: 'play', prompts: [{ prompt: 'hello' }], next: 'pit' }), id,
      { ...menu, options: { ...menu.options, 7: { next: 'pit' } } }),
    'loop-without-input': (flow, id, menu) => replaceNode(flow, id, { ...menu, noInput: { ...menu.noInput, next: id } }),
    'missing-prompt': (flow, id, menu) => replaceNode(flow, id, { ...menu, prompts: [{ prompt: 'unheard-of' }] }),
    'no-human-key': (flow, id, menu) => replaceNode(flow, id, { ...menu, options: { ...menu.options, 0: { next: id } } }),
    'confused-caller-not-helped': (flow, id, menu) => replaceNode(flow, id, { ...menu, noMatch: { ...menu.noMatch, next: id } }),
    'fallback-not-a-queue': (flow, id) => ({ ...flow, fallback: id }),
  };
  for (const [code, mutate] of Object.entries(mutations)) {
    it(`refuses them with a fault of the kind ${code}`, () => {
      fc.assert(fc.property(withMenu, ({ flow, menu }) => {
        if (!menu) throw new Error('filtered');
        const result = checkFlow(mutate(flow, ...menu), context);
        assert.ok(result.kind === 'refused' && result.faults.some((fault) => fault.code === code), JSON.stringify(result));
      }), { numRuns: 100 });
    });
  }
});
