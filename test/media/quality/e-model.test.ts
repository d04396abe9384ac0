import assert from 'node:assert/strict';
import fc from 'fast-check';
import { G711_IMPAIRMENT } from '../../../server/media/quality/codec-impairment.ts';
import { mosOf, rateTransmission } from '../../../server/media/quality/e-model.ts';

const isNear = (actual: number, expected: number, within: number): void => {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} instead of ${expected} ± ${within}`);
};

/** A connection on which voice, echo and loop take the same way. */
const over = (oneWayMs: number, more: Parameters<typeof rateTransmission>[0] = {}): ReturnType<typeof rateTransmission> =>
  rateTransmission({ t: oneWayMs, tr: 2 * oneWayMs, ta: oneWayMs, ...more });

describe('rateTransmission', () => {
  it('gives 93.2 and a MOS of 4.41 for the default values (ITU-T G.107 (06/2015) §7.7, annex B)', () => {
    const { r } = rateTransmission();
    assert.equal(r.toFixed(1), '93.2');
    assert.equal(mosOf(r).toFixed(2), '4.41');
  });

  it('has a noise of −61.18 dBm0p in Ro, and 1.41 points of Is at the default values (G.107 §7.2, §7.3)', () => {
    const { ro, is } = rateTransmission();
    isNear(ro, 15 - 1.5 * (8 - 61.179_214), 1e-5);
    isNear(is, 1.413_568, 1e-5);
  });

  // Worked by hand from 7-27: at twice the noticed delay X is 1, at four times it is 2.
  for (const [ta, idd] of [[0, 0], [100, 0], [200, 25 * (2 ** (1 / 6) - 3 * (1 + 3 ** -6) ** (1 / 6) + 2)], [400, 24.07]] as const) {
    it(`takes ${idd.toFixed(2)} points for ${ta} ms without echo (G.107 equation 7-27)`, () => {
      isNear(rateTransmission({ ta }).id - rateTransmission().id, idd, 0.005);
    });
  }

  it('notices delay later and less in the classes of lower sensitivity (G.107 table 1)', () => {
    const classes = [{ sT: 1, mT: 100 }, { sT: 0.55, mT: 120 }, { sT: 0.4, mT: 150 }].map((kind) => over(300, kind).r);
    assert.ok(classes.every((r, i) => i === 0 || r > (classes[i - 1] ?? 0)), classes.join(', '));
  });

  it('counts talker echo by its loudness and delay (G.107 equations 7-19 to 7-22)', () => {
    // By hand for T = 150: TERV = 65 − 40·lg 8 = 28.88, Re = 117.19, Roe = 94.77.
    isNear(over(150).id - over(150, { t: 0 }).id, 2.81, 0.01);
    assert.ok(over(50, { telr: 45 }).r < over(50).r - 8, 'an echo 20 dB louder');
  });

  it('lets loud sidetone mask the echo, and faint sidetone leave it bare (G.107 equations 7-23 and 7-24)', () => {
    const echo = { telr: 45, t: 50, tr: 100, ta: 50 };
    assert.ok(rateTransmission({ ...echo, stmr: 7 }).id < rateTransmission(echo).id);
    assert.ok(rateTransmission({ ...echo, stmr: 21 }).id > rateTransmission(echo).id);
  });

  it('takes what the codec costs, and loss by its robustness (G.107 equation 7-29, G.113 appendix I)', () => {
    isNear(rateTransmission({ ...G711_IMPAIRMENT.bare, ppl: 1 }).ieEff, 95 / 5.3, 1e-9);
    isNear(rateTransmission({ ...G711_IMPAIRMENT.concealed, ppl: 1 }).ieEff, 95 / 26.1, 1e-9);
    isNear(rateTransmission({ ie: 11, bpl: 19, ppl: 2 }).ieEff, 11 + (84 * 2) / 21, 1e-9);
  });

  it('takes more for the same loss in bursts (G.107 equation 7-29)', () => {
    isNear(rateTransmission({ bpl: 4.3, ppl: 2, burstR: 2 }).ieEff, (95 * 2) / 5.3, 1e-9);
  });

  it('adds what users forgive (G.107 §7.6)', () => {
    isNear(rateTransmission({ a: 10 }).r - rateTransmission().r, 10, 1e-9);
  });

  it('scores 4.2 at least at 150 ms and 1 % loss with concealment, and not without', () => {
    const loss = { ppl: 1 };
    assert.ok(mosOf(over(150, { ...loss, ...G711_IMPAIRMENT.concealed }).r) >= 4.2);
    assert.ok(mosOf(over(150, { ...loss, ...G711_IMPAIRMENT.bare }).r) < 4);
  });

  it('never rates a connection higher for more delay or more loss (property)', () => {
    // Below 10 ms the model's term for talker echo goes a tenth of a point below nothing.
    const ms = fc.integer({ min: 10, max: 1_000 });
    const percent = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(fc.property(ms, ms, percent, percent, (one, other, low, high) => {
      const [near, far] = [Math.min(one, other), Math.max(one, other)];
      const [few, many] = [Math.min(low, high), Math.max(low, high)];
      assert.ok(over(far, { ppl: few }).r <= over(near, { ppl: few }).r + 1e-9);
      assert.ok(over(near, { ppl: many }).r <= over(near, { ppl: few }).r);
    }));
  });
});

describe('mosOf', () => {
  for (const [r, mos] of [[90, 4.34], [80, 4.03], [70, 3.6], [60, 3.1], [50, 2.58]] as const) {
    it(`is ${mos} at R = ${r} (G.107 table B.1)`, () => { isNear(mosOf(r), mos, 0.01); });
  }

  it('is 1 at R = 0 and below, 4.5 at 100 and above, and rises between (G.107 equation B-4)', () => {
    assert.deepEqual([-10, 0, 100, 120].map(mosOf), [1, 1, 4.5, 4.5]);
    for (let r = 1; r <= 100; r += 1) assert.ok(mosOf(r) >= mosOf(r - 1), `at ${r}`);
    assert.ok(mosOf(3) >= 1);
  });
});
