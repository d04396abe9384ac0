import { isUtf8 } from 'node:buffer';
import { WebSocket } from 'ws';
import type { StreamCarrier, StreamFlow } from './stream-flow.ts';

/** How often a WebSocket is pinged; one that did not answer the last ping is dead. */
const PING_INTERVAL_MS = 30_000;

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

/** Feeds a flow from its WebSocket and keeps the connection alive. */
export function readWebSocket(socket: WebSocket, flow: StreamFlow): void {
  let answered = true;
  const ping = setInterval(() => {
    if (!answered) {
      flow.close();
      return;
    }
    answered = false;
    socket.ping();
  }, PING_INTERVAL_MS);
  socket.on('pong', () => {
    answered = true;
    flow.touch(false);
  });
  socket.on('ping', (data) => { if (!flow.isBehind) socket.pong(data); });
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
  socket.on('error', end);
  socket.on('close', end);
}
