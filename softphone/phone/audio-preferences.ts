import { z } from 'zod';

const KEY = 'allo.audio';

const preferencesSchema = z.object({
  echoCancellation: z.boolean().default(true),
  noiseSuppression: z.boolean().default(true),
  autoGainControl: z.boolean().default(true),
});

/** How the browser may treat the microphone; a good headset needs none of it. */
export type AudioPreferences = Readonly<z.infer<typeof preferencesSchema>>;

/** The preferences kept in this browser, or the defaults when there are none or they are damaged. */
export function readAudioPreferences(): AudioPreferences {
  const defaults = preferencesSchema.parse({});
  const text = localStorage.getItem(KEY);
  if (text === null) return defaults;
  try {
    return preferencesSchema.safeParse(JSON.parse(text)).data ?? defaults;
  } catch (cause) {
    if (cause instanceof SyntaxError) return defaults;
    throw cause;
  }
}

/** Keeps the preferences in this browser; they hold from the next call. */
export function writeAudioPreferences(preferences: AudioPreferences): void {
  localStorage.setItem(KEY, JSON.stringify(preferences));
}
