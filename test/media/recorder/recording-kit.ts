import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../server/base/time.ts';
import { createFile, type ByteSink } from '../../../server/media/recorder/byte-sink.ts';
import { EngineRecordings } from '../../../server/media/recorder/engine-recordings.ts';
import { KeyRing, KEY_RING_FILE } from '../../../server/media/recorder/key-ring.ts';
import { deriveFileKey, makeHeader } from '../../../server/media/recorder/recording-header.ts';
import { DiskRecordingFiles } from '../../../server/media/recorder/recording-files.ts';
import { RecordingReader } from '../../../server/media/recorder/recording-reader.ts';
import type { EngineEvent, RecordingOrder } from '../../../server/media/engine/protocol.ts';
import { asId, type RecordingId, type TenantId } from '../../../server/model/ids.ts';
import type { RecordingEnd } from '../../../server/model/recording.ts';
import { until } from '../../support/until.ts';
import type { VirtualBridge, VirtualParty } from '../support/fake-link.ts';

export const ATLAS = asId<TenantId>('atlas');
export const BARAKA = asId<TenantId>('baraka');

/** An id that no other recording has. */
export const newRecordingId = (): RecordingId => asId<RecordingId>(randomUUID());

/** What can be read of a recording: samples of each channel, and what its footer says. */
export interface HeardRecording {
  readonly channels: readonly Int16Array[];
  readonly footer: RecordingReader['footer'];
  readonly durationMs: number;
}

/** Keys and files of two tenants in a directory of their own, and recordings of virtual legs. */
export class RecordingKit {
  readonly directory: string;
  readonly keys: KeyRing;
  readonly files: DiskRecordingFiles;
  readonly events: EngineEvent[] = [];

  private constructor(directory: string, keys: KeyRing) {
    this.directory = directory;
    this.keys = keys;
    this.files = new DiskRecordingFiles({ directory: join(directory, 'recordings'), keys });
  }

  static async open(masterKey: Buffer = Buffer.alloc(32, 7)): Promise<RecordingKit> {
    const directory = await mkdtemp(join(tmpdir(), 'allo-recordings-'));
    const keys = await KeyRing.open({ path: join(directory, KEY_RING_FILE), masterKey, clock: systemClock });
    // As a start does: each tenant has its key.
    for (const tenantId of [ATLAS, BARAKA]) await keys.current(tenantId);
    return new RecordingKit(directory, keys);
  }

  /** The order for a recording of Atlas. */
  async order(leg: VirtualParty['leg'], more: Partial<RecordingOrder> = {}): Promise<RecordingOrder> {
    const recordingId = newRecordingId();
    const kind = more.kind ?? 'conversation';
    const { keyId, key } = await this.keys.current(ATLAS);
    const header = makeHeader({ recordingId, tenantId: ATLAS, keyId, channels: kind === 'conversation' ? 2 : 1, startedAt: systemClock() });
    return {
      recordingId, legId: leg.legId, kind, limits: { maxLengthMs: 3_600_000 },
      file: { path: this.files.pathOf(ATLAS, recordingId), header, key: deriveFileKey(key, header) }, ...more,
    };
  }

  /** The recordings of an engine whose legs are those of a bridge. */
  recordingsOf(bridge: VirtualBridge, makeFile: (path: string) => Promise<ByteSink> = createFile): EngineRecordings {
    const recordings = new EngineRecordings({
      emit: (event) => this.events.push(event), createFile: makeFile,
      findLeg: ({ legId }) => bridge.parties.find(({ leg }) => leg.legId === legId)?.leg,
    });
    bridge.betweenFrames.push((tick) => recordings.capture(tick));
    return recordings;
  }

  /** How a recording ended, once the engine has said so. */
  ended(recordingId: RecordingId): Promise<RecordingEnd> {
    return until(() => this.events.flatMap((event) => (event.type === 'recording-ended' && event.recordingId === recordingId ? [event.end] : []))[0], 'the end of the recording');
  }

  reader(recordingId: RecordingId, tenantId = ATLAS): Promise<RecordingReader> {
    return RecordingReader.open(this.files.sourceOf(tenantId, recordingId));
  }

  /** Everything that can be heard. */
  async hear(recordingId: RecordingId): Promise<HeardRecording> {
    const reader = await this.reader(recordingId);
    try {
      const pieces: Buffer[] = [];
      for await (const piece of reader.read(0, reader.audioBytes)) pieces.push(piece);
      return { channels: separate(Buffer.concat(pieces), reader.header.channels), footer: reader.footer, durationMs: reader.durationMs };
    } finally {
      await reader.close();
    }
  }

  close(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** The channels of interleaved 16-bit PCM. */
export function separate(audio: Buffer, channels: number): readonly Int16Array[] {
  const length = audio.length / (2 * channels);
  return Array.from({ length: channels }, (_, channel) => Int16Array.from({ length }, (_unused, i) => audio.readInt16LE((i * channels + channel) * 2)));
}
