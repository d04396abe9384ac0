import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { refuseUpgrade } from '../base/refuse-upgrade.ts';

/** Takes over the socket of an upgrade request: answers it, or ends it. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Sends each upgrade request to the handler of its path; any other path gets 404 and its socket
 * is destroyed.
 * @returns the sockets that were upgraded and live: the server no longer counts them as its own.
 */
export function routeUpgrades(server: Server, handlers: ReadonlyMap<string, UpgradeHandler>, log: Logger): ReadonlySet<Duplex> {
  const live = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    // Until a handler has its own, a reset by the peer must not end the process.
    socket.on('error', (cause) => log.debug({ err: cause }, 'upgraded socket failed'));
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '');
    if (!handler) {
      refuseUpgrade(socket, 404);
      return;
    }
    live.add(socket);
    socket.once('close', () => live.delete(socket));
    try {
      handler(request, socket, head);
    } catch (cause) {
      log.error({ err: cause }, 'upgrade failed');
      refuseUpgrade(socket, 500);
    }
  });
  return live;
}
