import { isDigit, type Digit } from '../../model/digit.ts';

/** A key sent by INFO, or why it cannot be taken. */
export type InfoBody =
  | { readonly kind: 'digit'; readonly digit: Digit }
  /** No body: a keep-alive of older equipment. */
  | { readonly kind: 'empty' }
  /** 415: a body of another type (RFC 3261 §21.4.13). */
  | { readonly kind: 'unsupported' }
  /** 400: the right type, but no key in it. */
  | { readonly kind: 'malformed' };

/** What the Accept header of a 415 names. */
export const INFO_TYPES = 'application/dtmf-relay, application/dtmf';

const MAX_BODY_CHARS = 256;

/**
 * Reads a key from an INFO request.
 * @remarks Two conventions without an RFC: `application/dtmf-relay` with `Signal=5` and `Duration=160` lines
 *   (Cisco), `application/dtmf` with the key alone, or with a `Signal=` line as some telephones do. Event
 *   numbers 10 and 11 stand for star and hash (RFC 4733 §3.2).
 */
export function parseInfo(contentType: string | undefined, body: string): InfoBody {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' && body.trim() === '') return { kind: 'empty' };
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return { kind: 'unsupported' };
  if (body.length > MAX_BODY_CHARS) return { kind: 'malformed' };
  const signal = /^\s*signal\s*=\s*(\S{1,2})\s*$/im.exec(body)?.[1];
  const key = signal ?? (type === 'application/dtmf' ? /^\s*(\S{1,2})\s*$/.exec(body)?.[1] : undefined);
  const digit = key === undefined ? undefined : asDigit(key);
  return digit === undefined ? { kind: 'malformed' } : { kind: 'digit', digit };
}

function asDigit(key: string): Digit | undefined {
  const name = key === '10' ? '*' : key === '11' ? '#' : key.toUpperCase();
  return isDigit(name) ? name : undefined;
}
