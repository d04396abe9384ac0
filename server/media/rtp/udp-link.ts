import { randomInt } from 'node:crypto';
import type { PacketLink, PacketSink } from '../edge/edge.ts';
import type { PlainPeer } from '../sdp/agree-plain.ts';
import { isRtcp, MAX_RTP_BYTES } from './packet.ts';
import { PacketRate } from './packet-rate.ts';
import { ShieldedSocket } from './shielded-socket.ts';
import type { UdpAddress } from './shielded-socket.ts';
import { SourceLock } from './source-lock.ts';
import { openUdpPair } from './udp-ports.ts';
import type { UdpPair } from './udp-ports.ts';

/** Packets a second from one leg that are listened to: 10 ms packets, their RTCP and keys, twice over. */
const MAX_PACKETS_PER_SECOND = 250;
/** Reports come each 5 s; their own limit, because they may come from any port of the peer's address. */
const MAX_REPORTS_PER_SECOND = 25;

/**
 * Plain RTP over two UDP sockets of its own, heard from one source only.
 * @remarks RFC 3550 §11, RFC 4961 (symmetric RTP), RFC 5761 (RTCP on the RTP port).
 */
export class UdpLink implements PacketLink {
  readonly port: number;
  readonly ssrc = randomInt(1, 0xffff_ffff);
  readonly #rtp: ShieldedSocket;
  readonly #rtcp: ShieldedSocket;
  readonly #sink: PacketSink;
  readonly #lock = new SourceLock();
  readonly #rate = new PacketRate(MAX_PACKETS_PER_SECOND);
  readonly #reportRate = new PacketRate(MAX_REPORTS_PER_SECOND);
  /** Where the peer's reports are to be sent, by its description. */
  #rtcpTarget: UdpAddress | undefined;
  /** Where they came from last. */
  #rtcpSource: UdpAddress | undefined;
  #rtcpMux = false;
  #closing: Promise<void> | undefined;
  #refused = 0;

  private constructor(pair: UdpPair, sink: PacketSink) {
    this.port = pair.port;
    this.#sink = sink;
    this.#rtp = new ShieldedSocket(pair.rtp, (datagram, from) => this.#receive(datagram, from));
    this.#rtcp = new ShieldedSocket(pair.rtcp, (datagram, from) => this.#receiveControl(datagram, from, this.#rtcp));
  }

  /** @throws AppError `media.no-port` when the range is full. */
  static async open(host: string, ports: { readonly min: number; readonly max: number }, sink: PacketSink): Promise<UdpLink> {
    return new UdpLink(await openUdpPair(host, ports), sink);
  }

  /** Takes the peer's address from a description; none leaves the one before (hold). */
  connect(peer: PlainPeer): void {
    if (peer.rtp === undefined) return;
    this.#lock.negotiate(peer.rtp.address, peer.rtp.port);
    if (!this.#lock.isLocked) {
      this.#rtp.open();
      this.#rtcp.open();
      this.#rtcpSource = undefined;
    }
    this.#rtcpMux = peer.rtcpMux;
    this.#rtcpTarget = peer.rtcp;
    this.#sink.onReady();
  }

  get refused(): number { return this.#refused + this.#rtp.refusedSends + this.#rtcp.refusedSends; }

  send(packet: Buffer): void {
    const { target } = this.#lock;
    if (this.#closing === undefined && target.port !== 0) this.#rtp.send(packet, target);
  }

  sendControl(packet: Buffer): void {
    if (this.#closing !== undefined) return;
    const { target, isLocked } = this.#lock;
    if (this.#rtcpMux) {
      this.send(packet);
    } else if (this.#rtcpTarget !== undefined) {
      this.#rtcp.send(packet, isLocked ? { address: target.address, port: this.#rtcpTarget.port } : this.#rtcpTarget);
    }
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#rtp.close(), this.#rtcp.close()]).then(() => undefined);
    return this.#closing;
  }

  #receive(datagram: Buffer, from: UdpAddress): void {
    if (this.#closing !== undefined) return;
    if (isRtcp(datagram)) {
      this.#receiveControl(datagram, from, this.#rtp);
      return;
    }
    const isHeard = (this.#lock.isLocked || this.#sink.isPlausible(datagram)) && this.#lock.admit(from.address, from.port) !== 'drop';
    if (!isHeard) this.#refuse(this.#rtp);
    else if (!this.#isTooMany(this.#rate)) this.#sink.onPacket(datagram);
  }

  #receiveControl(datagram: Buffer, from: UdpAddress, socket: ShieldedSocket): void {
    if (this.#closing !== undefined) return;
    if (datagram.length > MAX_RTP_BYTES || !isRtcp(datagram) || from.address !== this.#lock.target.address) {
      this.#refuse(socket);
      return;
    }
    if (socket === this.#rtcp) this.#rtcpSource = from;
    if (!this.#isTooMany(this.#reportRate)) this.#sink.onControl(datagram);
  }

  #refuse(socket: ShieldedSocket): void {
    this.#refused += 1;
    const peer = socket === this.#rtp ? this.#lock.target : this.#rtcpSource ?? this.#rtcpTarget;
    socket.refuse(this.#lock.isLocked ? peer : undefined, performance.now());
  }

  #isTooMany(rate: PacketRate): boolean {
    const isTooMany = rate.isExceededAt(performance.now());
    if (isTooMany) this.#refused += 1;
    return isTooMany;
  }
}
