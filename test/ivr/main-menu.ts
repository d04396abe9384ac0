import { join } from 'node:path';
import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { FLOWS_DIRECTORY, loadFlow } from '../../ivr-flows/load-flow.ts';
import { readCatalog, readManifest } from '../../ivr-flows/prompt-manifest.ts';

/** The flow that Allo comes with, loaded and checked as at start-up. */
export async function loadMainMenu(): Promise<CheckedFlow> {
  const read = await readManifest();
  if (read.kind === 'faulty') throw new Error(`the manifest is faulty: ${JSON.stringify(read.faults)}`);
  const result = await loadFlow(join(FLOWS_DIRECTORY, 'main-menu.flow.yaml'), { catalog: await readCatalog(read.manifest) });
  if (result.kind === 'refused') throw new Error(`the main menu is refused: ${JSON.stringify(result.faults)}`);
  return result.flow;
}
