import type { FlowFault, FlowFaultCode } from './flow-fault.ts';
import { edgesOf, findSilentLoop, isEnd, leadingTo, reachableFrom } from './flow-graph.ts';
import type { CheckedFlow, Flow, FlowLanguage, FlowNode, FlowNodeOf, FlowPrompt, StatementItem } from './flow-schema.ts';
import type { PromptCatalog } from './prompt-catalog.ts';

/** What a flow is checked against. */
export interface CheckContext {
  readonly catalog: PromptCatalog;
  /** Keys of the centre's queues, when they are known (at start-up). */
  readonly queues?: ReadonlySet<string>;
}

/** What the checker found: a flow that may be activated, or every reason why not. */
export type CheckResult =
  | { readonly kind: 'accepted'; readonly flow: CheckedFlow }
  | { readonly kind: 'refused'; readonly faults: readonly FlowFault[] };

/**
 * Proves of a flow what invariant 5 asks, before it is activated: from each node a human or a
 * goodbye is reached, whatever the caller does or does not press, and every prompt is there in
 * every language offered.
 * @returns all faults together, in the order of the file.
 */
export function checkFlow(flow: Flow, context: CheckContext): CheckResult {
  const unknown = findUnknownTargets(flow);
  // Reachability means nothing while an edge leads nowhere.
  const faults = unknown.length > 0 ? unknown : [...checkGraph(flow), ...checkNodes(flow, context)];
  const fallback = flow.nodes[flow.fallback];
  if (faults.length > 0 || fallback?.kind !== 'queue') return { kind: 'refused', faults };
  // A cast because the brand is given here and nowhere else.
  return { kind: 'accepted', flow: { ...flow, fallbackQueueKey: fallback.queue } as CheckedFlow };
}

const fault = (code: FlowFaultCode, path: readonly (string | number)[], message: string): FlowFault => ({ code, path, message });

function findUnknownTargets(flow: Flow): readonly FlowFault[] {
  const isKnown = (id: string): boolean => Object.hasOwn(flow.nodes, id);
  const ends = (['start', 'fallback'] as const).filter((end) => !isKnown(flow[end]))
    .map((end) => fault('unknown-target', [end], `no node is called "${flow[end]}"`));
  const edges = Object.entries(flow.nodes).flatMap(([id, node]) => edgesOf(node)
    .filter((edge) => !isKnown(edge.to))
    .map((edge) => fault('unknown-target', ['nodes', id, ...edge.path], `no node is called "${edge.to}"`)));
  return [...ends, ...edges];
}

function checkGraph(flow: Flow): readonly FlowFault[] {
  const faults: FlowFault[] = [];
  if (flow.nodes[flow.fallback]?.kind !== 'queue') {
    faults.push(fault('fallback-not-a-queue', ['fallback'], `"${flow.fallback}" must be a queue: a fault must still reach a human`));
  }
  const reachable = reachableFrom(flow, [flow.start, flow.fallback]);
  const leading = leadingTo(flow, isEnd);
  for (const id of Object.keys(flow.nodes)) {
    if (!reachable.has(id)) faults.push(fault('unreachable', ['nodes', id], 'nothing leads here'));
    if (!leading.has(id)) faults.push(fault('dead-end', ['nodes', id], 'neither a queue nor a goodbye can be reached from here'));
  }
  const loop = findSilentLoop(flow);
  if (loop) {
    faults.push(fault('loop-without-input', ['nodes', loop[0] ?? flow.start], `a silent caller goes round for ever: ${loop.join(' → ')}`));
  }
  const humans = leadingTo(flow, (node) => node.kind === 'queue');
  if (!humans.has(flow.start)) faults.push(fault('no-human', ['start'], 'no queue can be reached: the flow must offer a human'));
  return faults;
}

