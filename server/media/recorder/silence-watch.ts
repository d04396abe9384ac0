import type { RecordingLimits } from '../../model/recording.ts';
import { FRAME_MS } from '../codec/frame.ts';
import { levelDbfs } from '../listen/tone.ts';

/** Above this a frame is speech: telephone speech is at −30 to −15 dBFS, a quiet line below −55. */
const SPEECH_DBFS = -42;
/** Shorter sounds are clicks: 60 ms. */
const SPEECH_FRAMES = 3;

/** Says when somebody who was asked to speak has nothing more to say. */
export class SilenceWatch {
  readonly #limits: NonNullable<RecordingLimits['silence']>;
  #hasSpoken = false;
  #loudFrames = 0;
  #quietMs = 0;

  constructor(limits: NonNullable<RecordingLimits['silence']>) {
    this.#limits = limits;
  }

  /** Hears 20 ms. @returns whether the silence has lasted long enough. */
  hear(frame: Int16Array): boolean {
    if (levelDbfs(frame) > SPEECH_DBFS) this.#loudFrames += 1;
    else this.#loudFrames = 0;
    if (this.#loudFrames >= SPEECH_FRAMES) {
      this.#hasSpoken = true;
      this.#quietMs = 0;
    } else {
      this.#quietMs += FRAME_MS;
    }
    return this.#quietMs >= (this.#hasSpoken ? this.#limits.afterSpeechMs : this.#limits.beforeSpeechMs);
  }
}
