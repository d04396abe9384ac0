import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrompts, type PromptWorkshop } from '../../ivr-flows/build-prompts.ts';
import { readCatalog, type PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { decodeWav, encodeWav, type Sound } from '../../ivr-flows/wav.ts';
import { AppError } from '../../server/base/app-error.ts';

const buzz = (hz: number): Sound =>
  ({ sampleRate: 16_000, samples: Float32Array.from({ length: 3_200 }, (_, i) => 0.4 * Math.sin((2 * Math.PI * hz * i) / 16_000)) });

describe('buildPrompts', () => {
  let folder: string;
  let spoken: string[];
  let workshop: PromptWorkshop;
  const manifest = (welcome: string): PromptManifest => ({
    prompts: { welcome: { fr: 'Bienvenue', ar: 'مَرْحَبًا', en: welcome } },
    pieces: { fr: { 'n-1': 'un' }, ar: {}, en: {} },
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'allo-prompts-'));
    spoken = [];
    workshop = {
      promptsDirectory: join(folder, 'prompts'), recordingsDirectory: join(folder, 'recordings'),
      speak: (text, language) => { spoken.push(`${language}:${text}`); return Promise.resolve(buzz(300)); },
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes each text of each language once, as telephone WAV', async () => {
    const report = await buildPrompts(manifest('Welcome'), workshop);
    assert.deepEqual(spoken, ['fr:Bienvenue', 'fr:un', 'ar:مَرْحَبًا', 'en:Welcome']);
    assert.deepEqual(report.made.map(({ language, id, from }) => `${language}/${id} ${from}`),
      ['fr/welcome engine', 'fr/n-1 engine', 'ar/welcome engine', 'en/welcome engine']);
    assert.equal(decodeWav(await readFile(join(workshop.promptsDirectory, 'fr/n-1.wav'))).sampleRate, 8_000);
    const catalog = await readCatalog(manifest('Welcome'), workshop.promptsDirectory);
    assert.deepEqual([...catalog.recorded.fr].sort(), ['n-1', 'welcome']);
  });

  it('makes only what changed, and takes away what is no longer wanted', async () => {
    await buildPrompts(manifest('Welcome'), workshop);
    spoken.length = 0;
    assert.equal((await buildPrompts(manifest('Welcome'), workshop)).unchanged, 4);
    assert.deepEqual(spoken, []);
    const changed = { ...manifest('Hello'), pieces: { fr: {}, ar: {}, en: {} } };
    const report = await buildPrompts(changed, workshop);
    assert.deepEqual(spoken, ['en:Hello']);
    assert.deepEqual(report.removed, ['fr/n-1.wav']);
    assert.deepEqual(await readdir(join(workshop.promptsDirectory, 'fr')), ['welcome.wav']);
  });

  it('makes again what somebody deleted', async () => {
    await buildPrompts(manifest('Welcome'), workshop);
    await rm(join(workshop.promptsDirectory, 'ar/welcome.wav'));
    assert.deepEqual((await buildPrompts(manifest('Welcome'), workshop)).made.map(({ language }) => language), ['ar']);
  });

  it('prefers a recording to the engine, and takes a new one', async () => {
    await mkdir(join(workshop.recordingsDirectory, 'en'), { recursive: true });
    const record = (hz: number) => writeFile(join(workshop.recordingsDirectory, 'en/welcome.wav'), encodeWav(buzz(hz)));
    await record(500);
    const first = await buildPrompts(manifest('Welcome'), workshop);
    assert.equal(first.made.find(({ language }) => language === 'en')?.from, 'recording');
    assert.ok(!spoken.includes('en:Welcome'));
    assert.equal((await buildPrompts(manifest('Welcome'), workshop)).made.length, 0);
    await record(600);
    assert.deepEqual((await buildPrompts(manifest('Welcome'), workshop)).made.map(({ from }) => from), ['recording']);
  });

  it('says which prompt is silent, and keeps what it had made', async () => {
    const speak: PromptWorkshop['speak'] = (_text, language) =>
      Promise.resolve(language === 'ar' ? { sampleRate: 8_000, samples: new Float32Array(8_000) } : buzz(300));
    await assert.rejects(buildPrompts(manifest('Welcome'), { ...workshop, speak }),
      (error) => error instanceof AppError && error.code === 'prompts.silent' && error.message.includes('ar/welcome'));
    assert.equal((await buildPrompts(manifest('Welcome'), workshop)).unchanged, 2);
  });
});
