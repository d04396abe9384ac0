import { createHmac } from 'node:crypto';
import type { Essentials } from '../../message/essentials.ts';
import { localHostPort } from '../../message/local-identity.ts';
import { parseSipUri } from '../../message/sip-uri.ts';
import type { Headers, SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';

const HEX_DIGITS = 20;

/**
 * Signs what the engine writes into Record-Route and Via, so that it knows its own again without
 * keeping anything per call, and forwards for nobody who was not in such a call.
 */
export class RouteSigner {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The user part of our Record-Route for a call. */
  token(callId: string): string {
    return this.#sign(`route ${callId}`);
  }

  /** Our Record-Route on one side of a call. */
  recordRoute(callId: string, flow: Flow): string {
    const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`;
    return `<sip:${this.token(callId)}@${localHostPort(flow)}${transport};lr>`;
  }

  /** Whether a URI is a Record-Route of ours for this call. */
  isOwn(uri: string, callId: string): boolean {
    return parseSipUri(uri)?.user === this.token(callId);
  }

  /**
   * What a request looked like when it arrived here; the same again means a loop.
   * @remarks RFC 3261 §16.6, item 8: what routing depends on.
   */
  loopMark({ uri, headers }: SipRequest, { callId, cseq, fromTag, toTag }: Essentials): string {
    const routed = ['route', 'proxy-require', 'proxy-authorization'].map((key) => headers.all(key).join(','));
    return this.#sign(['loop', uri, callId, cseq.number, cseq.method, fromTag, toTag ?? '', ...routed].join('\n'));
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text, 'latin1').digest('hex').slice(0, HEX_DIGITS);
  }
}

/** What the branches of proxied requests look like: token, point, loop mark. */
const MARKED = /;\s*branch=z9hG4bK[0-9a-f]+\.([0-9a-f]{20})(?![0-9a-f])/gi;

/** The loop marks in the Vias of a request, from every proxy that writes them as we do. */
export function loopMarks(headers: Headers): string[] {
  return headers.all('via').flatMap((line) => [...line.matchAll(MARKED)].map((found) => found[1] ?? ''));
}
