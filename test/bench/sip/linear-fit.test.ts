import assert from 'node:assert/strict';
import { slopeOf } from './linear-fit.ts';

describe('slopeOf', () => {
  describe('given points whose z never changes', () => {
    it('gives the slope of the line through two points', () => {
      assert.equal(slopeOf([{ x: 1, y: 10, z: 5 }, { x: 3, y: 14, z: 5 }]), 2);
    });
    it('gives the line with the least squares of all distances', () => {
      assert.equal(slopeOf([{ x: 0, y: 0, z: 0 }, { x: 1, y: 2, z: 0 }, { x: 2, y: 1, z: 0 }, { x: 3, y: 3, z: 0 }]), 0.8);
    });
  });
  describe('given a z that y also follows', () => {
    it('does not take what z does for growth', () => {
      const points = [[0, 40], [1, 30], [2, 45], [3, 20]].map(([x = 0, z = 0]) => ({ x, z, y: 7 + 3 * x + 100 * z }));
      assert.ok(Math.abs(slopeOf(points) - 3) < 1e-9);
    });
  });
  describe('given points that do not say it', () => {
    for (const [what, points] of [
      ['one point', [{ x: 1, y: 1, z: 0 }]],
      ['no point', []],
      ['x and z that go together', [{ x: 1, y: 1, z: 1 }, { x: 2, y: 5, z: 2 }, { x: 3, y: 6, z: 3 }]],
    ] as const) {
      it(`throws for ${what}`, () => {
        assert.throws(() => slopeOf(points), RangeError);
      });
    }
  });
});
