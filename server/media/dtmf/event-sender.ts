import { DIGITS } from '../../model/digit.ts';
import type { Digit } from '../../model/digit.ts';
import { FRAME_MS } from '../codec/frame.ts';

/** One key lasts five frames: 100 ms (ITU-T Q.24 asks for 40 to be understood). */
export const EVENT_FRAMES = 5;
/** Frames after a key without the next one, so that two of the same are told apart: 60 ms. */
const GAP_FRAMES = 3;
const END_PACKETS = 3;
/** −10 dBm0, a usual telephone's level. */
const VOLUME = 10;
/** Keys that wait to be sent; more than anybody types. */
export const MAX_WAITING_KEYS = 64;

/** One packet to send in this frame. */
export interface EventPacket {
  readonly digit: Digit;
  readonly isEnd: boolean;
  readonly marker: boolean;
  /** How long the key has sounded by the end of this frame. */
  readonly durationMs: number;
  /** How many frames before the present one the event began: its timestamp is that frame's. */
  readonly framesSinceStart: number;
}

/** Writes the payload of an event packet (RFC 4733 §2.3). @param clockRate - of the event format, hertz. */
export function eventPayload(packet: EventPacket, clockRate: number): Uint8Array {
  const duration = (packet.durationMs * clockRate) / 1_000;
  return Uint8Array.of(DIGITS.indexOf(packet.digit), (packet.isEnd ? 0x80 : 0) | VOLUME, duration >> 8, duration & 0xff);
}

/**
 * Sends keys one after the other: a packet each 20 ms, the last of them three times at the same pace.
 * @remarks RFC 4733 §2.5.1.2, §2.5.1.4. The gap between keys is the second and third last packet's time, and a frame more.
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

  /** The key that is sent in the next frame. */
  get next(): Digit | undefined { return this.#digit ?? this.#waiting[0]; }

  /** The key that sounds in the next frame, for a peer that only hears tones; with its frame number. */
  get sounding(): { readonly digit: Digit; readonly frame: number } | undefined {
    const digit = this.next;
    return digit === undefined || this.#frame >= EVENT_FRAMES ? undefined : { digit, frame: this.#frame };
  }

  /** Moves on by one frame of 20 ms. @returns the packet that goes out in it, none in the last frame of a gap. */
  nextFrame(): EventPacket | undefined {
    const digit = this.next;
    if (digit === undefined) return undefined;
    if (this.#digit === undefined) this.#waiting.shift();
    this.#digit = digit;
    const frame = this.#frame;
    this.#frame += 1;
    if (this.#frame === EVENT_FRAMES + GAP_FRAMES) {
      this.#frame = 0;
      this.#digit = undefined;
    }
    const last = EVENT_FRAMES - 1;
    if (frame >= last + END_PACKETS) return undefined;
    return {
      digit, isEnd: frame >= last, marker: frame === 0,
      durationMs: (Math.min(frame, last) + 1) * FRAME_MS, framesSinceStart: frame,
    };
  }
}
