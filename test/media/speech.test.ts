import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '../../server/media/listen/wav.ts';
import { analyseTone, dominantFrequency, levelDbfs } from '../../server/media/listen/tone.ts';
import { EspeakSynthesizer } from '../../server/media/speech/espeak-synthesizer.ts';
import { resample } from '../../server/media/speech/resample.ts';
import { WorkSlots } from '../../server/media/speech/work-slots.ts';
import { makeSine } from './support/signals.ts';

const never = new AbortController().signal;

describe('EspeakSynthesizer', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-speech-')); });
  afterEach(async () => { await rm(directory, { recursive: true, force: true }); });

  for (const [language, text] of [['fr', 'Bonjour Amel'], ['ar', 'مرحبا'], ['en', 'Good morning']] as const) {
    it(`speaks ${language} as a telephone file, and speaks it from the file the second time`, async () => {
      const kept = join(directory, 'kept');
      const speech = new EspeakSynthesizer({ directory: kept, timeoutMs: 8_000 });
      const source = await speech.synthesize(text, language, never);
      assert.ok(source !== 'unavailable' && source.kind === 'file');
      const { samples, sampleRate } = await readWav(source.path);
      assert.equal(sampleRate, 8_000);
      assert.ok(samples.length > 2_000 && levelDbfs(samples) > -40);
      const again = await new EspeakSynthesizer({ directory: kept, program: 'no-such-program' }).synthesize(text, language, never);
      assert.deepEqual(again, source);
    });
  }

  it('is unavailable without the program, and says so once by its fault', async () => {
    const faults: string[] = [];
    const speech = new EspeakSynthesizer({ directory, program: 'no-such-program', onFault: ({ message }) => faults.push(message) });
    assert.equal(await speech.synthesize('Bonjour', 'fr', never), 'unavailable');
    assert.equal(await speech.synthesize('Bonsoir', 'fr', never), 'unavailable');
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', /no-such-program/);
  });

  it('gives the text to the program as data: a shell would have made a file of it', async () => {
    const speech = new EspeakSynthesizer({ directory, timeoutMs: 8_000 });
    await speech.synthesize(`hello; touch ${directory}/taken $(touch ${directory}/taken)`, 'en', never);
    assert.equal((await readdir(directory)).includes('taken'), false);
  });

  it('ends a program that takes too long', async () => {
    const slow = join(directory, 'slow.sh');
    await writeFile(slow, '#!/bin/sh\nexec sleep 60\n');
    await chmod(slow, 0o755);
    const startedAt = performance.now();
    assert.equal(await new EspeakSynthesizer({ directory, program: slow, timeoutMs: 150 }).synthesize('hello', 'en', never), 'unavailable');
    assert.ok(performance.now() - startedAt < 2_000);
  });

  it('gives up at once when nobody listens any more, and on texts that are empty or endless', async () => {
    const speech = new EspeakSynthesizer({ directory });
    assert.equal(await speech.synthesize('hello', 'en', AbortSignal.abort()), 'unavailable');
    assert.equal(await speech.synthesize(' \n\t', 'en', never), 'unavailable');
    assert.equal(await speech.synthesize('a'.repeat(5_000), 'en', never), 'unavailable');
  });

  it('keeps only so many texts', async () => {
    const speech = new EspeakSynthesizer({ directory, maxFiles: 1, timeoutMs: 8_000 });
    await new EspeakSynthesizer({ directory, timeoutMs: 8_000 }).synthesize('one', 'en', never);
    await speech.synthesize('two', 'en', never);
    assert.equal((await readdir(directory)).length, 1);
  });
});

describe('resample', () => {
  it('keeps tones in the band and removes those above it', () => {
    const kept = resample(makeSine(1_000, 500, { sampleRate: 22_050 }), 22_050, 8_000);
    assert.equal(kept.length, 4_000);
    assert.ok(Math.abs((dominantFrequency(kept) ?? 0) - 1_000) < 3);
    assert.ok(Math.abs(levelDbfs(kept.subarray(200, 3_800)) - 20 * Math.log10(8_000 / 32_768)) < 0.2);
    const removed = resample(makeSine(6_000, 500, { sampleRate: 22_050 }), 22_050, 8_000).subarray(200, 3_800);
    assert.ok(analyseTone(removed, 2_000).levelDbfs < -65);
  });
});

describe('WorkSlots', () => {
  it('runs so many at once, lets so many wait, and turns the others away', async () => {
    const slots = new WorkSlots(2, 1);
    const releases: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => { releases.push(resolve); });
      running -= 1;
      return 'done';
    };
    const all = [1, 2, 3, 4].map(() => slots.run(work));
    assert.equal(await all[3], 'full');
    for (let i = 0; i < 3; i += 1) {
      await new Promise((resolve) => { setImmediate(resolve); });
      releases.shift()?.();
    }
    assert.deepEqual(await Promise.all(all.slice(0, 3)), ['done', 'done', 'done']);
    assert.equal(most, 2);
  });
});
