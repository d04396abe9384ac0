import type { RecordingOrder } from '../../../server/media/engine/protocol.ts';
import { createFile } from '../../../server/media/recorder/byte-sink.ts';
import { encodeFooter } from '../../../server/media/recorder/recording-footer.ts';
import { chunkBytes, RecordingTrack } from '../../../server/media/recorder/recording-track.ts';
import { SealedWriter } from '../../../server/media/recorder/sealed-writer.ts';
import { asId, type LegId, type RecordingId } from '../../../server/model/ids.ts';
import { makeSine } from '../support/signals.ts';
import type { RecordingKit } from './recording-kit.ts';

/** A recording that was written, and what is known of it. */
export interface WrittenRecording {
  readonly recordingId: RecordingId;
  readonly path: string;
  readonly bytes: number;
  readonly checksum: string;
  readonly order: RecordingOrder;
}

const NOBODY = { legId: asId<LegId>('nobody') };

/** Writes a conversation without an engine: 440 Hz on the left, 700 Hz on the right. */
export async function writeRecording(kit: RecordingKit, lengthMs: number): Promise<WrittenRecording> {
  // A cast because an order takes only the id of a leg.
  const order = await kit.order(NOBODY as never);
  const writer = new SealedWriter({
    sink: await createFile(order.file.path), header: order.file.header, key: order.file.key, chunkBytes: chunkBytes(2),
    onFailed: (cause) => { throw cause; },
  });
  const track = new RecordingTrack(writer, 2);
  for (let at = 0; at < lengthMs; at += 20) {
    track.addFrame(makeSine(440, 20, { startSample: at * 8 }), makeSine(700, 20, { amplitude: 4_000, startSample: at * 8 }));
    // As in a call, the disk gets its turn.
    if (at % 1_000 === 980) await new Promise((resolve) => { setImmediate(resolve); });
  }
  const footer = { audioBytes: track.audioBytes, how: 'stopped', markers: track.markers(), peaks: track.peaks } as const;
  const file = await writer.finish(track.takeRest(), (cipher) => encodeFooter(footer, cipher));
  return { recordingId: order.recordingId, path: order.file.path, order, ...file };
}
