import type { SipLimits } from '../guard/limits.ts';
import { parseMessage } from '../message/parse-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { parseProxyOrder, type ProxyOrder } from './proxy/proxy-order.ts';

/** What an application asks for; `id` is echoed in the reply. */
export type ApplicationFrame =
  | { readonly verb: 'authenticate'; readonly id: string; readonly secret: string; readonly tags: readonly string[] }
  | { readonly verb: 'route' | 'remove_route'; readonly id: string; readonly method: string }
  | { readonly verb: 'ping'; readonly id: string }
  | {
    readonly verb: 'sip';
    readonly id: string;
    readonly transactionId: string;
    readonly dialogId: string;
    /** Next hop chosen by the application (`opts.proxy`); empty when it chose none. */
    readonly proxy: string;
    readonly message: SipMessage;
  }
  | { readonly verb: 'proxy'; readonly id: string; readonly transactionId: string; readonly order: ProxyOrder }
  | { readonly verb: 'refused'; readonly id: string; readonly reason: string };

/**
 * Parses one payload `id|verb|…`, with the SIP message after the first line end.
 * @returns `refused` with the text of the NOK when the frame cannot be taken.
 */
export function parseApplicationFrame(payload: string, limits: SipLimits): ApplicationFrame {
  const lineEnd = payload.indexOf('\r\n');
  const leader = lineEnd < 0 ? payload : payload.slice(0, lineEnd);
  const [id = '', verb = '', ...tokens] = leader.split('|');
  switch (verb) {
    case 'authenticate':
      return { verb, id, secret: tokens[0] ?? '', tags: (tokens[1] ?? '').split(',').filter((tag) => tag !== '') };
    case 'route':
    case 'remove_route':
      return { verb, id, method: (tokens[0] ?? '').toLowerCase() };
    case 'ping':
      return { verb, id };
    case 'proxy':
      return parseProxyFrame(id, tokens, lineEnd < 0 ? '' : payload.slice(lineEnd + 2), limits);
    case 'sip':
      return parseSipFrame(id, tokens, lineEnd < 0 ? '' : payload.slice(lineEnd + 2), limits);
    default:
      return { verb: 'refused', id, reason: 'Unknown message type' };
  }
}

function parseProxyFrame(id: string, [transactionId = '', ...tokens]: readonly string[], text: string, limits: SipLimits): ApplicationFrame {
  const sip = parseSipFrame(id, [], text, limits);
  if (sip.verb !== 'sip') return sip;
  const order = parseProxyOrder(tokens, sip.message.headers);
  return 'refused' in order ? { verb: 'refused', id, reason: order.refused } : { verb: 'proxy', id, transactionId, order };
}

function parseSipFrame(id: string, tokens: readonly string[], text: string, limits: SipLimits): Extract<ApplicationFrame, { verb: 'sip' | 'refused' }> {
  const outcome = parseMessage(text, limits, 'ignored');
  if (outcome.kind === 'malformed') return { verb: 'refused', id, reason: `invalid SIP message: ${outcome.fault}` };
  const { message } = outcome;
  const injected = findInjection(message);
  if (injected !== undefined) return { verb: 'refused', id, reason: injected };
  return { verb: 'sip', id, transactionId: tokens[0] ?? '', dialogId: tokens[1] ?? '', proxy: tokens[2] ?? '', message };
}

/**
 * Looks for the traces that a line end inside a header value leaves.
 * @remarks drachtio-srf joins repeated headers with commas and always writes a Content-Length that
 *   fits the body, in characters. So a header that stands twice, or a body that its
 *   Content-Length does not describe, comes from a value that broke out of its line.
 */
function findInjection(message: SipMessage): string | undefined {
  const seen = new Set<string>();
  for (const { name } of message.headers.list) {
    if (seen.has(name.key)) return `header ${name.label} stands twice: a value must not contain a line end`;
    seen.add(name.key);
  }
  const announced = Number(message.headers.get('content-length'));
  const bytes = message.body.length;
  const fits = announced === bytes || announced === Buffer.from(message.body, 'latin1').toString('utf8').length;
  return fits ? undefined : 'Content-Length does not fit the body: a value must not contain a line end';
}
