import { delay } from '../../base/deadline.ts';
import type { Milliseconds } from '../../base/time.ts';
import type { SipDialog, SipResponse } from '../drachtio/messages.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { askForSessionTimer, longerSession, SESSION_EXPIRES_S } from '../headers/session-timer.ts';
import { Settlement } from '../settlement.ts';
import { sendInDialog, type Exchanges, type InDialogReply } from './in-dialog-request.ts';
import type { Renegotiation } from './renegotiation.ts';

/** What came of an offer of ours within a session. */
export type ModifyOutcome =
  | { readonly kind: 'agreed'; readonly sdpAnswer: string }
  /** The far end does not want it: the session goes on as it was (RFC 3261 §14.1). */
  | { readonly kind: 'refused'; readonly sipStatus: number }
  /** The leg is over, or this ended it: the far end does not know the dialog any more. */
  | { readonly kind: 'gone' }
  /** It could not be asked. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What a {@link SessionModifier} works with. */
export interface SessionModifierOptions {
  readonly dialog: SipDialog;
  readonly renegotiation: Renegotiation;
  readonly exchanges: Exchanges;
  /** Whether an offer also asks for a session timer: not of browsers. */
  readonly hasSessionTimer: boolean;
  /** Fires when the leg is over. */
  readonly over: AbortSignal;
  /** 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

type Once = Exclude<ModifyOutcome, { kind: 'gone' }> | { readonly kind: 'glare' } | { readonly kind: 'lost' } | { readonly kind: 'longer-session' };

/** Both sides ask at once, wait, and ask again: more often than this one of them does not keep to the rules. */
const MAX_ATTEMPTS = 5;
const REQUEST_PENDING = 491;
const SESSION_TOO_SHORT = 422;
/** RFC 3261 §12.2.1.2: the far end has no such dialog, or is not there. */
const DIALOG_LOST: ReadonlySet<number> = new Set([408, 481]);

/**
 * Makes offers within an answered session: a new address, another codec, hold. One at a time, in order.
 * @remarks RFC 3261 §14.1: when both sides offer at once (491), each waits for a time of its own and tries again;
 *   RFC 4028 §7.3: at once, with the interval that the far end wants (422).
 */
export class SessionModifier {
  readonly #options: SessionModifierOptions;
  readonly #gone = new Settlement<{ readonly kind: 'gone' }>();
  #last: Promise<unknown> = Promise.resolve();
  /** The interval that this far end takes. */
  #sessionS = SESSION_EXPIRES_S;

  constructor(options: SessionModifierOptions) {
    this.#options = options;
    options.over.addEventListener('abort', () => this.#gone.settle({ kind: 'gone' }), { once: true });
  }

  /**
   * @param onLost - called when the far end turns out to have no such dialog.
   * @throws AppError `sip.unsafe-header`.
   */
  modify(offer: string, onLost: () => void): Promise<ModifyOutcome> {
    const outcome = this.#last.then(() => this.#untilSettled(offer, onLost));
    this.#last = outcome.catch(() => undefined); // Its own caller hears of it; the next offer only waits.
    return outcome;
  }

  async #untilSettled(offer: string, onLost: () => void): Promise<ModifyOutcome> {
    const { over, dialog, random = Math.random } = this.#options;
    for (let attempt = 1; !over.aborted; attempt += 1) {
      const once = await Promise.race([this.#once(offer), this.#gone.promise]);
      if (once.kind === 'lost') {
        onLost();
        break;
      }
      if (once.kind !== 'glare' && once.kind !== 'longer-session') return once;
      if (attempt === MAX_ATTEMPTS) return { kind: 'refused', sipStatus: once.kind === 'glare' ? REQUEST_PENDING : SESSION_TOO_SHORT };
      if (once.kind === 'glare') await delay(glareDelay(dialog.type === 'uac', random()), over);
    }
    return { kind: 'gone' };
  }

  async #once(offer: string): Promise<Once> {
    const { dialog, renegotiation, exchanges, hasSessionTimer } = this.#options;
    const headers = { Contact: dialog.local.contact, 'Content-Type': 'application/sdp', ...(hasSessionTimer ? askForSessionTimer(this.#sessionS) : {}) };
    const reply = await renegotiation.offer(() => sendInDialog(dialog, { method: 'INVITE', headers, body: offer }, exchanges));
    if (reply === 'glare') return { kind: 'glare' };
    const longer = reply.kind === 'response' && reply.response.status === SESSION_TOO_SHORT ? longerSession(reply.response.get('Min-SE'), this.#sessionS) : undefined;
    if (longer !== undefined) {
      this.#sessionS = longer;
      return { kind: 'longer-session' };
    }
    const outcome = read(reply);
    if (outcome.kind === 'agreed' && reply.kind === 'response') adopt(dialog, offer, reply.response);
    return outcome;
  }
}

function read(reply: InDialogReply): Once {
  // The server tells of an INVITE of the far end that it has not answered yet: the same as a 491 of the far end.
  if (reply.kind === 'unsent') return /in progress|pending/i.test(reply.reason) ? { kind: 'glare' } : { kind: 'failed', reason: 'unsent' };
  const { status } = reply.response;
  if (status === REQUEST_PENDING) return { kind: 'glare' };
  if (DIALOG_LOST.has(status)) return { kind: 'lost' };
  if (status >= 300) return { kind: 'refused', sipStatus: status };
  const { body } = reply.response;
  return body.trim() === '' ? { kind: 'failed', reason: 'no-answer-sdp' } : { kind: 'agreed', sdpAnswer: body };
}

/** What both sides have now: a refresh repeats it, and requests of ours go to the new target. */
function adopt(dialog: SipDialog, offer: string, response: SipResponse): void {
  dialog.local.sdp = offer;
  dialog.remote.sdp = response.body;
  const { uri } = parseNameAddr(response.get('Contact') ?? '');
  if (uri !== '') dialog.remote.uri = uri;
}

const STEP_MS = 10;

/**
 * How long to wait after offers have crossed.
 * @remarks RFC 3261 §14.1, in steps of 10 ms: 2.1 to 4 s for the side that made the Call-ID, up to 2 s for the other,
 *   so that they do not cross again.
 * @param random - 0 to 1.
 */
export function glareDelay(ownsCallId: boolean, random: number): Milliseconds {
  const [least, most] = ownsCallId ? [2_100, 4_000] : [0, 2_000];
  return least + Math.round(random * (most - least) / STEP_MS) * STEP_MS;
}
