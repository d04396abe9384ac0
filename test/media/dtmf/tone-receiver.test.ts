import assert from 'node:assert/strict';
import { makeKeyTone } from '../../../server/media/dtmf/key-tone.ts';
import { ToneReceiver } from '../../../server/media/dtmf/tone-receiver.ts';
import { analyseTone } from '../../../server/media/listen/tone.ts';
import { DIGITS } from '../../../server/model/digit.ts';
import type { Digit } from '../../../server/model/digit.ts';
import { makeDice, makeKey } from '../support/key-signal.ts';
import type { KeySignal } from '../support/key-signal.ts';
import { joinSamples, makeSine } from '../support/signals.ts';

const hear = (samples: Int16Array): string => new ToneReceiver().hear(samples).join('');

/** Beginnings within a block of 64 samples. */
const LEADS = [0, 37, 77, 111];

/** How often a signal of each of the sixteen keys is heard as expected, over several beginnings. */
function missesOf(signal: KeySignal, expected: (key: Digit) => string): readonly string[] {
  const dice = makeDice(7);
  return DIGITS.flatMap((key) => LEADS.map((leadSamples) => hear(makeKey(key, { ...signal, leadSamples }, dice)))
    .flatMap((heard) => (heard === expected(key) ? [] : [`${key}: heard "${heard}"`])));
}

const assertHeard = (signal: KeySignal): void => assert.deepEqual(missesOf(signal, (key) => key.repeat(signal.times ?? 1)), []);
const assertNotHeard = (signal: KeySignal): void => assert.deepEqual(missesOf(signal, () => ''), []);

