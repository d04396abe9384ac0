import type { CallEventOf } from '../model/events.ts';
import type { Interaction } from '../model/interaction.ts';
import type { RecordingRecord } from '../model/recording.ts';

/** The events of a recording that has begun. */
export type RecordingEvent = CallEventOf<'recording.started' | 'recording.paused' | 'recording.resumed' | 'recording.stopped'>;

/**
 * Folds one event of a recording into the recordings of its call. Pure. A fact about a recording
 * of which the beginning is missing is left out: it has no file either.
 */
export function foldRecording(recordings: Interaction['recordings'], event: RecordingEvent): readonly RecordingRecord[] {
  const known = recordings ?? [];
  if (event.type === 'recording.started') return [...known, begin(event)];
  return known.map((recording) => (recording.recordingId === event.recordingId ? apply(recording, event) : recording));
}

function begin({ recordingId, kind, cause, queueId, retainDays, at }: CallEventOf<'recording.started'>): RecordingRecord {
  return { recordingId, kind, cause, ...(queueId === undefined ? {} : { queueId }), startedAt: at, retainDays, pauses: [] };
}

function apply(recording: RecordingRecord, event: Exclude<RecordingEvent, { type: 'recording.started' }>): RecordingRecord {
  if (recording.end !== undefined) return recording;
  const { pauses } = recording;
  switch (event.type) {
    case 'recording.paused':
      return { ...recording, pauses: [...pauses, { fromMs: event.positionMs, ...(event.by === undefined ? {} : { pausedBy: event.by }) }] };
    case 'recording.resumed':
      return { ...recording, pauses: pauses.map((pause) => (pause.toMs === undefined ? { ...pause, toMs: event.positionMs } : pause)) };
    case 'recording.stopped': {
      const { how, durationMs, bytes, checksum, lostMs, reason } = event;
      return {
        ...recording, endedAt: event.at,
        end: { how, durationMs, bytes, lostMs, ...(checksum === undefined ? {} : { checksum }), ...(reason === undefined ? {} : { reason }) },
      };
    }
  }
}
