import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { lookUpNames } from '../../base/look-up-names.ts';
import type { Counters } from '../guard/counters.ts';
import type { Flow, SipListener, TransportEvents } from './flow.ts';
import type { LocalAddressChooser } from './local-address.ts';
import { LocalEnd } from './local-end.ts';
import type { SourceRate } from './source-rate.ts';
import { answerStun, isStun } from './stun.ts';

/** Kernel buffers, so that a burst of calls during a garbage collection is not lost. */
const SOCKET_BUFFER_BYTES = 4 * 1_048_576;

/** What every listener needs from the transport layer. */
export interface ListenerContext {
  readonly events: TransportEvents;
  readonly counters: Counters;
  readonly localAddress: LocalAddressChooser;
  /** How many STUN requests one address may send. */
  readonly stunRate: SourceRate;
}

/** One UDP socket, and the flows over it. */
export class UdpListener {
  readonly #socket: Socket;
  readonly #context: ListenerContext;
  #end: LocalEnd;

  private constructor(listener: SipListener, context: ListenerContext) {
    this.#context = context;
    this.#end = new LocalEnd(listener, context.localAddress);
    const isOverV6 = isIPv6(listener.host);
    this.#socket = createSocket({ type: isOverV6 ? 'udp6' : 'udp4', ipv6Only: isOverV6, lookup: lookUpNames });
    this.#socket.on('message', (data, remote) => {
      context.counters.add('received.udp');
      if (data.length <= 4) return context.counters.add('received.keep-alive'); // RFC 5626 §3.5.2 answers only STUN on UDP.
      if (remote.port === 0) { // Legal on the wire (RFC 768), but nothing can be answered there.
        context.counters.add('dropped.no-source-port');
        return;
      }
      if (isStun(data)) this.#answerStun(data, remote);
      else context.events.onMessage(data.toString('latin1'), this.flowTo(remote.address, remote.port));
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
        udp.#end = new LocalEnd({ ...listener, port: udp.#socket.address().port }, context.localAddress);
        udp.#enlargeBuffers();
        resolve(udp);
      });
    });
  }

  get end(): LocalEnd {
    return this.#end;
  }

  flowTo(address: string, port: number): Flow {
    return new UdpFlow(this.#socket, this.#context, { remoteAddress: address, remotePort: port, ...this.#end.facing(address) });
  }

  close(): Promise<void> {
    return new Promise((resolve) => { this.#socket.close(() => resolve()); });
  }

  /** RFC 5626 §4.4.2: a phone behind NAT asks under which address we see it, to keep the binding alive. */
  #answerStun(data: Buffer, remote: { readonly address: string; readonly port: number }): void {
    const { counters, stunRate } = this.#context;
    counters.add('received.stun');
    const answer = stunRate.take(remote.address) ? answerStun(data, remote) : 'too-many';
    if (answer === 'too-many') counters.add('dropped.stun-rate');
    else if (answer === undefined) counters.add('dropped.stun');
    else this.#socket.send(answer, remote.port, remote.address, (error) => { if (error !== null) counters.add('fault.udp-send'); });
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
