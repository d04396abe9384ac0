import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressKey } from '../../base/address-key.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import type { Essentials } from '../message/essentials.ts';
import { parseNameAddr } from '../message/header-values.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';
import { BanList } from './ban-list.ts';
import type { Counters } from './counters.ts';
import { DEFAULT_GUARD, type GuardOptions } from './guard-options.ts';
import { MeteredFlow } from './metered-flow.ts';
import { RecentMap } from './recent-map.ts';
import { bucketOf, SourceRecord } from './source-record.ts';

/** Whether a message goes on; `drop` names the counter `dropped.guard-…`, and nothing is answered. */
export type Admission = 'pass' | { readonly drop: DropReason };

/** Why the guard drops. */
export type DropReason = 'messages' | 'requests' | 'calls' | 'unproven-requests' | 'unproven-calls' | 'banned' | 'scanner';

/** Why the guard bans: counters `banned.…`. */
export type BanReason = 'scanner' | 'authentication' | 'enumeration';

/** What a {@link Guard} is made with. */
export interface GuardContext {
  readonly options?: Partial<GuardOptions> | undefined;
  readonly counters: Counters;
  /** Whether a request with a To tag belongs to a call that stands: it passes, whatever its source did. */
  readonly isInDialog: (essentials: Essentials, request: SipRequest) => boolean;
}

/** Answers that say that there is no such user here, or that it will not be told (RFC 3261 §21). */
const NOT_HERE = new Set([403, 404, 410, 484, 604]);

/** Longest user that is remembered. */
const MAX_USER_CHARS = 64;

const drops = (reason: DropReason): Admission => ({ drop: reason });
const DROP = {
  messages: drops('messages'), requests: drops('requests'), calls: drops('calls'), banned: drops('banned'), scanner: drops('scanner'),
  unprovenRequests: drops('unproven-requests'), unprovenCalls: drops('unproven-calls'),
};

