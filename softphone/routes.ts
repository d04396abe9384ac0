import { useSyncExternalStore } from 'react';

/** The addresses of the application; everything else is not found. */
export type PageName = 'home' | 'call-us' | 'supervisor' | 'not-found';

const PAGES: Readonly<Record<string, PageName>> = { '/': 'home', '/call-us': 'call-us', '/supervisor': 'supervisor' };

/** Which page an address names; a slash at the end makes no difference. */
export function pageOf(pathname: string): PageName {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') || '/' : pathname;
  return Object.hasOwn(PAGES, path) ? (PAGES[path] ?? 'not-found') : 'not-found';
}

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
