import { newId } from '../base/new-id.ts';
import { delay } from '../base/deadline.ts';
import type { Milliseconds } from '../base/time.ts';
import { normaliseCallingNumber } from '../crm/normalise-number.ts';
import type { BreakReason } from '../model/agent-machine.ts';
import type { Trunk, User } from '../model/centre.ts';
import type { Digit } from '../model/digit.ts';
import type { CallFact } from '../model/events.ts';
import { asId, type CallId, type OfferId, type UserId } from '../model/ids.ts';
import type { RecordingAction } from '../model/recording.ts';
import { Q850, type Termination } from '../model/termination.ts';
import type { EpochMs } from '../base/time.ts';
import { admitCall } from './admit-call.ts';
import type { RosterListener } from './agent-roster.ts';
import type { CallServices } from './call-services.ts';
import type { AgentDesk, DeskReply } from './desk.ts';
import type { CallHost } from './call-host.ts';
import { runInboundCall } from './inbound-call.ts';
import { LiveCall } from './live-call.ts';
import { mediaTermsFor } from './media-terms.ts';
import type { InboundLeg, Refusal } from './ports.ts';
import type { ConversationRecording } from './recording/conversation-recording.ts';
import type { Conversation } from './talk.ts';

interface Running {
  readonly call: LiveCall;
  conversation: Conversation | undefined;
  recording: ConversationRecording | undefined;
  /** Agents whose after-call work on this call has not ended. */
  readonly wrapUps: Map<UserId, { disposition?: string; note?: string }>;
  over: boolean;
}

/** Between two attempts to record the end of a call that the ledger could not take. */
const FIRST_RETRY_MS: Milliseconds = 1_000;
const LONGEST_RETRY_MS: Milliseconds = 30_000;

/** All calls of this node: takes them in, lets the desks steer them, and drains. */
export class CallCentre implements AgentDesk, CallHost, RosterListener {
  readonly #services: CallServices;
  readonly #calls = new Map<CallId, Running>();
  readonly #ringing = new Map<OfferId, AbortController>();
  #draining = false;
  #unrecorded = 0;
  /** Calls that are over and close what they opened: recordings among it. */
  #closing = 0;
  /** Fires when the node has drained: what is not recorded by then is closed at the next start. */
  readonly #stopped = new AbortController();
  /** Ends of calls that the ledger has not taken yet; no more than were in progress when it failed. */
  readonly #recordings = new Set<Promise<void>>();

  constructor(services: CallServices) {
    this.#services = services;
    services.roster.listen(this);
  }

  /** Whether new calls are refused. */
  get isDraining(): boolean {
    return this.#draining;
  }

  /** Calls that got 503 since the start because the ledger could not take them: they are in no history, so they are counted. */
  get unrecordedCalls(): number {
    return this.#unrecorded;
  }

