import type { PacketLink, PacketSink } from '../edge/edge.ts';
import type { InboundProtection, SrtpContext } from './srtp-context.ts';

/** The keys of both directions, as contexts. */
export interface SrtpPair {
  readonly outbound: SrtpContext;
  readonly inbound: InboundProtection;
}

/**
 * Stands between a leg and its plain link, and encrypts what goes through while keys are agreed on: without them it lets
 * everything through as it is. Packets that are not authentic do not count for the source lock.
 */
export class SecureLink implements PacketLink, PacketSink {
  readonly #sink: PacketSink;
  #link: PacketLink | undefined;
  #pair: SrtpPair | undefined;
  /** The packet that was opened to see whether it is plausible: it comes again at once when it is. */
  #opened: { readonly datagram: Buffer; readonly packet: Buffer } | undefined;
  #refused = 0;

  /** @param sink - who takes what was decrypted. */
  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** Gives it the link that carries what it encrypts; once, before anything is sent. */
  carryOver<L extends PacketLink>(link: L): L {
    this.#link = link;
    return link;
  }

  /** Takes the keys of a negotiation; undefined: voice travels in clear. */
  rekey(pair: SrtpPair | undefined): void {
    this.#pair = pair;
  }

  get ssrc(): number { return this.#link?.ssrc ?? 0; }
  get refused(): number { return this.#refused + (this.#link?.refused ?? 0); }

  send(packet: Buffer): void {
    this.#link?.send(this.#pair === undefined ? packet : this.#pair.outbound.protect(packet));
  }

  sendControl(packet: Buffer): void {
    this.#link?.sendControl(this.#pair === undefined ? packet : this.#pair.outbound.protectControl(packet));
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }

  isPlausible(datagram: Buffer): boolean {
    const packet = this.#open(datagram);
    if (packet === undefined) return false;
    this.#opened = { datagram, packet };
    return this.#sink.isPlausible(packet);
  }

  onPacket(datagram: Buffer): void {
    const packet = this.#opened?.datagram === datagram ? this.#opened.packet : this.#open(datagram);
    this.#opened = undefined;
    if (packet !== undefined) this.#sink.onPacket(packet);
  }

  onControl(datagram: Buffer): void {
    const packet = this.#pair === undefined ? datagram : this.#pair.inbound.unprotectControl(datagram);
    if (packet === undefined) this.#refused += 1;
    else this.#sink.onControl(packet);
  }

  onReady(): void {
    this.#sink.onReady();
  }

  onFailed(reason: string): void {
    this.#sink.onFailed(reason);
  }

  #open(datagram: Buffer): Buffer | undefined {
    const packet = this.#pair === undefined ? datagram : this.#pair.inbound.unprotect(datagram);
    if (packet === undefined) this.#refused += 1;
    return packet;
  }
}
