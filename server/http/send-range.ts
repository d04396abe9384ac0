import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { EpochMs } from '../base/time.ts';
import { readRange } from './byte-range.ts';

/** Something of a known length whose bytes are made as they are sent. */
export interface RangedContent {
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Strong: another one whenever a byte changes (RFC 9110 §8.8.3). */
  readonly etag: string;
  readonly modifiedAt: EpochMs;
  /** Bytes `from` up to, not including, byte `to`; its `return` is called when nobody wants more. */
  readonly read: (from: number, to: number) => AsyncIterable<Uint8Array>;
}

/**
 * Sends content whole, or the one part of it that is asked for. A HEAD gets the same headers and
 * reads nothing.
 * @remarks RFC 9110: If-Match, If-None-Match and If-Modified-Since (§13.1), If-Range (§13.1.5), Range (§14.2), 206 (§15.3.7),
 *   416 (§15.5.17). Several ranges at once are answered with the whole, which §14.2 allows; no player asks for them.
 * @throws what `read` throws before the first byte; after it the connection is cut.
 */
export async function sendRange(request: Request, response: Response, content: RangedContent): Promise<void> {
  const { sizeBytes, etag, modifiedAt } = content;
  response.set({ 'Accept-Ranges': 'bytes', ETag: etag, 'Last-Modified': new Date(modifiedAt).toUTCString() });
  if (!isStill(request, content)) {
    response.status(412).end();
    return;
  }
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const range = request.method === 'GET' && appliesTo(request, content) ? readRange(request.get('Range'), sizeBytes) : 'all';
  if (range === 'none') {
    response.status(416).set('Content-Range', `bytes */${sizeBytes}`).end();
    return;
  }
  if (range !== 'all') response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${sizeBytes}`);
  const { start, end } = range === 'all' ? { start: 0, end: sizeBytes - 1 } : range;
  response.set({ 'Content-Type': content.contentType, 'Content-Length': String(end + 1 - start) });
  if (request.method === 'HEAD') response.end();
  else await send(response, content.read(start, end + 1));
}

/** RFC 9110 §13.1.5: the part is of use only to whoever has the rest of the same; the comparison is strong, a date exact. */
function appliesTo(request: Request, { etag, modifiedAt }: RangedContent): boolean {
  const condition = request.get('If-Range');
  return condition === undefined || condition === etag || condition === new Date(modifiedAt).toUTCString();
}

/** RFC 9110 §13.1.1: whether If-Match, where there is one, names what we have. */
function isStill(request: Request, { etag }: RangedContent): boolean {
  const condition = request.get('If-Match');
  return condition === undefined || condition.trim() === '*' || condition.split(',').some((one) => one.trim() === etag);
}

/** The first piece is read before the headers leave, so that a fault can still be said. */
async function send(response: Response, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  const rest = async function* (): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let piece = first; piece.done !== true; piece = await iterator.next()) yield piece.value;
    } finally {
      await iterator.return?.();
    }
  };
  await pipeline(Readable.from(rest(), { objectMode: false }), response).catch((cause: unknown) => {
    if (!hasLeft(cause)) throw cause;
  });
}

/** A player that has heard enough closes the connection. */
const hasLeft = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ERR_STREAM_PREMATURE_CLOSE';
