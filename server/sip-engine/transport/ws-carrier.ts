import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { StreamCarrier, StreamFlow } from './stream-flow.ts';

/** What the library calls the ways in which a frame can be wrong; anything else is `protocol`. */
const FAULTS: Readonly<Record<string, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'too-large',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'too-large',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'too-large',
  WS_ERR_INVALID_UTF8: 'not-utf8',
};

/** Proxies before us close what is quiet for a minute; a WebSocket that did not answer the last ping is dead. */
const MAX_PING_MS = 30_000;

/** Writes SIP messages to a WebSocket, one per frame (RFC 7118 §4.2). */
export function wsCarrier(socket: WebSocket): StreamCarrier {
  return {
    get bufferedBytes() { return socket.bufferedAmount; },
    write: (text, onFailed) => {
      if (socket.readyState !== WebSocket.OPEN) {
        queueMicrotask(onFailed);
        return;
      }
      // A text frame must be UTF-8; what is not (RFC 7118 §4.2 allows both) goes as binary.
      const bytes = Buffer.from(text, 'latin1');
      socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => { if (error) onFailed(); });
    },
    destroy: () => { socket.terminate(); },
  };
}

/**
 * Feeds a flow from its WebSocket, and finds out when the peer is gone.
 * @param raw - the socket under it: bytes that make no whole frame start the slow-loris clock.
 */
export function readWebSocket(
  socket: WebSocket, raw: Socket, flow: StreamFlow, { limits, counters }: { readonly limits: SipLimits; readonly counters: Counters },
): void {
  // Before the library's own listener, whose whole frames stop the clock again.
  raw.prependListener('data', () => flow.touch(true));
  let answered = true;
  const ping = setInterval(() => {
    if (!answered) {
      flow.closeHalfOpen();
      return;
    }
    answered = false;
    socket.ping();
  }, Math.min(limits.keepAliveMs, MAX_PING_MS));
  socket.on('pong', () => {
    answered = true;
    flow.touch(false);
  });
  socket.on('ping', (data) => {
    flow.touch(false);
    if (!flow.isBehind) socket.pong(data);
  });
  socket.on('message', (data) => {
    // The library's default binaryType gives a Buffer for text and binary alike.
    const text = (data as Buffer).toString('latin1');
    flow.touch(false);
    if (text === '\r\n\r\n' || text === '\r\n') flow.pong();
    else flow.receive(text);
  });
  const end = (): void => {
    clearInterval(ping);
    flow.gone();
  };
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const { code } = error;
    if (code?.startsWith('WS_ERR_')) counters.add(`dropped.websocket-${FAULTS[code] ?? 'protocol'}`);
    end();
  });
  socket.on('close', end);
}
