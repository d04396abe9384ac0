import type { EventEmitter } from 'node:events';
import type { FaultReport } from './fault-log.ts';

/**
 * Keeps the calls of a node going when a promise was rejected and nobody looked: by default
 * Node ends the process, and with it every call, for the fault of one (invariant 7). It is
 * reported as the bug that it is. An exception that nobody caught still ends the process: what
 * it interrupted is in no known state, and the ledger closes the calls at the next start.
 * @param source - the process, or what stands for it.
 * @returns a function that stops listening.
 */
export function reportStrayFaults(source: Pick<EventEmitter, 'on' | 'off'>, onFault: FaultReport): () => void {
  const onRejection = (cause: unknown): void => onFault(cause, 'a promise was rejected and nobody looked');
  source.on('unhandledRejection', onRejection);
  return () => { source.off('unhandledRejection', onRejection); };
}
