import assert from 'node:assert/strict';
import { Scope } from '../../server/base/scope.ts';

describe('Scope', () => {
  it('runs cleanups last in first out, each before the next', async () => {
    const order: string[] = [];
    const scope = new Scope();
    scope.onClose(() => { order.push('first'); });
    scope.onClose(async () => {
      await Promise.resolve();
      order.push('second');
    });
    scope.onClose(() => { order.push('third'); });
    await scope.close();
    assert.deepEqual(order, ['third', 'second', 'first']);
  });

  it('runs each once, however often and early it is closed', async () => {
    let runs = 0;
    const scope = new Scope();
    scope.onClose(async () => {
      await Promise.resolve();
      runs += 1;
    });
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    assert.equal(runs, 1);
  });

  it('goes on past failures, and tells all of them', async () => {
    let ran = false;
    const scope = new Scope();
    scope.onClose(() => { ran = true; });
    scope.onClose(() => { throw new Error('port'); });
    scope.onClose(async () => { throw new Error('file'); });
    await assert.rejects(scope.close(), (thrown) => thrown instanceof AggregateError
      && thrown.errors.map((one: Error) => one.message).join() === 'file,port');
    assert.ok(ran);
  });

  it('takes a cleanup back, and no other of the same function', async () => {
    const order: string[] = [];
    const scope = new Scope();
    const same = (): void => { order.push('same'); };
    scope.onClose(same);
    scope.onClose(() => { order.push('between'); });
    const takeBack = scope.onClose(same);
    takeBack();
    takeBack();
    await scope.close();
    assert.deepEqual(order, ['between', 'same']);
  });

  it('takes back the registration that it was given for', async () => {
    const order: string[] = [];
    const scope = new Scope();
    const same = (): void => { order.push('same'); };
    const takeBack = scope.onClose(same);
    scope.onClose(() => { order.push('between'); });
    scope.onClose(same);
    takeBack();
    await scope.close();
    assert.deepEqual(order, ['same', 'between']);
  });

  it('fires its signal before the cleanups run', async () => {
    const scope = new Scope();
    let firedBefore = false;
    scope.onClose(() => { firedBefore = scope.signal.aborted; });
    assert.equal(scope.signal.aborted, false);
    await scope.close();
    assert.ok(firedBefore);
    assert.equal((scope.signal.reason as { code?: string }).code, 'base.scope-closed');
  });

  it('may be closed again from within', async () => {
    const order: string[] = [];
    const scope = new Scope();
    scope.signal.addEventListener('abort', () => { void scope.close(); });
    scope.onClose(() => { order.push('first'); });
    scope.onClose(() => {
      void scope.close();
      order.push('second');
    });
    await scope.close();
    assert.deepEqual(order, ['second', 'first']);
  });

  it('refuses what comes after it closed, also while it closes', async () => {
    const scope = new Scope();
    let refusal: unknown;
    scope.onClose(() => {
      try {
        scope.onClose(() => undefined);
      } catch (cause) {
        refusal = cause;
      }
    });
    await scope.close();
    assert.equal((refusal as { code?: string }).code, 'base.scope-closed');
    assert.throws(() => scope.onClose(() => undefined), { code: 'base.scope-closed' });
  });
});
