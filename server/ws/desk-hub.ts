import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ActiveSession, Sessions } from '../access/ports.ts';
import { describeError } from '../base/app-error.ts';
import { refuseUpgrade } from '../base/refuse-upgrade.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import type { AgentDesk } from '../call/desk.ts';
import type { AgentScreens, DeskView } from '../call/ports.ts';
import { asId, type OfferId, type UserId } from '../model/ids.ts';
import type { ScreenPop } from '../model/screen-pop.ts';
import { CLOSE_CODES } from '../wire/close-codes.ts';
import { MAX_CLIENT_FRAME_LENGTH, type ClientFrame, type Topic } from '../wire/frames.ts';
import type { LiveItem } from '../wire/live-item.ts';
import { admitUpgrade } from './admit-upgrade.ts';
import { carryOut, type CommandFrame } from './carry-out.ts';
import { DeskItems } from './desk-items.ts';
import { DeskSocket, type SocketLimits } from './desk-socket.ts';
import { PopAcks } from './pop-acks.ts';
import { Presence } from './presence.ts';
import { shortenNotes } from './shorten-notes.ts';
import type { WallboardSource } from './topic-source.ts';
import { Wallboards } from './wallboards.ts';

/** The bounds of the hub. */
export interface HubLimits extends SocketLimits {
  /** The largest message from a browser, in bytes; what is longer closes the socket (1009) unread. */
  readonly maxFrameBytes: number;
  readonly maxSocketsPerUser: number;
  readonly maxSockets: number;
  /** Commands of one browser that may be under way at once. */
  readonly maxCommandsUnderWay: number;
  /**
   * Pings go out this often. With two unanswered ones a half-open connection is noticed after
   * at most three intervals: 4.5 s.
   */
  readonly heartbeatMs: Milliseconds;
}

/** What holds unless `main.ts` says otherwise. */
export const HUB_LIMITS: HubLimits = {
  maxFrameBytes: MAX_CLIENT_FRAME_LENGTH,
  maxBufferedBytes: 1024 * 1024,
  maxSocketsPerUser: 16,
  maxSockets: 15_000,
  maxCommandsUnderWay: 32,
  framesAtOnce: 60,
  framesPerSecond: 20,
  faultsAtOnce: 10,
  faultsPerSecond: 0.1,
  heartbeatMs: 1_500,
  maxUnansweredPings: 2,
};

/** A reload, a lift, a change from cable to wireless: shorter than this is not a departure. */
export const DEFAULT_GRACE_MS: Milliseconds = 15_000;

/** What the hub needs. */
export interface DeskHubOptions {
  readonly sessions: Pick<Sessions, 'resolve'>;
  readonly desk: AgentDesk;
  readonly wallboard: WallboardSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly graceMs?: Milliseconds;
  readonly limits?: Partial<HubLimits>;
  /** Further origins that are ours, for a proxy that rewrites `Host`. */
  readonly publicOrigins?: readonly string[];
}

/** The desk items that mean a call or what follows it. */
const AT_WORK: readonly LiveItem['key'][] = ['pop', 'call', 'wrap-up'];

/** What a browser is told of a fault of ours. */
const FAILED = { code: 'ws.failed', message: 'this did not work: try again' } as const;

