import type { QueueId, UserId } from '../../model/ids.ts';
import type { Language } from '../../model/language.ts';
import type { RecordingAction, RecordingCause } from '../../model/recording.ts';
import type { RecordingPolicy } from '../../model/recording-policy.ts';
import type { CallServices } from '../call-services.ts';
import type { DeskReply } from '../desk.ts';
import type { LiveCall } from '../live-call.ts';
import type { MediaLeg } from '../ports.ts';
import { decideRecording, type RecordingFacts } from './decide-recording.ts';
import { explainRecording } from './explain-recording.ts';
import { NotedRecording } from './noted-recording.ts';

/** Who wants it, and how she says so. */
export interface Asker {
  readonly userId: UserId;
  readonly language: Language;
  readonly by: 'desk' | 'keys';
}

/** What a conversation is recorded by. */
export interface ConversationRecordingOptions {
  readonly call: LiveCall;
  readonly caller: MediaLeg;
  readonly queueId: QueueId;
  readonly policy: RecordingPolicy;
  readonly facts: Omit<RecordingFacts, 'occasion' | 'callId'>;
  readonly services: Pick<CallServices, 'recorder' | 'onFault'>;
}

/** A conversation that lasts longer is recorded in part: 12 hours, 1.4 GB. */
const MAX_LENGTH_MS = 12 * 3_600_000;

/** The recording of one conversation: begun by policy or by somebody, paused and resumed, ended with it. Whatever is asked is done in turn. */
export class ConversationRecording {
  readonly #options: ConversationRecordingOptions;
  #line: Promise<unknown> = Promise.resolve();
  #recording: NotedRecording | undefined;
  #isPaused = false;
  #isOver = false;

  constructor(options: ConversationRecordingOptions) {
    this.#options = options;
  }

  /** The conversation began: records it if the policy says so, or notes why not. Never rejects. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isOver) return;
      const { call, policy } = this.#options;
      const decision = this.#decide('began');
      if (decision.kind === 'record') await this.#start({ kind: 'policy', policyVersion: policy.version });
      else if (decision.reason !== 'policy-never') await call.note({ type: 'recording.skipped', reason: decision.reason, policyVersion: policy.version });
    });
  }

  /** Does what an agent or a supervisor asks for. Never rejects: what is not possible is a reply. */
  ask(action: RecordingAction, asker: Asker): Promise<DeskReply> {
    return this.#unlessOver(() => {
      switch (action) {
        case 'start': return this.#startFor(asker);
        case 'pause': case 'resume': return this.#setPaused(action === 'pause', asker);
        case 'stop': return this.#stop();
      }
    });
  }

  /** The keys of an agent's telephone: what is recorded ends, what is not begins. */
  toggle(asker: Asker): Promise<DeskReply> {
    return this.#unlessOver(() => (this.#recording === undefined ? this.#startFor(asker) : this.#stop()));
  }

  /** The conversation is over. @returns when its recording is in the ledger, whole. Never rejects. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isOver = true;
      await this.#recording?.stop();
    });
  }

  #unlessOver(work: () => Promise<DeskReply>): Promise<DeskReply> {
    return this.#inTurn(async () => (this.#isOver ? refused('recording.over', 'The conversation is over.') : work()));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#line.then(work);
    this.#line = turn;
    return turn;
  }

  #decide(occasion: RecordingFacts['occasion']): ReturnType<typeof decideRecording> {
    const { call, policy, facts } = this.#options;
    return decideRecording(policy, { ...facts, callId: call.callId, occasion });
  }

  async #startFor({ userId, language, by }: Asker): Promise<DeskReply> {
    if (this.#recording !== undefined) return { kind: 'done' };
    const decision = this.#decide('asked');
    if (decision.kind === 'skip') return refused(`recording.${decision.reason}`, explainRecording(decision, language));
    return await this.#start({ kind: 'person', userId, by }) ? { kind: 'done' } : refused('recording.failed', 'The recording could not be started.');
  }

  async #start(cause: RecordingCause): Promise<boolean> {
    const { call, caller: leg, queueId, policy, services } = this.#options;
    const plan = { leg, kind: 'conversation', cause, queueId, retainDays: policy.retainDays, limits: { maxLengthMs: MAX_LENGTH_MS } } as const;
    const recording = await NotedRecording.start(call, policy.beep === undefined ? plan : { ...plan, beep: policy.beep }, services);
    this.#recording = recording;
    this.#isPaused = false;
    void recording?.ended.then(() => { if (this.#recording === recording) this.#recording = undefined; });
    return recording !== undefined;
  }

  async #setPaused(isPaused: boolean, { userId }: Asker): Promise<DeskReply> {
    if (this.#recording === undefined) return refused('recording.none', 'This conversation is not being recorded.');
    if (this.#isPaused === isPaused) return { kind: 'done' };
    if (!await this.#recording.setPaused(isPaused, userId)) return refused('recording.none', 'The recording has ended.');
    this.#isPaused = isPaused;
    return { kind: 'done' };
  }

  async #stop(): Promise<DeskReply> {
    await this.#recording?.stop();
    return { kind: 'done' };
  }
}

const refused = (code: string, message: string): DeskReply => ({ kind: 'refused', code, message });