  /** Calls in progress, after-call work not counted. */
  get liveCalls(): number {
    let live = 0;
    for (const running of this.#calls.values()) if (!running.over) live += 1;
    return live;
  }

  /**
   * Takes a call that came from a known trunk: in the ledger first, then refused or served.
   * @returns when the call is over. Never rejects.
   */
  async take(leg: InboundLeg): Promise<void> {
    const trunk = this.#services.trunks.find(leg.invite);
    if (!trunk) {
      // The edge refuses strangers; a trunk that was taken away a moment ago ends here.
      await leg.refuse({ status: 403 });
      return;
    }
    const running = this.#open(leg, trunk);
    const { call } = running;
    try {
      await this.#receive(call, trunk);
    } catch (cause) {
      // No ledger, no call: a caller who cannot be recorded is sent elsewhere, not lost silently.
      this.#unrecorded += 1;
      this.#services.onFault(cause, 'recording call.received');
      await leg.refuse({ status: 503, reason: 'Ledger Unavailable', q850: Q850.temporaryFailure, retryAfterS: 10 });
      this.#calls.delete(call.callId);
      return;
    }
    await this.#finish(running, await this.#run(call, trunk));
  }

  /** From now on new calls get 503 with Retry-After; those in progress go on. */
  startDraining(): void {
    this.#draining = true;
  }

  /**
   * Waits until no call is left, at most `limitMs`; then ends the rest.
   * @returns how many had to be ended.
   */
  async drain(limitMs: Milliseconds): Promise<number> {
    this.startDraining();
    const until = this.#services.clock() + limitMs;
    while (this.liveCalls > 0 && this.#services.clock() < until) await delay(100);
    const rest = [...this.#calls.values()].filter((running) => !running.over);
    await Promise.all(rest.map(({ call }) => call.leg.hangUp({ result: 'system', reason: 'shutdown', q850: Q850.temporaryFailure })));
    const ended = this.#services.clock() + 2000;
    while ((this.liveCalls > 0 || this.#closing > 0) && this.#services.clock() < ended) await delay(20);
    this.#stopped.abort();
    await Promise.all(this.#recordings);
    return rest.length;
  }

  #open(leg: InboundLeg, trunk: Trunk): Running {
    const { invite } = leg;
    const callId = asId<CallId>(newId());
    const calling = normaliseCallingNumber({
      assertedUsers: invite.assertedUsers, fromUser: invite.fromUser, privacy: invite.privacy,
      trustsAssertedIdentity: trunk.trustsAssertedIdentity, region: trunk.region,
    });
    const call = new LiveCall({
      callId, tenantId: trunk.tenantId, leg, calling,
      mediaTerms: mediaTermsFor(trunk, invite),
      recorder: this.#services.openRecorder(trunk.tenantId, callId),
      onFault: this.#services.onFault,
    });
    const running: Running = { call, conversation: undefined, recording: undefined, wrapUps: new Map(), over: false };
    this.#calls.set(callId, running);
    return running;
  }

  async #receive(call: LiveCall, trunk: Trunk): Promise<void> {
    const { leg, calling } = call;
    await this.#services.numberCall(trunk.trunkId, (trunkSequence) => call.noteOrThrow({
      type: 'call.received', trunkId: trunk.trunkId, trunkSequence, legId: leg.legId,
      sipCallId: leg.invite.sipCallId, calling, dialled: leg.invite.dialled,
    }));
  }

  async #run(call: LiveCall, trunk: Trunk): Promise<Termination> {
    try {
      const load = { draining: this.#draining, calls: this.liveCalls };
      const admission = await admitCall(call.leg.invite, trunk, load, this.#services);
      if (admission.kind === 'admitted') return await runInboundCall(call, admission.entryPoint, this, this.#services);
      await call.leg.refuse(admission.refusal);
      return refusedBy(admission.why, admission.refusal);
    } catch (cause) {
      // The set-up cannot be read: this call is refused with 500 as it is finished, the others go on.
      this.#services.onFault(cause, 'admitting a call');
      return { result: 'failed', reason: 'internal-error', sipStatus: 500, q850: Q850.temporaryFailure };
    }
  }

  async #finish(running: Running, termination: Termination): Promise<void> {
    const { call } = running;
    const ended = { type: 'call.ended', termination: withSipStatus(termination, call) } as const;
    if (await call.note(ended) === 'lost') this.#recordLater(call, ended);
    running.over = true;
    this.#closing += 1;
    await call.leg.hangUp(termination);
    await call.scope.close().catch((cause: unknown) => this.#services.onFault(cause, 'closing a call'));
    this.#closing -= 1;
    this.#forgetWhenDone(running);
  }

  /** Without its end a call would run, and perhaps wait, in every figure until the next start. */
  #recordLater(call: LiveCall, ended: CallFact): void {
    const recording = this.#untilRecorded(call, ended).finally(() => this.#recordings.delete(recording));
    this.#recordings.add(recording);
  }

  /** Tries until it is durable, and a last time when the node has drained. */
  async #untilRecorded(call: LiveCall, ended: CallFact): Promise<void> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      const how = await delay(waitMs, this.#stopped.signal);
      if (await call.noteAgain(ended) || how === 'aborted') return;
    }
  }