/**
 * Stands between the sockets and the transactions, and decides what is worth an answer.
 *
 * A source is *proven* when it has shown something that only a receiver of our messages can know:
 * the tag of a dialog, or an accepted answer to a challenge. Over TCP, TLS and WebSocket the
 * handshake proves the address for answers, but raises no limit. Requests in dialogs pass before
 * everything else, so that neither a flood nor a ban harms a call that stands.
 * @remarks RFC 3261 §26.3.2.4 (amplification), §26.1.5 (denial of service), RFC 5393, RFC 9000 §8.
 *   A forged sender can have the address of somebody else banned: the trunks belong into `trusted`.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #counters: Counters;
  readonly #isInDialog: GuardContext['isInDialog'];
  readonly #trusted: BlockList;
  readonly #sources: RecentMap<string, SourceRecord>;
  readonly #bans: BanList;
  readonly #unprovenRequests: TokenBucket;
  readonly #unprovenCalls: TokenBucket;

  /** @throws RangeError when `trusted` names something that is no network. */
  constructor({ options, counters, isInDialog }: GuardContext) {
    this.#options = { ...DEFAULT_GUARD, ...options };
    this.#counters = counters;
    this.#isInDialog = isInDialog;
    this.#trusted = networks(this.#options.trusted);
    this.#sources = new RecentMap(this.#options.sources);
    this.#bans = new BanList(this.#options);
    this.#unprovenRequests = new TokenBucket(bucketOf(this.#options.unprovenRequests));
    this.#unprovenCalls = new TokenBucket(bucketOf(this.#options.unprovenCalls));
  }

  /** Sources and bans that are remembered. */
  get size(): { readonly sources: number; readonly bans: number } {
    return { sources: this.#sources.size, bans: this.#bans.size };
  }

  /** Counts a message before it is parsed. */
  admitBytes(bytes: number, flow: Flow): Admission {
    const source = this.#sourceOf(flow);
    if (source.isTrusted) return 'pass';
    if (!source.messages.take()) return this.#count(DROP.messages);
    source.received(bytes);
    return 'pass';
  }

  /** Decides about a message that has been parsed, before a transaction is looked for. */
  admit(message: SipMessage, essentials: Essentials, flow: Flow): Admission {
    const source = this.#sourceOf(flow);
    if (source.isTrusted || message.kind === 'response') return 'pass';
    const now = Date.now();
    if (essentials.toTag !== undefined && this.#isInDialog(essentials, message)) {
      source.prove();
      return 'pass';
    }
    // An ACK gets no answer, and one that ends a refused INVITE also ends our retransmissions.
    if (message.method === 'ACK') return 'pass';
    const key = addressKey(flow.remoteAddress);
    if (this.#bans.isBanned(key, now)) return this.#count(DROP.banned);
    if (this.#isScanner(message)) {
      this.#ban(key, 'scanner', now);
      return this.#count(DROP.scanner);
    }
    return this.#admitNew(message.method, source, flow);
  }

  /** Whether a malformed message may be answered: it counts as a request. */
  admitMalformed(flow: Flow): Admission {
    const source = this.#sourceOf(flow);
    if (source.isTrusted) return 'pass';
    if (this.#bans.isBanned(addressKey(flow.remoteAddress), Date.now())) return this.#count(DROP.banned);
    return this.#admitNew('', source, flow);
  }

  /** Learns from the final answer to a request outside a dialog. */
  answered(request: SipRequest, { status, headers }: SipResponse, flow: Flow): void {
    const source = this.#sourceOf(flow);
    if (source.isTrusted) return;
    const now = Date.now();
    const user = userOf(request);
    const hadCredentials = request.headers.has('authorization') || request.headers.has('proxy-authorization');
    if (status < 300) {
      source.succeeded(user);
      if (hadCredentials) source.prove();
    } else if (status === 401 || status === 407) {
      const challenge = headers.get('www-authenticate') ?? headers.get('proxy-authenticate') ?? '';
      if (/\bstale\s{0,8}=\s{0,8}"?true/i.test(challenge)) return; // An old nonce is no wrong password (RFC 7616 §3.3).
      if (!hadCredentials) {
        if (source.challenged(user, now)) this.#ban(addressKey(flow.remoteAddress), 'enumeration', now);
      } else if (source.failed(user, true, now)) {
        this.#ban(addressKey(flow.remoteAddress), 'authentication', now);
      }
    } else if (NOT_HERE.has(status)) {
      const isPassword = status === 403 && hadCredentials;
      if (source.failed(user, isPassword, now)) this.#ban(addressKey(flow.remoteAddress), isPassword ? 'authentication' : 'enumeration', now);
    }
  }

  /** The flow to answer on: as long as the source of a datagram is unproven, its answers are counted. */
  metered(flow: Flow): Flow {
    return flow.reliable || this.#sourceOf(flow).isTrusted ? flow : new MeteredFlow(flow, this);
  }

  /** @returns `free` when the source is proven, else whether so many more bytes may go to it. */
  spend(bytes: number, flow: Flow): 'free' | boolean {
    const source = this.#sourceOf(flow);
    if (source.isTrusted || source.isProven) return 'free';
    if (source.answerCredit < bytes) {
      this.#counters.add('dropped.guard-amplification');
      return false;
    }
    source.answerCredit -= bytes;
    return true;
  }

  #admitNew(method: string, source: SourceRecord, flow: Flow): Admission {
    const mayBeForged = !flow.reliable && !source.isProven;
    if (!source.takeRequest()) return this.#count(DROP.requests);
    if (method === 'INVITE' && !source.takeCall()) return this.#count(DROP.calls);
    if (mayBeForged && !this.#unprovenRequests.take()) return this.#count(DROP.unprovenRequests);
    if (mayBeForged && method === 'INVITE' && !this.#unprovenCalls.take()) return this.#count(DROP.unprovenCalls);
    return 'pass';
  }

  #sourceOf({ remoteAddress }: Flow): SourceRecord {
    const known = this.#sources.get(remoteAddress);
    if (known !== undefined) return known;
    const isTrusted = isIP(remoteAddress) !== 0 && this.#trusted.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
    // The addresses of one /64 share their record; a trusted one has its own.
    const key = isTrusted ? remoteAddress : addressKey(remoteAddress);
    const shared = this.#sources.get(key);
    if (shared !== undefined && !shared.isTrusted) return shared;
    const source = new SourceRecord(this.#options, isTrusted, Date.now());
    this.#sources.set(key, source);
    return source;
  }

  #isScanner({ headers }: SipRequest): boolean {
    const agent = headers.get('user-agent')?.slice(0, 200).toLowerCase();
    return agent !== undefined && this.#options.scanners.some((scanner) => agent.includes(scanner));
  }

  #ban(key: string, reason: BanReason, now: number): void {
    if (this.#bans.isBanned(key, now)) return;
    this.#counters.add(`banned.${reason}`);
    this.#bans.ban(key, now);
  }

  #count(admission: Admission): Admission {
    if (admission !== 'pass') this.#counters.add(`dropped.guard-${admission.drop}`);
    return admission;
  }
}

/** Whom a request is about: the address-of-record of a REGISTER, the target of the others. */
function userOf(request: SipRequest): string {
  const uri = request.method === 'REGISTER' ? parseNameAddr(request.headers.get('to') ?? '')?.uri ?? '' : request.uri;
  return (parseSipUri(uri)?.user ?? uri).slice(0, MAX_USER_CHARS);
}

function networks(trusted: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 6 ? 128 : 32)) {
      throw new RangeError(`trusted: ${network} is no network`);
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
