import { createHash } from 'node:crypto';
import type { CallId } from '../../model/ids.ts';
import type { RecordingPolicy, RecordingRefusal } from '../../model/recording-policy.ts';

/** What is known when it is asked whether a conversation may be recorded. */
export interface RecordingFacts {
  readonly callId: CallId;
  /** `asked`: an agent or a supervisor wants it; `began`: the conversation just began. */
  readonly occasion: 'began' | 'asked';
  /** The flag of the customer's file; `unavailable`: there is a file, and it could not be read. */
  readonly customerConsent: 'given' | 'refused' | 'no-file' | 'unavailable';
  /** Whether the caller heard in this call that she may be recorded. */
  readonly wasAnnounced: boolean;
  /** Whether she refused in this call. */
  readonly refusedInCall: boolean;
}

/** Whether to record, and why. */
export type RecordingDecision =
  | { readonly kind: 'record'; readonly because: 'asked' | 'automatic' }
  | { readonly kind: 'skip'; readonly reason: RecordingRefusal };

/**
 * Decides whether a conversation is recorded. Pure. A refusal comes before everything that
 * anybody may ask for: nobody is recorded who said no, or of whom it cannot be known.
 */
export function decideRecording(policy: RecordingPolicy, facts: RecordingFacts): RecordingDecision {
  if (policy.mode === 'never') return skip('policy-never');
  if (facts.customerConsent === 'refused') return skip('customer-refused');
  if (facts.refusedInCall) return skip('caller-refused');
  if (facts.customerConsent === 'unavailable') return skip('consent-unavailable');
  if (policy.announcement !== 'none' && !facts.wasAnnounced) return skip('not-announced');
  if (facts.occasion === 'asked') return { kind: 'record', because: 'asked' };
  if (policy.mode === 'on-demand') return skip('on-demand-only');
  return isInSample(facts.callId, policy.samplePercent) ? { kind: 'record', because: 'automatic' } : skip('not-in-sample');
}

const skip = (reason: RecordingRefusal): RecordingDecision => ({ kind: 'skip', reason });

/** Hundredths of a percent. */
const SHARES = 10_000;

/** A call is in the sample or not by its id alone: the same after a lost agent, and when somebody checks. */
export function isInSample(callId: CallId, samplePercent: number): boolean {
  const share = createHash('sha256').update(callId).digest().readUInt32BE(0) % SHARES;
  return share < samplePercent * (SHARES / 100);
}
