import type { SipLimits } from '../guard/limits.ts';
import { headerName } from './header-names.ts';
import { Headers, type Header, type SipMessage } from './sip-message.ts';

/** What the parser made of some bytes. */
export type ParseOutcome =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /**
   * Not a message that may be acted on. `partial` carries what could be read of a request, so
   * that a 400 can be sent to where it came from; it is absent when nothing may be answered.
   */
  | { readonly kind: 'malformed'; readonly fault: ParseFault; readonly partial?: SipMessage };

/** Why bytes are not a SIP message: a counter name and, for requests, the reason phrase of the 400. */
export type ParseFault =
  | 'too-large' | 'no-start-line' | 'bad-start-line' | 'bad-version' | 'uri-too-long' | 'line-too-long'
  | 'too-many-headers' | 'bad-header' | 'bad-character' | 'unfinished' | 'repeated-header' | 'bad-content-length';

/** URIs are visible ASCII (RFC 3261 §25.1); what is not, drachtio-srf cannot read and would never answer. */
const NOT_IN_URI = /[^\x21-\x7e]|[<>"]/;

type Limits = Pick<SipLimits, 'messageBytes' | 'lineBytes' | 'headers' | 'uriBytes'>;

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;
/** A control character, or a CR or LF that does not end a line: nothing of that passes (header injection). */
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

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
  if (FORBIDDEN.test(head) || hasBareLineFeed(head)) return { kind: 'malformed', fault: 'bad-character' };

  const lineEnd = head.indexOf('\r\n');
  const startLine = parseStartLine(head.slice(0, lineEnd), limits);
  if ('fault' in startLine) return { kind: 'malformed', fault: startLine.fault };

  const headers = new Headers();
  const message: Draft = { ...startLine, headers, body: '' };
  const fault = parseHeaders(head, lineEnd + 2, headers.list, limits);
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
  | { readonly fault: ParseFault };

function parseStartLine(line: string, limits: Limits): StartLine {
  if (line.length > limits.lineBytes) return { fault: 'line-too-long' };
  if (line.startsWith('SIP/')) {
    const found = STATUS_LINE.exec(line);
    if (!found) return { fault: line.startsWith('SIP/2.0 ') ? 'bad-start-line' : 'bad-version' };
    return { kind: 'response', status: Number(found[1]), reason: found[2] ?? '' };
  }
  // Exactly two spaces: RFC 4475 §3.1.2.9 to §3.1.2.11 allow no other white space here.
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (first <= 0 || last <= first + 1) return { fault: 'bad-start-line' };
  const method = line.slice(0, first);
  const uri = line.slice(first + 1, last);
  const version = line.slice(last + 1);
  if (version !== 'SIP/2.0' && version.toUpperCase() !== 'SIP/2.0') {
    return { fault: /^SIP\/\d+\.\d+$/i.test(version) ? 'bad-version' : 'bad-start-line' };
  }
  if (!TOKEN.test(method) || NOT_IN_URI.test(uri)) return { fault: 'bad-start-line' };
  if (uri.length > limits.uriBytes) return { fault: 'uri-too-long' };
  return { kind: 'request', method, uri };
}

/** Fills `list` from the header lines of `head`, which ends with the CRLF of the last line. */
function parseHeaders(head: string, from: number, list: Header[], limits: Limits): ParseFault | undefined {
  let position = from;
  let seen = 0;
  while (position < head.length) {
    let end = head.indexOf('\r\n', position);
    let folded = false;
    while (head.charCodeAt(end + 2) === 0x20 || head.charCodeAt(end + 2) === 0x09) {
      folded = true;
      end = head.indexOf('\r\n', end + 2);
    }
    if (end - position > limits.lineBytes) return 'line-too-long';
    const colon = head.indexOf(':', position);
    if (colon < 0 || colon >= end) return 'bad-header';
    const spelling = head.slice(position, colon).trimEnd(); // HCOLON allows white space before the colon.
    if (!TOKEN.test(spelling)) return 'bad-header';
    const name = headerName(spelling);
    let value = head.slice(colon + 1, end);
    if (folded) value = value.replace(/[ \t]*\r\n[ \t]+/g, ' ');
    value = value.trim();
    if (seen & name.onceBit) return 'repeated-header';
    seen |= name.onceBit;
    if (list.length >= limits.headers) return 'too-many-headers';
    list.push({ name, value });
    position = end + 2;
  }
  return undefined;
}

function hasBareLineFeed(head: string): boolean {
  for (let at = head.indexOf('\n'); at >= 0; at = head.indexOf('\n', at + 1)) {
    if (head.charCodeAt(at - 1) !== 0x0d) return true;
  }
  return false;
}
