import assert from 'node:assert/strict';
import fc from 'fast-check';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone, dominantFrequency, levelDbfs, SILENCE_DBFS } from '../../server/media/listen/tone.ts';
import { joinSamples, makeSine } from './support/signals.ts';

describe('levelDbfs', () => {
  it('is 0 for a full sine, −6 for half of it, −120 for silence', () => {
    assert.ok(Math.abs(levelDbfs(makeSine(1_000, 1_000, { amplitude: 32_767 }))) < 0.01);
    assert.ok(Math.abs(levelDbfs(makeSine(1_000, 1_000, { amplitude: 16_384 })) + 6.02) < 0.01);
    assert.equal(levelDbfs(new Int16Array(100)), SILENCE_DBFS);
    assert.equal(levelDbfs(new Int16Array(0)), SILENCE_DBFS);
  });
});

describe('analyseTone', () => {
  it('measures a tone and its share among others', () => {
    const other = makeSine(1_000, 1_000, { amplitude: 4_000 });
    const mixed = makeSine(440, 1_000, { amplitude: 8_000 }).map((sample, i) => sample + (other[i] ?? 0));
    const { levelDbfs: level, share } = analyseTone(mixed, 440);
    assert.ok(Math.abs(level - 20 * Math.log10(8_000 / 32_768)) < 0.05);
    assert.ok(Math.abs(share - 0.8) < 0.01);
    assert.ok(analyseTone(mixed, 700).share < 0.001);
  });
});

describe('dominantFrequency', () => {
  it('finds any tone of the telephone band to 2 Hz (property)', () => {
    fc.assert(fc.property(fc.integer({ min: 100, max: 3_800 }), fc.integer({ min: 500, max: 30_000 }), (frequency, amplitude) => {
      assert.ok(Math.abs((dominantFrequency(makeSine(frequency, 500, { amplitude })) ?? 0) - frequency) < 2);
    }), { numRuns: 15 });
  });

  it('finds none in silence, and works at other rates', () => {
    assert.equal(dominantFrequency(new Int16Array(8_000)), undefined);
    assert.ok(Math.abs((dominantFrequency(makeSine(5_000, 160, { sampleRate: 48_000 }), 48_000) ?? 0) - 5_000) < 10);
  });
});

describe('silentGaps', () => {
  it('lists the silences of a piece with their places', () => {
    const piece = joinSamples([makeSine(400, 200), new Int16Array(8 * 100), makeSine(400, 200), new Int16Array(8 * 40)]);
    assert.deepEqual(silentGaps(piece), [{ startMs: 200, lengthMs: 100 }, { startMs: 500, lengthMs: 40 }]);
    assert.deepEqual(silentGaps(piece, { minimumMs: 60 }), [{ startMs: 200, lengthMs: 100 }]);
  });
});
