import { readManifest, type PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import type { Language } from '../../server/model/language.ts';

/** The manifest that the tests read texts from. */
export async function loadManifest(): Promise<PromptManifest> {
  const read = await readManifest();
  if (read.kind === 'faulty') throw new Error(`the manifest is faulty: ${JSON.stringify(read.faults)}`);
  return read.manifest;
}

/** Takes the Arabic vowel signs off, so that tables can be read. */
export const withoutVowels = (text: string): string => text.replace(/[\u064b-\u0652]/g, '');

/** What a list of sources reads like, without Arabic vowel signs; a comma is a pause. */
export function spokenText(manifest: PromptManifest, sources: readonly AudioSource[]): string {
  const words = sources.map((source) => {
    if (source.kind === 'silence') return ',';
    if (source.kind !== 'prompt') throw new Error(`not a prompt: ${source.kind}`);
    const text = manifest.pieces[source.language][source.id];
    if (text === undefined) throw new Error(`the manifest has no piece ${source.language}/${source.id}`);
    return withoutVowels(text);
  });
  return words.join(' ').replaceAll(' ,', ',');
}

/** The texts of one language's pieces by id, to read a million numbers with. */
export function pieceTexts(manifest: PromptManifest, language: Language): (pieces: readonly string[]) => string {
  const texts = new Map(Object.entries(manifest.pieces[language]).map(([id, text]) => [id, withoutVowels(text)]));
  return (pieces) => {
    let whole = '';
    for (const id of pieces) {
      const text = texts.get(id);
      if (text === undefined) throw new Error(`the manifest has no piece ${language}/${id}`);
      whole = whole === '' ? text : `${whole} ${text}`;
    }
    return whole;
  };
}
