import type { SipDialog, SipRequest, SipResponse, SipStack } from '../drachtio/messages.ts';
import { formatReason } from '../headers/reason.ts';
import type { SipUri } from '../headers/request-uri.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { hangUpDialog, type Exchanges } from '../leg/in-dialog-request.ts';
import { Settlement } from '../settlement.ts';

/** How one INVITE sent by us ended. */
export type RingOutcome<Leg> =
  | { readonly kind: 'answered'; readonly leg: Leg; readonly sdpAnswer: string }
  | {
    readonly kind: 'refused'; readonly sipStatus: number; readonly reasonHeader?: string;
    /** The refusal itself; absent when there was none. */
    readonly response?: Pick<SipResponse, 'status' | 'get' | 'source_address'>;
  }
  /** It never got through: no flow, no route, no server. */
  | { readonly kind: 'unsent'; readonly reason: string };

/** An INVITE to be sent. */
export interface RingRequest<Leg> {
  readonly uri: SipUri;
  /** Next hop, `sip:host:port;transport=ws`; absent to go where the URI says. */
  readonly proxy?: SipUri;
  readonly sdpOffer: string;
  readonly headers: HeaderFields;
  /** Takes over the dialog of the answer, at once: a BYE may be right behind it. */
  readonly adopt: (dialog: SipDialog) => Leg;
  /** What proves who we are when an answer is hung up that is not taken over. */
  readonly exchangesIn?: (dialog: SipDialog) => Exchanges;
  readonly onProvisional?: (status: number, response: SipResponse) => void;
}

/** An INVITE under way. */
export interface Ringing<Leg> {
  /** Never rejects. Nobody needs to wait for it after `cancel`. */
  readonly outcome: Promise<RingOutcome<Leg>>;
  /**
   * Sends CANCEL; idempotent. A 200 that crosses it is acknowledged and ended with BYE at once (RFC 3261 §9.1, §15).
   * @param because - what the Reason header says.
   */
  cancel(because: { readonly reason: string; readonly sipStatus?: number; readonly q850?: number }): void;
}

/** Sends an INVITE and follows it to its final response. @throws AppError `sip.unsafe-header`. */
export function ring<Leg>(stack: SipStack, request: RingRequest<Leg>): Ringing<Leg> {
  const attempt = new Attempt(stack, request);
  attempt.start();
  return attempt;
}

class Attempt<Leg> implements Ringing<Leg> {
  readonly #stack: SipStack;
  readonly #request: RingRequest<Leg>;
  readonly #outcome = new Settlement<RingOutcome<Leg>>();
  #sent: SipRequest | undefined;
  #cancelReason: string | undefined;
  #isCancelled = false;
  #isFinal = false;

  constructor(stack: SipStack, request: RingRequest<Leg>) {
    this.#stack = stack;
    this.#request = request;
  }

  get outcome(): Promise<RingOutcome<Leg>> {
    return this.#outcome.promise;
  }

  start(): void {
    const { uri, proxy, sdpOffer } = this.#request;
    const headers = sipHeaders({ ...this.#request.headers, 'Content-Type': 'application/sdp' });
    try {
      this.#stack.createUAC(
        uri,
        { localSdp: sdpOffer, headers, ...(proxy === undefined ? {} : { proxy }) },
        { cbRequest: (_, sent) => this.#onSent(sent), cbProvisional: (response) => this.#request.onProvisional?.(response.status, response) },
        (error, dialog) => this.#onFinal(error, dialog),
      );
    } catch (cause) {
      this.#onFinal(cause); // The library throws when its connection is gone.
    }
  }

  cancel(because: Parameters<Ringing<Leg>['cancel']>[0]): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#cancelReason = formatReason(because);
    this.#sendCancel();
  }

  #onSent(sent: SipRequest | undefined): void {
    this.#sent = sent;
    if (this.#isCancelled) this.#sendCancel();
  }

  #sendCancel(): void {
    if (this.#sent === undefined || this.#isFinal) return;
    try {
      // An error means that the final response was first: it decides.
      this.#sent.cancel({ headers: sipHeaders({ Reason: this.#cancelReason }) }, () => undefined);
    } catch (cause) {
      this.#onFinal(cause);
    }
  }

  #onFinal(error: unknown, dialog?: SipDialog): void {
    if (this.#isFinal) return;
    this.#isFinal = true;
    if (dialog === undefined) return this.#outcome.settle(failureOf(error));
    if (this.#isCancelled) return this.#hangUp(dialog, 'refused', 487);
    if (dialog.remote.sdp.trim() === '') return this.#hangUp(dialog, 'no-answer-sdp', 488);
    this.#outcome.settle({ kind: 'answered', leg: this.#request.adopt(dialog), sdpAnswer: dialog.remote.sdp });
  }

  #hangUp(dialog: SipDialog, reason: string, sipStatus: number): void {
    const header = this.#cancelReason ?? formatReason({ reason, sipStatus });
    // Sent or not, the call is over for us; the server ends a dialog that nobody holds.
    void hangUpDialog(dialog, header, this.#request.exchangesIn?.(dialog));
    this.#outcome.settle({ kind: 'refused', sipStatus });
  }
}

function failureOf<Leg>(error: unknown): RingOutcome<Leg> {
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    const response = responseOf(error);
    const reasonHeader = response?.get('Reason');
    return {
      kind: 'refused', sipStatus: error.status, ...(reasonHeader === undefined ? {} : { reasonHeader }), ...(response === undefined ? {} : { response }),
    };
  }
  return { kind: 'unsent', reason: error instanceof Error ? error.message : String(error) };
}

/** drachtio-srf hangs the response on its error (`lib/srf.js`, createUAC). */
function responseOf(error: Error): SipResponse | undefined {
  const response: unknown = 'res' in error ? error.res : undefined;
  // A cast because only the library's shape is known here.
  return typeof response === 'object' && response !== null && 'get' in response ? response as SipResponse : undefined;
}