describe('ToneReceiver', () => {
  describe('given keys of 40 ms with pauses of 40 ms (ITU-T Q.24, annex A)', () => {
    const shortest = { onMs: 40, offMs: 40, times: 2 };
    for (const [lowDbm0, highDbm0] of [[-3, -3], [-10, -10], [-24, -24], [-3, -11], [-10, -18], [-16, -24], [-7, -3], [-14, -10], [-24, -20]] as const) {
      for (const noiseBelowDb of [undefined, 15]) {
        const noise = noiseBelowDb === undefined ? 'no noise' : `noise ${noiseBelowDb} dB below`;
        it(`hears all sixteen at ${lowDbm0} and ${highDbm0} dBm0 with ${noise}, up to 1.5 % off in either tone`, () => {
          for (const lowError of [-0.015, 0, 0.015]) {
            for (const highError of [-0.015, 0, 0.015]) assertHeard({ ...shortest, lowDbm0, highDbm0, lowError, highError, ...(noiseBelowDb === undefined ? {} : { noiseBelowDb }) });
          }
        });
      }
    }
  });

  for (const error of [0.035, -0.035, 0.05, -0.05, 0.07]) {
    it(`hears no key whose low or high tone is ${(error * 100).toFixed(1)} % off`, () => {
      for (const [lowDbm0, highDbm0] of [[-10, -10], [-3, -11], [-7, -3]] as const) {
        assertNotHeard({ lowDbm0, highDbm0, lowError: error });
        assertNotHeard({ lowDbm0, highDbm0, highError: error });
      }
    });
  }

  it('hears no key whose tones differ too much: 7 dB for a stronger high one, 12 dB for a stronger low one', () => {
    assertNotHeard({ lowDbm0: -12, highDbm0: -5 });
    assertNotHeard({ lowDbm0: -5, highDbm0: -17 });
  });

  it('hears no key of less than −30 dBm0, of one tone, or shorter than 23 ms', () => {
    assertNotHeard({ lowDbm0: -30, highDbm0: -30 });
    assertNotHeard({ lowDbm0: -60, highDbm0: -10 });
    assertNotHeard({ lowDbm0: -10, highDbm0: -60 });
    for (const onMs of [10, 15, 20, 23]) assertNotHeard({ onMs });
  });

  it('hears a long key once, and once through interruptions of 10 ms', () => {
    assertHeard({ onMs: 3_000 });
    assert.deepEqual(missesOf({ onMs: 60, offMs: 10, times: 4 }, (key) => key), []);
  });

  it('hears a key once when packets of it are lost, and the next press after a silence', () => {
    const receiver = new ToneReceiver();
    const dice = makeDice(3);
    const press = makeKey('5', { onMs: 100, offMs: 0 }, dice);
    const heard = [...receiver.hear(press)];
    receiver.miss(320);
    heard.push(...receiver.hear(press));
    receiver.miss(8_000);
    heard.push(...receiver.hear(press));
    assert.deepEqual(heard, ['5', '5']);
  });

  it('hears no key in single tones of the network, in noise and in chords of music', () => {
    for (const hertz of [350, 425, 440, 480, 697, 941, 1_004, 1_100, 1_209, 1_633, 2_100]) assert.equal(hear(makeSine(hertz, 1_000)), '');
    const dice = makeDice(11);
    assert.equal(hear(Int16Array.from({ length: 240_000 }, () => 20_000 * (dice() - 0.5))), '');
    const chord = [262, 330, 392, 523, 659, 784, 1_047, 1_319].map((hertz) => makeSine(hertz, 3_000, { amplitude: 3_000 }));
    assert.equal(hear(Int16Array.from({ length: 24_000 }, (_, i) => chord.reduce((sum, voice) => sum + (voice[i] ?? 0), 0))), '');
  });

  it('hears no key in two tones with overtones, as a voice has them', () => {
    const dice = makeDice(5);
    const key = makeKey('8', {}, dice);
    const second = makeSine(2 * 1_336, 100, { amplitude: 3_000 });
    const third = makeSine(3 * 852, 100, { amplitude: 3_000 });
    for (const overtone of [second, third]) assert.equal(hear(key.map((sample, i) => sample + (overtone[i] ?? 0))), '');
    assert.equal(hear(key), '8');
  });

  it('hears no key under speech that is as loud, and goes on hearing after it', () => {
    const dice = makeDice(9);
    const key = makeKey('3', {}, dice);
    const speechLike = joinSamples([200, 450, 1_050, 2_400].map((hertz) => makeSine(hertz, 160, { amplitude: 6_000 }))).subarray(0, key.length);
    assert.equal(hear(joinSamples([key.map((sample, i) => (sample >> 1) + (speechLike[i] ?? 0)), key])), '3');
  });

  it('takes packets of any length alike', () => {
    const dice = makeDice(2);
    const dialled = joinSamples(DIGITS.map((key) => makeKey(key, {}, dice)));
    for (const length of [80, 160, 240, 480, 77]) {
      const receiver = new ToneReceiver();
      const heard: string[] = [];
      for (let at = 0; at < dialled.length; at += length) heard.push(...receiver.hear(dialled.subarray(at, at + length)));
      assert.equal(heard.join(''), DIGITS.join(''));
    }
  });

  it('hears the keys that Allo itself sounds', () => {
    const rest = new Int16Array(480);
    const dialled = joinSamples(DIGITS.flatMap((key) => [...[0, 1, 2, 3, 4].map((frame) => makeKeyTone(key, frame)), rest]));
    assert.equal(hear(dialled), DIGITS.join(''));
  });
});

describe('makeKeyTone', () => {
  const key = joinSamples([0, 1, 2, 3, 4].map((frame) => makeKeyTone('D', frame)));

  it('makes the two tones of a key in phase from frame to frame, at −11 and −9 dBm0 (ITU-T Q.23)', () => {
    assert.ok(analyseTone(key, 941).share + analyseTone(key, 1_633).share > 0.98);
    assert.ok(Math.abs(analyseTone(key, 941).levelDbfs - (-11 - 3.14)) < 0.3);
    assert.ok(Math.abs(analyseTone(key, 1_633).levelDbfs - (-9 - 3.14)) < 0.3);
  });

  it('rises and falls without a click', () => {
    assert.ok(Math.abs(key[0] ?? 1e9) < 1_000 && Math.abs(key.at(-1) ?? 1e9) < 1_000);
  });
});
