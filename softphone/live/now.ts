import { useSyncExternalStore } from 'react';
import { useClockOffset } from './live-context.tsx';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = 0;

function currentSecond(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}

/** One timer for every clock on the page; none when there is no clock. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    second = currentSecond();
    timer = setInterval(() => {
      second = currentSecond();
      for (const each of listeners) each();
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const read = (): number => (timer === undefined ? currentSecond() : second);

/** The server's time in epoch milliseconds, drawn anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read) + useClockOffset();
}
