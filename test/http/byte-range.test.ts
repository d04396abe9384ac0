import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRange } from '../../server/http/byte-range.ts';

describe('readRange', () => {
  for (const [header, wanted] of [
    ['bytes=0-499', { start: 0, end: 499 }], ['bytes=500-999', { start: 500, end: 999 }], ['bytes=-500', { start: 9_500, end: 9_999 }],
    ['bytes=9500-', { start: 9_500, end: 9_999 }], ['bytes=0-0', { start: 0, end: 0 }], ['bytes=-1', { start: 9_999, end: 9_999 }], ['bytes=9999-10000', { start: 9_999, end: 9_999 }],
    ['bytes=-20000', { start: 0, end: 9_999 }], ['Bytes= 1-2 ', { start: 1, end: 2 }],
    ['bytes=10000-', 'none'], ['bytes=10000-10001', 'none'], ['bytes=-0', 'none'],
    [undefined, 'all'], ['', 'all'], ['bytes=', 'all'], ['bytes=-', 'all'], ['bytes=2-1', 'all'], ['bytes=1-2,4-5', 'all'], ['seconds=1-2', 'all'],
    ['bytes=0x1-2', 'all'], ['bytes=1-2-3', 'all'], ['bytes=99999999999999999999-', 'all'],
  ] as const) {
    it(`reads ${JSON.stringify(header)} of 10,000 bytes as ${JSON.stringify(wanted)} (RFC 9110 §14.1.2)`, () => assert.deepEqual(readRange(header, 10_000), wanted));
  }

  it('never leads outside of what there is (property)', () => {
    const header = fc.oneof(fc.string(), fc.tuple(fc.nat(), fc.nat()).map(([one, other]) => `bytes=${one}-${other}`), fc.nat().map((count) => `bytes=-${count}`));
    fc.assert(fc.property(header, fc.integer({ min: 1, max: 2_000_000 }), (text, size) => {
      const wanted = readRange(text, size);
      if (typeof wanted === 'string') return;
      assert.ok(wanted.start >= 0 && wanted.start <= wanted.end && wanted.end < size);
    }));
  });
});
