import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { delay } from '../../base/deadline.ts';
import { epochMs, type Clock, type EpochMs, type Milliseconds } from '../../base/time.ts';
import type { TrunkPeer } from '../../model/centre.ts';
import type { TrunkId } from '../../model/ids.ts';
import type { Account } from '../digest/digest-account.ts';
import type { DigestExchange } from '../digest/digest-exchange.ts';
import type { SipStack } from '../drachtio/messages.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { sipUri, type SipUri } from '../headers/request-uri.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import { ask } from './ask.ts';
import { readRegisterReply, type RegisterReply } from './register-reply.ts';
import { refreshDelay, retryDelay } from './register-schedule.ts';

/** How a registration stands, for the status page. */
export interface RegistrationStatus {
  readonly state: 'registering' | 'registered' | 'failed' | 'stopped';
  /** The registrar that took it last. */
  readonly target?: string;
  readonly registeredSince?: EpochMs;
  readonly expiresAt?: EpochMs;
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly lastFailure?: { readonly at: EpochMs; readonly reason: string };
  readonly nextAttemptAt?: EpochMs;
}

/** A registration that holds now. */
export interface LiveRegistration {
  readonly target: SipUri;
  readonly address: string | undefined;
  readonly serviceRoute: string | undefined;
  readonly since: EpochMs;
  readonly expiresAt: EpochMs;
}

/** What a {@link TrunkRegistration} works with. */
export interface TrunkRegistrationOptions {
  readonly trunkId: TrunkId;
  readonly peer: Pick<TrunkPeer, 'domain'>;
  readonly account: Account;
  /** Answers the challenges of a registrar. */
  readonly exchangeWith: (target: SipUri) => DigestExchange | undefined;
  /** Hears from which address a registrar answered. */
  readonly onAnswered?: (address: string | undefined) => void;
  /** Seconds to ask for. */
  readonly expiresS: number;
  /** Registrars in the order in which to try them. */
  readonly order: () => readonly SipUri[];
  readonly stack: () => SipStack | undefined;
  readonly clock: Clock;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
  /** 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

/** How an attempt over all registrars ended. */
type Attempt =
  | { readonly kind: 'registered'; readonly live: LiveRegistration; readonly grantedMs: Milliseconds }
  | { readonly kind: 'failed'; readonly isRefused: boolean; readonly reason: string; readonly retryAfterMs?: Milliseconds };

const ANSWER_DEADLINE_MS = 5_000;
const GOODBYE_DEADLINE_MS = 1_500;
/** A 423 that asks for more and more is a quarrel. */
const MAX_ROUNDS = 4;

/**
 * Keeps one trunk registered at a carrier or a PBX.
 * @remarks RFC 3261 §10.2: one Call-ID and rising CSeq (§10.2.4), 423 (§10.2.8), digest (§22); the registrar that
 *   works is kept, the next is tried when it cannot be reached. The contact has a `line` parameter that only the
 *   registrar learns, which tells calls for this trunk from others, also after a restart.
 */
export class TrunkRegistration {
  readonly trunkId: TrunkId;
  readonly line: string;
  readonly #options: TrunkRegistrationOptions;
  readonly #callId = randomBytes(12).toString('hex');
  readonly #fromTag = randomBytes(8).toString('hex');
  readonly #closing = new AbortController();
  #wakeUp = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #cseq = 0;
  #expiresS: number;
  #live: LiveRegistration | undefined;
  /** The registrar that is being asked: it may have said yes when we stop. */
  #asking: SipUri | undefined;
  #status: RegistrationStatus = { state: 'stopped', failures: 0 };

  constructor(options: TrunkRegistrationOptions) {
    this.trunkId = options.trunkId;
    this.#options = options;
    this.#expiresS = options.expiresS;
    const { username, password } = options.account;
    this.line = createHash('sha256').update(JSON.stringify([options.trunkId, username, password])).digest('hex').slice(0, 24);
  }