function checkNodes(flow: Flow, context: CheckContext): readonly FlowFault[] {
  return Object.entries(flow.nodes).flatMap(([id, node]) => [
    ...checkPrompts(flow, id, context.catalog),
    ...(node.kind === 'menu' ? checkMenu(flow, id, node) : []),
    ...(node.kind === 'greet' ? checkTexts(flow, id, node) : []),
    ...(node.kind === 'queue' && context.queues?.has(node.queue) === false
      ? [fault('unknown-queue', ['nodes', id, 'queue'], `the centre has no queue "${node.queue}"`)]
      : []),
  ]);
}

function checkMenu(flow: Flow, id: string, menu: FlowNodeOf<'menu'>): readonly FlowFault[] {
  const isQueue = (target: string | undefined): boolean => target !== undefined && flow.nodes[target]?.kind === 'queue';
  const faults: FlowFault[] = [];
  if (!isQueue(menu.options['0']?.next)) {
    faults.push(fault('no-human-key', ['nodes', id, 'options'], 'key 0 must lead to a queue: a menu always offers a human'));
  }
  if (!isQueue(menu.noMatch.next)) {
    faults.push(fault('confused-caller-not-helped', ['nodes', id, 'noMatch', 'next'], 'must be a queue: nobody hangs up on a confused caller'));
  }
  for (const [key, option] of Object.entries(menu.options)) {
    if (option.language && !flow.languages.includes(option.language)) {
      faults.push(fault('schema', ['nodes', id, 'options', key, 'language'], `the flow does not offer "${option.language}"`));
    }
  }
  return faults;
}

function checkTexts(flow: Flow, id: string, greeting: FlowNodeOf<'greet'>): readonly FlowFault[] {
  return flow.languages.filter((language) => greeting.text[language] === undefined)
    .map((language) => fault('missing-text', ['nodes', id, 'text'], `has no sentence in "${language}"`));
}

type Item = FlowPrompt | StatementItem;

/** Everything that a node plays, with its place in the file. */
function itemsOf(node: FlowNode): readonly { readonly item: Item; readonly path: readonly (string | number)[] }[] {
  const list = (items: readonly Item[], ...path: readonly string[]) =>
    items.map((item, index) => ({ item, path: [...path, 'prompts', index] }));
  switch (node.kind) {
    case 'branch':
    case 'greet':
      return [];
    case 'menu':
      return [...list(node.prompts), ...list(node.noInput.prompts, 'noInput'), ...list(node.noMatch.prompts, 'noMatch')];
    case 'bill':
      return (['due', 'nothingDue', 'unavailable', 'unidentified'] as const).flatMap((branch) => list(node[branch].prompts, branch));
    case 'play':
    case 'queue':
    case 'goodbye':
      return list(node.prompts);
  }
}

function checkPrompts(flow: Flow, id: string, catalog: PromptCatalog): readonly FlowFault[] {
  const node = flow.nodes[id];
  return (node ? itemsOf(node) : []).flatMap(({ item, path }) => {
    const at = ['nodes', id, ...path];
    if ('say' in item) return checkPieces(flow.languages, catalog, at);
    if (!catalog.prompts.has(item.prompt)) return [fault('missing-prompt', at, `the manifest has no prompt "${item.prompt}"`)];
    const fixed = 'language' in item ? item.language : undefined;
    return (fixed ? [fixed] : flow.languages)
      .filter((language) => !catalog.recorded[language].has(item.prompt))
      .map((language) => fault('missing-recording', at, `"${item.prompt}" has no WAV file in "${language}"; run \`npm run prompts\``));
  });
}

function checkPieces(languages: readonly FlowLanguage[], catalog: PromptCatalog, at: readonly (string | number)[]): readonly FlowFault[] {
  return languages.flatMap((language) => {
    const missing = [...catalog.pieces[language]].filter((piece) => !catalog.recorded[language].has(piece));
    if (catalog.pieces[language].size === 0) return [fault('missing-prompt', at, `the manifest has no pieces of speech in "${language}"`)];
    if (missing.length === 0) return [];
    return [fault('missing-recording', at, `${missing.length} pieces of speech have no WAV file in "${language}", for instance "${missing[0] ?? ''}"; run \`npm run prompts\``)];
  });
}
