import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ActiveSession } from '../../access/ports.ts';
import type { OpenRecording } from '../../call/recording/recording-library.ts';
import { ROLES } from '../../model/centre.ts';
import { asId, type RecordingId } from '../../model/ids.ts';
import { HttpError, notAllowed, notFound } from '../http-error.ts';
import type { HttpServices } from '../http-services.ts';
import { parseInput } from '../parse-input.ts';
import { sendRange } from '../send-range.ts';
import type { Guard } from '../signed-in.ts';

const idSchema = z.uuid('a recording has a UUID').transform((id) => asId<RecordingId>(id.toLowerCase()));

/** As many points as a wide screen has columns for. */
const waveformSchema = z.object({ points: z.coerce.number().int().min(10).max(1_600).default(800) });

/**
 * `GET /api/recordings/:id/audio`: a recording as WAV, whole or in part, decrypted as it is sent;
 * `GET /api/recordings/:id/waveform`: how to draw it. For those who may listen; each access is audited.
 */
export function recordingRoutes(recordings: HttpServices['recordings'], guard: Guard): Router {
  const router = Router();

  router.get('/:id/audio', guard(ROLES, async (request, response, session) => {
    const recording = await openFor(recordings, request, session);
    try {
      await sendRange(request, response, {
        sizeBytes: recording.sizeBytes, contentType: 'audio/wav', etag: `"${recording.version}"`, modifiedAt: recording.endedAt,
        read: (from, to) => recording.listen(from, to),
      });
    } finally {
      await recording.close();
    }
  }));

  router.get('/:id/waveform', guard(ROLES, async (request, response, session) => {
    const { points } = parseInput(waveformSchema, request.query);
    const recording = await openFor(recordings, request, session);
    try {
      response.json(await recording.waveform(points));
    } finally {
      await recording.close();
    }
  }));

  return router;
}

/** @throws HttpError 404, 403, 409 while it runs, 410 when its audio was deleted or never came to be. */
async function openFor(recordings: HttpServices['recordings'], request: Request, { user, sessionId }: ActiveSession): Promise<OpenRecording> {
  const answer = await recordings.open({ user, sessionId }, parseInput(idSchema, request.params['id']));
  switch (answer.kind) {
    case 'open': return answer.recording;
    case 'unknown': throw notFound('there is no such recording');
    case 'forbidden': throw notAllowed('this recording is of a call in which you did not talk');
    case 'running': throw new HttpError(409, { code: 'recording.running', message: 'this recording has not ended yet', retryable: true });
    case 'deleted': throw new HttpError(410, { code: 'recording.deleted', message: 'the audio of this recording was deleted when its days were over' });
    case 'empty': throw new HttpError(410, { code: 'recording.empty', message: `this recording has no audio: ${answer.reason}` });
  }
}
