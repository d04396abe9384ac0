import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { G722Decoder, G722Encoder } from '../../../server/media/codec/g722.ts';
import { analyseTone, levelDbfs } from '../../../server/media/listen/tone.ts';
import { makeSine } from '../support/signals.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (samples: Int16Array): Buffer => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

const encode = (samples: Int16Array): Uint8Array => {
  const codes = new Uint8Array(samples.length);
  new G722Encoder().encode(samples, codes);
  return codes;
};
const decode = (codes: Uint8Array): Int16Array => {
  const samples = new Int16Array(codes.length);
  new G722Decoder().decode(codes, samples);
  return samples;
};

/**
 * What libspandsp 0.0.6 makes of the same signals at 8 kHz (G722_SAMPLE_RATE_8000, 64 kbit/s): SHA-256 of its codes and
 * of what it decodes from them, 16 bits little-endian.
 */
const REFERENCE = [
  ['a sine of 440 Hz', makeSine(440, 500, { amplitude: 12_000 }),
    '09e50aa07c1ff913c61362f9b5facedd7d2b8c7869871da0a56a62937320dd54', '9f1deb4f316b6e7a53193a4e9e8aa16885aff0e21aabdebebacd23cad0fe2880'],
  ['steps from end to end', Int16Array.from({ length: 4_000 }, (_, i) => (i % 400 < 200 ? 32_767 : -32_768)),
    'cc35ce84a5e86bf0082bb96b18d6e4e49556195c163cfb62ae0ef242a2d8b5a6', '2a7c3aadd6bc38d561045afbe9a6e60e4a3eb04f52a1a9687d8aaa8ddc2be367'],
] as const;

describe('G.722', () => {
  for (const [what, samples, codes, decoded] of REFERENCE) {
    it(`encodes and decodes ${what} bit for bit as another implementation does (ITU-T G.722 §6.2)`, () => {
      assert.equal(sha256(encode(samples)), codes);
      assert.equal(sha256(bytesOf(decode(encode(samples)))), decoded);
    });
  }

  it('decodes any octets bit for bit as another implementation does', () => {
    const codes = Uint8Array.from({ length: 4_000 }, (_, i) => (i * 7_919 + Math.floor((i * i) / 3)) % 256);
    assert.equal(sha256(bytesOf(decode(codes))), '417ab40c7d04186b21ca3b48aa7d26a59c64eeb8fdfb32d955870788d9b098d2');
  });

  for (const hertz of [300, 1_000, 3_000]) {
    it(`gives back ${hertz} Hz at its level`, () => {
      const samples = makeSine(hertz, 500, { amplitude: 8_000 });
      const heard = decode(encode(samples)).subarray(400);
      assert.ok(analyseTone(heard, hertz).share > 0.99, String(analyseTone(heard, hertz).share));
      assert.ok(Math.abs(levelDbfs(heard) - levelDbfs(samples)) < 0.2);
    });
  }

  it('follows on somebody else\'s codes as if they were its own', () => {
    const [speaker, encoder, decoder] = [new G722Encoder(), new G722Encoder(), new G722Decoder()];
    const voice = new Uint8Array(1_600);
    speaker.encode(makeSine(440, 200, { amplitude: 30_000 }), voice);
    const [followed, heard] = [new Int16Array(1_600), new Int16Array(1_600)];
    encoder.follow(voice, followed);
    decoder.decode(voice, heard);
    assert.deepEqual(followed, heard);
    const quiet = makeSine(300, 20, { amplitude: 1_000 });
    const codes = new Uint8Array(160);
    encoder.encode(quiet, codes);
    const after = new Int16Array(160);
    decoder.decode(codes, after);
    // From 30,000 to 1,000 takes the quantizer some milliseconds; a coder out of step makes bursts of 20,000.
    assert.ok(Math.max(...after.subarray(40).map(Math.abs)) < 2_000, String(Math.max(...after.subarray(40).map(Math.abs))));
  });
});
