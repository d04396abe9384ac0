import { readManifest, type PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import type { AudioSource } from '../../server/model/audio.ts';

/** The manifest that the tests read texts from. */
export async function loadManifest(): Promise<PromptManifest> {
  const read = await readManifest();
  if (read.kind === 'faulty') throw new Error(`the manifest is faulty: ${JSON.stringify(read.faults)}`);
  return read.manifest;
}

/** What a list of pieces reads like, without Arabic vowel signs, so that tables can be read too. */
export function spokenText(manifest: PromptManifest, sources: readonly AudioSource[]): string {
  return sources.map((source) => {
    if (source.kind !== 'prompt') throw new Error(`not a prompt: ${source.kind}`);
    const text = manifest.pieces[source.language][source.id];
    if (text === undefined) throw new Error(`the manifest has no piece ${source.language}/${source.id}`);
    return text;
  }).join(' ').replace(/[\u064b-\u0652]/g, '');
}
