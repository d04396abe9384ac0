import assert from 'node:assert/strict';
import { countExit, NO_FIGURES, serviceLevelFormula, serviceLevelOf } from '../../server/supervision/queue-figures.ts';
import { QUEUES } from './supervision-fixtures.ts';

const THRESHOLD = 20_000;

describe('the service level', () => {
  it('is absent before the first call that counts', () => {
    assert.equal(serviceLevelOf(NO_FIGURES), undefined);
    assert.equal(serviceLevelOf(countExit(NO_FIGURES, 'abandoned', 3_000, THRESHOLD)), undefined);
  });

  it('gives the published figure (ICMI QueueTips, "Service Level Calculations", formula 4)', () => {
    // 1000 answered, 860 of them within 20 s; 60 abandoned, 20 within 20 s and 40 after it.
    const figures = { entered: 1_060, answered: 1_000, answeredInTime: 860, abandoned: 60, abandonedLate: 40 };
    assert.equal(serviceLevelOf(figures), 860 / 1_040);
  });

  it('counts the threshold itself as in time', () => {
    assert.equal(serviceLevelOf(countExit(NO_FIGURES, 'answered', 20_000, THRESHOLD)), 1);
    assert.equal(serviceLevelOf(countExit(NO_FIGURES, 'answered', 20_001, THRESHOLD)), 0);
    assert.equal(serviceLevelOf(countExit(NO_FIGURES, 'abandoned', 20_001, THRESHOLD)), 0);
  });

  for (const exit of ['no-agent', 'system', 'interrupted'] as const) {
    it(`leaves out a stay that ended as ${exit}`, () => assert.deepEqual(countExit(NO_FIGURES, exit, 99_000, THRESHOLD), NO_FIGURES));
  }

  it('names its formula with its numbers', () => {
    const [sales] = QUEUES;
    assert.ok(sales);
    assert.equal(serviceLevelFormula(sales.policy), 'answered within 20 s / (answered + abandoned after 20 s)');
  });
});
