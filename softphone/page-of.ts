/** The addresses of the application; everything else is not found. */
export type PageName = 'home' | 'call-us' | 'supervisor' | 'not-found';

const PAGES: Readonly<Record<string, PageName>> = { '/': 'home', '/call-us': 'call-us', '/supervisor': 'supervisor' };

/** Which page an address names; a slash at the end makes no difference. */
export function pageOf(pathname: string): PageName {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') || '/' : pathname;
  return Object.hasOwn(PAGES, path) ? (PAGES[path] ?? 'not-found') : 'not-found';
}
