import type { Invitation } from 'sip.js';
import { AppError } from '../../server/base/app-error.ts';
import { MachineRunner } from '../../server/base/machine.ts';
import type { SipAccess } from '../../server/wire/api.ts';
import { toIncomingCall } from './incoming-call.ts';
import { closeStream, openMicrophone } from './microphone.ts';
import { PHONE_AT_REST, PHONE_RULES, type PhoneCommand, type PhoneEvent, type PhoneState } from './phone-machine.ts';
import { preciseNow } from './precise-now.ts';
import { retryDelayMs } from '../live/retry-delay.ts';
import { Ringer } from './ringer.ts';
import { SipCall, type SipCallListener } from './sip-call.ts';
import { SipLine } from './sip-line.ts';

/** How long the end of a call stays on the screen. */
const SETTLE_MS = 2_500;
/** New credentials are fetched this long before the old ones expire. */
const RENEW_BEFORE_MS = 60_000;
/** `setTimeout` takes no longer time (a signed 32-bit number of milliseconds). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What the pages show of the phone; a new object at each change. */
export interface PhoneView {
  readonly state: PhoneState;
  readonly isMuted: boolean;
  readonly remoteStream: MediaStream | undefined;
  readonly localStream: MediaStream | undefined;
  /** The ring tone was refused by the browser until the page is touched. */
  readonly isRingSilent: boolean;
}

/** What a {@link SipPhone} needs. */
export interface SipPhoneOptions {
  /** Mints SIP credentials. Rejects when the server cannot be reached or refuses. */
  readonly fetchAccess: () => Promise<SipAccess>;
  readonly withRingTone: boolean;
}

/** The softphone: runs {@link PHONE_RULES} over sip.js, the microphone and the ring tone. */
export class SipPhone {
  readonly #options: SipPhoneOptions;
  readonly #runner: MachineRunner<PhoneState, PhoneEvent, PhoneCommand>;
  readonly #ringer = new Ringer();
  readonly #listeners = new Set<() => void>();
  #line: SipLine | undefined;
  /** Counts lines wanted: what arrives for an older one is stale. */
  #generation = 0;
  #call: SipCall | undefined;
  #waiting = new Map<string, Invitation>();
  #microphone: MediaStream | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #isRenewalDue = false;
  #view: PhoneView = { state: PHONE_AT_REST, isMuted: false, remoteStream: undefined, localStream: undefined, isRingSilent: false };

