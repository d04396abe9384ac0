import assert from 'node:assert/strict';
import { Gate } from '../../server/access/gate.ts';

/** Work that ends when told to. */
class HeldWork {
  hasStarted = false;
  finish: () => void = () => assert.fail('not started');
  fail: () => void = () => assert.fail('not started');

  readonly work = (): Promise<string> => new Promise((resolve, reject) => {
    this.hasStarted = true;
    this.finish = () => resolve('done');
    this.fail = () => reject(new Error('failed'));
  });
}

describe('Gate', () => {
  it('runs so many at once, and the next when one is done, in order', async () => {
    const gate = new Gate(1, 2);
    const [first, second, third] = [new HeldWork(), new HeldWork(), new HeldWork()];
    const results = [gate.run(first.work), gate.run(second.work), gate.run(third.work)];
    assert.deepEqual([first.hasStarted, second.hasStarted, third.hasStarted], [true, false, false]);
    first.finish();
    await results[0];
    await Promise.resolve();
    assert.deepEqual([second.hasStarted, third.hasStarted], [true, false]);
    second.finish();
    await results[1];
    await Promise.resolve();
    third.finish();
    assert.deepEqual(await Promise.all(results), ['done', 'done', 'done']);
  });

  it('refuses when too many wait, and takes more when there is room again', async () => {
    const gate = new Gate(1, 1);
    const [first, second] = [new HeldWork(), new HeldWork()];
    const results = [gate.run(first.work), gate.run(second.work)];
    await assert.rejects(gate.run(async () => 'late'), { code: 'access.busy', retryable: true });
    first.finish();
    await results[0];
    await Promise.resolve();
    second.finish();
    await results[1];
    assert.equal(await gate.run(async () => 'later'), 'later');
  });

  it('passes the place on after a failure', async () => {
    const gate = new Gate(1, 1);
    const first = new HeldWork();
    const failed = gate.run(first.work);
    const next = gate.run(async () => 'served');
    first.fail();
    await assert.rejects(failed, /failed/);
    assert.equal(await next, 'served');
  });
});
