import { contactUri, Dialog, recordRoutes } from '../../dialog/dialog.ts';
import { tagOf } from '../../message/header-values.ts';
import { Headers, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';
import type { ApplicationConnection } from '../application-connection.ts';
import type { CompletedRequest } from '../complete-request.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';

/** Early dialogs of one INVITE; a callee that rings with ever new tags gets no more of them. */
const MAX_FORKS = 16;

/** What the dialogs of one request grow from. */
export interface ForkSeed {
  /** The id that the application knows them by. */
  readonly dialogId: string;
  readonly application: ApplicationConnection;
  readonly completed: CompletedRequest;
}

/**
 * The dialogs that the responses to one INVITE or SUBSCRIBE begin, by the peer's tag.
 * @remarks RFC 3261 §12.1.2 and §13.2.2: several may be early; the first 2xx is kept.
 */
export class Forks {
  readonly #context: Pick<EngineContext, 'dialogs' | 'counters'>;
  readonly #seed: ForkSeed;
  readonly #byTag = new Map<string, ApplicationDialog>();

  constructor(context: Pick<EngineContext, 'dialogs' | 'counters'>, seed: ForkSeed) {
    this.#context = context;
    this.#seed = seed;
  }

  /** Takes a response above 100 and below 300: begins its dialog, or moves the target of the one that it belongs to. */
  grow(response: SipResponse, flow: Flow): ApplicationDialog | undefined {
    const tag = tagOfPeer(response);
    if (tag === '' && response.status < 200) return undefined;
    const known = this.#byTag.get(tag);
    if (known !== undefined) {
      known.refreshTarget(response.headers, flow);
      return known;
    }
    if (response.status < 200 && this.#byTag.size >= MAX_FORKS) {
      this.#context.counters.add('dropped.early-dialog');
      return undefined;
    }
    const dialog = this.make(response, flow);
    this.#keep(dialog);
    return dialog;
  }

  /** The 2xx of one: the others end. */
  confirm(dialog: ApplicationDialog, response: SipResponse): void {
    dialog.routeSet = recordRoutes(response.headers).reverse(); // RFC 3261 §13.2.2.4: recomputed at the 2xx.
    dialog.state = 'confirmed';
    dialog.hasClientInvite = false;
    for (const other of this.#byTag.values()) if (other !== dialog) this.#context.dialogs.remove(other);
    this.#byTag.clear();
    this.#context.dialogs.add(dialog); // It answers to the id, not a fork that came later.
  }

  /**
   * Begins the dialog of a SUBSCRIBE with a NOTIFY that overtook its 2xx.
   * @remarks RFC 6665 §4.1.2.4.
   */
  growFromNotify(notify: SipRequest, flow: Flow): ApplicationDialog | undefined {
    if (this.#byTag.size > 0) return undefined;
    const early = { kind: 'response', status: 100, reason: '', headers: new Headers([...notify.headers.list]), body: '' } as const;
    early.headers.remove('to');
    early.headers.add('To', notify.headers.get('from') ?? '');
    const dialog = this.make(early, flow);
    // Its Record-Route was written for a request to us: not reversed (RFC 3261 §12.1.1).
    dialog.routeSet = recordRoutes(notify.headers);
    this.#keep(dialog);
    return dialog;
  }

  /** Makes the dialog of a response, without keeping it. */
  make(response: SipResponse, flow: Flow): ApplicationDialog {
    const { dialogId, application, completed: { request, callId, fromTag, sequence } } = this.#seed;
    const dialog = new Dialog<ApplicationConnection>({
      id: dialogId,
      method: request.method,
      event: request.headers.get('event'),
      callId,
      localTag: fromTag,
      remoteTag: tagOfPeer(response),
      local: request.headers.get('from') ?? '',
      remote: response.headers.get('to') ?? '',
      localSequence: sequence,
      remoteSequence: -1,
      routeSet: recordRoutes(response.headers).reverse(),
      remoteTarget: contactUri(response.headers),
      flow,
      owner: application,
      ownsCallId: true,
    });
    dialog.hasClientInvite = request.method === 'INVITE';
    dialog.offers.requested('us', request);
    dialog.learnMethods(response.headers);
    return dialog;
  }

  /** Ends them all; those that are confirmed are not held any more. */
  clear(): void {
    for (const dialog of this.#byTag.values()) this.#context.dialogs.remove(dialog);
    this.#byTag.clear();
  }

  #keep(dialog: ApplicationDialog): void {
    this.#byTag.set(dialog.remoteTag, dialog);
    this.#context.dialogs.add(dialog);
  }
}

const tagOfPeer = (response: SipResponse): string => tagOf(response.headers.get('to') ?? '') ?? '';
