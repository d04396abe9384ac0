import { basename } from 'node:path';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { describeFault } from '../../ivr-flows/flow-fault.ts';
import { listFlowFiles, loadFlow } from '../../ivr-flows/load-flow.ts';
import { readCatalog, readManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../base/app-error.ts';

/**
 * Loads every flow that comes with Allo; each is proved by the checker before a caller hears it.
 * @param queues - keys of the centre's queues: a flow that leads elsewhere is refused.
 * @returns the flows by their id.
 * @throws AppError `start.flow-refused` with every fault of every flow.
 */
export async function loadFlows(queues: ReadonlySet<string>): Promise<ReadonlyMap<string, CheckedFlow>> {
  const read = await readManifest();
  if (read.kind === 'faulty') throw refused(read.faults.map((fault) => describeFault('manifest.yaml', fault)));
  const catalog = await readCatalog(read.manifest);
  const flows = new Map<string, CheckedFlow>();
  const faults: string[] = [];
  for (const path of await listFlowFiles()) {
    const result = await loadFlow(path, { catalog, queues });
    if (result.kind === 'accepted') flows.set(result.flow.id, result.flow);
    else faults.push(...result.faults.map((fault) => describeFault(basename(path), fault)));
  }
  if (faults.length > 0) throw refused(faults);
  return flows;
}

const refused = (faults: readonly string[]): AppError => new AppError({
  code: 'start.flow-refused', category: 'config', message: `a flow was refused: ${faults.join('; ')}`, details: { faults },
});
