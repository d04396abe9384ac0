import { tagOf } from '../../message/header-values.ts';
import type { SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { acknowledgeSuccess, endUnwantedFork } from '../engine-requests.ts';
import type { Forks } from './forks.ts';

/**
 * The 2xx to an INVITE that nobody wants: of a second fork, or of an application that is gone. Each
 * is acknowledged as often as it comes, and its call hung up once.
 * @remarks RFC 3261 §13.2.2.4.
 */
export class UnwantedAnswers {
  readonly #context: EngineContext;
  readonly #sequence: number;
  readonly #byTag = new Map<string, ApplicationDialog>();

  /** @param sequence - CSeq number of the INVITE. */
  constructor(context: EngineContext, sequence: number) {
    this.#context = context;
    this.#sequence = sequence;
  }

  /** @param forks - makes the dialog of the answer; undefined for a re-INVITE, whose dialog is the caller's to end. */
  take(response: SipResponse, flow: Flow, forks: Forks | undefined, dialog: ApplicationDialog | undefined): void {
    const tag = tagOf(response.headers.get('to') ?? '') ?? '';
    const known = dialog ?? this.#byTag.get(tag);
    if (known !== undefined) return acknowledgeSuccess(this.#context, known, this.#sequence);
    if (forks === undefined) return;
    const fork = forks.make(response, flow);
    this.#byTag.set(tag, fork);
    this.#context.counters.add('ended.fork');
    endUnwantedFork(this.#context, fork, this.#sequence);
  }
}
