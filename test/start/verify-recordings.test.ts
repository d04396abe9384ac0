import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../db/open-database.ts';
import { tenantEntity } from '../../db/entities/centre-entities.ts';
import { verifyRecordings } from '../../server/cli/verify-recordings.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import { MASTER_KEY_FILE } from '../../server/media/recorder/master-key.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { asId, type CallId } from '../../server/model/ids.ts';
import { FULL_CALL, stamp } from '../interaction/fixtures.ts';
import { ATLAS, RecordingKit } from '../media/recorder/recording-kit.ts';
import { writeRecording, type WrittenRecording } from '../media/recorder/write-recording.ts';

const MASTER_KEY = Buffer.alloc(32, 7);

describe('npm run recording:verify', () => {
  let kit: RecordingKit;
  let written: WrittenRecording;
  let lines: string[];
  beforeEach(async () => {
    kit = await RecordingKit.open(MASTER_KEY);
    written = await writeRecording(kit, 2_500);
    lines = [];
    const database = await openDatabase({ dataDirectory: kit.directory });
    await database.connections.write(async (manager) => {
      await manager.insert(tenantEntity, { tenantId: ATLAS, name: 'Atlas', timeZone: 'Africa/Algiers', region: 'DZ', currency: 'DZD', createdAt: 1 });
    });
    const { recordingId, bytes, checksum } = written;
    const events = stamp([
      ...FULL_CALL.slice(0, 3), { type: 'recording.started', recordingId, kind: 'conversation', cause: { kind: 'policy', policyVersion: 1 }, retainDays: 30 },
      { type: 'recording.stopped', recordingId, how: 'stopped', durationMs: 2_500, bytes, checksum, lostMs: 0 },
    ], asId<CallId>('call-1'), ATLAS);
    const record = events.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined);
    await database.interactions.commit([record ?? assert.fail()], 1);
    await database.close();
  });
  afterEach(() => kit.close());

  const verify = (): Promise<0 | 1> => verifyRecordings({ dataDirectory: kit.directory, masterKey: MASTER_KEY.toString('base64'), print: (line) => lines.push(line) });

  it('finds nothing wrong with what is as it was', async () => {
    assert.equal(await verify(), 0, lines.join('\n'));
    assert.deepEqual(lines, ['atlas: 1 recordings checked', 'wrong = 0']);
  });

  it('names a recording that was changed, cut off, replaced or removed', async () => {
    const file = await readFile(written.path);
    const other = await writeRecording(kit, 2_500);
    const changed = Buffer.from(file);
    changed[50_000] = (changed[50_000] ?? 0) ^ 1;
    for (const [spoil, said] of [
      [() => writeFile(written.path, changed), /chunk 1 was changed/], [() => truncate(written.path, file.length - 1), /lasts 2000 ms/],
      [async () => writeFile(written.path, await readFile(other.path)), /another recording/], [() => unlink(written.path), /cannot be opened/],
    ] as const) {
      await spoil();
      lines.length = 0;
      assert.equal(await verify(), 1);
      assert.match(lines[0] ?? '', new RegExp(`^atlas / ${written.recordingId}: .*`));
      assert.match(lines[0] ?? '', said);
      await writeFile(written.path, file);
    }
  });

  it('says that it cannot verify without the master key, and makes none', async () => {
    assert.equal(await verifyRecordings({ dataDirectory: kit.directory, masterKey: Buffer.alloc(32).toString('base64'), print: (line) => lines.push(line) }), 1);
    assert.match(lines[0] ?? '', /another master key/);
    assert.equal(await verifyRecordings({ dataDirectory: kit.directory, print: (line) => lines.push(line) }), 1);
    assert.match(lines[1] ?? '', /master key of the recordings is not there/);
    assert.equal(existsSync(join(kit.directory, MASTER_KEY_FILE)), false);
  });

  it('has nothing to say of a directory in which nothing was recorded', async () => {
    assert.equal(await verifyRecordings({ dataDirectory: join(kit.directory, 'empty'), print: (line) => lines.push(line) }), 0);
  });
});
