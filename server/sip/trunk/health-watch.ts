import type { Logger } from 'pino';
import { delay } from '../../base/deadline.ts';
import type { Clock } from '../../base/time.ts';
import type { TrunkPeer } from '../../model/centre.ts';
import type { SipStack } from '../drachtio/messages.ts';
import { ACCEPT } from '../headers/capabilities.ts';
import { ask, type Reply } from './ask.ts';
import { judge, type CheckResult, type TargetHealth } from './target-health.ts';

/** What a {@link HealthWatch} works with. */
export interface HealthWatchOptions {
  readonly peer: Pick<TrunkPeer, 'targets' | 'optionsIntervalMs'>;
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
  readonly #health = new Map<string, TargetHealth>();
  readonly #closing = new AbortController();

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    for (const target of options.peer.targets) this.#health.set(target, { state: 'unknown', since: options.clock(), against: 0 });
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

  healthOf(target: string): TargetHealth | undefined {
    return this.#health.get(target);
  }

  /** The targets in the order in which to try them: those that are down come last, else as they are set up. */
  inOrder(): readonly string[] {
    const isDown = (target: string): boolean => this.#health.get(target)?.state === 'down';
    const targets = [...this.#health.keys()];
    return [...targets.filter((target) => !isDown(target)), ...targets.filter(isDown)];
  }

  async #watch(target: string, intervalMs: number): Promise<void> {
    const { random = Math.random } = this.#options;
    const { signal } = this.#closing;
    do {
      const result = await this.#check(target);
      if (signal.aborted) return;
      if (result) this.#note(target, result);
    } while ((await delay(intervalMs * (1 + JITTER * (2 * random() - 1)), signal)) === 'elapsed');
  }

  /** @returns nothing when our own side is down: that says nothing of the target. */
  async #check(target: string): Promise<CheckResult | undefined> {
    const { stack, clock, realm } = this.#options;
    const before = clock();
    const reply = await ask(stack(), {
      method: 'OPTIONS', uri: target, proxy: target, deadlineMs: ANSWER_DEADLINE_MS,
      headers: { From: `<sip:ping@${realm}>`, To: `<${target}>`, Contact: '<sip:ping@localhost>', Accept: ACCEPT },
    });
    return resultOf(reply, clock() - before);
  }

  #note(target: string, result: CheckResult): void {
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
