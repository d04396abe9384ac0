import assert from 'node:assert/strict';
import { PressFilter } from '../../../server/media/dtmf/press-filter.ts';
import type { KeySource } from '../../../server/media/dtmf/press-filter.ts';
import type { Digit } from '../../../server/model/digit.ts';

/** Keys as `5e@100`: key, first letter of the way it came, time; `~` that a held one goes on. @returns those that are told. */
const told = (...keys: readonly string[]): string => {
  const filter = new PressFilter();
  const sources: Readonly<Record<string, KeySource>> = { e: 'event', i: 'info', t: 'tone' };
  return keys.filter((key) => {
    const [, held, digit, way, at] = /^(~?)(.)(.)@(\d+)$/.exec(key) ?? [];
    const source = sources[way ?? ''] ?? 'event';
    // A cast because the pattern takes any letter: the tests write keys.
    if (held === '') return filter.begin(digit as Digit, source, Number(at));
    filter.goesOn(digit as Digit, source, Number(at));
    return false;
  }).join(' ');
};

describe('PressFilter', () => {
  it('tells a press once that comes by RFC 4733 and by INFO, whichever is first', () => {
    assert.equal(told('5e@0', '5i@30'), '5e@0');
    assert.equal(told('5i@0', '5e@80'), '5i@0');
    assert.equal(told('5t@0', '5i@80'), '5t@0');
  });

  it('tells a key pressed twice in a row twice, however its messages interleave', () => {
    assert.equal(told('5e@0', '5i@30', '5e@170', '5i@200'), '5e@0 5e@170');
    assert.equal(told('5e@0', '5e@170', '5i@180', '5i@200'), '5e@0 5e@170');
    assert.equal(told('5i@0', '5i@100', '5e@110', '5e@170'), '5i@0 5i@100');
  });

  it('tells a key that comes another way when its press is over for a quarter of a second', () => {
    assert.equal(told('5e@0', '5i@249'), '5e@0');
    assert.equal(told('5e@0', '5i@250'), '5e@0 5i@250');
  });

  it('counts from the end of a key that is held: INFO is often sent when it is released', () => {
    assert.equal(told('5e@0', '~5e@1500', '5i@1600'), '5e@0');
  });

  it('tells other keys, and keys that come one way only', () => {
    assert.equal(told('5e@0', '6i@10', '5e@160', '7t@170'), '5e@0 6i@10 5e@160 7t@170');
  });
});
