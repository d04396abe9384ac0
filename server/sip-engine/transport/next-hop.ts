import { isIP } from 'node:net';
import { parseSipUri, type SipUri } from '../message/sip-uri.ts';
import type { Transport } from './flow.ts';
import type { PointerRecord, SipResolver } from './resolver.ts';
import { inSrvOrder } from './srv-order.ts';

/** Where a request goes next. */
export interface NextHop {
  readonly transport: Transport;
  /** Numeric, unless it is a name under `.invalid` that only an existing flow can stand for. */
  readonly address: string;
  readonly port: number;
  /** The host of the URI, which the certificate of a TLS peer must speak for (RFC 5922 §4). */
  readonly domain?: string;
}

/** The next hops in the order in which they are to be tried, or why there is none. */
export type NextHopOutcome =
  | {
    readonly kind: 'found';
    readonly hops: readonly [NextHop, ...NextHop[]];
    /** Whether nobody asked for UDP by name, so that a large request may go over TCP (RFC 3261 §18.1.1). */
    readonly mayChangeTransport: boolean;
  }
  | { readonly kind: 'none'; readonly reason: string };

/** What the search needs to know. */
export interface NextHopSetting {
  readonly resolver: SipResolver;
  /** Whether NAPTR records are asked for; off, the transport of a bare name follows from its SRV records. */
  readonly naptr: boolean;
  /** Whether we can send over a transport to a family. */
  readonly canReach: (transport: Transport, family: 4 | 6) => boolean;
  readonly random: () => number;
}

/** A hostile or mistaken zone may list thousands. */
const MAX_HOPS = 16;

const SRV_PREFIX: Partial<Record<Transport, string>> = { udp: '_sip._udp.', tcp: '_sip._tcp.', tls: '_sips._tcp.' };
const NAPTR_SERVICE: Readonly<Record<string, Transport>> = { 'sip+d2u': 'udp', 'sip+d2t': 'tcp', 'sips+d2t': 'tls' };

/**
 * Finds transports, addresses and ports for a URI; at once for numeric hosts, else by DNS.
 * @param then - called before this returns when the host is numeric.
 * @remarks RFC 3263 §4. A name without a dot has no SRV records of its own: it is the hosts file's.
 */
export function findNextHops(text: string, setting: NextHopSetting, then: (outcome: NextHopOutcome) => void): void {
  const uri = parseSipUri(text);
  if (uri === undefined) return then(none(`no SIP URI: ${text.slice(0, 100)}`));
  const wanted = transportOf(uri);
  if (wanted === undefined) return then(none('requested protocol/transport not available'));
  const isNamed = uri.params.has('transport') || uri.scheme === 'sips';
  const found = (hops: readonly NextHop[]): NextHopOutcome => {
    const [first, ...others] = hops.slice(0, MAX_HOPS);
    return first === undefined ? none(`no address for ${uri.host}`) : { kind: 'found', hops: [first, ...others], mayChangeTransport: !isNamed };
  };
  const target = maddr(uri) ?? uri.host;
  if (isIP(target) !== 0 || target.endsWith('.invalid')) {
    return then(found([{ transport: wanted, address: target, port: uri.port ?? defaultPort(wanted), domain: uri.host }]));
  }
  void new Search(uri, target, setting).run(wanted, isNamed).then(found, (cause: unknown) => none(
    `no address for ${target} (${cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)})`,
  )).then(then); // The transport layer guards it.
}

const none = (reason: string): NextHopOutcome => ({ kind: 'none', reason });

const defaultPort = (transport: Transport): number => (transport === 'tls' || transport === 'wss' ? 5061 : 5060);

/** RFC 3261 §19.1.1: the address that the host's owner wants to be contacted at. */
function maddr(uri: SipUri): string | undefined {
  const value = uri.params.get('maddr');
  return typeof value === 'string' && value !== '' ? value.replace(/^\[|\]$/g, '').toLowerCase() : undefined;
}

