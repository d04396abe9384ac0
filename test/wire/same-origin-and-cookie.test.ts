import assert from 'node:assert/strict';
import { isSameOrigin } from '../../server/wire/same-origin.ts';
import { readSessionToken } from '../../server/wire/session-cookie.ts';

describe('isSameOrigin', () => {
  const cases: readonly [origin: string | undefined, host: string | undefined, expected: boolean][] = [
    ['http://localhost:8080', 'localhost:8080', true],
    ['https://desk.example.dz', 'desk.example.dz', true],
    ['https://desk.example.dz', 'desk.example.dz:443', true],
    ['https://DESK.example.dz', 'desk.example.dz', true],
    ['http://[::1]:8080', '[::1]:8080', true],
    ['http://localhost:8081', 'localhost:8080', false],
    ['https://evil.example', 'desk.example.dz', false],
    ['https://desk.example.dz.evil.example', 'desk.example.dz', false],
    ['chrome-extension://desk.example.dz', 'desk.example.dz', false],
    ['null', 'desk.example.dz', false],
    ['', '', false],
    [undefined, 'desk.example.dz', false],
    ['https://desk.example.dz', undefined, false],
    ['not a url', 'not a url', false],
  ];
  for (const [origin, host, expected] of cases) {
    it(`says ${expected ? 'yes' : 'no'} to ${origin ?? 'no origin'} at ${host ?? 'no host'}`, () => {
      assert.equal(isSameOrigin({ origin, host }), expected);
    });
  }

  it('knows the origins that a proxy hides', () => {
    const publicOrigins = ['https://desk.example.dz'];
    assert.equal(isSameOrigin({ origin: 'https://desk.example.dz', host: '127.0.0.1:8080', publicOrigins }), true);
    assert.equal(isSameOrigin({ origin: 'https://evil.example', host: '127.0.0.1:8080', publicOrigins }), false);
  });
});

describe('readSessionToken', () => {
  const token = 'A'.repeat(43);

  it('finds the token among other cookies', () => {
    assert.equal(readSessionToken(`theme=dark; allo_session=${token}; x=y`), token);
  });

  it('finds nothing in anything that cannot be a token', () => {
    for (const header of [undefined, '', 'allo_session=', 'allo_session=short', `allo_session=${token}A`, `allo_session=${'%'.repeat(43)}`, `other=${token}`]) {
      assert.equal(readSessionToken(header), undefined);
    }
  });
});
