import type { IvrStep } from '../../model/interaction.ts';
import type { Language } from '../../model/language.ts';
import type { RecordingPolicy } from '../../model/recording-policy.ts';
import type { MediaLeg } from '../ports.ts';

/** Name of the prompt that says that conversations are recorded, and of the node of a flow that plays it. */
export const CONSENT = 'consent';

/** What the caller heard, and what she said to it. */
export interface Announcement {
  readonly wasAnnounced: boolean;
  readonly refusedInCall: boolean;
}

/** Reads in the caller's way through the flow whether she heard the announcement, and whether she refused. */
export function announcedInFlow(path: readonly IvrStep[], policy: RecordingPolicy): Announcement {
  const steps = path.filter(({ nodeId }) => nodeId === CONSENT);
  return {
    wasAnnounced: steps.length > 0,
    refusedInCall: policy.refusalKey !== undefined && steps.at(-1)?.input === policy.refusalKey,
  };
}

/**
 * Plays the announcement to a caller, to its end.
 * @returns whether she heard all of it: a prompt that is missing, or a caller who leaves, is no announcement. Never rejects.
 */
export async function playAnnouncement(caller: MediaLeg, language: Language, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted) return false;
  const playback = caller.play([{ kind: 'prompt', language, id: CONSENT }]);
  const stop = (): void => playback.stop();
  gone.addEventListener('abort', stop, { once: true });
  const how = await playback.done;
  gone.removeEventListener('abort', stop);
  return how === 'finished';
}