/** RFC 3261 §19.1.1 and §26.2.2, RFC 7118 §5: UDP, or TLS for `sips`, unless the URI says otherwise. */
function transportOf(uri: SipUri): Transport | undefined {
  const named = uri.params.get('transport');
  const name = typeof named === 'string' ? named.toLowerCase() : undefined;
  if (uri.scheme === 'sips') {
    if (name === undefined || name === 'tcp' || name === 'tls') return 'tls';
    return name === 'ws' || name === 'wss' ? 'wss' : undefined;
  }
  if (name === undefined) return 'udp';
  return name === 'udp' || name === 'tcp' || name === 'tls' || name === 'ws' || name === 'wss' ? name : undefined;
}

/** The look-ups for one URI with a name. */
class Search {
  readonly #uri: SipUri;
  readonly #name: string;
  readonly #setting: NextHopSetting;

  constructor(uri: SipUri, name: string, setting: NextHopSetting) {
    this.#uri = uri;
    this.#name = name;
    this.#setting = setting;
  }

  async run(wanted: Transport, isNamed: boolean): Promise<NextHop[]> {
    const { port } = this.#uri;
    if (port === undefined && this.#name.includes('.') && wanted !== 'ws' && wanted !== 'wss') {
      const bySrv = await this.#byService(wanted, isNamed);
      if (bySrv !== undefined) return bySrv;
    }
    return this.#byAddress(this.#name, wanted, port ?? defaultPort(wanted));
  }

  /** @returns undefined when there are no SRV records. */
  async #byService(wanted: Transport, isNamed: boolean): Promise<NextHop[] | undefined> {
    for (const { name, transport } of await this.#serviceNames(wanted, isNamed)) {
      const { records } = await this.#setting.resolver.services(name);
      if (records.length === 0) continue;
      const offered = records.filter(({ host }) => host !== '.' && host !== '').slice(0, MAX_HOPS);
      const ordered = inSrvOrder(offered, this.#setting.random);
      // One target that does not resolve must not cost the others.
      const found = await Promise.allSettled(ordered.map(({ host, port }) => this.#byAddress(host, transport, port)));
      return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    }
    return undefined;
  }

  /** RFC 3263 §4.1: by the transport asked for; else by NAPTR; else each that we have, in our order. */
  async #serviceNames(wanted: Transport, isNamed: boolean): Promise<{ name: string; transport: Transport }[]> {
    const inZone = (transport: Transport): { name: string; transport: Transport } => ({ name: `${SRV_PREFIX[transport] ?? ''}${this.#name}`, transport });
    const isSecure = this.#uri.scheme === 'sips';
    if (this.#setting.naptr && (!isNamed || (isSecure && !this.#uri.params.has('transport')))) {
      const { records } = await this.#setting.resolver.pointers(this.#name);
      const usable = byPreference(records).flatMap(({ service, replacement }) => {
        const transport = NAPTR_SERVICE[service.toLowerCase()];
        return transport !== undefined && this.#has(transport) && (!isSecure || transport === 'tls') ? [{ name: replacement, transport }] : [];
      });
      if (usable.length > 0) return usable;
    }
    if (isNamed) return [inZone(wanted)];
    return (['udp', 'tcp', 'tls'] as const).filter((transport) => this.#has(transport)).map(inZone);
  }

  #has(transport: Transport): boolean {
    return this.#setting.canReach(transport, 4) || this.#setting.canReach(transport, 6);
  }

  /** A and AAAA records, of the families that we have; IPv4 first. */
  async #byAddress(name: string, transport: Transport, port: number): Promise<NextHop[]> {
    const { resolver, canReach } = this.#setting;
    const isOut = transport === 'ws' || transport === 'wss'; // Any connection that a browser opened may be meant.
    const families = ([4, 6] as const).filter((family) => isOut || canReach(transport, family));
    const domain = this.#uri.host;
    if (isIP(name) !== 0) return [{ transport, address: name, port, domain }];
    const answers = await Promise.allSettled(families.map((family) => resolver.addresses(name, family)));
    const fault = answers.find((one) => one.status === 'rejected');
    const addresses = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value.records : []));
    if (addresses.length === 0 && fault?.status === 'rejected') throw fault.reason;
    return addresses.map((address) => ({ transport, address, port, domain }));
  }
}

const byPreference = (records: readonly PointerRecord[]): PointerRecord[] => records
  .filter(({ flags, replacement }) => flags.toLowerCase() === 's' && replacement !== '')
  .sort((a, b) => a.order - b.order || a.preference - b.preference);
