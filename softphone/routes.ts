import { useSyncExternalStore } from 'react';
import { pageOf, type PageName } from './page-of.ts';

const listeners = new Set<() => void>();

/** Goes to another page without loading the application again. */
export function navigate(path: string): void {
  window.history.pushState(null, '', path);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

/** The page of the present address. */
export function usePage(): PageName {
  return useSyncExternalStore(subscribe, () => pageOf(window.location.pathname));
}