  get status(): RegistrationStatus {
    const hasExpired = this.#status.state === 'registered' && this.live === undefined;
    if (!hasExpired) return this.#status;
    const { failures, lastFailure, nextAttemptAt } = this.#status;
    return { state: 'failed', failures, ...(lastFailure ? { lastFailure } : {}), ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }) };
  }

  get username(): string {
    return this.#options.account.username;
  }

  /** The registration that holds at this moment, if any. */
  get live(): LiveRegistration | undefined {
    return this.#live !== undefined && this.#live.expiresAt > this.#options.clock() ? this.#live : undefined;
  }

  start(): void {
    this.#status = { state: 'registering', failures: 0 };
    this.#running = this.#run().catch(this.#options.onFault);
  }

  /** Tries again at once: the SIP server is back. */
  wake(): void {
    this.#wakeUp.abort();
  }

  /** Unregisters and stops; idempotent. Never rejects, and takes {@link GOODBYE_DEADLINE_MS} at most for each of two messages. */
  async stop(): Promise<void> {
    if (this.#closing.signal.aborted) return this.#running;
    this.#closing.abort();
    this.wake();
    await this.#running;
    const target = this.#asking ?? this.live?.target;
    this.#live = undefined;
    this.#status = { state: 'stopped', failures: 0 };
    if (target !== undefined) await this.#exchange(target, { expiresS: 0, deadlineMs: GOODBYE_DEADLINE_MS });
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted;) {
      const attempt = await this.#attempt();
      if (this.#closing.signal.aborted) return;
      failures = attempt.kind === 'registered' ? 0 : failures + 1;
      const waitMs = this.#waitAfter(attempt, failures);
      this.#note(attempt, { failures, waitMs });
      this.#wakeUp = new AbortController();
      await delay(waitMs, this.#wakeUp.signal);
    }
  }

  #waitAfter(attempt: Attempt, failures: number): Milliseconds {
    const { random = Math.random } = this.#options;
    if (attempt.kind === 'registered') return refreshDelay(attempt.grantedMs, random());
    return retryDelay(attempt, failures, random());
  }

  /** The registrar that works first, then the others in turn. */
  async #attempt(): Promise<Attempt> {
    const working = this.live?.target;
    const targets = [...new Set([...working === undefined ? [] : [working], ...this.#options.order()])];
    let last: Attempt = { kind: 'failed', isRefused: false, reason: 'no-target' };
    for (const target of targets) {
      if (this.#closing.signal.aborted) return last;
      this.#asking = target;
      const reply = await this.#exchange(target, { expiresS: this.#expiresS, deadlineMs: ANSWER_DEADLINE_MS, signal: this.#closing.signal });
      if (this.#closing.signal.aborted) return last;
      this.#asking = undefined;
      if (reply.kind === 'registered') return this.#registered(target, reply);
      last = { ...reply, kind: 'failed', isRefused: reply.kind === 'refused' };
      if (reply.kind === 'refused') return last;
    }
    return last;
  }

  #registered(target: SipUri, { grantedS, address, serviceRoute }: Extract<RegisterReply, { kind: 'registered' }>): Attempt {
    const now = this.#options.clock();
    this.#options.onAnswered?.(address);
    const grantedMs = grantedS * 1000;
    if (grantedMs === 0) return { kind: 'failed', isRefused: false, reason: 'not-kept' };
    const since = this.live?.since ?? now;
    return { kind: 'registered', grantedMs, live: { target, address, serviceRoute, since, expiresAt: epochMs(now + grantedMs) } };
  }

  /** One REGISTER with what its registrar asks for: credentials, a longer time. */
  async #exchange(
    target: SipUri, of: { readonly expiresS: number; readonly deadlineMs: Milliseconds; readonly signal?: AbortSignal },
  ): Promise<Extract<RegisterReply, { kind: 'registered' | 'refused' | 'unreachable' }>> {
    let { expiresS } = of;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const reply = await this.#send(target, { ...of, expiresS });
      if (reply.kind !== 'too-brief') return reply;
      expiresS = reply.minExpiresS;
      this.#expiresS = expiresS;
    }
    return { kind: 'unreachable', reason: 'no-agreement' };
  }

  async #send(
    target: SipUri, { expiresS, ...waiting }: { readonly expiresS: number; readonly deadlineMs: Milliseconds; readonly signal?: AbortSignal },
  ): Promise<RegisterReply> {
    const { account: { username }, peer, stack, exchangeWith } = this.#options;
    const domain = peer.domain ?? parseAddress(target).host;
    const aor = `<sip:${username}@${domain}>`;
    const answered = await ask(stack(), {
      method: 'REGISTER', uri: sipUri(`sip:${domain}`), proxy: target, ...waiting, nextSequence: () => (this.#cseq += 1),
      headers: {
        From: `${aor};tag=${this.#fromTag}`, To: aor, 'Call-ID': this.#callId,
        Contact: `<sip:${username}@localhost;line=${this.line}>`, Expires: String(expiresS), Allow: ALLOW,
      },
    }, exchangeWith(target));
    return readRegisterReply(answered, { line: this.line, expiresS });
  }

  #note(attempt: Attempt, { failures, waitMs }: { readonly failures: number; readonly waitMs: Milliseconds }): void {
    const { clock, logger, trunkId } = this.#options;
    const now = clock();
    const nextAttemptAt = epochMs(now + waitMs);
    const { lastFailure } = this.#status;
    if (attempt.kind === 'registered') {
      const isNew = this.status.state !== 'registered' || this.#live?.target !== attempt.live.target;
      this.#live = attempt.live;
      const { target, since, expiresAt } = attempt.live;
      this.#status = { state: 'registered', target, registeredSince: since, expiresAt, failures, nextAttemptAt, ...(lastFailure ? { lastFailure } : {}) };
      if (isNew) logger?.info({ trunkId, target }, 'trunk registered');
      return;
    }
    const { live } = this;
    this.#status = {
      // A registration that could not be refreshed still holds until it expires.
      ...(live === undefined ? { state: 'failed' } : { state: 'registered', target: live.target, registeredSince: live.since, expiresAt: live.expiresAt }),
      failures, nextAttemptAt, lastFailure: { at: now, reason: attempt.reason },
    };
    logger?.warn({ trunkId, reason: attempt.reason, failures, nextAttemptMs: Math.round(waitMs) }, 'trunk not registered');
  }
}
