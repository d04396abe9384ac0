import type { AudioSource, Playback } from '../../../server/model/audio.ts';
import type { Digit } from '../../../server/model/digit.ts';
import { asId, type LegId } from '../../../server/model/ids.ts';
import type { MediaTerms, VoiceCodec } from '../../../server/model/media-terms.ts';
import type { Termination } from '../../../server/model/termination.ts';
import { epochMs } from '../../../server/base/time.ts';
import type { AgentLeg, AnswerOutcome, InboundLeg, InviteFacts, Media, MediaLeg, Negotiation, Refusal } from '../../../server/call/ports.ts';

/** A promise that a test resolves. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => { resolve = done; });
  return { promise, resolve };
}

/** What Carol's INVITE says, unless a test says otherwise. */
export const carolsInvite = (more: Partial<InviteFacts> = {}): InviteFacts => ({
  sipCallId: 'carol-1@example.net', receivedAt: epochMs(Date.now()), dialled: '1000', fromUser: '+213550000001', fromHost: 'example.net',
  assertedUsers: [], privacy: [], sourceAddress: '127.0.0.1', sourcePort: 5099, transport: 'udp', sdp: 'v=0 offer', ...more,
});

/** A SIP leg that a test hangs up, and that remembers what was asked of it. */
export class FakeLeg implements InboundLeg, AgentLeg {
  readonly legId: LegId;
  readonly invite: InviteFacts;
  readonly #ended = deferred<Termination>();
  readonly ended = this.#ended.promise;
  readonly refusals: Refusal[] = [];
  readonly hangUps: Termination[] = [];
  readonly digitListeners = new Set<(digit: Digit) => void>();
  answerOutcome: AnswerOutcome = { kind: 'answered' };
  answeredWith: string | undefined;
  hasEnded = false;
  reoffer: ((offer: string) => Promise<string | undefined>) | undefined;

  constructor(id: string, invite: InviteFacts = carolsInvite()) {
    this.legId = asId<LegId>(id);
    this.invite = invite;
  }

  async answer(localSdp: string): Promise<AnswerOutcome> {
    this.answeredWith = localSdp;
    return this.answerOutcome;
  }

  async refuse(refusal: Refusal): Promise<void> {
    this.refusals.push(refusal);
    this.end({ result: 'refused', reason: 'refused', sipStatus: refusal.status });
  }

  async hangUp(termination: Termination): Promise<void> {
    this.hangUps.push(termination);
    this.end(termination);
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    this.digitListeners.add(listener);
    return () => this.digitListeners.delete(listener);
  }

  onReoffer(handler: (offer: string) => Promise<string | undefined>): void {
    this.reoffer = handler;
  }

  /** The far end hangs up, or the leg breaks. */
  end(termination: Termination): void {
    this.hasEnded = true;
    this.#ended.resolve(termination);
  }
}

/** Media that remembers what it plays and which keys it sends. */
export class FakeMediaLeg implements MediaLeg {
  readonly legId: LegId;
  readonly #failed = deferred<{ readonly reason: string }>();
  readonly failed = this.#failed.promise;
  readonly sent: Digit[] = [];
  /** Keys of its telephone that came by INFO. */
  readonly infoKeys: Digit[] = [];
  readonly digitListeners = new Set<(digit: Digit) => void>();
  playing: readonly AudioSource[] | undefined;
  answerOutcome: Negotiation<object> = { kind: 'agreed' };
  closed = false;

  readonly #pass: () => Promise<void>;
  #end: (how: 'finished' | 'stopped' | 'failed') => void = () => undefined;

  constructor(legId: LegId, pass: () => Promise<void> = () => Promise.resolve()) {
    this.legId = legId;
    this.#pass = pass;
  }

  async acceptAnswer(): Promise<Negotiation<object>> {
    await this.#pass();
    return this.answerOutcome;
  }

  async propose(codecs: readonly VoiceCodec[]): Promise<{ readonly sdp: string }> {
    return { sdp: `offer of ${codecs.join(' ')}` };
  }

  async reoffer(sdp: string): Promise<Negotiation<{ readonly sdp: string }>> {
    return { kind: 'agreed', sdp: `answer to ${sdp}` };
  }

  play(sources: readonly AudioSource[]): Playback {
    this.playing = sources;
    const done = deferred<'finished' | 'stopped' | 'failed'>();
    const end = (how: 'finished' | 'stopped' | 'failed'): void => {
      if (this.playing === sources) this.playing = undefined;
      done.resolve(how);
    };
    this.#end = end;
    return { done: done.promise, stop: () => end('stopped') };
  }

  /** What plays comes to its end. */
  finish(how: 'finished' | 'failed' = 'finished'): void {
    this.#end(how);
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    this.digitListeners.add(listener);
    return () => this.digitListeners.delete(listener);
  }

  takeInfoKey(digit: Digit): void {
    this.infoKeys.push(digit);
    this.digitListeners.forEach((listener) => listener(digit));
  }

  sendDigit(digit: Digit): void {
    this.sent.push(digit);
  }

  fail(reason: string): void {
    this.#failed.resolve({ reason });
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Opens fake media legs and keeps the matrix as a set of `listener<-speaker`. */
export class FakeMedia implements Media {
  readonly legs: FakeMediaLeg[] = [];
  /** On what terms each leg was opened. */
  readonly terms: (MediaTerms | undefined)[] = [];
  readonly hears = new Set<string>();
  unsupported: string | undefined;
  readonly #pass: () => Promise<void>;

  /** @param pass - how long a negotiation takes. */
  constructor(pass: () => Promise<void> = () => Promise.resolve()) {
    this.#pass = pass;
  }

  async answerLeg(request: { readonly legId: LegId; readonly offer: string; readonly terms?: MediaTerms }): Promise<Negotiation<{ readonly leg: MediaLeg; readonly sdp: string }>> {
    await this.#pass();
    if (this.unsupported !== undefined) return { kind: 'unsupported', reason: this.unsupported };
    return { kind: 'agreed', leg: this.#open(request), sdp: `answer to ${request.offer}` };
  }

  async offerLeg(request: { readonly legId: LegId; readonly kind: string; readonly terms?: MediaTerms }): Promise<{ readonly leg: MediaLeg; readonly sdp: string }> {
    await this.#pass();
    return { leg: this.#open(request), sdp: `${request.kind} offer` };
  }

  setHears(listener: MediaLeg, speaker: MediaLeg, gain: number): void {
    const cell = `${listener.legId}<-${speaker.legId}`;
    if (gain > 0) this.hears.add(cell);
    else this.hears.delete(cell);
  }

  #open({ legId, terms }: { readonly legId: LegId; readonly terms?: MediaTerms }): FakeMediaLeg {
    this.terms.push(terms);
    const leg = new FakeMediaLeg(legId, this.#pass);
    this.legs.push(leg);
    return leg;
  }
}
