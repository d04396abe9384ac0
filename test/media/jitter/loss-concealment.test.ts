import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LossConcealment } from '../../../server/media/jitter/loss-concealment.ts';
import { levelDbfs, analyseTone, dominantFrequency } from '../../../server/media/listen/tone.ts';
import { readWav } from '../../../server/media/listen/wav.ts';
import { ImpairedPath } from '../support/impaired-path.ts';
import { joinSamples, largestStep, makeSine, makeVoice } from '../support/signals.ts';
import { logSpectralDistance } from '../support/spectral-distance.ts';

/** Lets a piece be heard in frames of 20 ms of which some are missing. */
function conceal(voice: Int16Array, isMissing: (frame: number) => boolean, isMeant = false): Int16Array {
  const concealment = new LossConcealment();
  const heard = voice.slice();
  for (let at = 0; at + 160 <= voice.length; at += 160) {
    const frame = heard.subarray(at, at + 160);
    if (isMissing(at / 160)) concealment.missing(frame, 0, 160, isMeant);
    else concealment.heard(frame, 0, 160);
  }
  return heard;
}

const gap = (first: number, frames: number) => (frame: number): boolean => frame >= first && frame < first + frames;

describe('LossConcealment', () => {
  for (const frequency of [100, 220, 440, 1_004, 2_713]) {
    it(`keeps a tone of ${frequency} Hz in a gap of 20 ms, at its level and without a click (ITU-T G.711 appendix I)`, () => {
      const tone = makeSine(frequency, 400);
      const heard = conceal(tone, gap(10, 1));
      const made = heard.subarray(1_600, 1_760);
      assert.ok(analyseTone(made, frequency).share > 0.9, `share ${analyseTone(made, frequency).share}`);
      assert.ok(Math.abs(levelDbfs(made.subarray(0, 80)) - levelDbfs(tone)) < 1);
      assert.ok(Math.abs((dominantFrequency(heard.subarray(800, 2_400)) ?? 0) - frequency) < 5);
      assert.ok(largestStep(heard) <= largestStep(tone) * 1.25 + 10, `a step of ${largestStep(heard)}, of the tone ${largestStep(tone)}`);
    });
  }

  it('holds the level for 10 ms, falls by a fifth each 10 ms, and is silent after 60 ms (ITU-T G.711 appendix I)', () => {
    const tone = makeSine(400, 400);
    const heard = conceal(tone, gap(10, 8)).subarray(1_600);
    const peaks = Array.from({ length: 8 }, (_, i) => Math.max(...heard.subarray(i * 80, (i + 1) * 80)));
    for (const [i, share] of [1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0].entries()) {
      assert.ok(Math.abs((peaks[i] ?? 0) / 8_000 - share) < 0.03, `${i * 10} ms: ${peaks[i]}`);
    }
  });

  it('falls within 5 ms where silence is meant, and counts nothing', () => {
    const concealment = new LossConcealment();
    const frame = makeSine(400, 20);
    concealment.heard(frame, 0, 160);
    concealment.missing(frame, 0, 160, true);
    assert.ok(frame.subarray(40).every((sample) => sample === 0));
    assert.deepEqual([concealment.concealed, concealment.isAudible], [0, false]);
  });

  it('makes silence of silence, and of nothing', () => {
    assert.ok(conceal(new Int16Array(1_600), gap(2, 3)).every((sample) => sample === 0));
    assert.ok(conceal(makeSine(400, 100), () => true).every((sample) => sample === 0));
  });

  it('never steps further than the voice itself, wherever and how long it is missing (property)', () => {
    const voice = makeVoice(1_000);
    const own = largestStep(voice);
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 4, max: 48 }), { maxLength: 20 }), (missing) => {
      const heard = conceal(voice, (frame) => missing.includes(frame));
      assert.ok(largestStep(heard) <= own * 1.5, `a step of ${largestStep(heard)}, of the voice ${own}`);
      assert.ok(heard.every((sample) => Math.abs(sample) < 16_000));
    }));
  });

  it('fills parts of frames, of any length, as it fills whole ones (property)', () => {
    const tone = makeSine(400, 1_000);
    fc.assert(fc.property(fc.array(fc.record({ length: fc.integer({ min: 1, max: 160 }), isMissing: fc.boolean() }), { minLength: 1, maxLength: 50 }), (parts) => {
      const concealment = new LossConcealment();
      const heard = tone.slice();
      for (const start of [0, 160, 320]) concealment.heard(heard, start, start + 160);
      let at = 480;
      for (const { length, isMissing } of parts) {
        if (isMissing) concealment.missing(heard, at, at + length, false);
        else concealment.heard(heard, at, at + length);
        at += length;
        if (at > 7_000) break;
      }
      // What is made goes on in the phase of the tone, so a join is no step either.
      assert.ok(largestStep(heard.subarray(0, at)) <= 2_900, `a step of ${largestStep(heard.subarray(0, at))}`);
    }));
  });

  for (const [what, loss] of [['1', 0.01], ['5', 0.05], ['10', 0.1]] as const) {
    it(`is nearer to the speech that was lost than silence is, at ${what} % loss`, async () => {
      const prompts = ['ar/bill-help-menu', 'fr/bill-help-menu', 'en/bill-help-menu'].map((id) => new URL(`../../../ivr-flows/prompts/${id}.wav`, import.meta.url).pathname);
      const speech = joinSamples(await Promise.all(prompts.map(async (path) => (await readWav(path)).samples)));
      for (const voice of [speech, makeVoice(6_000)]) {
        const path = new ImpairedPath({ seed: 11, loss });
        const lost = new Set(Array.from({ length: voice.length / 160 }, (_, i) => i).filter(() => path.carry(0).length === 0));
        assert.ok(lost.size > 0);
        const silenced = voice.map((sample, i) => (lost.has(Math.floor(i / 160)) ? 0 : sample));
        const isCounted = (frame: number): boolean => lost.has(frame) && levelDbfs(voice.subarray(frame * 160, frame * 160 + 160)) > -40;
        const concealed = logSpectralDistance(voice, conceal(voice, (frame) => lost.has(frame)), isCounted);
        const silent = logSpectralDistance(voice, silenced, isCounted);
        assert.ok(concealed < silent * 0.35, `${concealed.toFixed(1)} dB instead of ${silent.toFixed(1)} dB`);
      }
    });
  }
});
