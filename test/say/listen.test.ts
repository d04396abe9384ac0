import assert from 'node:assert/strict';
import { speechRms } from '../../ivr-flows/shape-voice.ts';
import { PROMPTS_DIRECTORY } from '../../ivr-flows/prompt-manifest.ts';
import { epochMs } from '../../server/base/time.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from '../../server/media/codec/frame.ts';
import { Sources } from '../../server/media/engine/sources.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { AudioCache } from '../../server/media/player/audio-cache.ts';
import { Playlist, type ReadySource } from '../../server/media/player/playlist.ts';
import { sayDuration, sayDurationRange } from '../../server/media/say/say-duration.ts';
import { sayTelephone } from '../../server/media/say/say-telephone.ts';
import { sayDate, sayMoney, sayTime } from '../../server/media/say/say.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

/** Longest silence in a sentence: stops like the t of "quatre" are silent for half of that. */
const MAX_GAP_MS = 120;
/** Longest silence where two pieces meet. */
const MAX_SEAM_GAP_MS = 80;
/** Longest silence at either end of a piece: a hissed letter (ص) is nearly silent at first. */
const MAX_EDGE_MS = 80;
/** Two pieces of one sentence may differ so much in their level. */
const MAX_STEP_DB = 3;
/** −3 dBFS, which the prompts never exceed. */
const PEAK = 0.71 * 32_768;
/** A jump from one sample to the next at a seam that nobody hears: −40 dBFS. */
const MAX_CLICK = 328;

const NOON = epochMs(Date.parse('2026-06-05T13:45Z'));
const SENTENCES = (language: Language): readonly (readonly AudioSource[])[] => [
  sayMoney({ minor: 23_400, currency: 'DZD' }, language),
  sayMoney({ minor: 123_456_789, currency: 'EUR' }, language),
  sayMoney({ minor: 7_181, currency: 'EUR' }, language),
  sayDate(NOON, 'Africa/Algiers', language, { weekday: true }),
  sayTime(NOON, 'Africa/Algiers', language),
  sayTime(NOON, 'Africa/Algiers', language, 'spoken'),
  sayDuration(7_500_000, language),
  sayDurationRange({ fromMs: 120_000, toMs: 240_000 }, language),
];

const sources = new Sources({ cache: new AudioCache(32_000_000), promptsDirectory: PROMPTS_DIRECTORY });

/** Plays a sentence frame by frame, as a leg hears it. */
function render(ready: readonly ReadySource[]): Int16Array {
  const playlist = new Playlist(ready, false);
  const frames: Int16Array[] = [];
  for (let isDone = false; !isDone;) {
    const frame = new Int16Array(FRAME_SAMPLES);
    isDone = playlist.render(frame, frames.length);
    frames.push(frame);
  }
  return Int16Array.from(frames.flatMap((frame) => [...frame]));
}

const samplesOf = (source: ReadySource): Int16Array => (source.kind === 'samples' ? source.samples : new Int16Array(0));
const levelDb = (samples: Int16Array): number =>
  20 * Math.log10(speechRms({ sampleRate: 8_000, samples: Float32Array.from(samples, (sample) => sample / 32_768) }));

/** Where pieces meet, in samples. */
function seamsOf(ready: readonly ReadySource[]): readonly number[] {
  let at = 0;
  return ready.slice(0, -1).map((source) => (at += samplesOf(source).length));
}

function assertSoundsLikeOne(ready: readonly ReadySource[]): void {
  const heard = render(ready);
  const whole = ready.reduce((sum, source) => sum + samplesOf(source).length, 0);
  assert.equal(heard.length, Math.ceil(whole / FRAME_SAMPLES) * FRAME_SAMPLES, 'nothing is lost or added');
  const speech = heard.subarray(0, whole);
  assert.ok(speech.every((sample) => Math.abs(sample) <= PEAK), 'a sample is above the peak limit');
  const seams = seamsOf(ready);
  for (const { startMs, lengthMs } of silentGaps(speech)) {
    const isAtSeam = seams.some((seam) => startMs * SAMPLES_PER_MS <= seam && seam <= (startMs + lengthMs) * SAMPLES_PER_MS);
    assert.ok(lengthMs <= (isAtSeam ? MAX_SEAM_GAP_MS : MAX_GAP_MS), `${lengthMs} ms of silence at ${startMs} ms`);
  }
  for (const seam of seams) assert.ok(Math.abs((speech[seam] ?? 0) - (speech[seam - 1] ?? 0)) <= MAX_CLICK, `a click at sample ${seam}`);
  const levels = ready.map((source) => levelDb(samplesOf(source)));
  assert.ok(Math.max(...levels) - Math.min(...levels) <= MAX_STEP_DB, `levels ${levels.map((level) => level.toFixed(1)).join(', ')} dBFS`);
}

describe('sentences of recorded pieces', () => {
  it('sound like one: "deux cent trente-quatre dinars"', async () => {
    const sentence = sayMoney({ minor: 23_400, currency: 'DZD' }, 'fr');
    assert.equal(spokenText(await loadManifest(), sentence), 'deux cent trente-quatre dinars');
    assertSoundsLikeOne(await sources.prepare(sentence));
  });

  for (const language of LANGUAGES) {
    it(`have no gap, click, clipping or step in level (${language})`, async () => {
      for (const sentence of SENTENCES(language)) assertSoundsLikeOne(await sources.prepare(sentence));
    });

    it(`leave the listener time between the groups of a number (${language})`, async () => {
      const heard = render(await sources.prepare(sayTelephone('+213551234567', 'DZ', language)));
      const pauses = silentGaps(heard, { minimumMs: 200 });
      assert.ok(pauses.length >= 3 && pauses.every(({ lengthMs }) => lengthMs < 400), JSON.stringify(pauses));
    });

    it(`are made of pieces that begin and end at once, and softly (${language})`, async () => {
      const { pieces } = await loadManifest();
      for (const id of Object.keys(pieces[language])) {
        const [piece] = await sources.prepare([{ kind: 'prompt', language, id }]);
        const samples = piece ? samplesOf(piece) : new Int16Array(0);
        const [before, after] = [silentGaps(samples).at(0), silentGaps(samples).at(-1)];
        const lengthMs = samples.length / SAMPLES_PER_MS;
        if (before?.startMs === 0) assert.ok(before.lengthMs <= MAX_EDGE_MS, `${id} begins after ${before.lengthMs} ms`);
        if (after && after.startMs + after.lengthMs >= lengthMs) assert.ok(after.lengthMs <= MAX_EDGE_MS, `${id} ends ${after.lengthMs} ms before its end`);
        assert.ok(Math.abs(samples[0] ?? 0) <= MAX_CLICK && Math.abs(samples.at(-1) ?? 0) <= MAX_CLICK, `${id} begins or ends with a click`);
      }
    });
  }
});
