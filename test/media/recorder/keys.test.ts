import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochMs } from '../../../server/base/time.ts';
import { KeyRing, type KeyRingOptions } from '../../../server/media/recorder/key-ring.ts';
import { MASTER_KEY_FILE, readMasterKey } from '../../../server/media/recorder/master-key.ts';
import { asId, type TenantId } from '../../../server/model/ids.ts';
import { ATLAS, BARAKA } from './recording-kit.ts';

describe('the keys of recordings', () => {
  let directory = '';
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-keys-')); });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const masterKey = randomBytes(32);
  const open = async (more: Partial<KeyRingOptions> = {}): Promise<KeyRing> => {
    const ring = await KeyRing.open({ path: join(directory, 'keys.json'), masterKey, clock: () => epochMs(1_000), ...more });
    for (const tenantId of [ATLAS, BARAKA]) await ring.current(tenantId);
    return ring;
  };

  it('are made when they are first asked for, one for each tenant, and are the same at the next start', async () => {
    const first = await open();
    const [atlas, baraka] = [await first.current(ATLAS), await first.current(BARAKA)];
    assert.equal(atlas.key.length, 32);
    assert.ok(!atlas.key.equals(baraka.key));
    const second = await open();
    assert.deepEqual(await second.current(ATLAS), atlas);
    assert.deepEqual(await second.current(BARAKA), baraka);
  });

  it('are on the disk wrapped only, in a file for its owner, and no draft stays behind', async () => {
    const ring = await open();
    const text = await readFile(join(directory, 'keys.json'), 'utf8');
    for (const encoding of ['base64', 'hex', 'latin1'] as const) assert.ok(!text.includes((await ring.current(ATLAS)).key.toString(encoding)));
    assert.equal((await stat(join(directory, 'keys.json'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ['keys.json']);
  });

  it('are found by their id, within the tenant alone', async () => {
    const ring = await open();
    const { keyId, key } = await ring.current(ATLAS);
    assert.deepEqual(ring.find(ATLAS, keyId), key);
    assert.equal(ring.find(BARAKA, keyId), undefined);
    assert.equal(ring.find(ATLAS, 'none'), undefined);
  });

  it('give way to a new one, and stay, for what was recorded with them', async () => {
    const ring = await open();
    const before = await ring.current(ATLAS);
    const keyId = await ring.rotate(ATLAS);
    assert.equal((await ring.current(ATLAS)).keyId, keyId);
    assert.notEqual(keyId, before.keyId);
    const again = await open();
    assert.equal((await again.current(ATLAS)).keyId, keyId);
    assert.deepEqual(again.find(ATLAS, before.keyId), before.key);
  });

  it('are made once for a tenant that comes later, though several calls ask at once', async () => {
    const ring = await open();
    const later = asId<TenantId>('later');
    const keys = await Promise.all(Array.from({ length: 5 }, () => ring.current(later)));
    assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, 1);
    assert.equal((await open()).find(later, keys[0]?.keyId ?? '')?.length, 32);
  });

  it('are not opened, and not replaced, under another master key', async () => {
    await open();
    const before = await readFile(join(directory, 'keys.json'), 'utf8');
    await assert.rejects(open({ masterKey: randomBytes(32) }), { code: 'recording.wrong-master-key', category: 'config' });
    assert.equal(await readFile(join(directory, 'keys.json'), 'utf8'), before);
  });

  it('cannot be passed off as those of another tenant', async () => {
    await open();
    const path = join(directory, 'keys.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('"atlas"', '"x"').replaceAll('"baraka"', '"atlas"'));
    await assert.rejects(open(), { code: 'recording.wrong-master-key' });
  });

  for (const text of ['', 'no keys', '{"version":2,"keys":[]}', '{"version":1,"keys":[{"tenantId":"atlas"}]}']) {
    it(`are not made anew over a file that says ${JSON.stringify(text)}`, async () => {
      await writeFile(join(directory, 'keys.json'), text);
      await assert.rejects(open(), { code: 'recording.bad-key-ring', category: 'config' });
      assert.equal(await readFile(join(directory, 'keys.json'), 'utf8'), text);
    });
  }

  describe('given the master key', () => {
    const read = (configured?: string, mayMake = true): Promise<Buffer> => readMasterKey({ dataDirectory: directory, configured, mayMake });

    it('is not made anew where something was wrapped already', async () => {
      await assert.rejects(read(undefined, false), { code: 'recording.master-key', category: 'config' });
      assert.deepEqual(await readdir(directory), []);
    });

    it('is made at the first start, for its owner, and read at the next', async () => {
      const first = await read();
      assert.equal(first.length, 32);
      assert.equal((await stat(join(directory, MASTER_KEY_FILE))).mode & 0o777, 0o600);
      assert.deepEqual(await read(), first);
    });

    it('is that of the environment where there is one, and then no file is made', async () => {
      const key = randomBytes(32);
      assert.deepEqual(await read(key.toString('base64')), key);
      assert.deepEqual(await readdir(directory), []);
    });

    for (const text of ['short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), '']) {
      it(`is refused when it is ${JSON.stringify(text)}`, async () => {
        await assert.rejects(read(text), { code: 'recording.master-key', category: 'config' });
        await writeFile(join(directory, MASTER_KEY_FILE), text);
        await assert.rejects(read(), { code: 'recording.master-key' });
      });
    }
  });
});
