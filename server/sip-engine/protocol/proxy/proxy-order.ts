import type { Headers } from '../../message/sip-message.ts';

/** What an application wants done with a request that it proxies (`req.proxy` of drachtio-srf). */
export interface ProxyOrder {
  readonly targets: readonly string[];
  /** Whether to add a Record-Route, so that the requests of the dialog pass here too. */
  readonly recordRoute: boolean;
  /** Whether the application hears of every response. */
  readonly tellsResponses: boolean;
  readonly followRedirects: boolean;
  /** All targets at once, or one after the other. */
  readonly simultaneous: boolean;
  /** How long a target may stay silent before the next one is tried; undefined: as long as the transaction. */
  readonly provisionalTimeoutMs: number | undefined;
  /** How long a target may ring. */
  readonly finalTimeoutMs: number | undefined;
  /** Set on the forwarded request. */
  readonly headers: Headers;
}

/** Most targets of one request, redirections included. */
export const MAX_TARGETS = 32;

/**
 * Reads the tokens that `drachtio-agent.js` writes after `proxy|transaction id|`.
 * @returns the reason of the NOK when they make no sense.
 */
export function parseProxyOrder(tokens: readonly string[], headers: Headers): ProxyOrder | { readonly refused: string } {
  const [remain, full, redirects, forking, provisional = '', final = '', ...targets] = tokens;
  const named = targets.filter((target) => target !== '');
  if (named.length === 0 || named.length > MAX_TARGETS) return { refused: `proxy needs 1 to ${MAX_TARGETS} destinations` };
  const provisionalTimeoutMs = duration(provisional);
  const finalTimeoutMs = duration(final);
  if (provisionalTimeoutMs === 'bad' || finalTimeoutMs === 'bad') return { refused: 'proxy timeouts are written 2s or 1500ms' };
  return {
    targets: named,
    recordRoute: remain === 'remainInDialog',
    tellsResponses: full === 'fullResponse',
    followRedirects: redirects === 'followRedirects',
    simultaneous: forking === 'simultaneous',
    provisionalTimeoutMs, finalTimeoutMs, headers,
  };
}

function duration(text: string): number | undefined | 'bad' {
  if (text === '') return undefined;
  const found = /^(\d{1,7})(ms|s)?$/.exec(text);
  if (found === null) return 'bad';
  return Number(found[1]) * (found[2] === 's' ? 1_000 : 1);
}
