import assert from 'node:assert/strict';
import { OPUS_SILENCE, opusPacketMs } from '../../../server/media/codec/opus-packet.ts';
import { canForward, makeDecoder, makeEncoder } from '../../../server/media/codec/voice-codec.ts';
import { analyseTone, levelDbfs } from '../../../server/media/listen/tone.ts';
import { makeSine } from '../support/signals.ts';

describe('voice codecs', () => {
  for (const codec of ['PCMA', 'PCMU', 'G722'] as const) {
    it(`${codec} gives back a tone, frame by frame, and knows silence`, () => {
      const [encoder, decoder] = [makeEncoder(codec), makeDecoder(codec)];
      const heard = new Int16Array(1_600);
      for (let frame = 0; frame < 10; frame += 1) {
        const codes = new Uint8Array(160);
        encoder.encode(makeSine(700, 20, { startSample: frame * 160 }), codes);
        decoder.decode(codes, heard.subarray(frame * 160, frame * 160 + 160));
      }
      assert.ok(analyseTone(heard.subarray(400), 700).share > 0.98);
      const [codes, quiet] = [new Uint8Array(160), new Int16Array(160)];
      makeEncoder(codec).encodeSilence(codes);
      makeDecoder(codec).decode(codes, quiet);
      assert.ok(levelDbfs(quiet) < -65);
    });
  }

  it('sends on in a packet what is the same codec, or the other law of G.711', () => {
    const names = ['PCMA', 'PCMU', 'G722', 'opus'] as const;
    const pairs = names.flatMap((from) => names.filter((to) => canForward(from, to)).map((to) => `${from}-${to}`));
    assert.deepEqual(pairs, ['PCMA-PCMA', 'PCMA-PCMU', 'PCMU-PCMA', 'PCMU-PCMU', 'G722-G722', 'opus-opus']);
  });
});

describe('opusPacketMs', () => {
  for (const [bytes, ms] of [
    [[], 0], [[0x78], 20], [[0x08], 20], [[0x00], 10], [[0x10], 40], [[0x18], 60], [[0x60], 10], [[0x80], 2.5], [[0xf8], 20],
    [[0xf9], 40], [[0x7a], 40], [[0x7b, 0x03], 60], [[0x7b], 0],
  ] as const) {
    it(`says ${ms} ms of a packet that begins ${Buffer.from(bytes).toString('hex') || 'with nothing'} (RFC 6716 §3.1)`, () => {
      assert.equal(opusPacketMs(Uint8Array.from(bytes)), ms);
    });
  }

  it('knows our own silence as 20 ms', () => { assert.equal(opusPacketMs(OPUS_SILENCE), 20); });
});
