import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocket, type ClientOptions } from 'ws';
import type { ActiveSession, Sessions } from '../../server/access/ports.ts';
import { epochMs } from '../../server/base/time.ts';
import type { AgentDesk, DeskReply } from '../../server/call/desk.ts';
import type { User } from '../../server/model/centre.ts';
import { asId, type CallId, type OfferId, type QueueId, type TenantId } from '../../server/model/ids.ts';
import type { ScreenPop } from '../../server/model/screen-pop.ts';
import { parseServerFrame, type ClientFrame, type ServerFrame, type Topic } from '../../server/wire/frames.ts';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { TopicMirror } from '../../server/wire/topic-mirror.ts';
import { DeskHub, type DeskHubOptions } from '../../server/ws/desk-hub.ts';
import type { TopicListener, WallboardSource } from '../../server/ws/topic-source.ts';
import { HandClock } from '../access/hand-clock.ts';
import { EVERYBODY } from '../access/people.ts';

const DONE: DeskReply = { kind: 'done' };

/** Writes down what the hub asks for; answers what it is told to. */
export class FakeDesk implements AgentDesk {
  readonly asked: string[] = [];
  reply: () => Promise<DeskReply> = async () => DONE;
  #listeners: (() => void)[] = [];

  readonly signIn = (agentId: string): Promise<DeskReply> => this.#note(`${agentId} signIn`);
  readonly signOut = (agentId: string): Promise<DeskReply> => this.#note(`${agentId} signOut`);
  readonly goAvailable = (agentId: string): Promise<DeskReply> => this.#note(`${agentId} goAvailable`);
  readonly goOnBreak = (agentId: string, reason: string): Promise<DeskReply> => this.#note(`${agentId} goOnBreak ${reason}`);
  readonly hold = (agentId: string, callId: string, on: boolean): Promise<DeskReply> => this.#note(`${agentId} hold ${callId} ${on}`);
  readonly sendDigit = (agentId: string, callId: string, digit: string): Promise<DeskReply> => this.#note(`${agentId} sendDigit ${callId} ${digit}`);
  readonly completeWrapUp: AgentDesk['completeWrapUp'] = (agentId, callId, { disposition, note }) =>
    this.#note(`${agentId} completeWrapUp ${callId} ${disposition} ${note}`);

  /** Resolves once the hub has asked for this so many times. */
  async heard(what: string, times = 1): Promise<void> {
    while (this.asked.filter((asked) => asked === what).length < times) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  #note(what: string): Promise<DeskReply> {
    this.asked.push(what);
    for (const listener of this.#listeners.splice(0)) listener();
    return this.reply();
  }
}

/** A wallboard whose changes the test makes. */
export class FakeWallboard implements WallboardSource {
  readonly boards = new Map<TenantId, Map<string, LiveItem>>();
  readonly listeners = new Set<{ readonly tenantId: TenantId; readonly listener: TopicListener }>();

  snapshot(tenantId: TenantId): readonly LiveItem[] {
    return [...(this.boards.get(tenantId)?.values() ?? [])];
  }

  onDelta(tenantId: TenantId, listener: TopicListener): () => void {
    const entry = { tenantId, listener };
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  put(tenantId: TenantId, item: LiveItem): void {
    const board = this.boards.get(tenantId) ?? new Map<string, LiveItem>();
    this.boards.set(tenantId, board.set(item.key, item));
    for (const entry of this.listeners) if (entry.tenantId === tenantId) entry.listener([item], []);
  }
}

/** Sessions whose token is the user's name and a number, padded to a token's length. */
export class FakeSessions implements Pick<Sessions, 'resolve'> {
  expiresAt = epochMs(Number.MAX_SAFE_INTEGER);
  fault: Error | undefined;

