import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planPrompts } from '../../ivr-flows/build-prompts.ts';
import { FLOW_LANGUAGES } from '../../ivr-flows/flow-schema.ts';
import { listFlowFiles, loadFlow } from '../../ivr-flows/load-flow.ts';
import { PROMPTS_DIRECTORY, readCatalog, readManifest, textsOf, type PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { PEAK_LIMIT, speechRms, TARGET_RMS, TELEPHONE_RATE } from '../../ivr-flows/shape-voice.ts';
import { decodeWav } from '../../ivr-flows/wav.ts';

const MAX_TOTAL_BYTES = 15 * 1024 * 1024;

describe('the prompts that come with Allo', () => {
  let manifest: PromptManifest;
  before(async () => {
    const read = await readManifest();
    if (read.kind === 'faulty') throw new Error(JSON.stringify(read.faults));
    manifest = read.manifest;
  });

  it('are all made of the present texts: no speech engine is needed to start', async () => {
    const plan = await planPrompts(manifest, { promptsDirectory: PROMPTS_DIRECTORY, recordingsDirectory: join(PROMPTS_DIRECTORY, '../recordings') });
    assert.deepEqual(plan.toMake.map(({ language, id }) => `${language}/${id}`), [], 'run `npm run prompts` and commit');
    assert.deepEqual(plan.toRemove, []);
  });

  for (const language of FLOW_LANGUAGES) {
    it(`are audible telephone sound at one level (${language})`, async () => {
      for (const id of textsOf(manifest, language).keys()) {
        const sound = decodeWav(await readFile(join(PROMPTS_DIRECTORY, language, `${id}.wav`)));
        assert.equal(sound.sampleRate, TELEPHONE_RATE, id);
        const seconds = sound.samples.length / TELEPHONE_RATE;
        assert.ok(seconds > 0.1 && seconds < 30, `${id} lasts ${seconds} s`);
        const decibels = 20 * Math.log10(speechRms(sound) / TARGET_RMS);
        assert.ok(Math.abs(decibels) < 2, `${id} is ${decibels} dB off`);
        assert.ok(sound.samples.every((sample) => Math.abs(sample) <= PEAK_LIMIT + 1e-4), id);
      }
    });
  }

  it('stay small enough for a repository', async () => {
    let total = 0;
    for (const language of FLOW_LANGUAGES) {
      for (const id of textsOf(manifest, language).keys()) total += (await readFile(join(PROMPTS_DIRECTORY, language, `${id}.wav`))).length;
    }
    assert.ok(total < MAX_TOTAL_BYTES, `${total} bytes`);
  });

  it('are enough for every flow that comes with Allo', async () => {
    const catalog = await readCatalog(manifest);
    const files = await listFlowFiles();
    assert.ok(files.length > 0);
    for (const file of files) {
      const result = await loadFlow(file, { catalog, queues: new Set(['sales', 'claims', 'service']) });
      assert.equal(result.kind, 'accepted', JSON.stringify(result));
    }
  });
});
