import { fileURLToPath } from 'node:url';
import { describeError } from '../server/base/app-error.ts';
import { buildPrompts } from './build-prompts.ts';
import { describeFault } from './flow-fault.ts';
import { PROMPTS_DIRECTORY, readManifest } from './prompt-manifest.ts';
import { speakWithEspeak } from './speak-with-espeak.ts';

/** `npm run prompts`: makes the WAV files of the manifest that are missing or out of date. */
async function main(): Promise<number> {
  const read = await readManifest();
  if (read.kind === 'faulty') {
    for (const fault of read.faults) console.error(describeFault('manifest.yaml', fault));
    return 1;
  }
  const recordingsDirectory = fileURLToPath(new URL('./recordings/', import.meta.url));
  try {
    const report = await buildPrompts(read.manifest, { promptsDirectory: PROMPTS_DIRECTORY, recordingsDirectory, speak: speakWithEspeak });
    for (const prompt of report.made) console.log(`made ${prompt.language}/${prompt.id}.wav from ${prompt.from}, ${prompt.bytes} bytes`);
    for (const file of report.removed) console.log(`removed ${file}: not in the manifest`);
    console.log(`${report.made.length} made, ${report.unchanged} unchanged, ${report.removed.length} removed`);
    return 0;
  } catch (cause) {
    console.error(describeError(cause));
    return 1;
  }
}

process.exitCode = await main();
