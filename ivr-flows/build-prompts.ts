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

/** Part of every hash: raise it when the shaping changes, and all prompts are made anew. */
const RECIPE_VERSION = 1;
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

/**
 * Makes the WAV files of a manifest: 8 kHz, mono, 16-bit PCM. Only what changed is made again:
 * text, recording, voice or recipe.
 * @throws AppError when a prompt cannot be made, or has no sound in it. What was made until then is kept.
 */
export async function buildPrompts(manifest: PromptManifest, workshop: PromptWorkshop): Promise<PromptReport> {
  const before = await readHashes(workshop.promptsDirectory);
  const hashes: Hashes = {};
  const made: PromptReport['made'][number][] = [];
  let unchanged = 0;
  try {
    for (const language of FLOW_LANGUAGES) {
      await mkdir(join(workshop.promptsDirectory, language), { recursive: true });
      const present = new Set(await readdir(join(workshop.promptsDirectory, language)));
      for (const [id, text] of textsOf(manifest, language)) {
        const key = `${language}/${id}`;
        const recording = await readIfThere(join(workshop.recordingsDirectory, language, `${id}.wav`));
        const hash = hashOf(recording ?? JSON.stringify([text, ESPEAK_VOICES[language]]));
        if (before[key] === hash && present.has(`${id}.wav`)) {
          unchanged += 1;
        } else {
          const wav = shape(key, recording ? decodeWav(recording) : await workshop.speak(text, language));
          await writeFile(join(workshop.promptsDirectory, language, `${id}.wav`), wav);
          made.push({ language, id, from: recording ? 'recording' : 'engine', bytes: wav.length });
        }
        hashes[key] = hash;
      }
    }
  } finally {
    await writeHashes(workshop.promptsDirectory, hashes);
  }
  return { made, unchanged, removed: await removeStale(workshop.promptsDirectory, hashes) };
}

function shape(key: string, voice: Sound): Buffer {
  const shaped = shapeVoice(voice);
  if (!shaped) throw new AppError({ code: 'prompts.silent', category: 'config', message: `${key} has no sound in it` });
  return encodeWav(shaped);
}

const hashOf = (content: Buffer | string): string =>
  createHash('sha256').update(String(RECIPE_VERSION)).update('\0').update(content).digest('hex').slice(0, 32);

async function removeStale(directory: string, hashes: Hashes): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const language of FLOW_LANGUAGES) {
    for (const file of await readdir(join(directory, language))) {
      if (!file.endsWith('.wav') || Object.hasOwn(hashes, `${language}/${file.slice(0, -4)}`)) continue;
      await rm(join(directory, language, file));
      removed.push(`${language}/${file}`);
    }
  }
  return removed;
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
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
