import { DIGITS } from '../../model/digit.ts';
import type { Digit } from '../../model/digit.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';

/** One key lasts five frames: 100 ms. */
const EVENT_FRAMES = 5;
/** Quiet frames after a key, so that two of the same are told apart: 60 ms. */
const GAP_FRAMES = 3;
const END_PACKETS = 3;
/** −8 dBm0, a usual telephone's level. */
const VOLUME = 8;
/** Keys that wait to be sent; more than anybody types. */
export const MAX_WAITING_KEYS = 64;

/** One packet to send in this frame. */
export interface EventPacket {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  /** How many frames before the present one the event began: its timestamp is that frame's. */
  readonly framesSinceStart: number;
}

/**
 * Sends keys one after the other, a packet each 20 ms and the end three times.
 * @remarks RFC 4733 §2.5.1.2 and §2.5.1.4.
 */
export class EventSender {
  readonly #waiting: Digit[] = [];
  #digit: Digit | undefined;
  #frame = 0;

  /** @returns false when too many keys wait already: this one is not sent. */
  enqueue(digit: Digit): boolean {
    if (this.#waiting.length >= MAX_WAITING_KEYS) return false;
    this.#waiting.push(digit);
    return true;
  }

  /** Whether voice must wait: a key is being sent, or its gap. */
  get isBusy(): boolean { return this.#digit !== undefined || this.#waiting.length > 0; }

  /** The key that sounds in the next frame, for a peer that only hears tones; with its frame number. */
  get sounding(): { readonly digit: Digit; readonly frame: number } | undefined {
    const digit = this.#digit ?? this.#waiting[0];
    return digit === undefined || this.#frame >= EVENT_FRAMES ? undefined : { digit, frame: this.#frame };
  }

  /** Moves on by one frame of 20 ms. @returns the packets that go out in it, none in a gap. */
  nextFrame(): readonly EventPacket[] {
    this.#digit ??= this.#waiting.shift();
    if (this.#digit === undefined) return [];
    const code = DIGITS.indexOf(this.#digit);
    const frame = this.#frame;
    this.#frame += 1;
    if (this.#frame >= EVENT_FRAMES + GAP_FRAMES) {
      this.#frame = 0;
      this.#digit = undefined;
    }
    if (frame >= EVENT_FRAMES) return [];
    const isLast = frame === EVENT_FRAMES - 1;
    const duration = (frame + 1) * FRAME_SAMPLES;
    const payload = Uint8Array.of(code, (isLast ? 0x80 : 0) | VOLUME, duration >> 8, duration & 0xff);
    return Array.from({ length: isLast ? END_PACKETS : 1 }, () => ({ payload, marker: frame === 0, framesSinceStart: frame }));
  }
}
