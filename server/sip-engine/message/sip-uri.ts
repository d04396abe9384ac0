import { trimLws } from './white-space.ts';

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
  // The user part may contain `?` and `;` (RFC 4475 §3.1.1.2), what follows it may not contain `@`.
  const at = text.lastIndexOf('@');
  const from = at < 0 ? colon + 1 : at + 1;
  const question = text.indexOf('?', from);
  const end = question < 0 ? text.length : question;
  const found = text.indexOf(';', from);
  const semicolon = found < 0 || found > end ? end : found;
  const hostport = text.slice(from, semicolon);
  const place = parseHostPort(hostport);
  if (place === undefined) return undefined;
  return {
    scheme,
    ...(at >= 0 ? { user: text.slice(colon + 1, at) } : {}),
    ...place,
    params: semicolon === end ? NO_PARAMS : parseUriParams(text.slice(semicolon, end)),
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
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?:\s*:\s*(\d{1,5}))?$/.exec(trimLws(text));
  if (!found) return undefined;
  const host = (found[1] ?? found[2] ?? '').toLowerCase();
  if (found[3] === undefined) return { host };
  const port = Number(found[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** Whether a SIP URI carries headers (`?Subject=…`), which a Request-URI must not (RFC 3261 §19.1.1, table 1). */
export const hasUriHeaders = (text: string): boolean => text.indexOf('?', text.lastIndexOf('@') + 1) >= 0;

/** Writes a host for a URI or a Via: IPv6 addresses get their brackets (RFC 3261 §19.1.1). */
export const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);
