import type { AudioProblem } from '../../model/voice-quality.ts';

/** Silent for so long, it is a problem; checked each second, it is told within three. */
const PATIENCE_MS = 2_000;

/** What there is to be seen of a leg's audio; times are monotonic milliseconds. */
export interface AudioSigns {
  /** Since when somebody counts on hearing the leg; undefined when nobody does, or it is on hold. */
  readonly expectedSinceMs: number | undefined;
  readonly lastPacketMs: number;
  /** The last packet that was not digital silence. */
  readonly lastSoundMs: number;
  /** Whether the peer stops sending in pauses of its talk. */
  readonly suppressesSilence: boolean;
  /** Whether the peer wants to hear us and reports that it receives nothing. */
  readonly isPeerDeaf: boolean;
}

const KINDS: readonly AudioProblem['kind'][] = ['no-packets', 'digital-silence', 'peer-hears-nothing'];

/** Notices one-way audio and silence, and tells each problem once when it begins and once when it ends. */
export class AudioWatch {
  readonly #open = new Set<AudioProblem['kind']>();

  /** Looks at the signs. @returns what has changed since the last look. */
  check(signs: AudioSigns, nowMs: number): readonly AudioProblem[] {
    const present = problemsIn(signs, nowMs);
    return KINDS.flatMap((kind): readonly AudioProblem[] => {
      if (present.has(kind) === this.#open.has(kind)) return [];
      if (this.#open.delete(kind)) return [{ kind, state: 'ended' }];
      this.#open.add(kind);
      return [{ kind, state: 'began' }];
    });
  }
}

function problemsIn(signs: AudioSigns, nowMs: number): ReadonlySet<AudioProblem['kind']> {
  const present = new Set<AudioProblem['kind']>();
  if (signs.isPeerDeaf) present.add('peer-hears-nothing');
  const { expectedSinceMs, lastPacketMs, lastSoundMs } = signs;
  if (expectedSinceMs === undefined || signs.suppressesSilence) return present;
  const isOverdue = (lastMs: number): boolean => nowMs - Math.max(expectedSinceMs, lastMs) >= PATIENCE_MS;
  if (isOverdue(lastPacketMs)) present.add('no-packets');
  else if (isOverdue(lastSoundMs)) present.add('digital-silence');
  return present;
}
