import assert from 'node:assert/strict';
import { AppError, describeError } from '../../server/base/app-error.ts';
import { assertNever } from '../../server/base/assert-never.ts';
import { DeadlineExceeded } from '../../server/base/deadline.ts';
import { newId } from '../../server/base/new-id.ts';

describe('AppError', () => {
  it('carries what an edge maps on, with quiet defaults', () => {
    const error = new AppError({ code: 'ledger.disk-full', category: 'config', message: 'the disk is full' });
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.code, error.category, error.message, error.retryable, error.details, 'cause' in error],
      ['ledger.disk-full', 'config', 'the disk is full', false, {}, false],
    );
  });

  it('keeps its cause', () => {
    const cause = new Error('ENOSPC');
    assert.equal(new AppError({ code: 'a.b', category: 'bug', message: 'm', cause }).cause, cause);
  });

  it('goes by the name of its kind', () => {
    assert.equal(describeError(new DeadlineExceeded(150)), 'DeadlineExceeded: no answer within 150 ms');
  });
});

describe('describeError', () => {
  it('says anything in one line, also what is no error', () => {
    assert.deepEqual([new TypeError('no'), 'text', undefined, 7].map(describeError), ['TypeError: no', 'text', 'undefined', '7']);
  });
});

describe('assertNever', () => {
  it('names what came from outside the type', () => {
    assert.throws(() => assertNever({ kind: 'new' } as never), { message: 'unhandled variant: {"kind":"new"}' });
  });
});

describe('newId', () => {
  it('is a UUID of version 7 that sorts by its birth (RFC 9562 §5.7)', () => {
    const ids = Array.from({ length: 1_000 }, newId);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
  });
});
