import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { delay } from '../../base/deadline.ts';
import type { Clock } from '../../base/time.ts';
import type { TrunkPeer } from '../../model/centre.ts';
import type { DigestExchange } from '../digest/digest-exchange.ts';
import type { SipStack } from '../drachtio/messages.ts';
import { ACCEPT } from '../headers/capabilities.ts';
import type { SipUri } from '../headers/request-uri.ts';
import { ask, type Reply } from './ask.ts';
import { judge, type CheckResult, type TargetHealth } from './target-health.ts';

/** What a {@link HealthWatch} works with. */
export interface HealthWatchOptions {
  readonly targets: readonly SipUri[];
  readonly peer: Pick<TrunkPeer, 'optionsIntervalMs'>;
  /** Answers the challenge of a target: many a far end shuts out who asks again and again without proof. */
  readonly exchangeWith: (target: SipUri) => DigestExchange | undefined;
  /** Hears from which address a target answers. */
  readonly onAnswered?: (address: string | undefined) => void;
  /** Host of our From. */
  readonly realm: string;
  readonly stack: () => SipStack | undefined;
  readonly clock: Clock;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
  /** 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

const ANSWER_DEADLINE_MS = 4_000;
/** Checks of several trunks drift apart instead of leaving together. */
const JITTER = 0.1;

/**
 * Watches the targets of one trunk with OPTIONS.
 * @remarks RFC 3261 §11; any final response but 408 and 503 says that somebody is there, as many gateways answer 404
 *   or 405 to an OPTIONS.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #health = new Map<SipUri, TargetHealth>();
  readonly #closing = new AbortController();

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    for (const target of options.targets) this.#health.set(target, { state: 'unknown', since: options.clock(), against: 0 });
  }

  /** Begins to ask; nothing happens for a trunk that is not to be watched. */
  start(): void {
    const { peer: { optionsIntervalMs }, onFault } = this.#options;
    if (optionsIntervalMs === undefined) return;
    for (const target of this.#health.keys()) this.#watch(target, optionsIntervalMs).catch(onFault);
  }

  stop(): void {
    this.#closing.abort();
  }

  healthOf(target: SipUri): TargetHealth | undefined {
    return this.#health.get(target);
  }

  /** The targets in the order in which to try them: those that are down come last, else as they are set up. */
  inOrder(): readonly SipUri[] {
    const isDown = (target: SipUri): boolean => this.#health.get(target)?.state === 'down';
    const targets = [...this.#health.keys()];
    return [...targets.filter((target) => !isDown(target)), ...targets.filter(isDown)];
  }

  async #watch(target: SipUri, intervalMs: number): Promise<void> {
    const { random = Math.random } = this.#options;
    const { signal } = this.#closing;
    do {
      const result = await this.#check(target);
      if (signal.aborted) return;
      if (result) this.#note(target, result);
    } while ((await delay(intervalMs * (1 + JITTER * (2 * random() - 1)), signal)) === 'elapsed');
  }

  /** @returns nothing when our own side is down: that says nothing of the target. */
  async #check(target: SipUri): Promise<CheckResult | undefined> {
    const { stack, clock, realm, exchangeWith, onAnswered } = this.#options;
    let askedAt = clock();
    const [tag, callId] = [randomBytes(8).toString('hex'), randomBytes(12).toString('hex')];
    let sequence = 0;
    const nextSequence = (): number => {
      askedAt = clock();
      return (sequence += 1);
    };
    const { result } = await ask(stack(), {
      method: 'OPTIONS', uri: target, proxy: target, deadlineMs: ANSWER_DEADLINE_MS, nextSequence,
      headers: { From: `<sip:ping@${realm}>;tag=${tag}`, To: `<${target}>`, 'Call-ID': callId, Contact: '<sip:ping@localhost>', Accept: ACCEPT },
    }, exchangeWith(target));
    if (result.kind === 'response') onAnswered?.(result.response.source_address);
    return resultOf(result, clock() - askedAt);
  }

  #note(target: SipUri, result: CheckResult): void {
    const before = this.#health.get(target);
    if (before === undefined) return;
    const after = judge(before, result, this.#options.clock());
    this.#health.set(target, after);
    if (after.state === before.state) return;
    const facts = { target, from: before.state, to: after.state, ...(after.state === 'down' ? { reason: after.reason } : {}) };
    if (after.state === 'down') this.#options.logger?.warn(facts, 'trunk target down');
    else this.#options.logger?.info(facts, 'trunk target up');
  }
}

function resultOf(reply: Reply, roundTripMs: number): CheckResult | undefined {
  if (reply.kind === 'silence') return reply.reason === 'signalling-lost' ? undefined : { kind: 'failed', reason: reply.reason };
  const { status } = reply.response;
  return status === 408 || status === 503 ? { kind: 'failed', reason: `sip-${status}` } : { kind: 'answered', roundTripMs };
}
