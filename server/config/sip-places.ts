import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { SipListener } from '../sip-engine/sip-engine.ts';

/** Where SIP is listened for, as an operator writes it: `tls:[::]:5061`. */
export type SipPlace = Pick<SipListener, 'transport' | 'host' | 'port'>;

/** A port of a listener that a NAT shows under another number. */
export interface ExternalPort {
  readonly outside: number;
  readonly inside: number;
}

/** What says where SIP is listened for: the long form, or the short one. */
export interface SipPlaceValues {
  readonly ALLO_SIP_LISTEN?: readonly SipPlace[] | undefined;
  readonly ALLO_SIP_HOST?: string | undefined;
  readonly ALLO_SIP_PORT?: number | undefined;
}

const PLACE = /^(udp|tcp|tls|ws|wss):(?:\[([\da-f:.]{2,45})\]|([\d.]{7,15})):(\d{1,5})$/i;
const PORTS = /^(\d{1,5}):(\d{1,5})$/;
const MOST_PORT = 65_535;

/** Reads `transport:address:port`; IPv6 addresses stand in brackets. */
export function readSipPlace(text: string): SipPlace | undefined {
  const [, transport, v6, v4, digits] = PLACE.exec(text.toLowerCase()) ?? [];
  const host = v6 ?? v4 ?? '';
  const port = Number(digits);
  if (isIP(host) === 0 || (v6 === undefined) !== isIPv4(host) || port > MOST_PORT) return undefined;
  // A cast because the pattern knows these transports only.
  return { transport: transport as SipPlace['transport'], host: v6 === undefined ? host : shortest(v6), port };
}

/** Reads `outside:inside`, in the order of `docker run --publish`. */
export function readExternalPort(text: string): ExternalPort | undefined {
  const [, outside, inside] = (PORTS.exec(text) ?? []).map(Number);
  const isPort = (port: number | undefined): port is number => port !== undefined && port > 0 && port <= MOST_PORT;
  return isPort(outside) && isPort(inside) ? { outside, inside } : undefined;
}

/** An address and a port in one text, IPv6 in brackets. */
export const hostPort = ({ host, port }: Pick<SipPlace, 'host' | 'port'>): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** Says a place as it is written in the configuration. */
export const sayPlace = (place: SipPlace): string => `${place.transport}:${hostPort(place)}`;

/** Whether a place is of no use without a certificate. */
export const isSecure = ({ transport }: Pick<SipPlace, 'transport'>): boolean => transport === 'tls' || transport === 'wss';

/** Where SIP is listened for; nothing when the values do not say, because they are faulty. */
export function sipPlaces(values: SipPlaceValues): readonly SipPlace[] {
  const { ALLO_SIP_LISTEN: places, ALLO_SIP_HOST: host, ALLO_SIP_PORT: port } = values;
  if (places !== undefined) return places;
  if (host === undefined || port === undefined) return [];
  return (['udp', 'tcp'] as const).map((transport) => ({ transport, host, port }));
}

/**
 * Whether two listeners want the same port of the system; both TCP, or both UDP.
 * @remarks An IPv6 wildcard of ours takes no IPv4, and the two families do not meet.
 */
export function wantSamePort(one: Pick<SipPlace, 'host' | 'port'>, other: Pick<SipPlace, 'host' | 'port'>): boolean {
  if (one.port !== other.port || one.port === 0 || isIPv6(one.host) !== isIPv6(other.host)) return false;
  return one.host === other.host || [one.host, other.host].some((host) => host === '0.0.0.0' || host === '::');
}

/** The one text for an address that has many: `::1` for `0:0:0:0:0:0:0:1`. */
const shortest = (address: string): string => (isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address);
