/** The parts of a SIP or SIPS URI that routing needs. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** As written, still escaped; absent when the URI has none. */
  readonly user?: string;
  /** Without the brackets of an IPv6 reference; lower case. */
  readonly host: string;
  readonly port?: number;
  /** Lower-case names; `true` for a parameter without a value. */
  readonly params: ReadonlyMap<string, string | true>;
}

/**
 * Parses a SIP URI for routing.
 * @returns undefined for other schemes (`tel:`) and for anything without a usable host.
 * @remarks RFC 3261 §19.1.1.
 */
export function parseSipUri(text: string): SipUri | undefined {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return undefined;
  const question = text.indexOf('?', colon);
  const rest = text.slice(colon + 1, question < 0 ? undefined : question);
  const at = rest.lastIndexOf('@');
  const semicolon = rest.indexOf(';', at + 1);
  const hostport = rest.slice(at + 1, semicolon < 0 ? undefined : semicolon);
  const place = parseHostPort(hostport);
  if (place === undefined) return undefined;
  return {
    scheme,
    ...(at >= 0 ? { user: rest.slice(0, at) } : {}),
    ...place,
    params: semicolon < 0 ? NO_PARAMS : parseUriParams(rest.slice(semicolon)),
  };
}

const NO_PARAMS: ReadonlyMap<string, string | true> = new Map();

function parseUriParams(text: string): Map<string, string | true> {
  const params = new Map<string, string | true>();
  for (const part of text.split(';')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) params.set(part.toLowerCase(), true);
    else params.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1));
  }
  return params;
}

/**
 * Splits `host[:port]`, IPv6 references included.
 * @returns undefined when the host is empty or has characters no host has, or the port is out of range.
 */
export function parseHostPort(text: string): { host: string; port?: number } | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?:\s*:\s*(\d{1,5}))?$/.exec(text.trim());
  if (!found) return undefined;
  const host = (found[1] ?? found[2] ?? '').toLowerCase();
  if (found[3] === undefined) return { host };
  const port = Number(found[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** Writes a host for a URI or a Via: IPv6 addresses get their brackets (RFC 3261 §19.1.1). */
export const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);
