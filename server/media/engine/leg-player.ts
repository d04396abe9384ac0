import { addWithRamp } from '../matrix/mix.ts';
import type { GainCell } from '../matrix/mix.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import type { Playlist } from '../player/playlist.ts';

interface Playing {
  readonly id: number;
  readonly playlist: Playlist;
  readonly cell: GainCell;
}

/** What is played to one leg: one playlist at a time; the one before fades out under it. */
export class LegPlayer {
  readonly #onEnded: (playbackId: number, outcome: 'finished' | 'stopped') => void;
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  #playing: Playing | undefined;
  #fading: Playing | undefined;

  constructor(onEnded: (playbackId: number, outcome: 'finished' | 'stopped') => void) {
    this.#onEnded = onEnded;
  }

  get isPlaying(): boolean { return this.#playing !== undefined; }
  /** Whether nothing is played and nothing fades out. */
  get isQuiet(): boolean { return this.#playing === undefined && this.#fading === undefined; }

  /** Plays from the next frame on. @param fadesIn - for what begins in its middle, as music does. */
  play(id: number, playlist: Playlist, fadesIn: boolean): void {
    this.stopAny();
    this.#playing = { id, playlist, cell: { gain: fadesIn ? 0 : 1, target: 1 } };
  }

  /** Stops this playback, if it is still the one. */
  stop(id: number): void {
    if (this.#playing?.id === id) this.stopAny();
  }

  /** Stops whatever plays. */
  stopAny(): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    this.#playing = undefined;
    playing.cell.target = 0;
    this.#fading = playing;
    this.#onEnded(playing.id, 'stopped');
  }

  /** Adds the next frame into a sum of 160. @returns whether there was anything. */
  addFrame(sum: Int32Array, tick: number): boolean {
    const fading = this.#fading;
    const playing = this.#playing;
    if (fading !== undefined) {
      fading.playlist.render(this.#scratch, tick);
      addWithRamp(sum, this.#scratch, fading.cell);
      this.#fading = undefined; // Its gain reached 0 within the frame.
    }
    if (playing !== undefined) {
      const isDone = playing.playlist.render(this.#scratch, tick);
      addWithRamp(sum, this.#scratch, playing.cell);
      if (isDone) {
        this.#playing = undefined;
        this.#onEnded(playing.id, 'finished');
      }
    }
    return fading !== undefined || playing !== undefined;
  }
}
