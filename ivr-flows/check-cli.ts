import { basename } from 'node:path';
import { describeFault } from './flow-fault.ts';
import { listFlowFiles, loadFlow } from './load-flow.ts';
import { readCatalog, readManifest } from './prompt-manifest.ts';

/**
 * `npm run flows:check [file …]`: checks the flows given, or all that come with Allo.
 * Prints one line per fault; exits with 1 when there is one.
 */
async function main(files: readonly string[]): Promise<number> {
  const read = await readManifest();
  if (read.kind === 'faulty') {
    for (const fault of read.faults) console.error(describeFault('manifest.yaml', fault));
    return 1;
  }
  const catalog = await readCatalog(read.manifest);
  const paths = files.length > 0 ? files : await listFlowFiles();
  let faults = 0;
  for (const path of paths) {
    const result = await loadFlow(path, { catalog });
    if (result.kind === 'accepted') {
      console.log(`${basename(path)}: accepted (version ${result.flow.version}, ${Object.keys(result.flow.nodes).length} nodes, ${result.flow.languages.join(' ')})`);
      continue;
    }
    faults += result.faults.length;
    for (const fault of result.faults) console.error(describeFault(basename(path), fault));
  }
  if (paths.length === 0) console.error('no flow to check');
  return faults > 0 || paths.length === 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
