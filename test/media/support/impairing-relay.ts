import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { ImpairedPath } from './impaired-path.ts';
import type { Impairment } from './impaired-path.ts';

/** One end of a relay: a port for one of the two who talk through it. */
interface RelayEnd {
  readonly socket: Socket;
  readonly path: ImpairedPath;
  /** Port of the one who talks to this end. */
  talker: number;
}

/**
 * A network of real sockets on loopback that loses, delays, reorders and doubles packets, each
 * direction as its impairment says. Both sides talk to a port of it; RTP and RTCP share it.
 */
export class ImpairingRelay {
  readonly #one: RelayEnd;
  readonly #other: RelayEnd;
  readonly #onTheWay = new Set<NodeJS.Timeout>();

  private constructor(one: RelayEnd, other: RelayEnd) {
    this.#one = one;
    this.#other = other;
    one.socket.on('message', (datagram) => this.#carry(datagram, one, other));
    other.socket.on('message', (datagram) => this.#carry(datagram, other, one));
  }

  /** @param impairments - of what the first side sends, and of what the second does. */
  static async open(impairments: readonly [Impairment, Impairment]): Promise<ImpairingRelay> {
    const [one, other] = await Promise.all(impairments.map(async (impairment) => ({ socket: await bind(), path: new ImpairedPath(impairment), talker: 0 })));
    if (one === undefined || other === undefined) throw new Error('two ends');
    return new ImpairingRelay(one, other);
  }

  /** The port that the first side sends to, and that the second side is to take for the first's. */
  get ports(): { readonly forFirst: number; readonly forSecond: number } {
    return { forFirst: this.#one.socket.address().port, forSecond: this.#other.socket.address().port };
  }

  /** What was sent into the relay and lost there, by direction. */
  get figures(): readonly { readonly sent: number; readonly lost: number }[] {
    return [this.#one, this.#other].map(({ path: { sent, lost } }) => ({ sent, lost }));
  }

  /** Says where the two sides receive. */
  join(first: number, second: number): void {
    this.#one.talker = first;
    this.#other.talker = second;
  }

  async close(): Promise<void> {
    for (const timer of this.#onTheWay) clearTimeout(timer);
    this.#onTheWay.clear();
    await Promise.all([this.#one, this.#other].map(({ socket }) => new Promise<void>((resolve) => { socket.close(() => resolve()); })));
  }

  #carry(datagram: Buffer, from: RelayEnd, to: RelayEnd): void {
    const nowMs = performance.now();
    for (const atMs of from.path.carry(nowMs)) {
      const timer = setTimeout(() => {
        this.#onTheWay.delete(timer);
        to.socket.send(datagram, to.talker, '127.0.0.1');
      }, atMs - nowMs);
      this.#onTheWay.add(timer);
    }
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  return socket;
}