  async resolve(token: string): Promise<ActiveSession | undefined> {
    if (this.fault) throw this.fault;
    const username = token.split('-', 1)[0];
    const user: User | undefined = EVERYBODY.find((candidate) => candidate.username === username);
    return user && { sessionId: token, user, expiresAt: this.expiresAt };
  }
}

/** The token that {@link FakeSessions} knows the user's n-th browser by. */
export const tokenOf = (username: string, n = 1): string => `${username}-${n}`.padEnd(43, '-');

/** One browser tab: what it received, in order, and its copies of the topics. */
export class Tab {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly desk = new TopicMirror();
  readonly wallboard = new TopicMirror();
  readonly closed: Promise<number>;
  /** How many of the next deltas this tab loses. */
  loses = 0;
  #listeners: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(data.toString('utf8')));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code: number) => resolve(code));
    });
    socket.on('error', () => socket.terminate());
  }

  send(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame of a type that satisfies the check, received already or to come. */
  async frame<T extends ServerFrame['type']>(type: T, check: (frame: Extract<ServerFrame, { type: T }>) => boolean = () => true): Promise<Extract<ServerFrame, { type: T }>> {
    for (;;) {
      const found = this.frames.find((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type && check(frame as Extract<ServerFrame, { type: T }>));
      if (found) return found;
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** Follows a topic and waits for its snapshot. */
  async follow(topic: Topic): Promise<void> {
    this.send({ type: 'follow', topic });
    await this.frame('snapshot', (frame) => frame.topic === topic);
  }

  /** Waits until everything that was sent to this tab so far has arrived. */
  async settle(): Promise<void> {
    const ref = 1_000_000 + this.frames.length;
    this.send({ type: 'ping', ref });
    await this.frame('pong', (frame) => frame.ref === ref);
  }

  #receive(text: string): void {
    const parsed = parseServerFrame(text);
    if (parsed.kind === 'invalid') throw new Error(parsed.message);
    const { frame } = parsed;
    if (frame.type === 'snapshot') this[frame.topic].snapshot(frame.seq, frame.items);
    if (frame.type === 'delta' && this.loses > 0) {
      this.loses -= 1;
      return;
    }
    if (frame.type === 'delta' && this[frame.topic].delta(frame.seq, frame.put, frame.drop) === 'gap') this.send({ type: 'resync', topic: frame.topic });
    this.frames.push(frame);
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** A hub behind a real HTTP server on an ephemeral port, with fakes behind it. */
export class HubRig {
  readonly clock = new HandClock();
  readonly desk = new FakeDesk();
  readonly wallboard = new FakeWallboard();
  readonly sessions = new FakeSessions();
  readonly tabs: Tab[] = [];
  readonly hub: DeskHub;
  readonly #server: Server;
  port = 0;

  constructor(options: Partial<DeskHubOptions> = {}) {
    this.hub = new DeskHub({
      sessions: this.sessions, desk: this.desk, wallboard: this.wallboard, clock: this.clock.read, log: pino({ level: 'silent' }), graceMs: 60_000, ...options,
    });
    this.#server = createServer();
    this.#server.on('upgrade', (request, socket, head) => this.hub.handleUpgrade(request, socket, head));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // A cast because a server on a port has such an address.
    this.port = (this.#server.address() as AddressInfo).port;
  }

  connect(username: string, options: ClientOptions & { readonly n?: number } = {}): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${this.port}/ws`, {
      origin: `http://127.0.0.1:${this.port}`, headers: { Cookie: `allo_session=${tokenOf(username, options.n)}` }, ...options,
    });
  }

  async tab(username: string, options: ClientOptions & { readonly n?: number } = {}): Promise<Tab> {
    const tab = new Tab(this.connect(username, options));
    this.tabs.push(tab);
    await once(tab.socket, 'open');
    return tab;
  }

  async stop(): Promise<void> {
    this.hub.close();
    for (const tab of this.tabs) tab.socket.terminate();
    await Promise.all(this.tabs.map(({ closed }) => closed));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** A pop as the call layer makes one. */
export const popOf = (offerId: string): ScreenPop => ({
  offerId: asId<OfferId>(offerId), callId: asId<CallId>('call-1'), calling: { kind: 'anonymous' }, match: { kind: 'none' }, language: 'fr',
  ivrPath: [], queueName: 'Claims', enqueuedAt: epochMs(1), waitedMs: 2_000, ringTimeoutMs: 20_000,
  receipt: {
    decidedAt: epochMs(1), snapshotHash: 'ab', policyVersion: 1, callId: asId<CallId>('call-1'), queueId: asId<QueueId>('queue-claims'), key: 0,
    headStart: { ms: 0, parts: [], policyVersion: 1 }, waitedMs: 2_000, waiting: 1, position: 1, candidates: [], excluded: [],
    chosen: asId('user-alice'), tieBreak: 'only-candidate',
  },
});

export const myState = (since: number): LiveItem => ({ kind: 'my-state', key: 'me', state: 'available', since });
