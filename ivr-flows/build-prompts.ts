import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../server/base/app-error.ts';
import { FLOW_LANGUAGES, type FlowLanguage } from './flow-schema.ts';
import { textsOf, type PromptManifest } from './prompt-manifest.ts';
import { shapeVoice } from './shape-voice.ts';
import { ESPEAK_VOICES } from './speak-with-espeak.ts';
import { decodeWav, encodeWav, type Sound } from './wav.ts';

/** Part of every hash: raise it when shaping or pronunciation changes, and all prompts are made anew. */
const RECIPE_VERSION = 3;
const HASH_FILE = 'hashes.json';

/** Where prompts are made, and by whom they are spoken. */
export interface PromptWorkshop {
  /** Gets `{language}/{id}.wav` and `hashes.json`. */
  readonly promptsDirectory: string;
  /** May hold `{language}/{id}.wav` by a human voice, which goes before the engine. */
  readonly recordingsDirectory: string;
  readonly speak: (text: string, language: FlowLanguage) => Promise<Sound>;
}

/** What one run did. */
export interface PromptReport {
  readonly made: readonly { readonly language: FlowLanguage; readonly id: string; readonly from: 'recording' | 'engine'; readonly bytes: number }[];
  readonly unchanged: number;
  /** Files of ids that the manifest no longer has. */
  readonly removed: readonly string[];
}

/** `fr/welcome` to the hash of what it was made of. */
const hashesSchema = z.record(z.string(), z.string());
type Hashes = z.infer<typeof hashesSchema>;

/** One prompt, and what it is made of. */
interface PromptJob {
  readonly language: FlowLanguage;
  readonly id: string;
  readonly text: string;
  readonly recording: Buffer | undefined;
  readonly hash: string;
}

/** What a run would do. */
export interface PromptPlan {
  /** Missing, or made of something else than what the manifest and the recordings say now. */
  readonly toMake: readonly PromptJob[];
  readonly unchanged: readonly PromptJob[];
  /** Files, as `fr/welcome.wav`, that the manifest does not have. */
  readonly toRemove: readonly string[];
}

/** Compares the manifest and the recordings with what lies made. Changes nothing. */
export async function planPrompts(manifest: PromptManifest, workshop: Omit<PromptWorkshop, 'speak'>): Promise<PromptPlan> {
  const hashes = await readHashes(workshop.promptsDirectory);
  const toMake: PromptJob[] = [];
  const unchanged: PromptJob[] = [];
  const toRemove: string[] = [];
  for (const language of FLOW_LANGUAGES) {
    const texts = textsOf(manifest, language);
    const present = new Set(await listWavs(join(workshop.promptsDirectory, language)));
    for (const [id, text] of texts) {
      const recording = await readIfThere(join(workshop.recordingsDirectory, language, `${id}.wav`));
      const hash = hashOf(recording ?? JSON.stringify([text, ESPEAK_VOICES[language]]));
      const isMade = hashes[`${language}/${id}`] === hash && present.has(`${id}.wav`);
      (isMade ? unchanged : toMake).push({ language, id, text, recording, hash });
    }
    toRemove.push(...[...present].filter((file) => !texts.has(file.slice(0, -'.wav'.length))).map((file) => `${language}/${file}`));
  }
  return { toMake, unchanged, toRemove };
}

/**
 * Makes the WAV files of a manifest: 8 kHz, mono, 16-bit PCM. Only what changed is made again:
 * text, recording, voice or recipe.
 * @throws AppError when a prompt cannot be made, or has no sound in it. What was made until then is kept.
 */
export async function buildPrompts(manifest: PromptManifest, workshop: PromptWorkshop): Promise<PromptReport> {
  const { toMake, unchanged, toRemove } = await planPrompts(manifest, workshop);
  const hashes: Hashes = Object.fromEntries(unchanged.map(({ language, id, hash }) => [`${language}/${id}`, hash]));
  const made: PromptReport['made'][number][] = [];
  for (const language of FLOW_LANGUAGES) await mkdir(join(workshop.promptsDirectory, language), { recursive: true });
  try {
    for (const job of toMake) {
      const { language, id, text, recording, hash } = job;
      const wav = shape(`${language}/${id}`, recording ? decodeWav(recording) : await workshop.speak(text, language));
      await writeFile(join(workshop.promptsDirectory, language, `${id}.wav`), wav);
      hashes[`${language}/${id}`] = hash;
      made.push({ language, id, from: recording ? 'recording' : 'engine', bytes: wav.length });
    }
    for (const file of toRemove) await rm(join(workshop.promptsDirectory, file));
  } finally {
    await writeHashes(workshop.promptsDirectory, hashes);
  }
  return { made, unchanged: unchanged.length, removed: toRemove };
}

function shape(key: string, voice: Sound): Buffer {
  const shaped = shapeVoice(voice);
  if (!shaped) throw new AppError({ code: 'prompts.silent', category: 'config', message: `${key} has no sound in it` });
  return encodeWav(shaped);
}

const hashOf = (content: Buffer | string): string =>
  createHash('sha256').update(String(RECIPE_VERSION)).update('\0').update(content).digest('hex').slice(0, 32);

async function listWavs(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((file) => file.endsWith('.wav'));
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw cause;
  }
}

async function readHashes(directory: string): Promise<Hashes> {
  const bytes = await readIfThere(join(directory, HASH_FILE));
  return bytes ? hashesSchema.parse(JSON.parse(bytes.toString('utf8'))) : {};
}

/** One line per prompt, in order, so that a change is a small diff. */
async function writeHashes(directory: string, hashes: Hashes): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(join(directory, HASH_FILE), `${JSON.stringify(sorted, undefined, 1)}\n`);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
}

const isAbsent = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
