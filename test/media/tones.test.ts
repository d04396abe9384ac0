import assert from 'node:assert/strict';
import { AudioCache } from '../../server/media/player/audio-cache.ts';
import { Sources } from '../../server/media/engine/sources.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone, dominantFrequency, levelDbfs } from '../../server/media/listen/tone.ts';
import { Playlist } from '../../server/media/player/playlist.ts';
import { toneCountry, type ToneName } from '../../server/media/player/tone-tables.ts';
import { makeTone } from '../../server/media/player/tones.ts';
import { joinSamples } from './support/signals.ts';

/** Milliseconds to samples. */
const at = (ms: number): number => ms * 8;

/** The tables as they are printed: hertz (`+` together, `*` modulated by) / milliseconds; 0 is silence, no time is continuous. */
const PRINTED: Readonly<Record<string, Readonly<Record<Exclude<ToneName, 'special-information'>, string>>>> = {
  DZ: { dial: '450', ringback: '450/1500 0/3500', busy: '450/500 0/500', congestion: '450/250 0/250' },
  FR: { dial: '440', ringback: '440/1500 0/3500', busy: '440/500 0/500', congestion: '440/250 0/250' },
  GB: { dial: '350+440', ringback: '400+450/400 0/200 400+450/400 0/2000', busy: '400/375 0/375', congestion: '400/400 0/350 400/225 0/525' },
  US: { dial: '350+440', ringback: '440+480/2000 0/4000', busy: '480+620/500 0/500', congestion: '480+620/250 0/250' },
  IN: { dial: '400*25', ringback: '400*25/400 0/200 400*25/400 0/2000', busy: '400/750 0/750', congestion: '400/250 0/250' },
};

/** Share of each frequency in what is printed: two sides of a quarter of the amplitude for a swelling tone. */
function expectedShares(printed: string): ReadonlyMap<number, number> {
  const [carrier = 0, modulation] = printed.split('*').map(Number);
  if (modulation !== undefined) return new Map([[carrier - modulation, 1 / 6], [carrier, 4 / 6], [carrier + modulation, 1 / 6]]);
  const frequencies = printed.split('+').map(Number);
  return new Map(frequencies.map((frequency) => [frequency, 1 / frequencies.length]));
}

function assertSounds(samples: Int16Array, printed: string): void {
  for (const [frequency, share] of expectedShares(printed)) {
    const measured = analyseTone(samples, frequency).share;
    assert.ok(Math.abs(measured - share) < 0.03, `${frequency} Hz has ${measured} of the energy, not ${share}`);
  }
}

/** Where sound is in a period, from its silences of 100 ms and more. */
function burstsOf(samples: Int16Array): readonly { readonly startMs: number; readonly lengthMs: number }[] {
  let startMs = 0;
  const bursts = silentGaps(samples, { minimumMs: 100 }).flatMap((gap) => {
    const burst = { startMs, lengthMs: gap.startMs - startMs };
    startMs = gap.startMs + gap.lengthMs;
    return burst.lengthMs > 0 ? [burst] : [];
  });
  const rest = samples.length / 8 - startMs;
  return rest > 0 ? [...bursts, { startMs, lengthMs: rest }] : bursts;
}

