import type { Socket } from 'node:net';
import type { SipLimits } from '../guard/limits.ts';
import type { StreamCarrier, StreamFlow } from './stream-flow.ts';
import { StreamFramer } from './stream-framer.ts';

/** Writes to a TCP or TLS socket. */
export function tcpCarrier(socket: Socket): StreamCarrier {
  return {
    get bufferedBytes() { return socket.writableLength; },
    write: (text, onFailed) => {
      socket.write(text, 'latin1', (error) => { if (error) onFailed(); });
    },
    destroy: () => { socket.destroy(); },
  };
}

/**
 * Feeds a flow from its TCP or TLS socket: cuts messages out of the stream and answers pings.
 * @param onBroken - hears why a stream cannot be followed; the flow is closed afterwards.
 */
export function readTcp(socket: Socket, flow: StreamFlow, limits: SipLimits, onBroken: (fault: string) => void): void {
  const framer = new StreamFramer(limits);
  socket.on('data', (data) => {
    let isProgress = false;
    for (const item of framer.push(data.toString('latin1'))) {
      if (item.kind === 'message') flow.receive(item.text);
      else if (item.kind === 'keep-alive') flow.pong();
      else {
        onBroken(item.fault);
        flow.close();
        return;
      }
      if (!flow.isOpen) return;
      isProgress = true;
    }
    flow.touch(framer.isPartial, isProgress);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // The kernel's own probes were not answered.
    if (error.code === 'ETIMEDOUT' && !socket.connecting) flow.closeHalfOpen();
    else flow.gone();
  });
  socket.on('close', () => flow.gone());
}