/** The live pages of agents and supervisors: who is connected, what they see, what they ask for. */
export class DeskHub implements AgentScreens, DeskView {
  readonly #options: DeskHubOptions;
  readonly #limits: HubLimits;
  readonly #server: WebSocketServer;
  readonly #items = new DeskItems();
  readonly #acks = new PopAcks();
  readonly #presence: Presence;
  readonly #wallboards: Wallboards;
  readonly #socketsByUser = new Map<UserId, Set<DeskSocket>>();
  readonly #commandsUnderWay = new WeakMap<DeskSocket, number>();
  #socketCount = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: DeskHubOptions) {
    this.#options = options;
    this.#limits = { ...HUB_LIMITS, ...options.limits };
    this.#server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: this.#limits.maxFrameBytes, perMessageDeflate: false });
    this.#presence = new Presence({ desk: options.desk, graceMs: options.graceMs ?? DEFAULT_GRACE_MS, log: options.log });
    this.#wallboards = new Wallboards(options.wallboard);
  }

  /**
   * Takes an upgrade request on `/ws`: 403 for a page of another site, 401 without a session,
   * 503 while the hub is full or closed.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // While the session is looked up nobody else listens, and a reset must not end the process.
    socket.on('error', (cause) => this.#options.log.debug({ err: cause }, 'desk socket failed'));
    this.#admit(request, socket, head).catch((cause: unknown) => {
      this.#options.log.error({ err: cause }, 'upgrade failed');
      refuseUpgrade(socket, 503);
    });
  }

  async pop(agentId: UserId, pop: ScreenPop, ackTimeoutMs: Milliseconds): Promise<'shown' | 'sent' | 'nobody'> {
    this.putItem(agentId, { kind: 'my-pop', key: 'pop', pop: shortenNotes(pop) });
    if (!this.#presence.isHere(agentId)) return 'nobody';
    // Somebody who reloads the page just now gets the pop with the snapshot, and may confirm it in time.
    if (await this.#acks.wait(agentId, pop.offerId, ackTimeoutMs)) return 'shown';
    return this.#socketsByUser.has(agentId) ? 'sent' : 'nobody';
  }

  retract(agentId: UserId, offerId: OfferId): void {
    this.#acks.giveUp(offerId);
    const item = this.#items.find(agentId, 'pop');
    if (item?.kind === 'my-pop' && item.pop.offerId === offerId) this.dropItem(agentId, 'pop');
  }

  putItem(agentId: UserId, item: LiveItem): void {
    this.#items.put(agentId, item);
    for (const socket of this.#socketsOf(agentId)) socket.sendDelta('desk', [item], []);
  }

  dropItem(agentId: UserId, key: string): void {
    if (!this.#items.drop(agentId, key)) return;
    for (const socket of this.#socketsOf(agentId)) socket.sendDelta('desk', [], [key]);
  }

  /** Ends a session in every browser tab that has it. */
  endSession(sessionId: string, reason: string): void {
    for (const socket of this.#allSockets()) {
      if (socket.session.sessionId === sessionId) socket.signOut(reason);
    }
  }

  /** Tells every browser to come back later, and lets go of everything. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.#acks.close();
    this.#presence.close();
    this.#wallboards.close();
    for (const socket of this.#allSockets()) socket.close(CLOSE_CODES.goingAway, 'the server stops');
    this.#server.close();
  }

  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admission = await admitUpgrade(request, this.#options.sessions, this.#options.publicOrigins ?? []);
    if (admission.kind === 'refused') {
      refuseUpgrade(socket, admission.status);
      return;
    }
    const own = this.#socketsByUser.get(admission.session.user.userId)?.size ?? 0;
    if (this.#isClosed || this.#socketCount >= this.#limits.maxSockets || own >= this.#limits.maxSocketsPerUser) {
      refuseUpgrade(socket, 503);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, admission.session));
  }

  #open(webSocket: WebSocket, session: ActiveSession): void {
    const socket = new DeskSocket(webSocket, session, {
      limits: this.#limits,
      clock: this.#options.clock,
      host: { onFrame: (from, frame) => this.#onFrame(from, frame), onClosed: (gone) => this.#onClosed(gone) },
    });
    const { userId, role } = session.user;
    const own = this.#socketsByUser.get(userId) ?? new Set<DeskSocket>();
    this.#socketsByUser.set(userId, own.add(socket));
    this.#socketCount += 1;
    this.#heartbeat ??= setInterval(() => this.#beat(), this.#limits.heartbeatMs);
    if (role === 'agent') this.#presence.arrive(userId);
  }

  #onClosed(socket: DeskSocket): void {
    const { userId, role } = socket.session.user;
    this.#wallboards.unfollow(socket);
    const own = this.#socketsByUser.get(userId);
    if (!own?.delete(socket)) return;
    if (own.size === 0) this.#socketsByUser.delete(userId);
    this.#socketCount -= 1;
    if (this.#socketCount === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    if (role === 'agent' && !this.#isClosed) this.#presence.leave(userId, socket.isSignedOut);
  }

  #beat(): void {
    const now = this.#options.clock();
    for (const socket of this.#allSockets()) {
      if (socket.session.expiresAt <= now && !this.#isAtWork(socket)) socket.signOut('expired');
      socket.beat();
    }
  }

  /** Nobody is thrown out in mid-call: an expired session ends with the call's last item. */
  #isAtWork(socket: DeskSocket): boolean {
    return AT_WORK.some((key) => this.#items.find(socket.session.user.userId, key) !== undefined);
  }

  #onFrame(socket: DeskSocket, frame: ClientFrame): void {
    try {
      this.#dispatch(socket, frame);
    } catch (cause) {
      this.#options.log.error({ err: cause, frame: frame.type }, 'frame failed');
      socket.send({ type: 'refused', ...FAILED });
    }
  }

  #dispatch(socket: DeskSocket, frame: ClientFrame): void {
    switch (frame.type) {
      case 'follow':
      case 'resync':
        this.#follow(socket, frame.topic);
        return;
      case 'ping':
        socket.send({ type: 'pong', ref: frame.ref, at: this.#options.clock() });
        return;
      case 'pop-shown':
        this.#acks.confirm(socket.session.user.userId, asId<OfferId>(frame.offerId));
        return;
      default:
        void this.#carryOut(socket, frame);
    }
  }

  #follow(socket: DeskSocket, topic: Topic): void {
    const { role, userId } = socket.session.user;
    const isAllowed = topic === 'desk' ? role === 'agent' : role !== 'agent';
    if (!isAllowed) socket.send({ type: 'refused', code: 'ws.not-allowed', message: `${topic} is not for the role ${role}` });
    else if (topic === 'desk') socket.sendSnapshot('desk', this.#items.list(userId));
    else this.#wallboards.follow(socket);
  }

  /** Never rejects. */
  async #carryOut(socket: DeskSocket, frame: CommandFrame): Promise<void> {
    const { ref } = frame;
    const { role, userId } = socket.session.user;
    const underWay = this.#commandsUnderWay.get(socket) ?? 0;
    if (role !== 'agent') {
      socket.send({ type: 'refused', ref, code: 'ws.not-allowed', message: `${frame.type} is for agents` });
      return;
    }
    if (underWay >= this.#limits.maxCommandsUnderWay) {
      socket.send({ type: 'refused', ref, code: 'ws.busy', message: 'earlier requests are still under way' });
      return;
    }
    this.#commandsUnderWay.set(socket, underWay + 1);
    try {
      const reply = await carryOut(this.#options.desk, userId, frame);
      socket.send(reply.kind === 'done' ? { type: 'done', ref } : { type: 'refused', ref, code: reply.code, message: reply.message });
    } catch (cause) {
      this.#options.log.error({ agentId: userId, frame: frame.type, cause: describeError(cause) }, 'desk command failed');
      socket.send({ type: 'refused', ref, ...FAILED });
    } finally {
      this.#commandsUnderWay.set(socket, (this.#commandsUnderWay.get(socket) ?? 1) - 1);
    }
  }

  #socketsOf(userId: UserId): Iterable<DeskSocket> {
    return this.#socketsByUser.get(userId) ?? [];
  }

  /** A copy: closing a socket changes the sets. */
  #allSockets(): readonly DeskSocket[] {
    return [...this.#socketsByUser.values()].flatMap((sockets) => [...sockets]);
  }
}
