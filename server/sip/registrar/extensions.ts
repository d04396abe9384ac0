import type { SipRequest } from '../drachtio/messages.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { optionTags } from '../headers/option-tags.ts';
import { splitOutsideQuotes } from '../headers/split.ts';

/** What a REGISTER says of the extensions that this registrar knows. */
export type RegisterExtensions =
  | {
    readonly kind: 'known';
    /** Path values as they came, the hop nearest to us first: the Route of requests to the contact. */
    readonly path: readonly string[];
    /** Whether the client wants to be told the path (RFC 3327 §5.3). */
    readonly tellsPath: boolean;
    /** Whether the client asks for outbound flows, and what it came by allows them (RFC 5626 §6). */
    readonly usesOutbound: boolean;
  }
  /** 420: the request requires what we do not know (RFC 3261 §8.2.2.3). */
  | { readonly kind: 'bad-extension'; readonly unsupported: string }
  /** 439: a proxy on the way does not keep flows (RFC 5626 §6). */
  | { readonly kind: 'first-hop-lacks-outbound' }
  | { readonly kind: 'malformed' };

/** Option tags that this registrar understands, for Supported (RFC 3261 §20.37). */
export const REGISTRAR_SUPPORTS = 'path, outbound';

const KNOWN_TAGS: ReadonlySet<string> = new Set(['path', 'outbound']);
const MAX_PATH = 8;
const MAX_PATH_CHARS = 1_024;

/**
 * Reads Require, Supported and Path of a REGISTER.
 * @remarks RFC 3261 §8.2.2.3, RFC 3327 §5.3, RFC 5626 §6: outbound is used when the client names it and has come
 *   to us directly, or through proxies of which the first says `ob`.
 * @param wantsFlow - whether a contact has a reg-id: only then the first hop matters.
 */
export function readExtensions(request: Pick<SipRequest, 'get'>, wantsFlow: boolean): RegisterExtensions {
  const unsupported = optionTags(request.get('Require')).filter((tag) => !KNOWN_TAGS.has(tag));
  if (unsupported.length > 0) return { kind: 'bad-extension', unsupported: unsupported.join(', ') };
  const supported = new Set([...optionTags(request.get('Supported')), ...optionTags(request.get('Require'))]);
  const path = splitOutsideQuotes(request.get('Path') ?? '', ',', MAX_PATH + 1);
  if (path.length > MAX_PATH || !path.every(isPathValue)) return { kind: 'malformed' };
  const asksOutbound = supported.has('outbound') && wantsFlow;
  if (asksOutbound && !keepsFlows(request, path)) return { kind: 'first-hop-lacks-outbound' };
  return { kind: 'known', path, tellsPath: supported.has('path'), usesOutbound: asksOutbound };
}

/** Path values become Route headers of ours: SIP URIs with `lr`, without characters that could end a header. */
function isPathValue(value: string): boolean {
  const { uri } = parseNameAddr(value);
  return value.length <= MAX_PATH_CHARS && /^<sips?:[\x21\x23-\x3b\x3d\x3f-\x7e]+>[\x20-\x7e]*$/i.test(value) && /;lr(?:[;=?]|$)/i.test(uri);
}

/** The client is our neighbour (one Via), or its neighbour, last in the Path, says `ob` (RFC 5626 §5.1). */
function keepsFlows(request: Pick<SipRequest, 'get'>, path: readonly string[]): boolean {
  const hops = splitOutsideQuotes(request.get('Via') ?? '', ',', 3).length;
  const first = path.at(-1);
  return first === undefined ? hops <= 1 : /;ob(?:[;=?]|$)/i.test(parseNameAddr(first).uri);
}
