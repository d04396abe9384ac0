import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { SipAccess } from '../../server/wire/api.ts';
import { requestJson } from '../api/request-json.ts';
import { SipPhone, type PhoneView } from '../phone/sip-phone.ts';

/** The agent's softphone and whether it lives in this tab. */
export interface AgentPhone {
  readonly phone: SipPhone;
  readonly view: PhoneView;
  readonly isElsewhere: boolean;
}

/**
 * Keeps the agent's softphone connected while the desk is open. Of several tabs one holds it:
 * two that ring would answer each other's calls.
 */
export function useAgentPhone(userId: string): AgentPhone {
  const phone = useMemo(() => new SipPhone({
    fetchAccess: () => requestJson<SipAccess>('/api/session/sip', { method: 'POST' }),
    withRingTone: true,
  }), []);
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const [isElsewhere, setElsewhere] = useState(false);

  useEffect(() => {
    const letGo = holdTab(`allo.phone.${userId}`, {
      onHeld: () => {
        setElsewhere(false);
        phone.connect();
      },
      onElsewhere: () => setElsewhere(true),
    });
    return () => {
      letGo();
      phone.disconnect();
    };
  }, [phone, userId]);

  return { phone, view, isElsewhere };
}

/**
 * Waits to be the only tab with this name (Web Locks).
 * @returns a function that lets the next tab have it.
 */
function holdTab(name: string, listener: { readonly onHeld: () => void; readonly onElsewhere: () => void }): () => void {
  // Typed as always there, but absent on insecure pages, which have no microphone anyway.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) {
    listener.onHeld();
    return () => undefined;
  }
  const abort = new AbortController();
  let isHeld = false;
  let letGo = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  locks.request(name, { signal: abort.signal }, () => {
    isHeld = true;
    listener.onHeld();
    return over;
  }).catch((cause: unknown) => {
    if (!abort.signal.aborted) console.error('softphone: tab lock', cause);
  });
  const timer = setTimeout(() => {
    if (!isHeld) listener.onElsewhere();
  }, 300);
  return () => {
    clearTimeout(timer);
    abort.abort();
    letGo();
  };
}
