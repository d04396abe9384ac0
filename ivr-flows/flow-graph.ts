import type { Flow, FlowNode } from './flow-schema.ts';

/** One way out of a node. */
export interface Edge {
  readonly to: string;
  /** Whether the caller must press a key to take it; a silent caller never does. */
  readonly byKey: boolean;
  /** Where the edge is written, within its node. */
  readonly path: readonly string[];
}

const silent = (to: string, ...path: readonly string[]): Edge => ({ to, byKey: false, path });

/** Every way out of a node; the ends of a flow have none. */
export function edgesOf(node: FlowNode): readonly Edge[] {
  switch (node.kind) {
    case 'branch':
      return [silent(node.yes, 'yes'), silent(node.no, 'no')];
    case 'play':
    case 'greet':
      return [silent(node.next, 'next')];
    case 'menu':
      return [
        ...Object.entries(node.options).map(([key, option]) => ({ to: option.next, byKey: true, path: ['options', key, 'next'] })),
        silent(node.noInput.next, 'noInput', 'next'),
        { to: node.noMatch.next, byKey: true, path: ['noMatch', 'next'] },
      ];
    case 'bill':
      return (['due', 'nothingDue', 'unavailable', 'unidentified'] as const)
        .map((branch) => silent(node[branch].next, branch, 'next'));
    case 'queue':
    case 'goodbye':
      return [];
  }
}

/** Whether the flow ends here, in a way that serves the caller. */
export const isEnd = (node: FlowNode): boolean => node.kind === 'queue' || node.kind === 'goodbye';

/** The nodes that can be reached from some, those included. */
export function reachableFrom(flow: Flow, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = flow.nodes[id];
    if (!node || seen.has(id)) continue;
    seen.add(id);
    open.push(...edgesOf(node).map((edge) => edge.to));
  }
  return seen;
}

/** The nodes from which some node that `isGoal` accepts can be reached, those included. */
export function leadingTo(flow: Flow, isGoal: (node: FlowNode) => boolean): ReadonlySet<string> {
  const leading = new Set(Object.keys(flow.nodes).filter((id) => { const node = flow.nodes[id]; return node && isGoal(node); }));
  for (let grown = true; grown;) {
    grown = false;
    for (const [id, node] of Object.entries(flow.nodes)) {
      if (!leading.has(id) && edgesOf(node).some((edge) => leading.has(edge.to))) {
        leading.add(id);
        grown = true;
      }
    }
  }
  return leading;
}

/**
 * A circle that a caller who presses nothing goes round for ever, if there is one.
 * @returns the nodes of the circle in order, the first repeated at the end.
 */
export function findSilentLoop(flow: Flow): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, trail: readonly string[]): readonly string[] | undefined => {
    const start = trail.indexOf(id);
    if (start >= 0) return [...trail.slice(start), id];
    const node = flow.nodes[id];
    if (!node || done.has(id)) return undefined;
    for (const edge of edgesOf(node)) {
      const loop = edge.byKey ? undefined : visit(edge.to, [...trail, id]);
      if (loop) return loop;
    }
    done.add(id);
    return undefined;
  };
  for (const id of Object.keys(flow.nodes)) {
    const loop = visit(id, []);
    if (loop) return loop;
  }
  return undefined;
}
