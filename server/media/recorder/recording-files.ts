import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { RecordingFiles } from '../../call/recording/ports.ts';
import type { RecordingId, TenantId } from '../../model/ids.ts';
import type { RecordingEnd } from '../../model/recording.ts';
import { closeInterrupted, type ClosingOptions } from './close-interrupted.ts';
import type { KeyRing } from './key-ring.ts';
import { RecordingReader, type RecordingSource } from './recording-reader.ts';
import { WavRecording } from './wav-recording.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What the files of recordings are found and opened with. */
export interface RecordingFilesOptions {
  /** Absolute path of the directory that holds all of them. */
  readonly directory: string;
  readonly keys: Pick<KeyRing, 'find'>;
}

/**
 * The files of recordings on this machine: `<directory>/<tenant>/<first of the id>/<id>.rec`. Where
 * one lies follows from its id alone: neither the database nor a request can point elsewhere.
 */
export class DiskRecordingFiles implements RecordingFiles {
  readonly #directory: string;
  readonly #keys: Pick<KeyRing, 'find'>;

  constructor({ directory, keys }: RecordingFilesOptions) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** @throws AppError `recording.bad-id` for what is not the id of a recording. */
  pathOf(tenantId: TenantId, recordingId: RecordingId): string {
    if (!UUID.test(recordingId)) throw new AppError({ code: 'recording.bad-id', category: 'bug', message: 'this is not the id of a recording' });
    // The first characters of a UUID of version 7 are its time: a directory takes those of some hours.
    return join(this.#directory, nameOf(tenantId), recordingId.slice(0, 6), `${recordingId}.rec`);
  }

  async open(tenantId: TenantId, recordingId: RecordingId): Promise<WavRecording> {
    return new WavRecording(await RecordingReader.open(this.sourceOf(tenantId, recordingId)));
  }

  /** Closes one that nobody finished. Never rejects for what it finds on the disk. */
  closeInterrupted(tenantId: TenantId, recordingId: RecordingId, options: ClosingOptions): Promise<RecordingEnd> {
    return closeInterrupted(this.sourceOf(tenantId, recordingId), options);
  }

  async remove(tenantId: TenantId, recordingId: RecordingId): Promise<void> {
    await unlink(this.pathOf(tenantId, recordingId)).catch((cause: unknown) => {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    });
  }

  /** With what one is opened. */
  sourceOf(tenantId: TenantId, recordingId: RecordingId): RecordingSource {
    return { path: this.pathOf(tenantId, recordingId), tenantId, recordingId, keyOf: (keyId) => this.#keys.find(tenantId, keyId) };
  }
}

/** A tenant's id as the name of a directory, whatever it is made of. */
const nameOf = (tenantId: TenantId): string => encodeURIComponent(tenantId).replaceAll('.', '%2E');
