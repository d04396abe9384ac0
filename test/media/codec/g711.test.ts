import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeG711, encodeG711, G711 } from '../../../server/media/codec/g711.ts';
import { transcodingTable } from '../../../server/media/codec/transcode.ts';

/** Codes and values from ITU-T G.711 tables 1a and 2a, scaled to 16 bits. */
const REFERENCE = {
  PCMA: [[0xd5, 8], [0x55, -8], [0xd4, 24], [0x80, 5_504], [0xaa, 32_256], [0x2a, -32_256]],
  PCMU: [[0xff, 0], [0x7f, 0], [0xfe, 8], [0x80, 32_124], [0x00, -32_124], [0xef, 132]],
} as const;

for (const name of ['PCMA', 'PCMU'] as const) {
  describe(`G.711 ${name}`, () => {
    const codec = G711[name];

    for (const [code, value] of REFERENCE[name]) {
      it(`decodes ${code.toString(16)} to ${value}`, () => { assert.equal(codec.toLinear[code], value); });
    }

    it('encodes every value that it decodes to the same code, but for the second zero of µ-law', () => {
      for (let code = 0; code < 256; code += 1) {
        const value = codec.toLinear[code] ?? 0;
        const again = codec.fromLinear[value & 0xffff];
        assert.equal(again, name === 'PCMU' && code === 0x7f ? 0xff : code);
      }
    });

    it('never errs by more than half a step of its segment', () => {
      fc.assert(fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const decoded = codec.toLinear[codec.fromLinear[sample & 0xffff] ?? 0] ?? 0;
        const clipped = Math.max(-32_256, Math.min(32_256, sample));
        assert.ok(Math.abs(decoded - clipped) <= Math.max(8, Math.abs(clipped) / 31), `${sample} became ${decoded}`);
      }));
    });

    it('is odd and rises', () => {
      const values = Array.from({ length: 4_096 }, (_, i) => codec.toLinear[codec.fromLinear[(i * 8) & 0xffff] ?? 0] ?? 0);
      for (const [i, value] of values.slice(1).entries()) assert.ok(value >= (values[i] ?? 0));
    });

    it('decodes and encodes buffers', () => {
      const codes = Uint8Array.from({ length: 256 }, (_, i) => i).filter((code) => code !== 0x7f);
      const samples = new Int16Array(255);
      const again = new Uint8Array(255);
      decodeG711(codec, codes, samples);
      encodeG711(codec, samples, again);
      assert.deepEqual(again, codes);
    });
  });
}

describe('transcodingTable', () => {
  it('keeps a code that goes there and back within one step of its segment', () => {
    const there = transcodingTable('PCMA', 'PCMU');
    const back = transcodingTable('PCMU', 'PCMA');
    for (let code = 0; code < 256; code += 1) {
      const value = G711.PCMA.toLinear[code] ?? 0;
      const again = G711.PCMA.toLinear[back[there[code] ?? 0] ?? 0] ?? 0;
      assert.ok(Math.abs(again - value) <= Math.max(16, Math.abs(value) / 15), `${value} became ${again}`);
    }
  });

  it('turns silence into silence', () => {
    assert.equal(transcodingTable('PCMA', 'PCMU')[G711.PCMA.silence], 0xfe);
    assert.equal(transcodingTable('PCMU', 'PCMA')[G711.PCMU.silence], G711.PCMA.silence);
  });
});
