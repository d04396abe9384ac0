import assert from 'node:assert/strict';
import { isTargetLost, refusedCall } from '../../server/sip/outbound/refused-call.ts';

describe('refusedCall', () => {
  const table: readonly (readonly [sipStatus: number, q850: number | undefined, hasRung: boolean, kind: string, cause: number])[] = [
    [486, undefined, true, 'busy', 17], [600, undefined, false, 'busy', 17], [503, 17, false, 'busy', 17], [480, undefined, true, 'no-answer', 18],
    [480, 19, true, 'no-answer', 19], [408, undefined, true, 'no-answer', 102], [487, undefined, true, 'no-answer', 31], [408, undefined, false, 'failed', 102],
    [404, undefined, false, 'rejected', 1], [403, undefined, false, 'rejected', 21], [603, undefined, true, 'rejected', 21], [607, undefined, true, 'rejected', 31],
    [500, 1, false, 'rejected', 1], [486, 34, false, 'busy', 34], [503, undefined, false, 'failed', 41], [488, undefined, false, 'failed', 65],
  ];
  for (const [sipStatus, q850, hasRung, kind, cause] of table) {
    it(`takes ${sipStatus}${q850 === undefined ? '' : ` with cause ${q850}`}${hasRung ? ' after ringing' : ''} for ${kind}, cause ${cause}`, () => {
      const outcome = refusedCall({ sipStatus, q850, hasRung });
      assert.deepEqual(outcome, { kind, sipStatus, q850: cause, ...(kind === 'failed' ? { reason: `sip-${sipStatus}` } : {}) });
    });
  }
  for (const sipStatus of [300, 301, 302, 305, 380]) {
    it(`says of ${sipStatus} that the call was redirected`, () => {
      assert.deepEqual(refusedCall({ sipStatus, hasRung: false }), { kind: 'failed', reason: 'redirected', sipStatus, q850: 23 });
    });
  }
  it('believes the network that says why it redirects', () => assert.equal(refusedCall({ sipStatus: 302, q850: 17, hasRung: false }).kind, 'busy'));
  it('tries another target for 408, 430 and 503 that come before ringing only', () => {
    assert.deepEqual([408, 430, 503, 404, 486, 500].map((status) => isTargetLost(status, false)), [true, true, true, false, false, false]);
    assert.equal(isTargetLost(503, true), false);
  });
});
