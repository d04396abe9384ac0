import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkFlow, type CheckContext, type CheckResult } from './check-flow.ts';
import { flowSchema } from './flow-schema.ts';
import { parseYaml, readYaml, type YamlResult } from './read-yaml.ts';
import type { Flow } from './flow-schema.ts';

const MAX_FLOW_BYTES = 64 * 1024;
const FLOW_SUFFIX = '.flow.yaml';

/** The folder of the flows that come with Allo. */
export const FLOWS_DIRECTORY = fileURLToPath(new URL('./', import.meta.url));

/**
 * Reads a flow file and checks it: what start-up, and every activation, does.
 * @returns every fault with its line. Never rejects.
 */
export async function loadFlow(path: string, context: CheckContext): Promise<CheckResult> {
  return check(await readYaml(path, MAX_FLOW_BYTES, flowSchema), context);
}

/** Checks a flow given as YAML text; see {@link loadFlow}. */
export function parseFlow(text: string, context: CheckContext): CheckResult {
  return check(parseYaml(text, flowSchema), context);
}

/** The paths of the flow files in a folder, in alphabetical order. */
export async function listFlowFiles(directory: string = FLOWS_DIRECTORY): Promise<readonly string[]> {
  const names = await readdir(directory);
  return names.filter((name) => name.endsWith(FLOW_SUFFIX)).sort().map((name) => join(directory, name));
}

function check(read: YamlResult<Flow>, context: CheckContext): CheckResult {
  if (read.kind === 'faulty') return { kind: 'refused', faults: read.faults };
  const result = checkFlow(read.value, context);
  if (result.kind === 'accepted') return result;
  return { kind: 'refused', faults: result.faults.map((fault) => ({ ...fault, line: read.lineOf(fault.path) })) };
}
