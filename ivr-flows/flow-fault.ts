/** What can be wrong with a flow; stable words for tests and tools. */
export type FlowFaultCode =
  | 'too-large' | 'unreadable' | 'yaml' | 'duplicate-key' | 'schema'
  | 'unknown-target' | 'unreachable' | 'dead-end' | 'loop-without-input'
  | 'missing-prompt' | 'missing-recording' | 'missing-text'
  | 'no-human' | 'no-human-key' | 'confused-caller-not-helped' | 'fallback-not-a-queue' | 'unknown-queue';

/** One thing that is wrong with a flow, for the person who wrote it. */
export interface FlowFault {
  readonly code: FlowFaultCode;
  /** Where in the file: `nodes`, `main-menu`, `options`, … */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** From 1; absent when the flow did not come from a file. */
  readonly line?: number;
}

/** One line for a terminal: `main-menu.flow.yaml:12 nodes.bill.next: no node is called "bil"`. */
export function describeFault(file: string, fault: FlowFault): string {
  const line = fault.line === undefined ? '' : `:${fault.line}`;
  const path = fault.path.length === 0 ? '' : ` ${fault.path.join('.')}`;
  return `${file}${line}${path}: ${fault.message} [${fault.code}]`;
}
