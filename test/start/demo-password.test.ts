import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoPassword } from '../../server/start/demo-password.ts';

describe('the password of the demonstration', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-password-')); });
  afterEach(() => rm(directory, { recursive: true }));

  it('is generated once and said again by every later start', async () => {
    const first = await demoPassword(directory, undefined);
    assert.match(first, /^[a-z2-9]{10}$/);
    assert.equal(await demoPassword(directory, undefined), first);
    assert.equal((await stat(join(directory, 'demo-password'))).mode & 0o777, 0o600);
  });

  it('is as configured, and still said by a later start that is not told it', async () => {
    assert.equal(await demoPassword(directory, 'correct horse battery'), 'correct horse battery');
    assert.equal(await demoPassword(directory, undefined), 'correct horse battery');
    assert.equal(await demoPassword(directory, 'correct horse battery'), 'correct horse battery');
  });

  it('is refused when it is not the one that the users have', async () => {
    await demoPassword(directory, undefined);
    await assert.rejects(demoPassword(directory, 'correct horse battery'), { code: 'start.demo-password', category: 'config' });
  });
});
