import { Router } from 'express';
import { z } from 'zod';
import { ROLES } from '../../model/centre.ts';
import { asId, type CallId } from '../../model/ids.ts';
import { RECORDING_ACTIONS } from '../../model/recording.ts';
import { HttpError } from '../http-error.ts';
import type { HttpServices } from '../http-services.ts';
import { idSchema, parseInput } from '../parse-input.ts';
import type { Guard } from '../signed-in.ts';

const bodySchema = z.strictObject({ action: z.enum(RECORDING_ACTIONS) });

/**
 * `POST /api/interactions/:id/recording` with `{ action }`: starts, pauses, resumes or stops the
 * recording of a conversation; an agent's own, or for a supervisor any of her tenant.
 */
export function callRecordingRoutes(steerRecording: HttpServices['steerRecording'], guard: Guard): Router {
  const router = Router();
  router.post('/:id/recording', guard(ROLES, async (request, response, { user }) => {
    const callId = asId<CallId>(parseInput(idSchema, request.params['id']));
    const { action } = parseInput(bodySchema, request.body);
    const reply = await steerRecording(user, callId, action);
    if (reply.kind === 'refused') throw new HttpError(409, { code: reply.code, message: reply.message });
    response.status(204).end();
  }));
  return router;
}