  #forgetWhenDone(running: Running): void {
    if (running.over && running.wrapUps.size === 0) this.#calls.delete(running.call.callId);
  }

  // ---- CallHost: what the story of a call borrows

  setConversation(call: LiveCall, conversation: Conversation | undefined): void {
    const running = this.#calls.get(call.callId);
    if (!running) return;
    running.conversation = conversation;
    if (conversation) this.#loseIfGone(conversation);
  }

  setRecording(call: LiveCall, recording: ConversationRecording | undefined): void {
    const running = this.#calls.get(call.callId);
    if (running) running.recording = recording;
  }

  /** She may have signed out while her answer was being written down: nobody was told then. */
  #loseIfGone(conversation: Conversation): void {
    const state = this.#services.roster.state(conversation.agent.agentId);
    if (state?.name === 'on-call' && state.next.name === 'offline') conversation.loseAgent('agent-signed-out');
  }

  openOffer(offerId: OfferId): AbortSignal {
    const controller = new AbortController();
    this.#ringing.set(offerId, controller);
    return controller.signal;
  }

  closeOffer(offerId: OfferId): void {
    this.#ringing.delete(offerId);
  }

  // ---- RosterListener: what agents' machines say

  async wrapUpStarted(agentId: UserId, callId: CallId, deadlineAt: EpochMs): Promise<void> {
    const running = this.#calls.get(callId);
    if (!running) return;
    running.wrapUps.set(agentId, {});
    await running.call.note({ type: 'wrap-up.started', agentId, deadlineAt });
  }

  async wrapUpEnded(agentId: UserId, callId: CallId, how: 'completed' | 'timed-out' | 'signed-out'): Promise<void> {
    const running = this.#calls.get(callId);
    const filed = running?.wrapUps.get(agentId);
    if (!running || !filed) return;
    await running.call.note({ type: 'wrap-up.ended', agentId, how, ...filed });
    running.wrapUps.delete(agentId);
    this.#forgetWhenDone(running);
  }

  offerWithdrawn(_agentId: UserId, _callId: CallId, offerId: OfferId): void {
    this.#ringing.get(offerId)?.abort();
  }

  agentLost(agentId: UserId, callId: CallId): void {
    const conversation = this.#calls.get(callId)?.conversation;
    if (conversation?.agent.agentId === agentId) conversation.loseAgent('agent-signed-out');
  }

  // ---- AgentDesk: what agents ask from their browsers

  async signIn(agentId: UserId): Promise<DeskReply> {
    return this.#post(agentId, 'sign-in');
  }

  async signOut(agentId: UserId): Promise<DeskReply> {
    return this.#post(agentId, 'sign-out');
  }

  async goAvailable(agentId: UserId): Promise<DeskReply> {
    if (!this.#services.signalling.isRegistered(agentId)) {
      return refused('desk.no-softphone', 'The softphone is not registered; calls could not reach you.');
    }
    return this.#post(agentId, 'go-available');
  }

  async goOnBreak(agentId: UserId, reason: BreakReason): Promise<DeskReply> {
    const outcome = await this.#services.roster.post(agentId, { type: 'go-on-break', at: this.#services.clock(), reason });
    return outcome === 'refused' ? refused('desk.not-now', 'Sign in first.') : { kind: 'done' };
  }

  async hold(agentId: UserId, callId: CallId, on: boolean): Promise<DeskReply> {
    const conversation = this.#conversationOf(agentId, callId);
    if (!conversation) return NO_SUCH_CALL;
    await conversation.hold(on);
    return { kind: 'done' };
  }

  async sendDigit(agentId: UserId, callId: CallId, digit: Digit): Promise<DeskReply> {
    const conversation = this.#conversationOf(agentId, callId);
    if (!conversation) return NO_SUCH_CALL;
    conversation.sendDigit(digit);
    return { kind: 'done' };
  }

  async completeWrapUp(agentId: UserId, callId: CallId, wrapUp: { readonly disposition: string; readonly note: string }): Promise<DeskReply> {
    const running = this.#calls.get(callId);
    const filed = running?.wrapUps.get(agentId);
    if (!running || !filed) return WRAP_UP_OVER;
    const known = await this.#services.centre.listDispositions(running.call.tenantId);
    if (!known.some(({ code }) => code === wrapUp.disposition)) {
      return refused('desk.unknown-disposition', `There is no reason code ${wrapUp.disposition}.`);
    }
    filed.disposition = wrapUp.disposition;
    if (wrapUp.note !== '') filed.note = wrapUp.note;
    const outcome = await this.#services.roster.post(agentId, { type: 'wrap-up-done', at: this.#services.clock(), callId });
    // Its time ran out while this was on its way: she must hear that her note was not kept.
    return outcome === 'moved' ? { kind: 'done' } : WRAP_UP_OVER;
  }

  /**
   * Steers the recording of a conversation: an agent that of her own, a supervisor or an
   * administrator that of any in her tenant. Never rejects.
   */
  async record(user: User, callId: CallId, action: RecordingAction): Promise<DeskReply> {
    const { userId, tenantId, role, languages } = user;
    const running = this.#calls.get(callId);
    const mayAsk = role === 'agent' ? this.#conversationOf(userId, callId) !== undefined : running?.call.tenantId === tenantId;
    if (!mayAsk || !running?.recording) return NO_SUCH_CALL;
    return running.recording.ask(action, { userId, language: languages[0] ?? running.call.language, by: 'desk' });
  }

  #conversationOf(agentId: UserId, callId: CallId): Conversation | undefined {
    const conversation = this.#calls.get(callId)?.conversation;
    return conversation?.agent.agentId === agentId ? conversation : undefined;
  }

  async #post(agentId: UserId, type: 'sign-in' | 'sign-out' | 'go-available'): Promise<DeskReply> {
    const outcome = await this.#services.roster.post(agentId, { type, at: this.#services.clock() });
    return outcome === 'refused' ? refused('desk.not-now', 'This is not possible now.') : { kind: 'done' };
  }
}

/** A call that was answered and then ended by a BYE had 200 for its final response. */
const withSipStatus = (termination: Termination, call: LiveCall): Termination =>
  (termination.sipStatus === undefined && call.wasAnswered ? { ...termination, sipStatus: 200 } : termination);

const refused = (code: string, message: string): DeskReply => ({ kind: 'refused', code, message });
const WRAP_UP_OVER = refused('desk.no-wrap-up', 'This wrap-up is over already.');
const NO_SUCH_CALL = refused('desk.no-such-call', 'You are not in this call.');

const refusedBy = (why: string, refusal: Refusal): Termination => ({
  result: 'refused', reason: why, sipStatus: refusal.status,
  ...(refusal.q850 === undefined ? {} : { q850: refusal.q850 }),
});
