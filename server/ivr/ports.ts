import type { AudioSource, Playback } from '../model/audio.ts';
import type { Money } from '../model/customer-file.ts';
import type { Digit } from '../model/digit.ts';
import type { CustomerId, TenantId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { EpochMs } from '../base/time.ts';

/** The caller's end of the IVR: something that plays and hears keys. A media leg is one. */
export interface IvrDevice {
  play(sources: readonly AudioSource[]): Playback;
  /** @returns a function that stops listening. */
  onDigit(listener: (digit: Digit) => void): () => void;
}

/** Free text to speech; absent on a machine without a speech engine. Never rejects. */
export interface SpeechSynthesizer {
  /** @returns a source that says the text, or `unavailable`: the flow then leaves the sentence out. */
  synthesize(text: string, language: Language, signal: AbortSignal): Promise<AudioSource | 'unavailable'>;
}

/** What self-care can say of a customer's bills. */
export type BillFact =
  | { readonly kind: 'due'; readonly total: Money; readonly count: number; readonly nextDueAt: EpochMs; readonly overdue: boolean }
  | { readonly kind: 'nothing-due' }
  | { readonly kind: 'unavailable' };

/** Facts that a flow may speak. Never rejects: a fault is `unavailable`. */
export interface SelfCare {
  bill(tenantId: TenantId, customerId: CustomerId, signal: AbortSignal): Promise<BillFact>;
}

/**
 * Says figures by joining recorded pieces. Implemented in `server/media/say`.
 * Throws `AppError` for what has no pieces (an unknown currency): the caller then gets a human.
 */
export interface Sayer {
  money(money: Money, language: Language): readonly AudioSource[];
  /** The day, by the calendar of `timeZone` (IANA name). */
  date(at: EpochMs, timeZone: string, language: Language): readonly AudioSource[];
  number(value: number, language: Language): readonly AudioSource[];
}
