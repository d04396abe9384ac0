import { Headers, serialize, type SipResponse } from '../message/sip-message.ts';
import { splitList } from '../message/header-values.ts';
import type { SipTimers } from '../transaction/timers.ts';
import { SuccessRetransmitter } from './success-retransmitter.ts';

/** First RSeq: between 1 and this, so that the numbers of two calls differ (RFC 3262 §3). */
const FIRST_RSEQ_BELOW = 100_000;

/** Most provisional responses that may wait for the PRACK of an earlier one. */
const MAX_WAITING = 16;

/** What {@link ReliableProvisionals} is made with. */
export interface ReliableOptions {
  readonly timers: SipTimers;
  /** CSeq number of the INVITE. */
  readonly sequence: number;
  /** Sends text to the caller again. */
  readonly resend: (text: string) => void;
  /** No PRACK came for 64·T1. */
  readonly giveUp: () => void;
}

/**
 * The reliable provisional responses to one INVITE: numbered, sent one at a time, repeated until their PRACK.
 * @remarks RFC 3262 §3.
 */
export class ReliableProvisionals {
  readonly #options: ReliableOptions;
  readonly #waiting: { begin(): void; send(): void }[] = [];
  #lastRSeq = 1 + Math.floor(Math.random() * FIRST_RSEQ_BELOW);
  #pending: { rseq: number; hasBody: boolean; retransmitter: SuccessRetransmitter } | undefined;

  constructor(options: ReliableOptions) {
    this.#options = options;
  }

  /**
   * Numbers a response for sending.
   * @param send - sends it for the first time: now, or after the PRACKs of those before it.
   * @returns false when too many wait already.
   */
  send(response: SipResponse, send: (numbered: SipResponse) => void): boolean {
    if (this.#pending === undefined) {
      this.#begin(response, send);
      return true;
    }
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push({ begin: () => this.#begin(response, send), send: () => send(response) });
    return true;
  }

  /**
   * Runs the sending of a final response: at once, unless it is a 2xx and an unacknowledged
   * provisional response carried an offer or answer.
   */
  final(status: number, send: () => void): void {
    if (status < 300 && (this.#waiting.length > 0 || this.#pending?.hasBody === true)) this.#waiting.push({ begin: send, send });
    else send();
  }

  /**
   * Takes a PRACK.
   * @param rack - its RAck value.
   * @returns false when it acknowledges nothing that waits: 481.
   */
  acknowledge(rack: string): boolean {
    const found = /^(\d{1,10})\s+(\d{1,10})\s+INVITE(?=\s|$)/.exec(rack.trim());
    const pending = this.#pending;
    if (pending === undefined || Number(found?.[1]) !== pending.rseq || Number(found?.[2]) !== this.#options.sequence) return false;
    pending.retransmitter.stop();
    this.#pending = undefined;
    while (this.#pending === undefined && this.#waiting.length > 0) this.#waiting.shift()?.begin();
    return true;
  }

  /** The INVITE is over; what waits is handed to its `send`, which says that it is too late. Idempotent. */
  close(): void {
    this.#pending?.retransmitter.stop();
    this.#pending = undefined;
    for (const late of this.#waiting.splice(0)) late.send();
  }

  #begin(response: SipResponse, send: (numbered: SipResponse) => void): void {
    const { timers, resend, giveUp } = this.#options;
    this.#lastRSeq += 1;
    const numbered = { ...response, headers: new Headers([...response.headers.list]) };
    const required = splitList(numbered.headers.get('require') ?? '').filter((tag) => tag !== '' && tag.toLowerCase() !== '100rel');
    numbered.headers.remove('require');
    numbered.headers.add('Require', [...required, '100rel'].join(', ')).add('RSeq', String(this.#lastRSeq));
    const text = serialize(numbered);
    this.#pending = {
      rseq: this.#lastRSeq,
      hasBody: response.body !== '',
      retransmitter: new SuccessRetransmitter(timers, () => resend(text), giveUp, Number.POSITIVE_INFINITY),
    };
    send(numbered);
  }
}

/** Whether a header lists an option tag. */
export function hasOption(headers: Headers, key: 'require' | 'supported', tag: string): boolean {
  return headers.all(key).some((line) => splitList(line).some((one) => one.toLowerCase() === tag));
}
