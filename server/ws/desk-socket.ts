import type { RawData, WebSocket } from 'ws';
import type { ActiveSession } from '../access/ports.ts';
import type { Clock } from '../base/time.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { CLOSE_CODES } from '../wire/close-codes.ts';
import { parseClientFrame, type ClientFrame, type ServerFrame, type Topic } from '../wire/frames.ts';
import type { LiveItem } from '../wire/live-item.ts';

/** The bounds of one browser's socket. */
export interface SocketLimits {
  /** Bytes that may still wait when the next frame comes; a browser with more is closed and comes back for a snapshot. */
  readonly maxBufferedBytes: number;
  /** Frames at once, and per second after that. */
  readonly framesAtOnce: number;
  readonly framesPerSecond: number;
  /** Invalid frames and frames too many at once, and per second after that; then the socket is closed. */
  readonly faultsAtOnce: number;
  readonly faultsPerSecond: number;
  /** Pings that may be unanswered: with the heartbeat, how soon a dead connection is noticed. */
  readonly maxUnansweredPings: number;
}

/** Who hears of one browser's socket. */
export interface DeskSocketHost {
  onFrame(socket: DeskSocket, frame: ClientFrame): void;
  onClosed(socket: DeskSocket): void;
}

/** One browser tab of one signed-in person: frames in, frames out, each bounded. */
export class DeskSocket {
  readonly session: ActiveSession;
  readonly #socket: WebSocket;
  readonly #limits: SocketLimits;
  readonly #frames: TokenBucket;
  readonly #faults: TokenBucket;
  /** The last sequence number of each topic that the browser follows. */
  readonly #sequences = new Map<Topic, number>();
  #unansweredPings = 0;
  #isClosing = false;
  #isSignedOut = false;

  constructor(socket: WebSocket, session: ActiveSession, options: { readonly limits: SocketLimits; readonly clock: Clock; readonly host: DeskSocketHost }) {
    const { limits, clock, host } = options;
    this.session = session;
    this.#socket = socket;
    this.#limits = limits;
    this.#frames = new TokenBucket({ capacity: limits.framesAtOnce, refillPerSecond: limits.framesPerSecond, clock });
    this.#faults = new TokenBucket({ capacity: limits.faultsAtOnce, refillPerSecond: limits.faultsPerSecond, clock });
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary, host));
    socket.on('pong', () => {
      this.#unansweredPings = 0;
    });
    // A frame that is no frame, or a reset: the library has begun to close, and `close` follows.
    socket.on('error', () => {
      this.#isClosing = true;
    });
    socket.on('close', () => host.onClosed(this));
  }

  /** Whether the person signed out, rather than the connection ending. */
  get isSignedOut(): boolean {
    return this.#isSignedOut;
  }

  /** Sends a whole topic; its deltas count on from here. */
  sendSnapshot(topic: Topic, items: readonly LiveItem[]): void {
    const seq = this.#sequences.get(topic) ?? 0;
    this.#sequences.set(topic, seq);
    this.send({ type: 'snapshot', topic, seq, items: [...items] });
  }

  /** Sends a change of a topic; nothing when the browser does not follow it. */
  sendDelta(topic: Topic, put: readonly LiveItem[], drop: readonly string[]): void {
    const seq = this.#sequences.get(topic);
    if (seq === undefined) return;
    this.#sequences.set(topic, seq + 1);
    this.send({ type: 'delta', topic, seq: seq + 1, put: [...put], drop: [...drop] });
  }

  send(frame: ServerFrame): void {
    if (this.#isClosing) return;
    // Looked at before, so that one large snapshot alone never counts as slowness.
    if (this.#socket.bufferedAmount > this.#limits.maxBufferedBytes) this.close(CLOSE_CODES.tooSlow, 'too slow');
    else this.#socket.send(JSON.stringify(frame));
  }

  /** Ends the session in this browser. */
  signOut(reason: string): void {
    if (this.#isClosing) return;
    this.#isSignedOut = true;
    this.send({ type: 'signed-out', reason });
    this.close(CLOSE_CODES.signedOut, 'signed out');
  }

  /** Starts the closing handshake; the next heartbeats cut the connection when it is not answered. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.close(code, reason);
  }

  /** Cuts the connection now. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  /** Asks whether the browser is still there, and cuts the connection when it has not said so lately. */
  beat(): void {
    if (this.#unansweredPings >= this.#limits.maxUnansweredPings) {
      this.terminate();
      return;
    }
    this.#unansweredPings += 1;
    if (!this.#isClosing) this.#socket.ping();
  }

  #receive(data: RawData, isBinary: boolean, host: DeskSocketHost): void {
    this.#unansweredPings = 0;
    if (this.#isClosing) return;
    if (!this.#frames.take()) {
      this.#fault('ws.too-many-frames', 'too many frames at once');
      return;
    }
    // A cast because `ws` hands over one Buffer unless told to do otherwise (`binaryType`).
    const parsed = isBinary ? { kind: 'invalid', message: 'a frame is text' } as const : parseClientFrame((data as Buffer).toString('utf8'));
    if (parsed.kind === 'invalid') this.#fault('ws.invalid-frame', parsed.message);
    else host.onFrame(this, parsed.frame);
  }

  #fault(code: string, message: string): void {
    this.send({ type: 'refused', code, message });
    if (!this.#faults.take()) this.close(CLOSE_CODES.policyViolation, 'too many faults');
  }
}
