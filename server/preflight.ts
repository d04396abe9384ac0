import { createSocket } from 'node:dgram';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Config } from './config.ts';

/**
 * Tries what the start needs, so that all that is wrong is said at once: the data directory
 * can be written, the ports are free.
 * @param values - the part of the configuration that was readable; the rest is not tried.
 * @returns one line per fault. Never rejects.
 */
export async function preflight(values: Partial<Config>): Promise<readonly string[]> {
  const faults: string[] = [];
  if (values.ALLO_DATA_DIR !== undefined) faults.push(...tryDirectory(values.ALLO_DATA_DIR));
  const { ALLO_SIP_HOST: sipHost, ALLO_SIP_PORT: sipPort, ALLO_HTTP_HOST: httpHost, ALLO_HTTP_PORT: httpPort } = values;
  const tries: Promise<string | undefined>[] = [];
  // With a SIP server elsewhere, ours opens no sockets.
  if (values.ALLO_DRACHTIO_URL === undefined && sipHost !== undefined && sipPort !== undefined) {
    tries.push(tryUdp(sipHost, sipPort, 'ALLO_SIP_PORT'), tryTcp(sipHost, sipPort, 'ALLO_SIP_PORT'));
  }
  if (httpHost !== undefined && httpPort !== undefined) tries.push(tryTcp(httpHost, httpPort, 'ALLO_HTTP_PORT'));
  for (const fault of await Promise.all(tries)) if (fault !== undefined) faults.push(fault);
  return faults;
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

function tryTcp(host: string, port: number, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (cause) => resolve(sayWhy(key, `TCP ${host}:${port}`, cause)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function tryUdp(host: string, port: number, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (cause) => {
      socket.close();
      resolve(sayWhy(key, `UDP ${host}:${port}`, cause));
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
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

const codeOf = (cause: unknown): string => cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
