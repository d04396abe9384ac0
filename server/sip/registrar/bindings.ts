import type { SipPrincipal } from '../../access/ports.ts';
import type { Clock, EpochMs } from '../../base/time.ts';
import type { UserId } from '../../model/ids.ts';
import type { SipUri } from '../headers/request-uri.ts';

/** The transport connection that a registration came by, and that requests go back through (RFC 5626 §4.3). */
export interface Flow {
  readonly address: string;
  readonly port: number;
  /** `udp`, `tcp`, `tls`, `ws` or `wss`. */
  readonly protocol: string;
}

/** One registered contact: a tab with a softphone, or a telephone. */
export interface Binding {
  readonly username: string;
  readonly principal: SipPrincipal;
  readonly contactUri: SipUri;
  readonly flow: Flow;
  readonly expiresAt: EpochMs;
  /** When it was made or last refreshed. */
  readonly registeredAt: EpochMs;
  readonly callId: string;
  readonly cseq: number;
  /** The proxies on the way to it, nearest first (RFC 3327): the Route of requests; absent when it came directly. */
  readonly path?: readonly string[];
  /** Which device, and which of its flows (RFC 5626): a new registration of the same takes the place of the old. */
  readonly instanceId?: string;
  readonly regId?: number;
}

/** Limits of {@link Bindings}. */
export interface BindingsOptions {
  readonly clock: Clock;
  /** Most contacts of one user: the oldest goes first, because a reloaded tab leaves a dead one behind. Default 8. */
  readonly maxPerUser?: number;
  /** Most contacts of all; default 20,000. */
  readonly maxTotal?: number;
}

const flowKey = (flow: Flow): string => `${flow.protocol} ${flow.address} ${flow.port}`;

/**
 * Whether its flow says who is at the other end: a UDP source address can be forged, and over the connection of a
 * proxy come many.
 */
const ownsFlow = ({ flow, path }: Pick<Binding, 'flow' | 'path'>): boolean => flow.protocol !== 'udp' && path === undefined;

/**
 * Who is registered, and how to reach them. Expired contacts count as gone at once and are swept when new ones come.
 */
export class Bindings {
  readonly #clock: Clock;
  readonly #maxPerUser: number;
  readonly #maxTotal: number;
  /** By username, then by contact; within a user the latest registration is last. */
  readonly #byUser = new Map<string, Map<string, Binding>>();
  readonly #byFlow = new Map<string, Binding>();
  readonly #byAgent = new Map<UserId, Set<Binding>>();
  #total = 0;

  constructor(options: BindingsOptions) {
    this.#clock = options.clock;
    this.#maxPerUser = options.maxPerUser ?? 8;
    this.#maxTotal = options.maxTotal ?? 20_000;
  }

  /** Contacts kept, expired ones not yet swept included. */
  get size(): number {
    return this.#total;
  }

  /** Whether so many new contacts can be kept, once those that expired are swept. */
  hasRoomFor(count: number): boolean {
    if (this.#total + count > this.#maxTotal) this.#sweep();
    return this.#total + count <= this.#maxTotal;
  }

  /** Keeps a contact, in the place of what it replaces. @returns `full` when there is no room even after a sweep. */
  put(binding: Binding): 'kept' | 'full' {
    this.#evictOtherUserOf(binding);
    const ofUser = this.#byUser.get(binding.username) ?? new Map<string, Binding>();
    for (const before of [ofUser.get(binding.contactUri), this.findInstance(binding)]) if (before) this.remove(before);
    if (!this.hasRoomFor(1)) return 'full';
    const oldest = ofUser.size >= this.#maxPerUser ? ofUser.values().next().value : undefined;
    if (oldest) this.remove(oldest);
    ofUser.set(binding.contactUri, binding);
    this.#byUser.set(binding.username, ofUser);
    if (ownsFlow(binding)) this.#byFlow.set(flowKey(binding.flow), binding);
    if (binding.principal.kind === 'agent') {
      const ofAgent = this.#byAgent.get(binding.principal.userId) ?? new Set<Binding>();
      this.#byAgent.set(binding.principal.userId, ofAgent.add(binding));
    }
    this.#total += 1;
    return 'kept';
  }

  remove(binding: Binding): void {
    const ofUser = this.#byUser.get(binding.username);
    if (ofUser?.get(binding.contactUri) !== binding) return;
    ofUser.delete(binding.contactUri);
    if (ofUser.size === 0) this.#byUser.delete(binding.username);
    if (this.#byFlow.get(flowKey(binding.flow)) === binding) this.#byFlow.delete(flowKey(binding.flow));
    if (binding.principal.kind === 'agent') {
      const ofAgent = this.#byAgent.get(binding.principal.userId);
      ofAgent?.delete(binding);
      if (ofAgent?.size === 0) this.#byAgent.delete(binding.principal.userId);
    }
    this.#total -= 1;
  }

  find(username: string, contactUri: string): Binding | undefined {
    return this.#live(this.#byUser.get(username)?.get(contactUri));
  }

  /** The live contact of the same device and flow, under whatever URI (RFC 5626 §6); nothing without an instance. */
  findInstance(of: Pick<Binding, 'username' | 'instanceId' | 'regId'>): Binding | undefined {
    if (of.instanceId === undefined) return undefined;
    return this.listByUsername(of.username).find(({ instanceId, regId }) => instanceId === of.instanceId && regId === of.regId);
  }

  /** The live contacts of one user, newest first. */
  listByUsername(username: string): readonly Binding[] {
    return [...this.#byUser.get(username)?.values() ?? []].filter((binding) => this.#live(binding)).reverse();
  }

  /** The live contacts of an agent under all of her credentials (each browser session has its own), newest first. */
  listByAgent(agentId: UserId): readonly Binding[] {
    return [...this.#byAgent.get(agentId) ?? []].filter((binding) => this.#live(binding)).reverse();
  }

  /** Who is at the other end of a connection; nobody for UDP. */
  findByFlow(flow: Flow): Binding | undefined {
    return this.#live(this.#byFlow.get(flowKey(flow)));
  }

  #live(binding: Binding | undefined): Binding | undefined {
    return binding !== undefined && binding.expiresAt > this.#clock() ? binding : undefined;
  }

  /** One connection is one user agent: who registers over it last is who it speaks for. */
  #evictOtherUserOf(binding: Binding): void {
    const holder = this.#byFlow.get(flowKey(binding.flow));
    if (holder && ownsFlow(binding) && holder.username !== binding.username) this.remove(holder);
  }

  #sweep(): void {
    for (const ofUser of [...this.#byUser.values()]) {
      for (const binding of [...ofUser.values()]) {
        if (!this.#live(binding)) this.remove(binding);
      }
    }
  }
}
