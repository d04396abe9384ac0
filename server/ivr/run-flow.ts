import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import { describeError } from '../base/app-error.ts';
import { MachineRunner } from '../base/machine.ts';
import type { Clock } from '../base/time.ts';
import type { AudioSource, Playback } from '../model/audio.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import type { TenantId } from '../model/ids.ts';
import type { IvrStep } from '../model/interaction.ts';
import type { Language } from '../model/language.ts';
import { callerFacts, firstLanguage } from './caller-facts.ts';
import { FLOW_RULES } from './flow-rules.ts';
import { beginWalk, type Ending, type WalkCommand, type WalkEvent, type WalkState } from './flow-walk.ts';
import type { IvrDevice, Sayer, SelfCare, SpeechSynthesizer } from './ports.ts';
import type { Utterance } from './utterance.ts';

/** How a caller leaves the IVR, and the way that she went through it. */
export type IvrOutcome =
  /** She wants a human, of this queue, for this reason. */
  | { readonly kind: 'queue'; readonly queueKey: string; readonly intent: string; readonly language: Language; readonly path: readonly IvrStep[] }
  /** She has what she wanted; the last prompt has been heard. */
  | { readonly kind: 'goodbye'; readonly language: Language; readonly intent?: string; readonly path: readonly IvrStep[] }
  | { readonly kind: 'caller-gone'; readonly language: Language; readonly path: readonly IvrStep[] }
  /** A fault inside the flow: she still reaches a human, in this queue. */
  | { readonly kind: 'failed'; readonly cause: string; readonly language: Language; readonly path: readonly IvrStep[]; readonly fallbackQueueKey: string };

/** One caller in one flow, and everything that the flow needs. */
export interface IvrSession {
  readonly tenantId: TenantId;
  readonly flow: CheckedFlow;
  readonly device: IvrDevice;
  readonly match: CallerMatch;
  readonly speech: SpeechSynthesizer;
  readonly selfCare: SelfCare;
  readonly sayer: Sayer;
  /** Of the entry point: what an unknown caller hears who does not choose. */
  readonly defaultLanguage: Language;
  /** IANA name, for dates that are spoken. */
  readonly timeZone: string;
  readonly clock: Clock;
  /** Hears of each step as it happens; a throw counts as a fault of the flow. */
  readonly onStep: (step: IvrStep) => void;
}

/**
 * Leads a caller through a flow, until a queue, a goodbye, or the caller is gone.
 * @param signal - fires when the caller is gone.
 * @returns never rejects: a fault is `failed`, and still names a queue with humans.
 */
export function runFlow(session: IvrSession, signal: AbortSignal): Promise<IvrOutcome> {
  return new FlowRun(session).run(signal);
}

/** Carries out the commands of one walk, and closes what it opened when the walk ends. */
class FlowRun {
  readonly #session: IvrSession;
  readonly #runner: MachineRunner<WalkState, WalkEvent, WalkCommand>;
  readonly #path: IvrStep[] = [];
  /** Aborts look-ups and speech that nobody waits for any more. */
  readonly #asking = new AbortController();
  readonly #firstLanguage: Language;
  #playback: Playback | undefined;
  #timer: NodeJS.Timeout | undefined;
  #finish: (ending: Ending) => void = () => undefined;

  constructor(session: IvrSession) {
    this.#session = session;
    const facts = callerFacts(session.match, session.flow);
    this.#firstLanguage = firstLanguage(facts, session.flow, session.defaultLanguage);
    this.#runner = new MachineRunner(FLOW_RULES, beginWalk(session.flow, facts, this.#firstLanguage), {
      execute: (command) => this.#execute(command),
      onFault: (cause) => this.#post({ type: 'fault', cause: describeError(cause) }),
    });
  }

  async run(signal: AbortSignal): Promise<IvrOutcome> {
    const ended = new Promise<Ending>((resolve) => { this.#finish = resolve; });
    const onGone = (): void => this.#post({ type: 'caller-gone' });
    signal.addEventListener('abort', onGone, { once: true });
    const stopListening = this.#listen();
    this.#post(signal.aborted ? { type: 'caller-gone' } : { type: 'started' });
    const ending = await ended;
    signal.removeEventListener('abort', onGone);
    stopListening();
    this.#asking.abort();
    clearTimeout(this.#timer);
    return { ...ending, path: [...this.#path] };
  }

  /** Keys are heard from the start; a device that cannot is a fault, not a crash. */
  #listen(): () => void {
    try {
      return this.#session.device.onDigit((digit) => this.#post({ type: 'digit', digit }));
    } catch (cause) {
      this.#post({ type: 'fault', cause: describeError(cause) });
      return () => undefined;
    }
  }

  #post(event: WalkEvent): void {
    // No cell of the table refuses; one that throws must not leave the caller in silence.
    this.#runner.post(event).catch((cause: unknown) => this.#breakOff(describeError(cause)));
  }

  #breakOff(cause: string): void {
    this.#stopPlaying();
    this.#finish({ kind: 'failed', cause, language: this.#firstLanguage, fallbackQueueKey: this.#session.flow.fallbackQueueKey });
  }

  #execute(command: WalkCommand): void {
    switch (command.type) {
      case 'play':
        return this.#play(command.ticket, command.utterances);
      case 'stop-playing':
        return this.#stopPlaying();
      case 'start-timer':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#post({ type: 'timer', ticket: command.ticket }), command.ms);
        return;
      case 'stop-timer':
        return clearTimeout(this.#timer);
      case 'look-up-bill':
        return this.#ask(this.#session.selfCare.bill(this.#session.tenantId, command.customerId, this.#asking.signal),
          (fact) => ({ type: 'bill-fact', ticket: command.ticket, fact }));
      case 'synthesize':
        return this.#ask(this.#session.speech.synthesize(command.text, command.language, this.#asking.signal),
          (source) => ({ type: 'speech-ready', ticket: command.ticket, source }));
      case 'note-step':
        return this.#note({
          at: this.#session.clock(), nodeId: command.nodeId, ...(command.input === undefined ? {} : { input: command.input }),
        });
      case 'finish':
        return this.#finish(command.ending);
    }
  }

  #play(ticket: number, utterances: readonly Utterance[]): void {
    this.#stopPlaying();
    const playback = this.#session.device.play(utterances.flatMap((utterance) => this.#render(utterance)));
    this.#playback = playback;
    void playback.done.then((how) => {
      // What this walk stopped itself comes back with an old ticket; what somebody else stopped was not heard.
      this.#post({ type: 'playback-finished', ticket, how: how === 'finished' ? 'finished' : 'failed' });
    });
  }

  #stopPlaying(): void {
    this.#playback?.stop();
    this.#playback = undefined;
  }

  #render(utterance: Utterance): readonly AudioSource[] {
    const { sayer, timeZone } = this.#session;
    switch (utterance.kind) {
      case 'source':
        return [utterance.source];
      case 'money':
        return sayer.money(utterance.money, utterance.language);
      case 'date':
        return sayer.date(utterance.at, timeZone, utterance.language);
      case 'number':
        return sayer.number(utterance.value, utterance.language);
    }
  }

  #ask<T>(answer: Promise<T>, toEvent: (value: T) => WalkEvent): void {
    answer.then(
      (value) => this.#post(toEvent(value)),
      // The ports never reject; a broken one must not break the call.
      (cause: unknown) => this.#post({ type: 'fault', cause: describeError(cause) }),
    );
  }

  #note(step: IvrStep): void {
    this.#path.push(step);
    this.#session.onStep(step);
  }
}
