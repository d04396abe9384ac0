import assert from 'node:assert/strict';
import sinon from 'sinon';
import { DeadlineExceeded, delay, withDeadline } from '../../server/base/deadline.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('base/deadline', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => {
    assert.equal(clock.countTimers(), 0, 'no timer is left');
    clock.restore();
  });

  describe('withDeadline', () => {
    it('gives what the work gives', async () => {
      assert.equal(await withDeadline(100, async () => 'done'), 'done');
    });

    it('throws what the work throws', async () => {
      const cause = new Error('broken');
      await assert.rejects(withDeadline(100, async () => { throw cause; }), (thrown) => thrown === cause);
    });

    it('does not abort work that is done', async () => {
      let told: AbortSignal | undefined;
      await withDeadline(100, async (signal) => { told = signal; });
      await clock.tickAsync(200);
      assert.equal(told?.aborted, false);
    });

    it('gives up at the deadline, not before, and tells the work', async () => {
      let told: AbortSignal | undefined;
      const settled = sinon.spy();
      const waited = withDeadline(100, (signal) => { told = signal; return never(); });
      waited.catch(settled);
      await clock.tickAsync(99);
      assert.equal(settled.callCount, 0);
      await clock.tickAsync(1);
      await assert.rejects(waited, (thrown) => thrown instanceof DeadlineExceeded
        && thrown.code === 'base.deadline-exceeded' && thrown.retryable && thrown.details['deadlineMs'] === 100);
      assert.ok(told?.reason instanceof DeadlineExceeded);
    });

    it('does not hear of an outcome that comes after the deadline', async () => {
      const late = withDeadline(100, () => new Promise((_, reject) => { setTimeout(() => reject(new Error('late')), 150); }));
      const outcome = assert.rejects(late, DeadlineExceeded);
      await clock.tickAsync(200);
      await outcome;
    });

    it('ends early with the reason of the parent', async () => {
      const parent = new AbortController();
      let told: AbortSignal | undefined;
      const waited = withDeadline(100, (signal) => { told = signal; return never(); }, parent.signal);
      const reason = new Error('caller gone');
      parent.abort(reason);
      await assert.rejects(waited, (thrown) => thrown === reason);
      assert.equal(told?.reason, reason);
    });

    it('does not begin when the parent has ended', async () => {
      const work = sinon.spy(never);
      await assert.rejects(withDeadline(100, work, AbortSignal.abort(new Error('over'))), { message: 'over' });
      assert.equal(work.callCount, 0);
    });

    it('lets go of the parent when it is done', async () => {
      const parent = new AbortController();
      const removed = sinon.spy(parent.signal, 'removeEventListener');
      await withDeadline(100, async () => undefined, parent.signal);
      assert.equal(removed.callCount, 1);
    });

    it('leaves no timer when the work throws before it promises', async () => {
      await assert.rejects(withDeadline(100, () => { throw new Error('at once'); }), { message: 'at once' });
    });
  });

  describe('delay', () => {
    it('elapses', async () => {
      const waited = delay(50);
      await clock.tickAsync(50);
      assert.equal(await waited, 'elapsed');
    });

    it('is cut short by the signal', async () => {
      const abort = new AbortController();
      const waited = delay(50, abort.signal);
      abort.abort();
      assert.equal(await waited, 'aborted');
    });

    it('does not begin when the signal has fired', async () => {
      assert.equal(await delay(50, AbortSignal.abort()), 'aborted');
    });

    it('lets go of the signal when it elapsed', async () => {
      const abort = new AbortController();
      const removed = sinon.spy(abort.signal, 'removeEventListener');
      const waited = delay(50, abort.signal);
      await clock.tickAsync(50);
      await waited;
      assert.equal(removed.callCount, 1);
    });
  });
});
