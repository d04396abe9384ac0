import { z } from 'zod';

const KEY = 'allo.wrap-up-drafts';
/** Drafts that are kept; the oldest gives way. */
const KEPT = 5;

const draftSchema = z.object({ callId: z.string(), disposition: z.string(), note: z.string() });

/** What is written about a call before it is saved. */
export type Draft = Readonly<z.infer<typeof draftSchema>>;

/** Where drafts are kept: `sessionStorage`, so that a reload in mid-call loses no word. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** The draft of a call, empty when there is none. */
export const readDraft = (storage: DraftStorage, callId: string): Draft =>
  readAll(storage).find((draft) => draft.callId === callId) ?? { callId, disposition: '', note: '' };

/** The latest note that was never saved: its wrap-up ended while the server was away. */
export const findLeftOver = (storage: DraftStorage): Draft | undefined =>
  readAll(storage).find((draft) => draft.note.trim() !== '');

/** Keeps the draft of a call before those of older ones. */
export const writeDraft = (storage: DraftStorage, draft: Draft): void =>
  writeAll(storage, [draft, ...others(storage, draft.callId)].slice(0, KEPT));

/** Forgets the draft of a call: it is saved, or its writer gave it up. */
export const clearDraft = (storage: DraftStorage, callId: string): void => writeAll(storage, others(storage, callId));

const others = (storage: DraftStorage, callId: string): Draft[] => readAll(storage).filter((draft) => draft.callId !== callId);

function readAll(storage: DraftStorage): readonly Draft[] {
  const text = storage.getItem(KEY);
  if (text === null) return [];
  try {
    return z.array(draftSchema).safeParse(JSON.parse(text)).data ?? [];
  } catch (cause) {
    if (cause instanceof SyntaxError) return [];
    throw cause;
  }
}

function writeAll(storage: DraftStorage, drafts: readonly Draft[]): void {
  if (drafts.length === 0) storage.removeItem(KEY);
  else storage.setItem(KEY, JSON.stringify(drafts));
}
