import type { SipLimits } from '../guard/limits.ts';
import { headerName } from './header-names.ts';
import { Headers, type Header, type SipMessage } from './sip-message.ts';
import { trimLws, unfold } from './white-space.ts';

/** What the parser made of some bytes. */
export type ParseOutcome =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /**
   * Not a message that may be acted on. `partial` carries what could be read of a request, so
   * that it can be refused to where it came from; it is absent when nothing may be answered.
   */
  | { readonly kind: 'malformed'; readonly fault: ParseFault; readonly partial?: SipMessage };

/** Why bytes are not a SIP message: a counter name and, for requests, the reason phrase of the refusal. */
export type ParseFault =
  | 'too-large' | 'no-start-line' | 'bad-start-line' | 'bad-version' | 'uri-too-long' | 'line-too-long'
  | 'too-many-headers' | 'bad-header' | 'bad-character' | 'unfinished' | 'repeated-header' | 'bad-content-length';

/** The status that a request with a fault is refused with (RFC 3261 §21.4.1, §21.4.12, §21.5.7). */
export function statusOf(fault: ParseFault): number {
  if (fault === 'bad-version') return 505;
  return fault === 'uri-too-long' ? 414 : 400;
}

/** URIs are visible ASCII (RFC 3261 §25.1); what is not, drachtio-srf cannot read and would never answer. */
const NOT_IN_URI = /[^\x21-\x7e]|[<>"]/;

type Limits = Pick<SipLimits, 'messageBytes' | 'lineBytes' | 'headers' | 'uriBytes'>;

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;
/** A CR or LF that does not end a line (header injection), or any other control character. */
const SUSPICIOUS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;

/**
 * Parses one datagram, or one message that a stream framer has cut out.
 * @param text - binary string: one character per byte.
 * @param lengthIs - `ignored` takes all the rest as body: drachtio-srf counts characters, not bytes.
 * @remarks RFC 3261 §7 and §25; hand-written, one pass, linear in the length. Bytes after
 *   Content-Length are discarded (§18.3); a body shorter than it is malformed.
 */
export function parseMessage(text: string, limits: Limits, lengthIs: 'binding' | 'ignored' = 'binding'): ParseOutcome {
  if (text.length > limits.messageBytes) return { kind: 'malformed', fault: 'too-large' };
  let start = 0;
  while (text.startsWith('\r\n', start)) start += 2; // RFC 3261 §7.5: leading CRLFs are ignored.
  const headEnd = text.indexOf('\r\n\r\n', start);
  if (headEnd < 0) return { kind: 'malformed', fault: start >= text.length ? 'no-start-line' : 'unfinished' };
  const head = text.slice(start, headEnd + 2);
  if (SUSPICIOUS.test(head) && hasForbiddenCharacter(head)) return { kind: 'malformed', fault: 'bad-character' };

  const lineEnd = head.indexOf('\r\n');
  const startLine = parseStartLine(head.slice(0, lineEnd), limits);
  if (startLine.kind === 'nothing') return { kind: 'malformed', fault: startLine.fault };

  const headers = new Headers();
  const message: Draft = startLine.kind === 'broken'
    ? { kind: 'request', method: startLine.method, uri: '', headers, body: '' }
    : { ...startLine, headers, body: '' };
  const fault = parseHeaders(head, lineEnd + 2, headers.list, limits);
  if (startLine.kind === 'broken') return malformed(startLine.fault, message);
  if (fault !== undefined) return malformed(fault, message);

  const bodyStart = headEnd + 4;
  if (lengthIs === 'ignored') {
    message.body = text.slice(bodyStart);
    return { kind: 'message', message };
  }
  const announced = headers.get('content-length');
  if (announced === undefined) {
    message.body = text.slice(bodyStart);
  } else {
    if (!/^\d{1,10}$/.test(announced)) return malformed('bad-content-length', message);
    const length = Number(announced);
    if (length > text.length - bodyStart) return malformed('bad-content-length', message);
    message.body = text.slice(bodyStart, bodyStart + length);
  }
  return { kind: 'message', message };
}

/** A message whose body is not known yet. */
type Draft = SipMessage & { body: string };

function malformed(fault: ParseFault, message: Draft): ParseOutcome {
  return { kind: 'malformed', fault, partial: message };
}

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
  /** A request that can be refused, because its method is known. */
  | { readonly kind: 'broken'; readonly method: string; readonly fault: ParseFault }
  | { readonly kind: 'nothing'; readonly fault: ParseFault };

const nothing = (fault: ParseFault): StartLine => ({ kind: 'nothing', fault });

function parseStartLine(line: string, limits: Limits): StartLine {
  if (line.startsWith('SIP/')) {
    if (line.length > limits.lineBytes) return nothing('line-too-long');
    const found = STATUS_LINE.exec(line);
    if (!found) return nothing(line.startsWith('SIP/2.0 ') ? 'bad-start-line' : 'bad-version');
    return { kind: 'response', status: Number(found[1]), reason: found[2] ?? '' };
  }
  const first = line.indexOf(' ');
  const method = line.slice(0, first);
  if (first <= 0 || !TOKEN.test(method)) return nothing('bad-start-line');
  const broken = (fault: ParseFault): StartLine => ({ kind: 'broken', method, fault });
  if (line.length > limits.lineBytes) return broken('line-too-long');
  // Exactly two spaces: RFC 4475 §3.1.2.8 to §3.1.2.10 allow no other white space here.
  const last = line.lastIndexOf(' ');
  const uri = line.slice(first + 1, last);
  const version = line.slice(last + 1);
  if (version !== 'SIP/2.0' && version.toUpperCase() !== 'SIP/2.0') {
    // What does not end in a version of SIP is some other protocol, or noise: it gets no answer.
    if (/^SIP\/\d+\.\d+$/i.test(version)) return broken('bad-version');
    return line.includes(' SIP/2.0') ? broken('bad-start-line') : nothing('bad-start-line');
  }
  if (uri === '' || last <= first || NOT_IN_URI.test(uri)) return broken('bad-start-line');
  if (uri.length > limits.uriBytes) return broken('uri-too-long');
  return { kind: 'request', method, uri };
}

/** Fills `list` from the header lines of `head`, which ends with the CRLF of the last line. */
function parseHeaders(head: string, from: number, list: Header[], limits: Limits): ParseFault | undefined {
  let position = from;
  let seen = 0;
  while (position < head.length) {
    let end = head.indexOf('\r\n', position);
    let folded = false;
    while (isBlank(head.charCodeAt(end + 2))) {
      folded = true;
      end = head.indexOf('\r\n', end + 2);
    }
    if (end - position > limits.lineBytes) return 'line-too-long';
    const colon = head.indexOf(':', position);
    if (colon < 0 || colon >= end) return 'bad-header';
    let nameEnd = colon; // HCOLON allows white space before the colon.
    while (nameEnd > position && isBlank(head.charCodeAt(nameEnd - 1))) nameEnd -= 1;
    const spelling = head.slice(position, nameEnd);
    const name = headerName(spelling);
    if (!name.isRegistered && !TOKEN.test(spelling)) return 'bad-header';
    const value = head.slice(colon + 1, end);
    if (seen & name.onceBit) return 'repeated-header';
    seen |= name.onceBit;
    if (list.length >= limits.headers) return 'too-many-headers';
    list.push({ name, value: trimLws(folded ? unfold(value) : value) });
    position = end + 2;
  }
  return undefined;
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/**
 * Tells a control character of a quoted pair, which is legal, from one that is not; a CR or LF
 * that does not end a line never is.
 * @remarks RFC 3261 §25.1 (quoted-pair), RFC 4475 §3.1.1.2.
 */
function hasForbiddenCharacter(head: string): boolean {
  let quoted = false;
  for (let i = 0; i < head.length; i += 1) {
    const code = head.charCodeAt(i);
    if (code === 0x0d) {
      if (head.charCodeAt(i + 1) !== 0x0a) return true;
      i += 1;
      if (!isBlank(head.charCodeAt(i + 1))) quoted = false; // A new header begins.
    } else if (code === 0x5c && quoted && head.charCodeAt(i + 1) !== 0x0d && head.charCodeAt(i + 1) !== 0x0a) {
      i += 1;
    } else if (code === 0x22) {
      quoted = !quoted;
    } else if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      return true;
    }
  }
  return false;
}
