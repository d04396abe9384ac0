import assert from 'node:assert/strict';
import { pageOf } from '../../softphone/page-of.ts';

describe('the page of an address', () => {
  it('is found with and without a slash at the end', () => {
    assert.deepEqual(['/', '/call-us', '/call-us/', '/supervisor'].map(pageOf), ['home', 'call-us', 'call-us', 'supervisor']);
  });

  it('is none for every other address', () => {
    for (const path of ['/nothing', '/call-us/more', '/__proto__', '/constructor']) assert.equal(pageOf(path), 'not-found');
  });
});
