import { MachineRunner } from '../base/machine.ts';
import type { Clock, EpochMs } from '../base/time.ts';
import { AGENT_RULES, type AgentCommand, type AgentEvent, type AgentState } from '../model/agent-machine.ts';
import type { User } from '../model/centre.ts';
import type { AgentStateChanged } from '../model/events.ts';
import type { CallId, OfferId, UserId } from '../model/ids.ts';
import type { RoutingStore } from '../routing/ports.ts';
import type { DeskView } from './ports.ts';

/** What the roster tells the calls of the centre. */
export interface RosterListener {
  /** The agent's after-call work began. */
  wrapUpStarted(agentId: UserId, callId: CallId, deadlineAt: EpochMs): Promise<void>;
  /** It ended; exactly once per wrap-up. */
  wrapUpEnded(agentId: UserId, callId: CallId, how: 'completed' | 'timed-out' | 'signed-out'): Promise<void>;
  /** The agent left while an offer rang: ring no further. */
  offerWithdrawn(agentId: UserId, callId: CallId, offerId: OfferId): void;
  /** The agent is gone in mid-call, grace included: the customer needs somebody else. */
  agentLost(agentId: UserId, callId: CallId): void;
}

export interface AgentRosterOptions {
  readonly store: RoutingStore;
  readonly desk: DeskView;
  readonly clock: Clock;
  /** Writes the state change to the ledger. */
  readonly record: (event: AgentStateChanged) => Promise<void>;
  readonly onFault: (cause: unknown, what: string) => void;
}

type Runner = MachineRunner<AgentState, AgentEvent, AgentCommand>;

/** Runs one availability machine per agent, and shows each change to routing, ledger and screen. */
export class AgentRoster {
  readonly #options: AgentRosterOptions;
  readonly #agents = new Map<UserId, { user: User; runner: Runner; wrapUpTimer?: NodeJS.Timeout }>();
  #listener: RosterListener | undefined;

  constructor(options: AgentRosterOptions) {
    this.#options = options;
  }

  /** Joins the roster to the calls; once, before any agent signs in. */
  listen(listener: RosterListener): void {
    this.#listener = listener;
  }

  /** Every agent of the centre starts offline, known to routing, so that a receipt can say so. */
  async add(user: User): Promise<void> {
    const state: AgentState = { name: 'offline', since: this.#options.clock() };
    const runner: Runner = new MachineRunner(AGENT_RULES, state, {
      execute: (command) => this.#execute(user.userId, command),
      onTransition: (from, to) => this.#announce(user, from, to),
      onFault: (cause, command) => this.#options.onFault(cause, `agent command ${command.type}`),
    });
    this.#agents.set(user.userId, { user, runner });
    await this.#putInStore(user, state);
    this.#show(user.userId, state);
  }

  state(agentId: UserId): AgentState | undefined {
    return this.#agents.get(agentId)?.runner.state;
  }

  /**
   * Posts an event to one agent's machine.
   * @returns `refused` when it is not possible in the agent's state, or for an unknown agent.
   */
  async post(agentId: UserId, event: AgentEvent): Promise<'moved' | 'ignored' | 'refused'> {
    const agent = this.#agents.get(agentId);
    if (!agent) return 'refused';
    const before = agent.runner.state;
    try {
      const outcome = await agent.runner.post(event);
      await this.#putInStore(agent.user, agent.runner.state);
      if (event.type === 'sign-out' && before.name === 'on-call') this.#listener?.agentLost(agentId, before.callId);
      return outcome;
    } catch (cause) {
      if (isRefusal(cause)) return 'refused';
      throw cause;
    }
  }

  /** Stops every timer. */
  close(): void {
    for (const agent of this.#agents.values()) clearTimeout(agent.wrapUpTimer);
    this.#agents.clear();
  }

  #announce(user: User, from: AgentState, to: AgentState): void {
    this.#show(user.userId, to);
    if (from.name === to.name && from.since === to.since) return;
    const event: AgentStateChanged = {
      v: 1, type: 'agent.state-changed', tenantId: user.tenantId, agentId: user.userId, at: to.since,
      from: from.name, to: to.name,
      ...('reason' in to ? { breakReason: to.reason } : {}),
      ...('callId' in to ? { callId: to.callId } : {}),
    };
    this.#options.record(event).catch((cause: unknown) => this.#options.onFault(cause, 'recording an agent state'));
  }

  #show(agentId: UserId, state: AgentState): void {
    this.#options.desk.putItem(agentId, {
      kind: 'my-state', key: 'me', state: state.name, since: state.since,
      ...('reason' in state ? { breakReason: state.reason } : {}),
      ...('next' in state && state.next.name !== 'available' ? { next: state.next.name } : {}),
    });
  }

  async #putInStore(user: User, state: AgentState): Promise<void> {
    await this.#options.store.putAgent({
      agentId: user.userId, tenantId: user.tenantId, state: state.name, since: state.since,
      queueIds: user.queueIds, skills: user.skills, languages: user.languages,
    });
  }

  async #execute(agentId: UserId, command: AgentCommand): Promise<void> {
    const agent = this.#agents.get(agentId);
    if (!agent) return;
    switch (command.type) {
      case 'start-wrap-up-timer': {
        const delayMs = Math.max(0, command.deadlineAt - this.#options.clock());
        agent.wrapUpTimer = setTimeout(() => {
          const timeout = { type: 'wrap-up-timeout', at: this.#options.clock(), callId: command.callId } as const;
          this.post(agentId, timeout).catch((cause: unknown) => this.#options.onFault(cause, 'wrap-up timeout'));
        }, delayMs);
        this.#options.desk.putItem(agentId, { kind: 'my-wrap-up', key: 'wrap-up', callId: command.callId, deadlineAt: command.deadlineAt });
        await this.#listener?.wrapUpStarted(agentId, command.callId, command.deadlineAt);
        return;
      }
      case 'stop-wrap-up-timer':
        clearTimeout(agent.wrapUpTimer);
        delete agent.wrapUpTimer;
        return;
      case 'close-wrap-up':
        this.#options.desk.dropItem(agentId, 'wrap-up');
        this.#options.desk.dropItem(agentId, 'pop');
        await this.#listener?.wrapUpEnded(agentId, command.callId, command.how);
        return;
      case 'withdraw-offer':
        this.#listener?.offerWithdrawn(agentId, command.callId, command.offerId);
    }
  }
}

const isRefusal = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'base.event-refused';
