import type { Flow } from './flow.ts';
import type { NextHop } from './next-hop.ts';
import { NO_TCP_MS, type TargetHealth } from './target-health.ts';

/** RFC 3261 §18.1.1: larger requests must not go over UDP. */
const LARGE_BYTES = 1_300;

/** What {@link Ways} needs of the transport layer. */
export interface FlowSource {
  readonly health: TargetHealth;
  flowTo(hop: NextHop): Flow | undefined;
  deadFlow(hop: NextHop): Flow;
  canReach(transport: 'tcp', family: 4 | 6): boolean;
}

/**
 * The ways to the next hop of one request: the first that may work, and those to try when it fails.
 * @remarks RFC 3263 §4.3.
 */
export class Ways {
  #flow: Flow;
  readonly #source: FlowSource | undefined;
  /** The hop of `#flow` first, unless the flow was there before. */
  readonly #hops: NextHop[];
  readonly #mayChangeTransport: boolean;
  #isTrial = false;

  private constructor(flow: Flow, hops: NextHop[], options: { source?: FlowSource; mayChangeTransport: boolean }) {
    this.#flow = flow;
    this.#hops = hops;
    this.#source = options.source;
    this.#mayChangeTransport = options.mayChangeTransport;
  }

  /** One way and no other: the flow that a dialog lives on. */
  static only(flow: Flow): Ways {
    return new Ways(flow, [], { mayChangeTransport: false });
  }

  /** @param hops - at least one; those without a flow are skipped, unless none has one. */
  static to(hops: readonly [NextHop, ...NextHop[]], source: FlowSource, mayChangeTransport: boolean): Ways {
    const left = source.health.inOrder(hops);
    const flow = takeFirst(left, source);
    return new Ways(flow ?? source.deadFlow(hops[0]), left, { source, mayChangeTransport });
  }

  /** The way to use now. */
  get flow(): Flow {
    return this.#flow;
  }

  /**
   * Changes from UDP to TCP when a request is large, and we may; UDP stays as the next way, for
   * peers without TCP.
   * @returns the way to use now.
   */
  forSize(bytes: number): Flow {
    const [hop] = this.#hops;
    if (bytes <= LARGE_BYTES || !this.#mayChangeTransport || this.#flow.transport !== 'udp' || hop === undefined || this.#source === undefined) return this.#flow;
    const overTcp: NextHop = { ...hop, transport: 'tcp' };
    if (!this.#source.canReach('tcp', hop.address.includes(':') ? 6 : 4) || this.#source.health.hasFailed(overTcp)) return this.#flow;
    const flow = this.#source.flowTo(overTcp);
    if (flow === undefined) return this.#flow;
    this.#hops.unshift(overTcp);
    this.#isTrial = true;
    this.#flow = flow;
    return flow;
  }

  /** The current way answered. */
  worked(): void {
    const [hop] = this.#hops;
    if (hop !== undefined) this.#source?.health.markWell(hop);
  }

  /**
   * The current way failed.
   * @returns the next one; undefined when there is none left.
   */
  next(): Flow | undefined {
    const failed = this.#hops.shift();
    if (failed === undefined || this.#source === undefined) return undefined;
    this.#source.health.markFailed(failed, this.#isTrial ? NO_TCP_MS : undefined);
    this.#isTrial = false;
    const flow = takeFirst(this.#hops, this.#source);
    if (flow !== undefined) this.#flow = flow;
    return flow;
  }
}

/** Opens the first hop that can be, and drops those before it from `hops`. */
function takeFirst(hops: NextHop[], source: FlowSource): Flow | undefined {
  for (let hop = hops[0]; hop !== undefined; hop = hops[0]) {
    const flow = source.flowTo(hop);
    if (flow !== undefined) return flow;
    hops.shift();
  }
  return undefined;
}
