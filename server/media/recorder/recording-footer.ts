import { z } from 'zod';
import { RECORDING_ENDINGS, type RecordingEnding } from '../../model/recording.ts';
import { NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts';
import type { ChunkCipher } from './chunk-cipher.ts';
import { damaged } from './recording-header.ts';

const MAGIC = Buffer.from('ALLOEND1', 'latin1');
/** After the sealed footer: nonce, length of the sealed footer, magic. */
export const TRAILER_BYTES = NONCE_BYTES + 4 + MAGIC.length;
/** Peaks and markers of the longest recording stay far below. */
const MAX_FOOTER_BYTES = 256 * 1_024;

/** A stretch of a recording that is silent for a reason. Positions in milliseconds. */
export interface RecordingMarker {
  /** `paused`: on purpose; `lost`: the disk was too slow. */
  readonly kind: 'paused' | 'lost';
  readonly fromMs: number;
  readonly toMs: number;
}

/** How loud a recording is from point to point, for drawing it. */
export interface Peaks {
  /** Samples of a channel that one point stands for. */
  readonly samplesPerPoint: number;
  /** One row per channel; 0 is silence, 255 full scale. */
  readonly channels: readonly Uint8Array[];
}

/** What is known at the end of a recording; its being there, unchanged, says that nothing was cut off. */
export interface RecordingFooter {
  /** Bytes of audio, not encrypted. */
  readonly audioBytes: number;
  readonly how: RecordingEnding;
  readonly markers: readonly RecordingMarker[];
  readonly peaks: Peaks;
}

const footerSchema = z.object({
  audioBytes: z.int().nonnegative(),
  how: z.enum(RECORDING_ENDINGS),
  markers: z.array(z.object({ kind: z.enum(['paused', 'lost']), fromMs: z.number(), toMs: z.number() })),
  peaks: z.object({
    samplesPerPoint: z.int().positive(),
    channels: z.array(z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')))),
  }),
});

/** Seals a footer, with the trailer by which it is found. */
export function encodeFooter(footer: RecordingFooter, cipher: ChunkCipher): Buffer {
  const { samplesPerPoint, channels } = footer.peaks;
  const peaks = { samplesPerPoint, channels: channels.map((points) => Buffer.from(points).toString('base64')) };
  const { nonce, sealed } = cipher.sealFooter(Buffer.from(JSON.stringify({ ...footer, peaks })));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sealed.length);
  return Buffer.concat([sealed, nonce, length, MAGIC]);
}

/** The end of a file, when it looks like that of a finished recording. */
export interface FoundTrailer {
  readonly nonce: Buffer;
  /** Of the sealed footer before the trailer. */
  readonly sealedBytes: number;
}

/** @param trailer - the last {@link TRAILER_BYTES} of a file. */
export function findTrailer(trailer: Buffer): FoundTrailer | undefined {
  if (trailer.length < TRAILER_BYTES || !trailer.subarray(NONCE_BYTES + 4).equals(MAGIC)) return undefined;
  const sealedBytes = trailer.readUInt32BE(NONCE_BYTES);
  if (sealedBytes <= TAG_BYTES || sealedBytes > MAX_FOOTER_BYTES) return undefined;
  return { nonce: Buffer.from(trailer.subarray(0, NONCE_BYTES)), sealedBytes };
}

/** @throws AppError `recording.damaged` when it was changed. */
export function decodeFooter(sealed: Buffer, nonce: Buffer, cipher: ChunkCipher): RecordingFooter {
  const parsed = footerSchema.safeParse(JSON.parse(cipher.openFooter(nonce, sealed).toString('utf8')));
  if (!parsed.success) throw damaged('its footer was written by another version', parsed.error);
  return parsed.data;
}
