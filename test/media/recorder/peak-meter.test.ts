import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PeakMeter } from '../../../server/media/recorder/peak-meter.ts';

describe('PeakMeter', () => {
  it('keeps the loudest of each stretch, in 800 to 1,600 points however long it lasts (property)', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9_000 }), fc.nat(1_000), (frames, seed) => {
      const loudest = Array.from({ length: frames }, (_, i) => ((i * 7_919 + seed * 104_729) % 32_769));
      const meter = new PeakMeter(2);
      for (const [i, value] of loudest.entries()) meter.addFrame(value, i % 2 === 0 ? 32_768 : 0);
      const { samplesPerPoint, channels: [left = new Uint8Array(), right = new Uint8Array()] } = meter.peaks();
      const framesPerPoint = samplesPerPoint / 160;
      assert.equal(left.length, Math.ceil(frames / framesPerPoint));
      assert.ok(left.length <= 1_600 && (frames <= 1_600 ? framesPerPoint === 1 : left.length > 800));
      for (const [point, value] of left.entries()) {
        const stretch = loudest.slice(point * framesPerPoint, (point + 1) * framesPerPoint);
        assert.equal(value, Math.min(255, Math.max(...stretch) >> 7), `point ${point}`);
      }
      assert.equal(right[0], 255);
    }), { numRuns: 60 });
  });
});
