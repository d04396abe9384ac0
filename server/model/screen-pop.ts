import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { CallerMatch } from './caller-match.ts';
import type { CustomerFile } from './customer-file.ts';
import type { CallId, OfferId } from './ids.ts';
import type { IvrStep } from './interaction.ts';
import type { Language } from './language.ts';
import type { CallingNumber } from './phone-number.ts';
import type { Receipt } from './routing.ts';

/** What the agent sees before her softphone rings: the caller, the reason, and why her. */
export interface ScreenPop {
  readonly offerId: OfferId;
  readonly callId: CallId;
  readonly calling: CallingNumber;
  readonly match: CallerMatch;
  /** The file of the one match, or of the likeliest of several; absent when there is none or it did not load in time. */
  readonly file?: CustomerFile;
  readonly language: Language;
  readonly intent?: string;
  readonly ivrPath: readonly IvrStep[];
  readonly queueName: string;
  readonly enqueuedAt: EpochMs;
  readonly waitedMs: Milliseconds;
  readonly receipt: Receipt;
  readonly ringTimeoutMs: Milliseconds;
}
