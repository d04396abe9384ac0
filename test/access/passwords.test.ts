import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseOptions } from '@node-rs/argon2';
import { ARGON2_PARAMETERS, hashPassword, verifyPassword } from '../../server/access/passwords.ts';

describe('passwords', () => {
  it('hashes with argon2id and the declared parameters, with a new salt each time (RFC 9106 §4)', async () => {
    const [first, second] = await Promise.all([hashPassword('open sesame'), hashPassword('open sesame')]);
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(first, second);
  });

  it('knows the right password from a wrong one', async () => {
    const stored = await hashPassword('open sesame');
    assert.equal(await verifyPassword(stored, 'open sesame'), true);
    assert.equal(await verifyPassword(stored, 'open sesamy'), false);
    assert.equal(await verifyPassword(stored, ''), false);
  });

  it('takes a password typed with combining accents for the same one', async () => {
    const stored = await hashPassword('caf\u00e9');
    assert.equal(await verifyPassword(stored, 'cafe\u0301'), true);
  });

  it('never lets an unknown user in', async () => {
    assert.equal(await verifyPassword(undefined, 'open sesame'), false);
  });

  it('does the same work for an unknown user: the hash of nobody has the parameters of a real one', () => {
    const source = readFileSync(new URL('../../server/access/passwords.ts', import.meta.url), 'utf8');
    const nobodys = /'(\$argon2id\$[^']+)'/.exec(source)?.[1];
    assert.ok(nobodys);
    const { memoryCost, timeCost, parallelism, outputLen } = parseOptions(nobodys);
    assert.deepEqual({ memoryCost, timeCost, parallelism, outputLen }, ARGON2_PARAMETERS);
  });

  it('reports a stored hash that is none', async () => {
    await assert.rejects(verifyPassword('plain text', 'plain text'));
  });
});
