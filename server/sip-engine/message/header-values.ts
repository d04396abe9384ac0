import { parseHostPort } from './sip-uri.ts';

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
  if (!value.includes(',')) return [value.trim()];
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
    else if (char === '>') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(value.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(value.slice(from).trim());
  return parts;
}

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
    if (open < 0 || value.slice(close + 1, open).trim() !== '') return undefined;
  } else {
    open = value.indexOf('<');
  }
  if (open < 0) {
    const semicolon = value.indexOf(';');
    const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
    if (uri === '' || /[\s",]/.test(uri)) return undefined;
    return { displayName: '', uri, params: semicolon < 0 ? '' : value.slice(semicolon).trim() };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const params = value.slice(close + 1).trim();
  if (params !== '' && !params.startsWith(';')) return undefined;
  const uri = value.slice(open + 1, close).trim();
  if (uri === '') return undefined;
  return { displayName: value.slice(0, open).trim(), uri, params };
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
    const found = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (found.length === name.length && found.toLowerCase() === name) {
      if (equals < 0) return '';
      const value = part.slice(equals + 1).trim();
      return value.startsWith('"') ? value.slice(1, -1) : value;
    }
    at = next;
  }
  return undefined;
}

function nextSemicolon(params: string, from: number): number {
  const semicolon = params.indexOf(';', from);
  const quote = params.indexOf('"', from);
  if (quote >= 0 && (semicolon < 0 || quote < semicolon)) {
    const close = endOfQuoted(params, quote);
    return close < 0 ? params.length : nextSemicolon(params, close + 1);
  }
  return semicolon < 0 ? params.length : semicolon;
}

/** @returns the `tag` of a From or To value; undefined when there is none. */
export function tagOf(value: string): string | undefined {
  const close = value.lastIndexOf('>');
  const semicolon = value.indexOf(';', close < 0 ? 0 : close);
  if (semicolon < 0) return undefined;
  return param(value.slice(semicolon), 'tag') || undefined;
}

/**
 * Parses the first value of a Via line.
 * @remarks RFC 3261 §20.42; white space around the slashes and the colon is legal.
 */
export function parseVia(value: string): Via | undefined {
  const found = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+([^;,\s]+(?:\s*:\s*\d+)?)\s*((?:;.*)?)$/i.exec(value);
  if (!found) return undefined;
  const place = parseHostPort(found[2] ?? '');
  if (place === undefined) return undefined;
  const params = found[3] ?? '';
  return {
    transport: (found[1] ?? '').toUpperCase(),
    ...place,
    branch: param(params, 'branch') ?? '',
    hasRport: param(params, 'rport') !== undefined,
    params,
  };
}

/** Parses a CSeq; undefined when it is not `number method` with a number below 2³¹ (RFC 3261 §8.1.1.5). */
export function parseCSeq(value: string): { number: number; method: string } | undefined {
  const found = /^(\d{1,10})\s+(\S+)$/.exec(value);
  if (!found) return undefined;
  const number = Number(found[1]);
  return number < 2 ** 31 ? { number, method: found[2] ?? '' } : undefined;
}
