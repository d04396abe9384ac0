import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Counters } from '../guard/counters.ts';
import type { Flow, SipListener, TransportEvents } from './flow.ts';
import type { LocalAddressChooser } from './local-address.ts';

/** Kernel buffers, so that a burst of calls during a garbage collection is not lost. */
const SOCKET_BUFFER_BYTES = 4 * 1_048_576;

/** What every listener needs from the transport layer. */
export interface ListenerContext {
  readonly events: TransportEvents;
  readonly counters: Counters;
  readonly localAddress: LocalAddressChooser;
}

/** One UDP socket, and the flows over it. */
export class UdpListener {
  readonly #socket: Socket;
  readonly #context: ListenerContext;
  readonly #host: string;
  #port: number;

  private constructor(listener: SipListener, context: ListenerContext) {
    this.#context = context;
    this.#host = listener.host;
    this.#port = listener.port;
    this.#socket = createSocket({ type: isIPv6(listener.host) ? 'udp6' : 'udp4' });
    this.#socket.on('message', (data, remote) => {
      context.counters.add('received.udp');
      if (data.length <= 4) return; // CRLF keep-alive (RFC 5626 §3.5.1 answers only STUN on UDP).
      if (remote.port === 0) { // Legal on the wire (RFC 768), but nothing can be answered there.
        context.counters.add('dropped.no-source-port');
        return;
      }
      context.events.onMessage(data.toString('latin1'), this.flowTo(remote.address, remote.port));
    });
  }

  /** Binds; rejects with the system's error. */
  static open(listener: SipListener, context: ListenerContext): Promise<UdpListener> {
    const udp = new UdpListener(listener, context);
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        udp.#socket.close();
        reject(cause);
      };
      udp.#socket.once('error', fail);
      udp.#socket.bind(listener.port, listener.host, () => {
        udp.#socket.removeListener('error', fail);
        udp.#socket.on('error', () => context.counters.add('fault.udp-socket'));
        udp.#port = udp.#socket.address().port;
        udp.#enlargeBuffers();
        resolve(udp);
      });
    });
  }

  get bound(): SipListener {
    return { transport: 'udp', host: this.#host, port: this.#port };
  }

  flowTo(address: string, port: number): Flow {
    return new UdpFlow(this.#socket, this.#context, {
      remoteAddress: address,
      remotePort: port,
      localAddress: this.#context.localAddress.choose(this.#host, address),
      localPort: this.#port,
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => { this.#socket.close(() => resolve()); });
  }

  #enlargeBuffers(): void {
    try {
      this.#socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
      this.#socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
    } catch {
      // The kernel's limit is lower; its default serves, with less room for bursts.
      this.#context.counters.add('fault.udp-buffer');
    }
  }
}

interface Endpoints {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

class UdpFlow implements Flow {
  readonly transport = 'udp';
  readonly reliable = false;
  readonly isOpen = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #context: ListenerContext;

  constructor(socket: Socket, context: ListenerContext, endpoints: Endpoints) {
    this.#socket = socket;
    this.#context = context;
    this.remoteAddress = endpoints.remoteAddress;
    this.remotePort = endpoints.remotePort;
    this.localAddress = endpoints.localAddress;
    this.localPort = endpoints.localPort;
  }

  send(text: string, onFailed?: () => void): void {
    this.#context.counters.add('sent.udp');
    const fail = (): void => {
      this.#context.counters.add('fault.udp-send');
      onFailed?.();
    };
    try {
      this.#socket.send(Buffer.from(text, 'latin1'), this.remotePort, this.remoteAddress, (error) => { if (error !== null) fail(); });
    } catch {
      queueMicrotask(fail); // A socket that is closed already throws, and timers and look-ups that come late must not.
    }
  }
}
