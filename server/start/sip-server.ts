import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Config } from '../config.ts';
import { isSecure, sipPlaces, type SipPlace } from '../config/sip-places.ts';
import type { Trunk } from '../model/centre.ts';
import { SipEngine, type ListenerTls, type OutboundTls, type SipEngineOptions, type SipListener } from '../sip-engine/sip-engine.ts';
import { isSameOrigin } from '../wire/same-origin.ts';
import { watchCertificate } from './certificate-watch.ts';
import { expectGood, readAuthorities, readIdentity, type Presentable } from './certificates.ts';
import type { EdgeOptions } from './edge-options.ts';

/** What our own SIP server is opened with. */
export interface SipServerOptions extends EdgeOptions {
  /** All trunks: those with a far end are registered, watched and called through; none is limited. */
  readonly peers: readonly Trunk[];
  readonly timers?: SipEngineOptions['timers'];
}

/** Our own SIP server, and what an application says to be let in. */
export interface OpenSipServer {
  readonly engine: SipEngine;
  readonly secret: string;
}

/**
 * Opens the listeners that the configuration names.
 * @throws AppError when a port is taken or a certificate is of no use.
 */
export async function openSipServer(options: SipServerOptions): Promise<OpenSipServer> {
  const { config, scope, clock, onFault, timers, peers } = options;
  const presentable = expectGood(readIdentity('ALLO_SIP_TLS', config, clock()));
  const secret = randomBytes(24).toString('base64url');
  const engine = await SipEngine.start({
    listeners: listenersOf(config, presentable),
    outboundTls: outboundTlsOf(config, presentable),
    secret,
    guard: { trusted: trustedNetworks(config, peers) },
    // Programs send no origin; they have to authenticate, as pages have.
    allowOrigin: (origin, host) => origin === undefined || isSameOrigin({ origin, host, publicOrigins: config.ALLO_HTTP_ORIGINS }),
    onFault: ({ code, message }) => onFault(message, code),
    ...(timers ? { timers } : {}),
  });
  scope.onClose(() => engine.close());
  if (presentable) watchCertificate(options, { name: 'ALLO_SIP_TLS', renew: (identity) => engine.renewCertificate(identity) });
  return { engine, secret };
}

function listenersOf(config: Config, presentable: Presentable | undefined): SipListener[] {
  const clientCa = expectGood(readAuthorities('ALLO_SIP_TLS_CLIENT_CA', config));
  return sipPlaces(config).map((place) => ({
    ...place, ...externalPlace(place, config),
    ...(presentable && isSecure(place) ? { tls: listenerTls(place, presentable, config, clientCa) } : {}),
  }));
}

/** Browsers have no certificate to show, and would ask their user for one: `wss` does not ask. */
function listenerTls({ transport }: SipPlace, { identity }: Presentable, config: Config, clientCa: string | undefined): ListenerTls {
  if (transport !== 'tls' || clientCa === undefined) return identity;
  return { ...identity, ca: clientCa, clientCertificate: config.ALLO_SIP_TLS_CLIENT_CERTIFICATE ?? 'required' };
}

/** How a listener is reached from outside, if a NAT of its family is before it. */
function externalPlace({ host, port }: SipPlace, config: Config): Partial<SipListener> {
  const { ALLO_SIP_EXTERNAL_ADDRESS: externalAddress, ALLO_SIP_EXTERNAL_PORTS: ports = [], ALLO_SIP_LOCAL_NETWORKS: localNetworks } = config;
  if (externalAddress === undefined || isIPv6(externalAddress) !== isIPv6(host)) return {};
  const externalPort = ports.find(({ inside }) => inside === port)?.outside;
  return { externalAddress, ...(externalPort === undefined ? {} : { externalPort }), ...(localNetworks === undefined ? {} : { localNetworks }) };
}

/** How connections to carriers are opened. @throws AppError `start.certificate`. */
export function outboundTlsOf(config: Pick<Config, 'ALLO_SIP_TLS_CARRIER_CA' | 'ALLO_SIP_TLS_CARRIER_CHECK'>, presentable: Presentable | undefined): OutboundTls {
  const carrierCa = expectGood(readAuthorities('ALLO_SIP_TLS_CARRIER_CA', config));
  return {
    verify: config.ALLO_SIP_TLS_CARRIER_CHECK,
    // Besides the well-known ones: one carrier's own authority must not lock the others out.
    ...(carrierCa === undefined ? {} : { ca: [...rootCertificates, carrierCa].join('\n') }),
    ...(presentable && mayBeClient(presentable) ? { identity: presentable.identity } : {}),
  };
}

const CLIENT_AUTH_OID = '1.3.6.1.5.5.7.3.2';

/**
 * Whether a certificate may be shown to servers.
 * @remarks RFC 5280 §4.2.1.12: one that is for servers only is refused by those who ask; none at all may be let in.
 */
function mayBeClient({ certificate: { keyUsage } }: Presentable): boolean {
  // A cast because the types promise what Node leaves undefined when a certificate names no purpose.
  const purposes = keyUsage as readonly string[] | undefined;
  return purposes === undefined || purposes.includes(CLIENT_AUTH_OID);
}

/** This machine: the command line's caller, the tests, a proxy before the pages. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/**
 * Who is never limited or banned. A carrier sends what its customers dial, and a proxy what its browsers send: neither
 * their rate nor their wrong numbers say anything against them.
 */
export function trustedNetworks(config: Pick<Config, 'ALLO_HTTP_TRUSTED_PROXIES' | 'ALLO_SIP_TRUSTED_NETWORKS'>, peers: readonly Trunk[]): string[] {
  const { ALLO_HTTP_TRUSTED_PROXIES: proxies = [], ALLO_SIP_TRUSTED_NETWORKS: named = [] } = config;
  return [...LOOPBACK, ...peers.flatMap(({ kind, addresses }) => (kind === 'sip' ? addresses : [])), ...proxies, ...named];
}
