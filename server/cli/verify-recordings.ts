import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabaseReadOnly, type Database } from '../../db/open-database.ts';
import { describeError } from '../base/app-error.ts';
import { systemClock } from '../base/time.ts';
import { KEY_RING_FILE, KeyRing } from '../media/recorder/key-ring.ts';
import { readMasterKey } from '../media/recorder/master-key.ts';
import { DiskRecordingFiles } from '../media/recorder/recording-files.ts';
import { verifyRecording } from '../media/recorder/verify-recording.ts';
import type { RecordingId, TenantId } from '../model/ids.ts';
import { RECORDINGS_DIRECTORY } from '../start/recordings.ts';

/** What `npm run recording:verify` works on. */
export interface VerifyRecordingsOptions {
  readonly dataDirectory: string;
  /** The master key, when it is not in the data directory. */
  readonly masterKey?: string | undefined;
  readonly print: (line: string) => void;
}

/** Recordings that are asked for at a time. */
const PAGE = 500;

/**
 * Checks offline, and reads only, that every recording of the history is on the disk as it was
 * when it was finished; may be run beside a running program.
 * @returns the exit status: 0 when all of them are. Never rejects.
 */
export async function verifyRecordings({ dataDirectory, masterKey, print }: VerifyRecordingsOptions): Promise<0 | 1> {
  let database: Database | undefined;
  try {
    database = await openDatabaseReadOnly({ dataDirectory });
    const path = join(dataDirectory, KEY_RING_FILE);
    if (database === undefined || !existsSync(path)) {
      print('nothing was recorded here yet');
      return 0;
    }
    const keys = await KeyRing.open({ path, masterKey: await readMasterKey({ dataDirectory, configured: masterKey, mayMake: false }), clock: systemClock });
    const files = new DiskRecordingFiles({ directory: join(dataDirectory, RECORDINGS_DIRECTORY), keys });
    let wrong = 0;
    for (const { tenantId } of await database.tenants.listTenants()) wrong += await verifyTenant(tenantId, { database, files, print });
    print(`wrong = ${wrong}`);
    return wrong === 0 ? 0 : 1;
  } catch (cause) {
    print(`cannot be verified: ${describeError(cause)}`);
    return 1;
  } finally {
    await database?.close();
  }
}

interface Bench {
  readonly database: Database;
  readonly files: DiskRecordingFiles;
  readonly print: (line: string) => void;
}

/** @returns how many recordings of the tenant are not as they were. */
async function verifyTenant(tenantId: TenantId, { database, files, print }: Bench): Promise<number> {
  let checked = 0;
  let wrong = 0;
  for (let after: RecordingId | undefined; ;) {
    const page = await database.recordings.listKept(tenantId, after, PAGE);
    for (const { recordingId, end } of page) {
      // What never had audio has no file that could be wrong.
      if (end === undefined || end.durationMs === 0) continue;
      checked += 1;
      const problem = await verifyRecording(files.sourceOf(tenantId, recordingId), end);
      if (problem === undefined) continue;
      wrong += 1;
      print(`${tenantId} / ${recordingId}: ${problem}`);
    }
    after = page.at(-1)?.recordingId;
    if (page.length < PAGE) break;
  }
  print(`${tenantId}: ${checked} recordings checked`);
  return wrong;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await verifyRecordings({
    dataDirectory: resolve(process.env['ALLO_DATA_DIR'] ?? 'data'),
    // An empty variable is an unset one, as everywhere.
    masterKey: process.env['ALLO_RECORDING_KEY'] === '' ? undefined : process.env['ALLO_RECORDING_KEY'],
    print: (line) => process.stdout.write(`${line}\n`),
  });
}
