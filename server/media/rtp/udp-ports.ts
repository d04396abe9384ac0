import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { AppError } from '../../base/app-error.ts';
import { lookUpNames } from '../../base/look-up-names.ts';

/** Two neighbouring UDP sockets: even for RTP, odd for RTCP. */
export interface UdpPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly port: number;
}

/** Tries before the range counts as full. */
const MAX_ATTEMPTS = 64;

/**
 * Opens an RTP/RTCP pair on a port that nobody can guess.
 * @remarks RFC 3550 §11: RTP even, RTCP the next odd one.
 * @throws AppError `media.no-port` when no pair of the range is free.
 */
export async function openUdpPair(host: string, range: { readonly min: number; readonly max: number }): Promise<UdpPair> {
  const first = Math.ceil(range.min / 2);
  const pairs = Math.floor((range.max - 1) / 2) - first + 1;
  for (let attempt = 0; pairs > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
    const port = (first + randomInt(pairs)) * 2;
    const rtp = await bindSocket(host, port);
    if (rtp === undefined) continue;
    const rtcp = await bindSocket(host, port + 1).catch(async (cause: unknown) => {
      await closeSocket(rtp); // No descriptor is left, for instance: the first one must not be lost besides.
      throw cause;
    });
    if (rtcp !== undefined) return { rtp, rtcp, port };
    await closeSocket(rtp);
  }
  throw new AppError({
    code: 'media.no-port', category: 'config', retryable: true,
    message: `no free pair of UDP ports between ${range.min} and ${range.max} on ${host}`,
    details: { host, ...range },
  });
}

/**
 * Finds out at start whether an address is one of this machine.
 * @throws AppError `media.no-socket` when it is not.
 */
export async function checkAddress(host: string): Promise<void> {
  const socket = await bindSocket(host, 0);
  if (socket !== undefined) await closeSocket(socket);
}

/** @returns undefined when the port is taken. */
function bindSocket(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: lookUpNames });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      socket.close();
      if (cause.code === 'EADDRINUSE') resolve(undefined);
      else reject(new AppError({ code: 'media.no-socket', category: 'config', message: `cannot open UDP ${host}:${port}: ${cause.message}`, cause }));
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** Closes a socket and waits until it is gone. */
export function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => { socket.close(() => resolve()); });
}
