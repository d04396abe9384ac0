import { AppError } from '../../server/base/app-error.ts';
import { readAudioPreferences } from './audio-preferences.ts';

/** Why there is no microphone, by the name of what `getUserMedia` throws (W3C Media Capture §10.2). */
const FAULTS: Readonly<Record<string, string>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/**
 * Opens the microphone, as the person asked for it to be processed.
 * @throws AppError `phone.microphone-denied`, `-missing`, `-busy`, `-insecure` (a page that did
 *   not come over HTTPS or from this machine has no microphone) or `-failed`.
 */
export async function openMicrophone(): Promise<MediaStream> {
  // Typed as always there, but absent on insecure pages.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw microphoneFault('insecure');
  try {
    return await devices.getUserMedia({ audio: { ...readAudioPreferences() } });
  } catch (cause) {
    throw microphoneFault((cause instanceof Error && FAULTS[cause.name]) || 'failed', cause);
  }
}

/** Stops every track: the browser's recording light goes out. */
export function closeStream(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function microphoneFault(kind: string, cause?: unknown): AppError {
  return new AppError({ code: `phone.microphone-${kind}`, category: 'agent', message: `no microphone: ${kind}`, cause });
}
