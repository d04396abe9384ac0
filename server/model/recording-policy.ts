import type { Milliseconds } from '../base/time.ts';
import type { Digit } from './digit.ts';

/**
 * The tone that tells the parties that they are recorded.
 * @remarks Federal Standard 1037C, *recorder warning tone*: half a second of 1,400 Hz every 15 s.
 */
export interface RecordingBeep {
  /** From the beginning of one tone to the next, milliseconds. */
  readonly everyMs: Milliseconds;
  readonly lengthMs: Milliseconds;
  readonly frequencyHz: number;
  /** A full-scale sine is 0. */
  readonly levelDbfs: number;
}

/** The tone as the standard says it, quiet enough to talk over. */
export const STANDARD_BEEP: RecordingBeep = { everyMs: 15_000, lengthMs: 500, frequencyHz: 1_400, levelDbfs: -20 };

/** The declared, versioned rules by which conversations of one tenant, queue or number are recorded. */
export interface RecordingPolicy {
  readonly version: number;
  /** `on-demand`: only when an agent or a supervisor asks; `automatic`: by itself, `samplePercent` of the conversations. */
  readonly mode: 'never' | 'on-demand' | 'automatic';
  /** 0 to 100; only of `automatic`. */
  readonly samplePercent: number;
  /**
   * How callers learn of it before they are recorded: `in-flow`, the flow has a node named
   * `consent`; `by-call`, the prompt `consent` is played before the queue; `none`, they know.
   */
  readonly announcement: 'in-flow' | 'by-call' | 'none';
  /** The key with which a caller refuses at the flow's `consent` node. */
  readonly refusalKey?: Digit;
  /** Keys with which an agent starts and stops a recording on her telephone, for instance `*2`. */
  readonly agentKeys?: string;
  /** Absent: no tone. */
  readonly beep?: RecordingBeep;
  /** Whole days after which recordings are deleted; 1 to 36,500. */
  readonly retainDays: number;
}

/** What applies where nobody declared anything: nothing is recorded. */
export const NO_RECORDING: RecordingPolicy = { version: 0, mode: 'never', samplePercent: 0, announcement: 'none', retainDays: 1 };

/** Why a conversation is not recorded. */
export const RECORDING_REFUSALS = [
  'policy-never', 'customer-refused', 'caller-refused', 'consent-unavailable', 'not-announced', 'on-demand-only', 'not-in-sample',
] as const;
export type RecordingRefusal = (typeof RECORDING_REFUSALS)[number];
