import type { SipResponse } from '../message/sip-message.ts';
import type { Dialog, UnacknowledgedProvisional } from './dialog.ts';

/**
 * Keeps the peer's reliable provisional responses to one INVITE in order, and remembers which dialog
 * each PRACK is for.
 * @remarks RFC 3262 §4 and §7.2.
 */
export class ProvisionalOrder<Owner> {
  /** Shared by the forks, because the application knows them by one id. */
  readonly #unacknowledged: UnacknowledgedProvisional<Owner>[] = [];

  /** @returns false for a response that is no news: a repetition, or one that will come again in order. */
  takes(response: SipResponse, dialog: Dialog<Owner> | undefined): boolean {
    const rseq = Number(response.headers.get('rseq') ?? NaN);
    if (response.status >= 200 || !Number.isInteger(rseq) || dialog === undefined) return true;
    if (dialog.remoteRSeq !== undefined && rseq !== dialog.remoteRSeq + 1) return false;
    dialog.remoteRSeq = rseq;
    dialog.unacknowledged = this.#unacknowledged;
    this.#unacknowledged.push({ rseq, dialog });
    return true;
  }
}
