import assert from 'node:assert/strict';
import sinon, { type SinonFakeTimers } from 'sinon';
import { epochMs } from '../../../server/base/time.ts';
import { RetentionSweeper } from '../../../server/call/recording/retention-sweeper.ts';
import { asId, type RecordingId, type TenantId } from '../../../server/model/ids.ts';
import { FakeShelf, stored } from './fake-shelf.ts';

const [ATLAS, BARAKA] = [asId<TenantId>('atlas'), asId<TenantId>('baraka')];

describe('RetentionSweeper', () => {
  let time: SinonFakeTimers;
  let shelf: FakeShelf;
  let sweeper: RetentionSweeper;
  let faults: string[];
  beforeEach(() => {
    time = sinon.useFakeTimers({ now: 1_000_000 });
    shelf = new FakeShelf();
    faults = [];
    sweeper = new RetentionSweeper({
      store: shelf, files: shelf, tenantIds: [ATLAS, BARAKA], clock: () => epochMs(Date.now()), onFault: (cause) => faults.push(String(cause)),
    });
  });
  afterEach(async () => {
    await sweeper.close();
    time.restore();
  });

  const add = (id: string, dueAt: number, tenantId = ATLAS): void => {
    shelf.recordings.push(stored({ recordingId: asId<RecordingId>(id), tenantId }));
    shelf.due.set(asId<RecordingId>(id), epochMs(dueAt));
  };

  it('deletes the file, then leaves a tombstone and an audit entry; what is not due stays', async () => {
    add('old', 999_999);
    add('young', 1_000_001);
    assert.equal(await sweeper.sweep(), 1);
    assert.deepEqual(shelf.trace, ['remove old', 'bury old']);
    assert.deepEqual(shelf.tombstones, [{ recordingId: 'old', tenantId: ATLAS, deletedAt: 1_000_000, reason: 'retention' }]);
    const [entry] = shelf.audited;
    assert.deepEqual([entry?.action, entry?.subjectId, entry?.actorId, entry?.at], ['recording.deleted', 'old', undefined, 1_000_000]);
    assert.deepEqual(entry?.details, { reason: 'retention', callId: 'call-1', checksum: 'ab', bytes: 500 });
  });

  it('goes through more than it looks for at a time, of every tenant', async () => {
    for (let i = 0; i < 250; i += 1) add(`a-${i}`, 0);
    add('b-1', 0, BARAKA);
    assert.equal(await sweeper.sweep(), 251);
    assert.equal(shelf.due.size, 0);
  });

  it('tries again what failed, and the other tenants meanwhile', async () => {
    add('a-1', 0);
    add('b-1', 0, BARAKA);
    const remove = shelf.remove.bind(shelf);
    shelf.remove = async (tenantId, recordingId) => {
      if (tenantId === ATLAS) throw new Error('disk is away');
      await remove(tenantId, recordingId);
    };
    assert.equal(await sweeper.sweep(), 1);
    assert.deepEqual(faults, ['Error: disk is away']);
    assert.deepEqual(shelf.tombstones.map(({ recordingId }) => recordingId), ['b-1']);
    shelf.remove = remove;
    assert.equal(await sweeper.sweep(), 1);
  });

  it('sweeps at the start and every hour, until it is closed', async () => {
    add('first', 0);
    sweeper.start();
    await time.tickAsync(1);
    assert.equal(shelf.tombstones.length, 1);
    add('second', 0);
    await time.tickAsync(3_600_000 - 2);
    assert.equal(shelf.tombstones.length, 1);
    await time.tickAsync(1);
    assert.equal(shelf.tombstones.length, 2);
    await sweeper.close();
    add('third', 0);
    await time.tickAsync(7_200_000);
    assert.equal(shelf.tombstones.length, 2);
  });
});
