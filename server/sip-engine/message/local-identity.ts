import type { Flow } from '../transport/flow.ts';
import { parseNameAddr } from './header-values.ts';
import { hostText } from './sip-uri.ts';

/** `host:port` of our end of a flow, as it stands in Via and Contact. */
export const localHostPort = (flow: Flow): string => `${hostText(flow.localAddress)}:${flow.localPort}`;

/** The Via of a request over a flow (RFC 3261 §18.1.1, RFC 3581 §3, RFC 7118 §5.3). */
export const viaFor = (flow: Flow, branch: string): string =>
  `SIP/2.0/${flow.transport.toUpperCase()} ${localHostPort(flow)};rport;branch=${branch}${flow.viaParams ?? ''}`;

/** Our Contact over a flow. */
export const contactFor = (flow: Flow): string => `<sip:${localHostPort(flow)}${transportParam(flow)}>`;

/** RFC 7118 §5.2: the URI says `ws` also where TLS is under it. */
const transportParam = (flow: Flow): string => (flow.transport === 'udp' ? '' : `;transport=${flow.transport === 'wss' ? 'ws' : flow.transport}`);

/** The user part is bounded, so that text full of `sip:` costs no quadratic time. */
const LOCALHOST = /(sips?:(?:[^@<>;,\s]{0,255}@)?)localhost(?::\d+)?(?=[;>?,\s]|$)/gi;

/**
 * Puts our address where an application wrote `localhost`.
 * @remarks What drachtio-server does with From, Contact and the identity headers.
 */
export function replaceLocalhost(value: string, flow: Flow): string {
  if (!value.includes('localhost')) return value;
  return value.replace(LOCALHOST, (_all, before: string) => before + localHostPort(flow));
}

/** An application's Contact: `localhost` replaced, in brackets, with the transport of the flow. */
export function contactOf(value: string, flow: Flow): string {
  if (!value.includes('localhost')) return value;
  const parsed = parseNameAddr(replaceLocalhost(value, flow));
  if (parsed === undefined) return value;
  const uri = /;transport=/i.test(parsed.uri) ? parsed.uri : `${parsed.uri}${transportParam(flow)}`;
  return `${parsed.displayName === '' ? '' : `${parsed.displayName} `}<${uri}>${parsed.params}`;
}

/** Puts an addr-spec into brackets, so that its parameters cannot be taken for the header's. */
export function bracketed(value: string): string {
  if (value.includes('<')) return value;
  const parsed = parseNameAddr(value);
  return parsed === undefined ? value : `<${parsed.uri}>${parsed.params}`;
}
