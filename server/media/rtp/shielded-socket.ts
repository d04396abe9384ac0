import type { Socket } from 'node:dgram';
import { PacketRate } from './packet-rate.ts';
import { closeSocket } from './udp-ports.ts';

/** Foreign packets in a second that are only refused; more are a flood. */
const MAX_FOREIGN_PER_SECOND = 100;

/** Where a peer is. */
export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * A UDP socket that can be shut against a flood: it is connected to its peer then, and the kernel
 * drops what comes from elsewhere before it costs us anything.
 *   open --(too many foreign packets, peer known)--> shut --(the peer moves)--> open
 */
export class ShieldedSocket {
  readonly #socket: Socket;
  readonly #foreign = new PacketRate(MAX_FOREIGN_PER_SECOND);
  #state: 'open' | 'shutting' | 'shut' = 'open';
  #isConnecting = false;
  #refusedSends = 0;

  /** @param onMessage - gets every datagram that reaches us. */
  constructor(socket: Socket, onMessage: (datagram: Buffer, from: UdpAddress) => void) {
    this.#socket = socket;
    socket.on('message', onMessage);
    // A send that the network refuses (ICMP unreachable) is a lost packet, not the end of the leg:
    // a peer that stays away ends it by the media time-out.
    socket.on('error', () => { this.#refusedSends += 1; });
  }

  get refusedSends(): number { return this.#refusedSends; }
  /** Whether the kernel keeps strangers away. */
  get isShut(): boolean { return this.#state === 'shut'; }

  send(packet: Buffer, to: UdpAddress): void {
    if (this.#state === 'shut') this.#socket.send(packet);
    else this.#socket.send(packet, to.port, to.address);
  }

  /** A packet came from elsewhere. @param peer - where the only one is from whom packets are wanted; undefined when unknown. */
  refuse(peer: UdpAddress | undefined, nowMs: number): void {
    if (this.#foreign.isExceededAt(nowMs) && peer !== undefined) this.#shut(peer);
  }

  /** The peer may come from elsewhere from now on. */
  open(): void {
    if (this.#state === 'shut') this.#socket.disconnect();
    this.#state = 'open';
  }

  close(): Promise<void> {
    return closeSocket(this.#socket);
  }

  #shut({ address, port }: UdpAddress): void {
    if (this.#state !== 'open' || this.#isConnecting) return;
    this.#state = 'shutting';
    this.#isConnecting = true;
    this.#socket.connect(port, address, (failure?: Error) => {
      this.#isConnecting = false;
      if (failure !== undefined) this.#state = 'open';
      else if (this.#state === 'shutting') this.#state = 'shut';
      else this.#socket.disconnect(); // Opened again meanwhile.
    });
  }
}
