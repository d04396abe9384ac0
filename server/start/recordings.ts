import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../db/open-database.ts';
import { ListeningAudit } from '../call/recording/listening-audit.ts';
import { RecordingLibrary } from '../call/recording/recording-library.ts';
import { RetentionSweeper } from '../call/recording/retention-sweeper.ts';
import type { CloseRecording } from '../interaction/ports.ts';
import { KEY_RING_FILE, KeyRing } from '../media/recorder/key-ring.ts';
import { readMasterKey } from '../media/recorder/master-key.ts';
import { DiskRecordingFiles } from '../media/recorder/recording-files.ts';
import { TenantRecorder } from '../media/recorder/tenant-recorder.ts';
import type { WorkerMedia } from '../media/worker-media.ts';
import type { TenantId } from '../model/ids.ts';
import type { EdgeOptions } from './edge-options.ts';

/** Name of the directory of recordings in the data directory. */
export const RECORDINGS_DIRECTORY = 'recordings';

/** The keys and files of recordings. */
export interface RecordingDisk {
  readonly keys: KeyRing;
  readonly files: DiskRecordingFiles;
  /** Closes what the last run left open. */
  readonly closeRecording: CloseRecording;
}

/**
 * Reads the keys; makes none for tenants, because another program may hold the data directory until the ledger is ours.
 * @throws AppError `recording.…` when they cannot be read.
 */
export async function openRecordingDisk({ config, clock }: Pick<EdgeOptions, 'config' | 'clock'>): Promise<RecordingDisk> {
  const directory = config.ALLO_DATA_DIR;
  const path = join(directory, KEY_RING_FILE);
  const masterKey = await readMasterKey({ dataDirectory: directory, configured: config.ALLO_RECORDING_KEY, mayMake: !existsSync(path) });
  const keys = await KeyRing.open({ path, masterKey, clock });
  const files = new DiskRecordingFiles({ directory: join(directory, RECORDINGS_DIRECTORY), keys });
  return {
    keys, files,
    closeRecording: (tenantId, { recordingId, pauses }) => files.closeInterrupted(tenantId, recordingId, { how: 'interrupted', pauses }),
  };
}

/** Gives each tenant its key, and joins what records, what is listened to, and what deletes. */
export async function openRecordings(
  { scope, clock, onFault }: EdgeOptions,
  { disk: { keys, files }, media, database, tenantIds }: { readonly disk: RecordingDisk; readonly media: WorkerMedia; readonly database: Database; readonly tenantIds: readonly TenantId[] },
): Promise<{ readonly recorder: TenantRecorder; readonly library: RecordingLibrary }> {
  for (const tenantId of tenantIds) await keys.current(tenantId);
  const sweeper = new RetentionSweeper({ store: database.recordings, files, tenantIds, clock, onFault });
  sweeper.start();
  scope.onClose(() => sweeper.close());
  return {
    recorder: new TenantRecorder({ media, keys, files, clock, onFault }),
    library: new RecordingLibrary({ store: database.recordings, files, audit: new ListeningAudit({ trail: database.auditTrail, clock }), onFault }),
  };
}
