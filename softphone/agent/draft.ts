import { z } from 'zod';

const KEY = 'allo.wrap-up-draft';

const draftSchema = z.object({ callId: z.string(), disposition: z.string(), note: z.string() });

/** What is written about a call before it is saved. */
export type Draft = Readonly<z.infer<typeof draftSchema>>;

/** Where drafts are kept: `sessionStorage`, so that a reload in mid-call loses no word. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** The draft of a call, empty when there is none; one call's draft is kept, the latest. */
export function readDraft(storage: DraftStorage, callId: string): Draft {
  const empty = { callId, disposition: '', note: '' };
  const text = storage.getItem(KEY);
  if (text === null) return empty;
  try {
    const draft = draftSchema.safeParse(JSON.parse(text)).data;
    return draft?.callId === callId ? draft : empty;
  } catch (cause) {
    if (cause instanceof SyntaxError) return empty;
    throw cause;
  }
}

/** Keeps the draft of the call at hand in place of any older one. */
export const writeDraft = (storage: DraftStorage, draft: Draft): void => storage.setItem(KEY, JSON.stringify(draft));

/** Forgets the draft once it is saved. */
export const clearDraft = (storage: DraftStorage): void => storage.removeItem(KEY);
