import type { Digit } from '../../model/digit.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';
import { makeDecoder } from '../codec/voice-codec.ts';
import type { MixableCodec, VoiceDecoder } from '../codec/voice-codec.ts';
import type { RtpFields } from '../rtp/packet.ts';
import { ToneReceiver } from './tone-receiver.ts';

/** More than this between two packets is another time line, or a silence in which no key goes on: 1 s. */
const MAX_GAP_SAMPLES = SAMPLE_RATE;

/** Finds keys in the voice packets of one source, as they come: late ones are passed over, lost ones missed. */
export class VoiceKeys {
  readonly #tones = new ToneReceiver();
  #codec: MixableCodec | undefined;
  #decoder: VoiceDecoder | undefined;
  #samples = new Int16Array(0);
  #expected: number | undefined;

  /** Takes one packet. @returns the keys that began in it. */
  hear(codec: MixableCodec, payload: Uint8Array, fields: RtpFields): readonly Digit[] {
    const gap = this.#expected === undefined ? 0 : (fields.timestamp - this.#expected) | 0;
    if (gap < 0 && gap > -MAX_GAP_SAMPLES) return [];
    // A marker begins a talkspurt (RFC 3551 §4.1): nothing was lost before it, there was silence.
    if (gap !== 0) this.#tones.miss(fields.marker || gap < 0 ? MAX_GAP_SAMPLES : gap);
    this.#expected = (fields.timestamp + payload.length) | 0;
    if (this.#samples.length !== payload.length) this.#samples = new Int16Array(payload.length);
    this.#decoderFor(codec).decode(payload, this.#samples);
    return this.#tones.hear(this.#samples);
  }

  /** A new source has its own time line. */
  reset(): void {
    this.#expected = undefined;
    this.#decoder = undefined;
    this.#tones.miss(MAX_GAP_SAMPLES);
  }

  #decoderFor(codec: MixableCodec): VoiceDecoder {
    if (this.#decoder === undefined || this.#codec !== codec) this.#decoder = makeDecoder(codec);
    this.#codec = codec;
    return this.#decoder;
  }
}
