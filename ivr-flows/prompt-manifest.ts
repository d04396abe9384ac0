import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { FlowFault } from './flow-fault.ts';
import { FLOW_LANGUAGES, type FlowLanguage } from './flow-schema.ts';
import type { PromptCatalog } from './prompt-catalog.ts';
import { readYaml } from './read-yaml.ts';

const MAX_MANIFEST_BYTES = 256 * 1024;
/** A WAV header alone is 44 bytes: a file of that size says nothing. */
const MIN_WAV_BYTES = 45;

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'must be a kebab-case name of at most 48 characters');
const text = z.string().trim().min(1).max(400);
const perLanguage = <T extends z.ZodType>(value: T) => z.strictObject({ fr: value, ar: value, en: value });

const manifestSchema = z.strictObject({
  /** Sentences that flows play: the same ids in every language. */
  prompts: z.record(id, perLanguage(text)),
  /** Building blocks of numbers, amounts and dates; each language has those that its grammar needs. */
  pieces: perLanguage(z.record(id, text)),
});

/** The one text manifest of everything that can be heard. */
export type PromptManifest = z.infer<typeof manifestSchema>;

/** The folder of the prompts that come with Allo. */
export const PROMPTS_DIRECTORY = fileURLToPath(new URL('./prompts/', import.meta.url));

/** The manifest, or what is wrong with it. */
export type ManifestResult =
  | { readonly kind: 'read'; readonly manifest: PromptManifest }
  | { readonly kind: 'faulty'; readonly faults: readonly FlowFault[] };

/** Reads `manifest.yaml`. Never rejects. */
export async function readManifest(directory: string = PROMPTS_DIRECTORY): Promise<ManifestResult> {
  const result = await readYaml(join(directory, 'manifest.yaml'), MAX_MANIFEST_BYTES, manifestSchema);
  if (result.kind === 'faulty') return result;
  const { prompts, pieces } = result.value;
  const clashes = FLOW_LANGUAGES.flatMap((language) => Object.keys(pieces[language])
    .filter((piece) => Object.hasOwn(prompts, piece))
    .map((piece): FlowFault => ({
      code: 'duplicate-key',
      path: ['pieces', language, piece],
      line: result.lineOf(['pieces', language, piece]),
      message: `"${piece}" is a prompt too: both would be one file`,
    })));
  return clashes.length > 0 ? { kind: 'faulty', faults: clashes } : { kind: 'read', manifest: result.value };
}

/** Every id of one language with its text: prompts first, then pieces. */
export function textsOf(manifest: PromptManifest, language: FlowLanguage): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(manifest.prompts).map(([promptId, texts]) => [promptId, texts[language]] as const),
    ...Object.entries(manifest.pieces[language]),
  ]);
}

/**
 * Looks at what lies on the disk, for the checker.
 * @throws when a language folder cannot be read for another reason than not being there.
 */
export async function readCatalog(manifest: PromptManifest, directory: string = PROMPTS_DIRECTORY): Promise<PromptCatalog> {
  const [fr, ar, en] = await Promise.all(FLOW_LANGUAGES.map((language) => listRecorded(join(directory, language))));
  const none: ReadonlySet<string> = new Set();
  return {
    prompts: new Set(Object.keys(manifest.prompts)),
    pieces: {
      fr: new Set(Object.keys(manifest.pieces.fr)),
      ar: new Set(Object.keys(manifest.pieces.ar)),
      en: new Set(Object.keys(manifest.pieces.en)),
    },
    recorded: { fr: fr ?? none, ar: ar ?? none, en: en ?? none },
  };
}

async function listRecorded(directory: string): Promise<ReadonlySet<string>> {
  try {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.wav'));
    const recorded = new Set<string>();
    for (const name of names) {
      if (await isWav(join(directory, name))) recorded.add(name.slice(0, -'.wav'.length));
    }
    return recorded;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return new Set();
    throw cause;
  }
}

async function isWav(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const header = Buffer.alloc(12);
    const { bytesRead } = await file.read(header, 0, 12, 0);
    const { size } = await file.stat();
    return bytesRead === 12 && size >= MIN_WAV_BYTES && header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 8, 12) === 'WAVE';
  } finally {
    await file.close();
  }
}
