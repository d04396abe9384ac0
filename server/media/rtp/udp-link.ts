import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { PacketLink, PacketSink } from '../edge/edge.ts';
import type { PlainPeer } from '../sdp/agree-plain.ts';
import { isRtcp, MAX_RTP_BYTES } from './packet.ts';
import { SourceLock } from './source-lock.ts';
import { closeSocket, openUdpPair } from './udp-ports.ts';

/** Packets a second from one leg that are listened to: 10 ms packets, their RTCP and keys, twice over. */
const MAX_PACKETS_PER_SECOND = 250;

/**
 * Plain RTP over two UDP sockets of its own, heard from one source only.
 * @remarks RFC 3550 §11, RFC 4961 (symmetric RTP), RFC 5761 (RTCP on the RTP port).
 */
export class UdpLink implements PacketLink {
  readonly port: number;
  readonly ssrc = randomInt(1, 0xffff_ffff);
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #sink: PacketSink;
  readonly #lock = new SourceLock();
  #rtcpAddress = '';
  #rtcpPort = 0;
  #rtcpMux = false;
  #closing: Promise<void> | undefined;
  #windowStartMs = 0;
  #windowPackets = 0;
  #refused = 0;
  #refusedSends = 0;

  private constructor(sockets: { rtp: Socket; rtcp: Socket; port: number }, sink: PacketSink) {
    this.port = sockets.port;
    this.#rtp = sockets.rtp;
    this.#rtcp = sockets.rtcp;
    this.#sink = sink;
    this.#rtp.on('message', (datagram, from) => this.#receive(datagram, from.address, from.port));
    this.#rtcp.on('message', (datagram, from) => this.#receiveControl(datagram, from.address));
    // A send that the network refuses (ICMP unreachable) is a lost packet, not the end of the leg:
    // a peer that stays away ends it by the media time-out.
    const countRefused = (): void => { this.#refusedSends += 1; };
    this.#rtp.on('error', countRefused);
    this.#rtcp.on('error', countRefused);
  }

  /** @throws AppError `media.no-port` when the range is full. */
  static async open(host: string, ports: { readonly min: number; readonly max: number }, sink: PacketSink): Promise<UdpLink> {
    return new UdpLink(await openUdpPair(host, ports), sink);
  }

  /** Takes the peer's address from a description; none leaves the one before (hold). */
  connect(peer: PlainPeer): void {
    if (peer.rtp === undefined) return;
    this.#lock.negotiate(peer.rtp.address, peer.rtp.port);
    this.#rtcpMux = peer.rtcpMux;
    this.#rtcpAddress = peer.rtcp?.address ?? peer.rtp.address;
    this.#rtcpPort = peer.rtcp?.port ?? 0;
    this.#sink.onReady();
  }

  get refused(): number { return this.#refused + this.#refusedSends; }

  send(packet: Buffer): void {
    if (this.#closing !== undefined) return;
    const { address, port } = this.#lock.target;
    if (port !== 0) this.#rtp.send(packet, port, address);
  }

  sendControl(packet: Buffer): void {
    if (this.#closing !== undefined) return;
    const socket = this.#rtcpMux ? this.#rtp : this.#rtcp;
    const port = this.#rtcpMux ? this.#lock.target.port : this.#rtcpPort;
    const address = this.#lock.isLocked ? this.#lock.target.address : this.#rtcpAddress;
    if (port !== 0 && address !== '') socket.send(packet, port, address);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([closeSocket(this.#rtp), closeSocket(this.#rtcp)]).then(() => undefined);
    return this.#closing;
  }

  #receive(datagram: Buffer, address: string, port: number): void {
    if (this.#closing !== undefined) return;
    if (isRtcp(datagram)) {
      this.#receiveControl(datagram, address);
      return;
    }
    if (!this.#lock.isLocked && !this.#sink.isPlausible(datagram)) return;
    if (this.#lock.admit(address, port) === 'drop') {
      this.#refused += 1;
      return;
    }
    if (this.#isTooMany()) return;
    this.#sink.onPacket(datagram);
  }

  #receiveControl(datagram: Buffer, address: string): void {
    if (this.#closing !== undefined || datagram.length > MAX_RTP_BYTES) return;
    if (!isRtcp(datagram) || address !== this.#lock.target.address) {
      this.#refused += 1;
      return;
    }
    if (!this.#isTooMany()) this.#sink.onControl(datagram);
  }

  #isTooMany(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#windowStartMs >= 1_000) {
      this.#windowStartMs = nowMs;
      this.#windowPackets = 0;
    }
    this.#windowPackets += 1;
    if (this.#windowPackets <= MAX_PACKETS_PER_SECOND) return false;
    this.#refused += 1;
    return true;
  }
}