describe('makeTone', () => {
  for (const [country, tones] of Object.entries(PRINTED)) {
    describe(`given ${country}`, () => {
      for (const name of ['ringback', 'busy', 'congestion'] as const) {
        it(`makes ${name} as ${tones[name]} (ITU-T E.180 Supplement 2)`, () => {
          const period = makeTone(name, country);
          const parts = tones[name].split(' ').map((part) => part.split('/')).map(([printed = '', ms]) => ({ printed, ms: Number(ms) }));
          assert.equal(period.length, at(parts.reduce((sum, { ms }) => sum + ms, 0)));
          let startMs = 0;
          const expected = parts.flatMap(({ printed, ms }) => {
            startMs += ms;
            return printed === '0' ? [] : [{ startMs: startMs - ms, lengthMs: ms, printed }];
          });
          const bursts = burstsOf(period);
          assert.equal(bursts.length, expected.length);
          for (const [i, { startMs: burstStartMs, lengthMs }] of bursts.entries()) {
            assert.ok(Math.abs(burstStartMs - (expected[i]?.startMs ?? -1)) <= 5 && Math.abs(lengthMs - (expected[i]?.lengthMs ?? -1)) <= 5,
              `sounds from ${burstStartMs} ms for ${lengthMs} ms`);
            assertSounds(period.subarray(at(burstStartMs), at(burstStartMs + lengthMs)), expected[i]?.printed ?? '');
          }
        });
      }

      it(`makes a dial tone of ${tones.dial} that goes on without a seam`, () => {
        const period = makeTone('dial', country);
        assertSounds(period, tones.dial);
        const twice = joinSamples([period, period]);
        assert.deepEqual(silentGaps(twice, { minimumMs: 20 }), []);
        // All of them repeat every fifth of a second, and so they must across the seam.
        const ahead = twice.subarray(at(200));
        assert.ok(ahead.every((sample, i) => Math.abs(sample - (twice[i] ?? 0)) <= 1));
      });

      it('makes the special information tone of three steps (ITU-T E.180)', () => {
        const period = makeTone('special-information', country);
        for (const [step, hertz] of [950, 1_400, 1_800].entries()) {
          const tone = period.subarray(at(330 * step), at(330 * (step + 1)));
          assert.ok(Math.abs((dominantFrequency(tone) ?? 0) - hertz) < 3);
          assert.ok(analyseTone(tone, hertz).share > 0.97);
        }
        assert.deepEqual(silentGaps(period, { minimumMs: 30 }), [{ startMs: 990, lengthMs: 1_000 }]);
      });

      it('makes them as loud as speech, and without clipping', () => {
        for (const name of ['ringback', 'busy', 'congestion', 'dial', 'special-information'] as const) {
          const period = makeTone(name, country);
          const level = levelDbfs(period.subarray(0, at(200)));
          assert.ok(level > -28 && level < -18, `${name}: ${level} dBFS`);
          assert.ok(period.every((sample) => Math.abs(sample) <= 3_000));
        }
      });

      it('begins and ends each burst without a click', () => {
        for (const name of ['ringback', 'busy', 'congestion', 'special-information'] as const) {
          const period = makeTone(name, country);
          for (const { startMs, lengthMs } of burstsOf(period)) {
            assert.ok(Math.abs(period[at(startMs)] ?? 0) < 100 && Math.abs(period[at(startMs + lengthMs) - 1] ?? 0) < 100);
          }
        }
      });
    });
  }

  it('gives the French tones to whoever names no country, or one without a table', () => {
    assert.deepEqual(makeTone('ringback'), makeTone('ringback', 'FR'));
    assert.deepEqual(makeTone('busy', 'ZZ'), makeTone('busy', 'FR'));
    assert.deepEqual(makeTone('busy', 'toString'), makeTone('busy', 'FR'));
    assert.equal(toneCountry('gb'), 'GB');
    assert.equal(toneCountry('??'), 'FR');
  });
});

describe('Sources, given tones', () => {
  const sources = new Sources({ cache: new AudioCache(1), promptsDirectory: '/' });

  it('plays the tone of the country that is named, and makes it once', async () => {
    const [british, again, french] = await sources.prepare([
      { kind: 'tone', name: 'ringback', country: 'GB' }, { kind: 'tone', name: 'ringback', country: 'gb' }, { kind: 'tone', name: 'ringback' },
    ]);
    assert.ok(british?.kind === 'endless' && again?.kind === 'endless' && french?.kind === 'endless');
    assert.deepEqual(british.samples, makeTone('ringback', 'GB'));
    assert.equal(british.samples, again.samples);
    assert.deepEqual(french.samples, makeTone('ringback', 'FR'));
  });

  it('keeps the cadence as long as it is played', async () => {
    const playlist = new Playlist(await sources.prepare([{ kind: 'tone', name: 'busy', country: 'US' }]), false);
    const frames = Array.from({ length: 150 }, (_, tick) => {
      const frame = new Int16Array(160);
      playlist.render(frame, tick);
      return frame;
    });
    assert.deepEqual(silentGaps(joinSamples(frames), { minimumMs: 100 }).map(({ lengthMs }) => lengthMs), [500, 500, 500]);
  });
});