  constructor(options: SipPhoneOptions) {
    this.#options = options;
    this.#runner = new MachineRunner(PHONE_RULES, PHONE_AT_REST, {
      execute: (command) => this.#execute(command),
      onTransition: (_from, state) => this.#onState(state),
      onFault: (cause, command) => console.error(`softphone: ${command.type}`, cause),
    });
  }

  /** For `useSyncExternalStore`. */
  readonly getView = (): PhoneView => this.#view;

  /** For `useSyncExternalStore`. @returns a function that stops listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connect(): void {
    this.#post({ type: 'connect', at: preciseNow() });
  }

  disconnect(): void {
    this.#post({ type: 'disconnect', at: preciseNow() });
  }

  answer(): void {
    this.#post({ type: 'answer', at: preciseNow() });
  }

  reject(): void {
    this.#post({ type: 'reject', at: preciseNow() });
  }

  hangUp(): void {
    this.#post({ type: 'hang-up', at: preciseNow() });
  }

  /** @param target - a SIP URI. */
  dial(target: string): void {
    this.#post({ type: 'dial', at: preciseNow(), target });
  }

  setMuted(isMuted: boolean): void {
    this.#call?.setMuted(isMuted);
    this.#show({ isMuted });
  }

  /** Sends a key in the media. @returns false when the call cannot carry it. */
  sendDigit(digit: string): boolean {
    return this.#call?.sendDigit(digit) ?? false;
  }

  #post(event: PhoneEvent): void {
    this.#runner.post(event).catch((cause: unknown) => {
      // A refused press (a key that came a moment late) changes nothing; anything else is a fault.
      if (!(cause instanceof AppError && cause.code === 'base.event-refused')) console.error('softphone', cause);
    });
  }

  #onState(state: PhoneState): void {
    const inCall = state.name === 'in-call';
    if (!inCall && state.name !== 'answering' && state.name !== 'dialling') closeStream(this.#microphone);
    this.#show({
      state,
      isMuted: inCall && this.#view.isMuted,
      remoteStream: inCall ? this.#call?.remoteStream : undefined,
      localStream: inCall ? this.#call?.localStream : undefined,
    });
    if (this.#isRenewalDue && (state.name === 'registered' || state.name === 'ended')) this.#renew();
  }

  #show(change: Partial<PhoneView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Starts the command and returns: what comes of it is an event, so that a CANCEL never waits behind an answer. */
  #execute(command: PhoneCommand): void {
    switch (command.type) {
      case 'register': return this.#register();
      case 'unregister': return this.#unregister();
      case 'retry-later': return this.#retryLater(command.attempt);
      case 'start-ring': return this.#startRing();
      case 'stop-ring': return this.#stopRing();
      case 'accept': return this.#run(() => this.#accept());
      case 'decline': return this.#run(() => this.#call?.decline(603));
      case 'refuse-busy': return this.#refuseBusy(command.inviteId);
      case 'place': return this.#run(() => this.#place(command.target));
      case 'release': return this.#run(() => this.#call?.release());
      case 'settle-later':
        clearTimeout(this.#settleTimer);
        this.#settleTimer = setTimeout(() => this.#post({ type: 'settle', at: preciseNow() }), SETTLE_MS);
        return;
    }
  }

  #run(work: () => Promise<void> | undefined): void {
    Promise.resolve()
      .then(work)
      .catch((cause: unknown) => {
        const reason = cause instanceof AppError ? cause.code : 'phone.failed';
        if (!(cause instanceof AppError)) console.error('softphone', cause);
        this.#post({ type: 'call-failed', at: preciseNow(), reason });
      });
  }

  #register(): void {
    clearTimeout(this.#retryTimer);
    if (this.#runner.state.name === 'in-call' && this.#line) {
      // A new line would end the call that goes on behind the lost signalling.
      void this.#line.reopen();
      return;
    }
    const generation = (this.#generation += 1);
    void this.#line?.close();
    this.#line = undefined;
    this.#options.fetchAccess().then(
      (access) => {
        if (generation === this.#generation) this.#openLine(access, generation);
      },
      (cause: unknown) => {
        const reason = cause instanceof AppError && cause.code === 'api.unreachable' ? 'unreachable' : 'no-credentials';
        if (generation === this.#generation) this.#post({ type: 'connection-lost', at: preciseNow(), reason });
      },
    );
  }

  #openLine(access: SipAccess, generation: number): void {
    const isCurrent = (): boolean => generation === this.#generation;
    const line = new SipLine(access, {
      onRegistered: () => {
        if (isCurrent()) this.#post({ type: 'registered', at: preciseNow() });
      },
      onLost: (reason) => {
        if (isCurrent()) this.#post({ type: 'connection-lost', at: preciseNow(), reason });
      },
      onInvite: (invitation) => this.#onInvite(invitation),
    }, () => this.#useMicrophone());
    this.#line = line;
    clearTimeout(this.#renewTimer);
    const renewInMs = Math.max(RENEW_BEFORE_MS, access.expiresAt - Date.now() - RENEW_BEFORE_MS);
    this.#renewTimer = setTimeout(() => this.#onRenewalDue(), Math.min(LONGEST_TIMER_MS, renewInMs));
    void line.open();
  }

  #onRenewalDue(): void {
    const { name } = this.#view.state;
    if (name === 'registered' || name === 'ended') this.#renew();
    else this.#isRenewalDue = true;
  }

  /** Registers with fresh credentials; the machine need not know, the phone stays registered throughout. */
  #renew(): void {
    this.#isRenewalDue = false;
    this.#register();
  }

  #unregister(): void {
    this.#generation += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#renewTimer);
    clearTimeout(this.#settleTimer);
    closeStream(this.#microphone);
    void this.#line?.close();
    this.#line = undefined;
  }

  #retryLater(attempt: number): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#post({ type: 'connect', at: preciseNow() }), retryDelayMs(attempt, Math.random()));
  }

  #onInvite(invitation: Invitation): void {
    const call = toIncomingCall(invitation);
    const { name } = this.#view.state;
    if (name === 'registered' || name === 'registering' || name === 'ended') {
      clearTimeout(this.#settleTimer);
      this.#call = new SipCall(invitation, this.#callListener());
      // It may have been cancelled while its 180 was on the way.
      if (this.#call.isTerminated) return;
    } else {
      this.#waiting.set(call.inviteId, invitation);
    }
    this.#post({ type: 'invite', at: preciseNow(), call });
  }

  #refuseBusy(inviteId: string): void {
    const invitation = this.#waiting.get(inviteId);
    this.#waiting.delete(inviteId);
    if (!invitation) return;
    const refused = new SipCall(invitation, NOBODY);
    refused.decline(486).catch((cause: unknown) => console.warn('softphone: refusing a second call', cause));
  }

  async #accept(): Promise<void> {
    const call = this.#call;
    if (!call) return;
    try {
      this.#microphone = await openMicrophone();
    } catch (cause) {
      // A fault, not a refusal: she leaves the rotation until she can hear and be heard.
      await call.decline(500);
      throw cause;
    }
    if (call.isTerminated || call !== this.#call) {
      closeStream(this.#microphone);
      return;
    }
    await call.accept();
  }

  async #place(target: string): Promise<void> {
    const line = this.#line;
    if (!line) throw new AppError({ code: 'phone.not-registered', category: 'agent', message: 'the softphone is not connected' });
    this.#microphone = await openMicrophone();
    // Hung up while the browser asked for the microphone.
    if (this.#runner.state.name !== 'dialling') {
      closeStream(this.#microphone);
      return;
    }
    this.#call = new SipCall(line.invite(target), this.#callListener());
    await this.#call.place();
  }

  /** The stream of the call at hand; sip.js stops its tracks when the session ends. */
  #useMicrophone(): Promise<MediaStream> {
    return this.#microphone ? Promise.resolve(this.#microphone) : openMicrophone();
  }

  #startRing(): void {
    if (!this.#options.withRingTone) return;
    this.#ringer.start().then(
      (isHeard) => this.#show({ isRingSilent: !isHeard }),
      (cause: unknown) => console.error('softphone: ring tone', cause),
    );
  }

  #stopRing(): void {
    this.#ringer.stop();
    this.#show({ isRingSilent: false });
  }

  #callListener(): SipCallListener {
    return {
      onEstablished: () => this.#post({ type: 'established', at: preciseNow() }),
      onCancelled: () => this.#post({ type: 'cancelled', at: preciseNow() }),
      onEnded: () => this.#post({ type: 'remote-hung-up', at: preciseNow() }),
      onFailed: (reason) => this.#post({ type: 'call-failed', at: preciseNow(), reason }),
    };
  }
}

/** For calls that are refused at once: nothing of them is of interest. */
const NOBODY: SipCallListener = {
  onEstablished: () => undefined, onCancelled: () => undefined, onEnded: () => undefined, onFailed: () => undefined,
};
