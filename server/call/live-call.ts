import { step } from '../base/machine.ts';
import { Scope } from '../base/scope.ts';
import { AppError } from '../base/app-error.ts';
import { CALL_RULES, type CallState } from '../model/call-machine.ts';
import type { CallFact } from '../model/events.ts';
import type { CallId, TenantId } from '../model/ids.ts';
import type { IvrStep } from '../model/interaction.ts';
import type { Language } from '../model/language.ts';
import type { MediaTerms } from '../model/media-terms.ts';
import type { CallingNumber } from '../model/phone-number.ts';
import type { Termination } from '../model/termination.ts';
import type { InboundLeg } from './ports.ts';

/** Writes one fact of a call: resolves when it is durable. */
export interface FactRecorder {
  record(fact: CallFact): Promise<void>;
}

export interface LiveCallOptions {
  readonly callId: CallId;
  readonly tenantId: TenantId;
  readonly leg: InboundLeg;
  readonly calling: CallingNumber;
  /** How the caller's media may be agreed on; absent: as for most trunks. */
  readonly mediaTerms?: MediaTerms;
  readonly recorder: FactRecorder;
  readonly onFault: (cause: unknown, what: string) => void;
}

/** One call while it lives: what its stages share, and the only writer of its facts. */
export class LiveCall {
  readonly callId: CallId;
  readonly tenantId: TenantId;
  readonly leg: InboundLeg;
  readonly calling: CallingNumber;
  readonly mediaTerms: MediaTerms | undefined;
  /** What the call opens, closed in reverse when it ends. */
  readonly scope = new Scope();
  readonly #recorder: FactRecorder;
  readonly #onFault: (cause: unknown, what: string) => void;
  readonly #gone = new AbortController();
  #state: CallState = { name: 'new' };
  #wasAnswered = false;
  language: Language = 'fr';
  intent: string | undefined;
  ivrPath: readonly IvrStep[] = [];

  constructor(options: LiveCallOptions) {
    this.callId = options.callId;
    this.tenantId = options.tenantId;
    this.leg = options.leg;
    this.calling = options.calling;
    this.mediaTerms = options.mediaTerms;
    this.#recorder = options.recorder;
    this.#onFault = options.onFault;
    void this.leg.ended.then((termination) => this.#gone.abort(termination));
  }

  /** Where the call stands, by its recorded facts. */
  get state(): CallState {
    return this.#state;
  }

  /** Whether the caller's INVITE was answered with 200 and acknowledged. */
  get wasAnswered(): boolean {
    return this.#wasAnswered;
  }

  /** Fires when the caller's leg is over, for whatever reason; each stage stops on it. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Records a fact and waits until it is durable: only then may its effect be seen outside.
   * A ledger that cannot write raises an alarm and the call goes on. Never rejects.
   * @returns whether it is durable; `refused` when the fact cannot follow in the call's state.
   */
  async note(fact: CallFact): Promise<'durable' | 'lost' | 'refused'> {
    try {
      await this.noteOrThrow(fact);
      return 'durable';
    } catch (cause) {
      this.#onFault(cause, `recording ${fact.type}`);
      return cause instanceof AppError && cause.code === OUT_OF_ORDER ? 'refused' : 'lost';
    }
  }

  /** Writes a fact that was lost once more; the call's state has seen it. @returns whether it is durable now. Never rejects. */
  async noteAgain(fact: CallFact): Promise<boolean> {
    try {
      await this.#recorder.record(fact);
      return true;
    } catch {
      // Reported when it was lost the first time; whoever asks tries again.
      return false;
    }
  }

  /**
   * Like {@link note}, for the one fact without which there must be no call: `call.received`.
   * @throws AppError `call.fact-out-of-order` for a fact that the call's state refuses;
   *   what the ledger throws when it cannot write.
   */
  async noteOrThrow(fact: CallFact): Promise<void> {
    const outcome = step(CALL_RULES, this.#state, fact);
    if (outcome.kind === 'refused') {
      throw new AppError({
        code: OUT_OF_ORDER, category: 'bug',
        message: `${fact.type} cannot follow in state ${this.#state.name}`,
        details: { callId: this.callId, state: this.#state.name, fact: fact.type },
      });
    }
    if (outcome.kind === 'moved') this.#state = outcome.state;
    if (fact.type === 'call.answered') this.#wasAnswered = true;
    await this.#recorder.record(fact);
  }

  /** How the caller's leg ended, with the reason named after the stage in which it did. */
  async terminationOfCaller(): Promise<Termination> {
    const termination = await this.leg.ended;
    if (termination.result !== 'caller') return termination;
    return { ...termination, reason: ABANDON_REASON[this.#state.name] ?? termination.reason };
  }
}

const OUT_OF_ORDER = 'call.fact-out-of-order';

/** Abandoned where? The history and the figures distinguish these. */
const ABANDON_REASON: Partial<Record<CallState['name'], string>> = {
  received: 'abandoned-before-answer',
  'in-ivr': 'abandoned-in-ivr',
  queued: 'abandoned-in-queue',
};
