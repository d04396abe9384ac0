import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, type TrunkId } from '../../server/model/ids.ts';
import { readTrunkPassword } from '../../server/start/trunk-password.ts';

describe('readTrunkPassword', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-trunks-'));
    await mkdir(join(directory, 'trunk-passwords', 'folder'), { recursive: true });
    await writeFile(join(directory, 'trunk-passwords', 'carrier'), 's3cret\n');
    await writeFile(join(directory, 'trunk-passwords', 'empty'), '\n');
    await writeFile(join(directory, 'other'), 'not a trunk');
  });
  after(() => rm(directory, { recursive: true }));
  const read = (trunkId: string): string | undefined => readTrunkPassword(directory, asId<TrunkId>(trunkId));

  it('reads the file of the trunk, without its line end', () => assert.equal(read('carrier'), 's3cret'));
  it('has none without a file or with an empty one', () => assert.deepEqual([read('bare'), read('empty')], [undefined, undefined]));
  it('leaves its folder for no trunk id', () => assert.deepEqual([read('../other'), read('a/b'), read('')], [undefined, undefined, undefined]));
  it('says so when it is there and cannot be read', () => assert.throws(() => read('folder'), { code: 'EISDIR' }));
});
