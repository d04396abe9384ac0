import assert from 'node:assert/strict';
import { lookUpNames } from '../../server/base/look-up-names.ts';

describe('lookUpNames', () => {
  it('takes a numeric address as it is, at once', () => {
    const found: unknown[] = [];
    lookUpNames('192.0.2.7', 4, (...outcome) => found.push(outcome));
    lookUpNames('2001:db8::7', 6, (...outcome) => found.push(outcome));
    assert.deepEqual(found, [[null, '192.0.2.7', 4], [null, '2001:db8::7', 6]]);
  });

  it('asks for a name', async () => {
    const address = await new Promise<string>((resolve, reject) => {
      lookUpNames('localhost', 4, (error, found) => (error === null ? resolve(found) : reject(error)));
    });
    assert.equal(address, '127.0.0.1');
  });
});
