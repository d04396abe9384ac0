import { parseHostPort } from './sip-uri.ts';
import { trimLws } from './white-space.ts';

/** A From, To, Contact, Route or Record-Route value. */
export interface NameAddr {
  /** As written, quotes included; empty when absent. */
  readonly displayName: string;
  readonly uri: string;
  /** The header's own parameters, with the leading `;`, as written. */
  readonly params: string;
}

/** One Via value. */
export interface Via {
  /** `UDP`, `TCP`, `TLS`, `WS`, `WSS`, upper case. */
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly branch: string;
  /** Whether the sender asked for RFC 3581 treatment. */
  readonly hasRport: boolean;
  /** The parameters, with the leading `;`, as written. */
  readonly params: string;
}

/**
 * Splits a comma-separated header value, minding quoted strings and angle brackets.
 * @returns the trimmed parts; a value without a comma is returned alone, without a scan.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return [trimLws(value)];
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  let depth = 0;
  for (let i = 0; i < value.length; i += 1) {
    const char = value[i];
    if (quoted) {
      if (char === '\\') i += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '<') depth += 1;
    else if (char === '>') depth = Math.max(0, depth - 1);
    else if (char === ',' && depth === 0) {
      parts.push(trimLws(value.slice(from, i)));
      from = i + 1;
    }
  }
  parts.push(trimLws(value.slice(from)));
  return parts;
}

/** What an addr-spec outside angle brackets may not contain, besides the `;` of the header (RFC 3261 §20.10). */
const BARE_URI = /[\s",?<>]/;

/**
 * Parses a name-addr or addr-spec.
 * @returns undefined when brackets or quotes do not close, or there is no URI.
 * @remarks RFC 3261 §20.10: without brackets, everything from the first `;` belongs to the header.
 */
export function parseNameAddr(value: string): NameAddr | undefined {
  let open = -1;
  if (value.startsWith('"')) {
    const close = endOfQuoted(value, 0);
    if (close < 0) return undefined;
    open = value.indexOf('<', close);
    if (open < 0 || trimLws(value.slice(close + 1, open)) !== '') return undefined;
  } else {
    open = value.indexOf('<');
  }
  const semicolon = value.indexOf(';');
  // Outside quotes a display name has no `;`, and it is not clear what a bracket behind one belongs to.
  if (semicolon >= 0 && semicolon < open && !value.startsWith('"')) return undefined;
  if (open < 0) {
    const uri = trimLws(semicolon < 0 ? value : value.slice(0, semicolon));
    if (!uri.includes(':') || BARE_URI.test(uri)) return undefined;
    return { displayName: '', uri, params: semicolon < 0 ? '' : trimLws(value.slice(semicolon)) };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const params = trimLws(value.slice(close + 1));
  if (params !== '' && !params.startsWith(';')) return undefined;
  const uri = trimLws(value.slice(open + 1, close));
  if (uri === '') return undefined;
  return { displayName: trimLws(value.slice(0, open)), uri, params };
}

function endOfQuoted(value: string, start: number): number {
  for (let i = start + 1; i < value.length; i += 1) {
    if (value[i] === '\\') i += 1;
    else if (value[i] === '"') return i;
  }
  return -1;
}

/**
 * Reads one parameter out of `;a=b;c` text.
 * @param params - begins with `;` or is empty.
 * @returns the value without quotes, `''` for a parameter without one, undefined when absent.
 */
export function param(params: string, name: string): string | undefined {
  let at = 0;
  while (at < params.length) {
    const next = nextSemicolon(params, at + 1);
    const part = params.slice(at + 1, next);
    const equals = part.indexOf('=');
    const found = trimLws(equals < 0 ? part : part.slice(0, equals));
    if (found.length === name.length && found.toLowerCase() === name) {
      if (equals < 0) return '';
      const value = trimLws(part.slice(equals + 1));
      return value.startsWith('"') ? value.slice(1, -1) : value;
    }
    at = next;
  }
  return undefined;
}

/** The next `;` outside quotes, or the end. */
function nextSemicolon(params: string, from: number): number {
  for (let i = from; i < params.length; i += 1) {
    const code = params.charCodeAt(i);
    if (code === 0x3b) return i;
    if (code === 0x22) {
      i = endOfQuoted(params, i);
      if (i < 0) return params.length;
    }
  }
  return params.length;
}

/** @returns the `tag` of a From or To value; undefined when there is none, or no address. */
export function tagOf(value: string): string | undefined {
  const params = parseNameAddr(value)?.params ?? '';
  return params === '' ? undefined : param(params, 'tag') || undefined;
}

const SENT_PROTOCOL = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+([^;,\s]+(?:\s*:\s*\d+)?)\s*((?:;.*)?)$/i;

/**
 * Parses one Via value.
 * @returns undefined also when a parameter has no name (RFC 4475 §3.1.2.1).
 * @remarks RFC 3261 §20.42; white space around the slashes and the colon is legal.
 */
export function parseVia(value: string): Via | undefined {
  const found = SENT_PROTOCOL.exec(value);
  if (!found) return undefined;
  const place = parseHostPort(found[2] ?? '');
  if (place === undefined) return undefined;
  const params = found[3] ?? '';
  if (params !== '' && !hasOnlyNamedParams(params)) return undefined;
  return {
    transport: (found[1] ?? '').toUpperCase(),
    ...place,
    branch: param(params, 'branch') ?? '',
    hasRport: param(params, 'rport') !== undefined,
    params,
  };
}

/** Cuts `;a=b;c` into its parts, `;` included. */
export function splitParams(params: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < params.length;) {
    const next = nextSemicolon(params, at + 1);
    parts.push(params.slice(at, next));
    at = next;
  }
  return parts;
}

/** @returns the lower-case name of a part of {@link splitParams}. */
export function nameOfParam(part: string): string {
  const equals = part.indexOf('=');
  return trimLws(equals < 0 ? part.slice(1) : part.slice(1, equals)).toLowerCase();
}

function hasOnlyNamedParams(params: string): boolean {
  for (let at = 0; at < params.length;) {
    const next = nextSemicolon(params, at + 1);
    let i = at + 1;
    while (i < next && (params.charCodeAt(i) === 0x20 || params.charCodeAt(i) === 0x09)) i += 1;
    if (i === next || params.charCodeAt(i) === 0x3d) return false;
    at = next;
  }
  return true;
}

/** Parses a CSeq; undefined when it is not `number method` with a number below 2³¹ (RFC 3261 §8.1.1.5). */
export function parseCSeq(value: string): { number: number; method: string } | undefined {
  const found = /^(\d{1,10})\s+(\S+)$/.exec(value);
  if (!found) return undefined;
  const number = Number(found[1]);
  return number < 2 ** 31 ? { number, method: found[2] ?? '' } : undefined;
}
