/** What a browser says of where a request comes from. */
export interface OriginFacts {
  /** The `Origin` header (RFC 6454 §7). */
  readonly origin: string | undefined;
  /** The `Host` header: what the browser believes this server to be. */
  readonly host: string | undefined;
  /** Further origins that are ours, `https://desk.example.dz`: for a proxy that rewrites `Host`. */
  readonly publicOrigins?: readonly string[] | undefined;
}

/**
 * Whether a page of our own sent the request. The scheme is not compared with ours, because
 * a proxy may end TLS in front; the host and port are.
 * @returns false for a missing and for a `null` origin.
 */
export function isSameOrigin({ origin, host, publicOrigins = [] }: OriginFacts): boolean {
  if (!origin || origin === 'null') return false;
  if (publicOrigins.includes(origin)) return true;
  if (!host || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.host === normalizeHost(host, url.protocol);
}

/** `URL.host` leaves out the scheme's own port; a `Host` header may name it. */
function normalizeHost(host: string, protocol: string): string | undefined {
  const text = `${protocol}//${host}`;
  return URL.canParse(text) ? new URL(text).host : undefined;
}
