import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findPeriod, MAX_PERIOD, MIN_PERIOD } from '../../../server/media/jitter/pitch.ts';
import { dropPeriod, repeatPeriod } from '../../../server/media/jitter/time-stretch.ts';
import { joinSamples, largestStep, makeSine, makeVoice } from '../support/signals.ts';

describe('findPeriod', () => {
  it('finds the period of any voice from 67 to 200 Hz, or a multiple of it (property)', () => {
    fc.assert(fc.property(fc.integer({ min: MIN_PERIOD, max: MAX_PERIOD }), fc.integer({ min: 0, max: 100 }), (period, offset) => {
      // Harmonics make the period plain: a bare sine repeats nearly as well one sample further.
      const voice = Int16Array.from({ length: 400 }, (_, i) => [1, 2, 3, 4, 5].reduce((sum, k) => sum + 1_500 * Math.cos((2 * Math.PI * k * (i + offset)) / period), 0));
      const found = findPeriod(voice, 400);
      assert.ok(found.period % period === 0, `${found.period} for ${period}`);
      assert.ok(found.likeness > 0.99);
    }));
  });

  it('finds no likeness in silence and little in noise', () => {
    assert.equal(findPeriod(new Int16Array(400), 400).likeness, 0);
    let noise = 7;
    const hiss = Int16Array.from({ length: 400 }, () => {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
      return (noise >>> 16) - 32_768;
    });
    assert.ok(findPeriod(hiss, 400).likeness < 0.5);
  });
});

describe('repeatPeriod and dropPeriod', () => {
  it('make a tone longer and shorter by whole periods, as if nothing had happened', () => {
    const tone = makeSine(100, 200);
    const longer = tone.slice(800, 960);
    repeatPeriod(longer, tone.subarray(0, 800), 80);
    assert.deepEqual(joinSamples([tone.subarray(0, 800), longer, tone.subarray(880, 1_040)]), tone.subarray(0, 1_120));
    const shorter = new Int16Array(160);
    dropPeriod(tone.subarray(800, 1_080), shorter, 80);
    assert.deepEqual(joinSamples([tone.subarray(0, 800), shorter, tone.subarray(1_040, 1_200)]), tone.subarray(0, 1_120));
  });

  it('never click in a voice, whatever the period (property)', () => {
    const voice = makeVoice(1_000);
    const own = largestStep(voice);
    fc.assert(fc.property(fc.integer({ min: 400, max: 7_000 }), fc.integer({ min: MIN_PERIOD, max: MAX_PERIOD }), (at, period) => {
      const longer = voice.slice(at, at + 160);
      repeatPeriod(longer, voice.subarray(0, at), period);
      const shorter = new Int16Array(160);
      dropPeriod(voice.subarray(at, at + 280), shorter, period);
      for (const [frame, next] of [[longer, at + 160 - period], [shorter, at + 160 + period]] as const) {
        const heard = joinSamples([voice.subarray(at - 160, at), frame, voice.subarray(next, next + 160)]);
        assert.ok(largestStep(heard) <= own * 1.3, `a step of ${largestStep(heard)}, of the voice ${own}`);
      }
    }));
  });
});
