import { createSocket } from 'node:dgram';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import { systemClock, type Clock } from './base/time.ts';
import type { Config } from './config.ts';
import { hostPort, sipPlaces, type SipPlace } from './config/sip-places.ts';
import { certificateFaults } from './start/certificates.ts';
import { codeOf } from './start/pem-files.ts';

/**
 * Tries what the start needs, so that all that is wrong is said at once: the data directory
 * can be written, certificates can be presented, the ports are free.
 * @param values - the part of the configuration that was readable; the rest is not tried.
 * @returns one line per fault. Never rejects.
 */
export async function preflight(values: Partial<Config>, clock: Clock = systemClock): Promise<readonly string[]> {
  const faults = [...(values.ALLO_DATA_DIR === undefined ? [] : tryDirectory(values.ALLO_DATA_DIR)), ...certificateFaults(values, clock())];
  // One after the other, so that no try is in the way of the next.
  for (const attempt of portAttempts(values)) {
    const fault = await attempt();
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

type Attempt = () => Promise<string | undefined>;

function portAttempts(values: Partial<Config>): Attempt[] {
  const { ALLO_HTTP_HOST: host, ALLO_HTTP_PORT: port } = values;
  const sipKey = values.ALLO_SIP_LISTEN === undefined ? 'ALLO_SIP_PORT' : 'ALLO_SIP_LISTEN';
  // With a SIP server elsewhere, ours opens no sockets.
  const places = values.ALLO_DRACHTIO_URL === undefined ? sipPlaces(values) : [];
  return [
    ...places.map((place) => () => (place.transport === 'udp' ? tryUdp(place, sipKey) : tryTcp({ ...place, ipv6Only: isIPv6(place.host) }, sipKey))),
    ...(host === undefined || port === undefined ? [] : [() => tryTcp({ host, port, ipv6Only: false }, 'ALLO_HTTP_PORT')]),
  ];
}

function tryDirectory(directory: string): string[] {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return [];
  } catch (cause) {
    return [`ALLO_DATA_DIR=${directory}: cannot be written (${codeOf(cause)})`];
  }
}

function tryTcp(place: { readonly host: string; readonly port: number; readonly ipv6Only: boolean }, key: string): Promise<string | undefined> {
  const { host, port, ipv6Only } = place;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (cause) => resolve(sayWhy(key, `TCP ${hostPort(place)}`, cause)));
    server.listen({ host, port, ipv6Only, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function tryUdp(place: SipPlace, key: string): Promise<string | undefined> {
  const isOverV6 = isIPv6(place.host);
  return new Promise((resolve) => {
    const socket = createSocket({ type: isOverV6 ? 'udp6' : 'udp4', ipv6Only: isOverV6 });
    socket.once('error', (cause) => {
      socket.close();
      resolve(sayWhy(key, `UDP ${hostPort(place)}`, cause));
    });
    socket.bind({ address: place.host, port: place.port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

function sayWhy(key: string, what: string, cause: unknown): string {
  const code = codeOf(cause);
  const why = code === 'EADDRINUSE' ? 'is in use by another program'
    : code === 'EACCES' ? 'needs more rights than this user has'
    : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? 'is not an address of this machine'
    : `cannot be opened (${code})`;
  return `${key}: ${what} ${why}`;
}
