import type { Digit } from '../../model/digit.ts';
import type { VoiceCodec } from '../../model/media-terms.ts';
import { isMixable } from '../codec/voice-codec.ts';
import type { RtpFields } from '../rtp/packet.ts';
import { EventReceiver } from './event-receiver.ts';
import { PressFilter } from './press-filter.ts';
import type { KeySource } from './press-filter.ts';
import { VoiceKeys } from './voice-keys.ts';

/**
 * The keys of one leg, whatever way they come: RFC 4733, SIP INFO, or tones in the voice. Each press is told once.
 */
export class KeyReception {
  readonly #onKey: (digit: Digit, source: KeySource) => void;
  readonly #filter = new PressFilter();
  readonly #events = new EventReceiver();
  #voice: VoiceKeys | undefined;
  #ssrc: number | undefined;

  constructor(onKey: (digit: Digit, source: KeySource) => void) {
    this.#onKey = onKey;
  }

  /** Whether keys are looked for in the voice from now on. */
  listenForTones(on: boolean): void {
    this.#voice = on ? this.#voice ?? new VoiceKeys() : undefined;
  }

  /** Takes a telephone-event packet. @param clockRate - of its format. @param atMs - monotonic. */
  takeEvent(packet: Buffer, fields: RtpFields, clockRate: number, atMs: number): void {
    this.#follow(fields.ssrc);
    const payload = packet.subarray(fields.payloadStart, fields.payloadEnd);
    for (const digit of this.#events.receive(payload, fields.timestamp, fields.marker, clockRate)) this.#begin(digit, 'event', atMs);
    const { latest } = this.#events;
    if (latest !== undefined) this.#filter.goesOn(latest, 'event', atMs);
  }

  /** Takes a voice packet, in case that a key sounds in it. */
  takeVoice(packet: Buffer, fields: RtpFields, codec: VoiceCodec, atMs: number): void {
    if (this.#voice === undefined || !isMixable(codec)) return;
    this.#follow(fields.ssrc);
    for (const digit of this.#voice.hear(codec, packet.subarray(fields.payloadStart, fields.payloadEnd), fields)) this.#begin(digit, 'tone', atMs);
  }

  /** Takes a key that came by SIP INFO. */
  takeInfo(digit: Digit, atMs: number): void {
    this.#begin(digit, 'info', atMs);
  }

  #begin(digit: Digit, source: KeySource, atMs: number): void {
    if (this.#filter.begin(digit, source, atMs)) this.#onKey(digit, source);
  }

  #follow(ssrc: number): void {
    if (this.#ssrc !== undefined && this.#ssrc !== ssrc) {
      this.#events.reset();
      this.#voice?.reset();
    }
    this.#ssrc = ssrc;
  }
}
