import { likeliest, type CallerMatch } from '../../model/caller-match.ts';
import type { Queue } from '../../model/centre.ts';
import type { CustomerFile } from '../../model/customer-file.ts';
import type { CallServices } from '../call-services.ts';
import type { LiveCall } from '../live-call.ts';
import type { MediaLeg } from '../ports.ts';
import { announcedInFlow, playAnnouncement } from './announce-recording.ts';
import type { ConversationRecordingOptions } from './conversation-recording.ts';
import type { RecordingFacts } from './decide-recording.ts';
import { findPolicy } from './find-policy.ts';

/** A caller on her way to a queue. */
export interface CallerToRecord {
  readonly call: LiveCall;
  readonly caller: MediaLeg;
  readonly match: CallerMatch;
  readonly file: Promise<CustomerFile | undefined>;
  readonly queue: Queue;
}

/**
 * Finds out under which policy her conversations are, tells her that they may be recorded where
 * that is this program's to do, and gathers what the decision rests on. Never rejects.
 */
export async function prepareRecording(
  { call, caller, match, file, queue }: CallerToRecord, services: CallServices,
): Promise<ConversationRecordingOptions> {
  const { tenantId, leg: { invite: { dialled } } } = call;
  const policy = findPolicy(services.recordingPolicies, { tenantId, entryPoint: dialled, queueId: queue.queueId });
  const common = { call, caller, queueId: queue.queueId, policy, services };
  if (policy.mode === 'never') return { ...common, facts: { customerConsent: 'no-file', wasAnnounced: false, refusedInCall: false } };
  const customerConsent = consentOf(match, await file);
  if (policy.announcement !== 'by-call') return { ...common, facts: { customerConsent, ...announcedInFlow(call.ivrPath, policy) } };
  const mayBeRecorded = customerConsent === 'given' || customerConsent === 'no-file';
  const wasAnnounced = mayBeRecorded && await playAnnouncement(caller, call.language, call.gone);
  return { ...common, facts: { customerConsent, wasAnnounced, refusedInCall: false } };
}

/** A customer base that does not answer may know of a refusal, and so may a file that cannot be read. */
function consentOf(match: CallerMatch, file: CustomerFile | undefined): RecordingFacts['customerConsent'] {
  if (file !== undefined) return file.consent.recording ? 'given' : 'refused';
  return match.kind === 'unavailable' || likeliest(match) !== undefined ? 'unavailable' : 'no-file';
}
