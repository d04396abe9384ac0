import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { refuseUpgrade } from '../base/refuse-upgrade.ts';

/** Takes over the socket of an upgrade request: answers it, or ends it. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Sends each upgrade request to the handler of its path; any other path gets 404 and its socket
 * is destroyed.
 * @param server - of HTTP, with TLS or without.
 */
export function routeUpgrades(server: Server, handlers: ReadonlyMap<string, UpgradeHandler>, log: Logger): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until a handler has its own, a reset by the peer must not end the process.
    socket.on('error', (cause) => log.debug({ err: cause }, 'upgraded socket failed'));
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '');
    if (!handler) {
      refuseUpgrade(socket, 404);
      return;
    }
    try {
      handler(request, socket, head);
    } catch (cause) {
      log.error({ err: cause }, 'upgrade failed');
      refuseUpgrade(socket, 500);
    }
  });
}
