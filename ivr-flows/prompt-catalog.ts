import type { FlowLanguage } from './flow-schema.ts';

/** What can be played: the manifest's ids, and which of them lie recorded on the disk. */
export interface PromptCatalog {
  /** Sentences: the same ids in every language. */
  readonly prompts: ReadonlySet<string>;
  /** Building blocks of numbers, amounts and dates: ids of their own in each language. */
  readonly pieces: Readonly<Record<FlowLanguage, ReadonlySet<string>>>;
  /** Ids whose WAV file exists and holds sound. */
  readonly recorded: Readonly<Record<FlowLanguage, ReadonlySet<string>>>;
}
