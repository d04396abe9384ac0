import type { Flow, Transport } from '../../../server/sip-engine/transport/flow.ts';
import { Counters } from '../../../server/sip-engine/guard/counters.ts';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { DEFAULT_TIMERS } from '../../../server/sip-engine/transaction/timers.ts';
import { TransactionLayer, type TransactionUser } from '../../../server/sip-engine/transaction/transaction-layer.ts';

/** One end of a wire between two transaction layers, with its own idea of which messages get lost. */
export class FakeEnd {
  readonly counters = new Counters();
  readonly layer: TransactionLayer;
  readonly flow: Flow;
  /** Every message that this end sent, by its first line and the clock at that moment. */
  readonly sent: { line: string; at: number; text: string }[] = [];
  /** Decides what is lost on the way out. */
  loses: (text: string) => boolean = () => false;
  peer: FakeEnd | undefined;

  constructor(port: number, peerPort: number, transport: Transport, user: TransactionUser) {
    this.layer = new TransactionLayer({
      timers: DEFAULT_TIMERS, limits: DEFAULT_LIMITS, counters: this.counters, user, udpFlow: () => this.flow,
    });
    this.flow = {
      transport, reliable: transport !== 'udp', isOpen: true,
      remoteAddress: '192.0.2.2', remotePort: peerPort, localAddress: '192.0.2.1', localPort: port,
      send: (text) => {
        this.sent.push({ line: text.slice(0, text.indexOf('\r\n')), at: Date.now(), text });
        const { peer } = this;
        if (peer !== undefined && !this.loses(text)) setTimeout(() => peer.layer.receive(text, peer.flow), 1);
      },
    };
  }

  /** The moments at which messages that start so were sent, from the first on. */
  times(start: string): number[] {
    const all = this.sent.filter(({ line }) => line.startsWith(start)).map(({ at }) => at);
    return all.map((at) => at - (all[0] ?? 0));
  }
}

/** Joins two ends. */
export function crossWire(one: FakeEnd, other: FakeEnd): void {
  one.peer = other;
  other.peer = one;
}
