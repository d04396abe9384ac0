import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { AppError } from '../../server/base/app-error.ts';
import type { SipAccess } from '../../server/wire/api.ts';
import { ApiProblem, requestJson } from '../api/request-json.ts';
import { SipPhone, type PhoneView } from '../phone/sip-phone.ts';

/** Where a guest's call stands. */
export type GuestStage = 'idle' | 'preparing' | 'calling' | 'in-call' | 'ended';

/** A guest's phone: one button, one number. */
export interface GuestPhone {
  readonly phone: SipPhone;
  readonly view: PhoneView;
  readonly stage: GuestStage;
  /** Code of what went wrong, to be said in words. */
  readonly fault: string | undefined;
  readonly start: () => void;
  readonly hangUp: () => void;
}

/** Gets access, registers and calls the centre when told to; lets everything go when the call is over. */
export function useGuestPhone(): GuestPhone {
  const guest = useMemo(() => new GuestCaller(), []);
  const snapshot = useSyncExternalStore(guest.subscribe, guest.getSnapshot);
  const view = useSyncExternalStore(guest.phone.subscribe, guest.phone.getView);
  const [actions] = useState(() => ({ start: () => guest.start(), hangUp: () => guest.hangUp() }));
  useEffect(() => guest.attach(), [guest]);
  return { phone: guest.phone, view, ...snapshot, ...actions };
}

interface Snapshot {
  readonly stage: GuestStage;
  readonly fault: string | undefined;
}

/** Drives a {@link SipPhone} through one call: access, registration, INVITE, end. */
class GuestCaller {
  readonly phone: SipPhone;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot = { stage: 'idle', fault: undefined };
  #dial: string | undefined;
  #isWanted = false;

  constructor() {
    this.phone = new SipPhone({ fetchAccess: () => this.#fetchAccess(), withRingTone: false });
  }

  readonly getSnapshot = (): Snapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follows the phone while the page is shown. @returns a function that ends everything. */
  attach(): () => void {
    const stop = this.phone.subscribe(() => this.#onPhone());
    return () => {
      stop();
      this.phone.disconnect();
    };
  }

  start(): void {
    this.#isWanted = true;
    this.#set({ stage: 'preparing', fault: undefined });
    this.phone.connect();
    this.#onPhone();
  }

  hangUp(): void {
    this.#isWanted = false;
    if (this.#snapshot.stage === 'preparing') this.#finish(undefined);
    else this.phone.hangUp();
  }

  async #fetchAccess(): Promise<SipAccess> {
    try {
      const access = await requestJson<SipAccess>('/api/call-us', { method: 'POST' });
      this.#dial = access.dial;
      return access;
    } catch (cause) {
      // Trying again helps against a network that is away, not against a refusal.
      if (cause instanceof ApiProblem) this.#finish(cause.status === 404 ? 'call-us-closed' : cause.code);
      else this.#finish(cause instanceof AppError ? cause.code : 'phone.failed');
      throw cause;
    }
  }

  #onPhone(): void {
    const { state } = this.phone.getView();
    const { stage } = this.#snapshot;
    if (state.name === 'registered' && this.#isWanted && this.#dial !== undefined && stage === 'preparing') {
      this.#set({ stage: 'calling', fault: undefined });
      this.phone.dial(this.#dial);
    } else if (state.name === 'in-call' && stage === 'calling') this.#set({ stage: 'in-call', fault: undefined });
    else if (state.name === 'ended' && (stage === 'calling' || stage === 'in-call')) this.#finish(state.how === 'failed' ? state.reason : undefined);
    else if (state.name === 'disconnected' && state.attempt > 0 && this.#isWanted && stage !== 'in-call') this.#finish(state.reason);
  }

  /** A guest needs no phone between calls: it is let go, and with it the microphone. */
  #finish(fault: string | undefined): void {
    if (this.#snapshot.stage === 'ended') return;
    this.#isWanted = false;
    this.#dial = undefined;
    this.#set({ stage: 'ended', fault });
    // After this event is handled, so that the phone is not changed from within its own change.
    queueMicrotask(() => this.phone.disconnect());
  }

  #set(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
