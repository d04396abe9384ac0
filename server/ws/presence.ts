import type { Logger } from 'pino';
import { describeError } from '../base/app-error.ts';
import type { Milliseconds } from '../base/time.ts';
import type { AgentDesk, DeskReply } from '../call/desk.ts';
import type { UserId } from '../model/ids.ts';

/** What {@link Presence} needs. */
export interface PresenceOptions {
  readonly desk: Pick<AgentDesk, 'signIn' | 'signOut'>;
  /** How long an agent without a browser stays signed in. */
  readonly graceMs: Milliseconds;
  readonly log: Logger;
}

/**
 * Which agents are at their desks.
 *
 *   away -> (first browser) -> present -> (last browser gone) -> leaving -> (grace over) -> away
 *                                 +------- (a browser again) -------+
 *
 * A reload or a change of network is not a departure: within the grace period nothing is said
 * to the desk, so that what she chose for after the call still holds.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #browsers = new Map<UserId, number>();
  readonly #leaving = new Map<UserId, NodeJS.Timeout>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Whether the agent has a browser, or may be back in a moment. */
  isHere(agentId: UserId): boolean {
    return this.#browsers.has(agentId) || this.#leaving.has(agentId);
  }

  /** One more browser of hers is connected. */
  arrive(agentId: UserId): void {
    const count = this.#browsers.get(agentId) ?? 0;
    this.#browsers.set(agentId, count + 1);
    if (count > 0 || this.#cancelLeaving(agentId)) return;
    this.#tell(agentId, 'signIn');
  }

  /** One browser of hers is gone. @param isFinal - she signed out: there is nothing to wait for. */
  leave(agentId: UserId, isFinal: boolean): void {
    const count = (this.#browsers.get(agentId) ?? 1) - 1;
    if (count > 0) {
      this.#browsers.set(agentId, count);
      return;
    }
    this.#browsers.delete(agentId);
    if (isFinal) {
      this.#tell(agentId, 'signOut');
      return;
    }
    this.#leaving.set(agentId, setTimeout(() => {
      this.#leaving.delete(agentId);
      this.#tell(agentId, 'signOut');
    }, this.#options.graceMs));
  }

  /** Stops every timer; says nothing to the desk. */
  close(): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    this.#browsers.clear();
  }

  #cancelLeaving(agentId: UserId): boolean {
    clearTimeout(this.#leaving.get(agentId));
    return this.#leaving.delete(agentId);
  }

  #tell(agentId: UserId, what: 'signIn' | 'signOut'): void {
    const { desk, log } = this.#options;
    const note = (reply: DeskReply): void => {
      if (reply.kind === 'refused') log.warn({ agentId, code: reply.code }, `desk refused ${what}`);
    };
    desk[what](agentId).then(note, (cause: unknown) => log.error({ agentId, cause: describeError(cause) }, `${what} failed`));
  }
}
