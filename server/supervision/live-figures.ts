import type { EpochMs } from '../base/time.ts';
import type { AgentStateName, BreakReason } from '../model/agent-machine.ts';
import type { Queue, User } from '../model/centre.ts';
import { isCallEvent, type AgentStateChanged, type CallEvent, type CallEventOf, type DomainEvent } from '../model/events.ts';
import type { CallId, OfferId, QueueId, UserId } from '../model/ids.ts';
import type { AgentItem, QueueItem } from '../wire/live-item.ts';
import { countExit, NO_FIGURES, serviceLevelFormula, serviceLevelOf, type QueueFigures } from './queue-figures.ts';
import { dayOf, type Day } from './start-of-day.ts';

/** Whose figures are kept: the set-up of one tenant. */
export interface LiveFiguresOptions {
  readonly queues: readonly Queue[];
  /** Everybody who takes calls. */
  readonly agents: readonly User[];
  /** IANA name; "today" begins at midnight there. */
  readonly timeZone: string;
  readonly now: EpochMs;
}

interface AgentNow {
  readonly state: AgentStateName;
  readonly since: EpochMs;
  readonly breakReason?: BreakReason;
}

interface Stay {
  readonly queueId: QueueId;
  readonly enteredAt: EpochMs;
}

/** What is in progress for one call; forgotten when nothing is. */
interface OpenCall {
  stay?: Stay;
  readonly offers: Map<OfferId, QueueId>;
}

/**
 * Folds the events of one tenant into the wallboard. Holds counters by queue, one state by
 * agent, and the calls that wait or ring; whatever is over is forgotten.
 *
 * A stay counts on the day on which it began, and its end with it: `entered` is always
 * `answered + abandoned + ended otherwise + waiting since today`, and the facts since midnight
 * are enough to count it all again.
 */
export class LiveFigures {
  readonly #queues: ReadonlyMap<QueueId, Queue>;
  readonly #agents: ReadonlyMap<UserId, User>;
  readonly #timeZone: string;
  readonly #figures = new Map<QueueId, QueueFigures>();
  readonly #states = new Map<UserId, AgentNow>();
  readonly #calls = new Map<CallId, OpenCall>();
  #day: Day;

  constructor(options: LiveFiguresOptions) {
    this.#queues = new Map(options.queues.map((queue) => [queue.queueId, queue]));
    this.#agents = new Map(options.agents.map((agent) => [agent.userId, agent]));
    this.#timeZone = options.timeZone;
    this.#day = dayOf(options.now, options.timeZone);
    for (const agentId of this.#agents.keys()) this.#states.set(agentId, { state: 'offline', since: options.now });
  }

  /** The day that is counted. */
  get day(): Day {
    return this.#day;
  }

  /** How many calls are held at the moment: what memory grows with. */
  get openCalls(): number {
    return this.#calls.size;
  }

  /**
   * Folds one event; those of one call arrive in order, those of different calls in any.
   * @returns the keys of the items that changed.
   */
  apply(event: DomainEvent): readonly string[] {
    const midnight = this.rollTo(event.at);
    return [...midnight, ...(isCallEvent(event) ? this.#applyCall(event) : this.#applyAgent(event))];
  }

  /** Begins a new day when `now` is in one. @returns the keys of the items that changed. */
  rollTo(now: EpochMs): readonly string[] {
    if (now < this.#day.endsAt) return [];
    this.#day = dayOf(now, this.#timeZone);
    this.#figures.clear();
    return [...this.#queues.keys()].map(queueKey);
  }

  /** Every item, as of now. */
  items(): readonly (QueueItem | AgentItem)[] {
    const live = this.#liveByQueue();
    return [
      ...[...this.#queues.values()].map((queue) => this.#queueItem(queue, live.get(queue.queueId))),
      ...[...this.#agents.values()].map((agent) => this.#agentItem(agent)),
    ];
  }

  #applyCall(event: CallEvent): readonly string[] {
    switch (event.type) {
      case 'queue.entered': return this.#enter(event);
      case 'queue.left': return this.#leave(event);
      case 'offer.made': {
        const { queueId } = event.receipt;
        if (!this.#queues.has(queueId)) return [];
        this.#open(event.callId).offers.set(event.offerId, queueId);
        return [queueKey(queueId)];
      }
      case 'offer.ended': {
        const queueId = this.#calls.get(event.callId)?.offers.get(event.offerId);
        if (queueId === undefined) return [];
        this.#calls.get(event.callId)?.offers.delete(event.offerId);
        this.#forgetIfOver(event.callId);
        return [queueKey(queueId)];
      }
      case 'call.ended': return this.#end(event.callId);
      case 'call.received': case 'caller.identified': case 'call.answered':
      case 'ivr.entered': case 'ivr.stepped': case 'ivr.finished':
      case 'pop.sent': case 'bridge.started': case 'hold.started': case 'hold.ended': case 'bridge.ended':
      case 'wrap-up.started': case 'wrap-up.ended':
      case 'recording.started': case 'recording.skipped': case 'recording.paused': case 'recording.resumed': case 'recording.stopped':
        return [];
    }
  }

  #enter({ callId, queueId, at }: CallEventOf<'queue.entered'>): readonly string[] {
    if (!this.#queues.has(queueId)) return [];
    const call = this.#open(callId);
    const before = call.stay?.queueId;
    call.stay = { queueId, enteredAt: at };
    if (at >= this.#day.startsAt) this.#count(queueId, (figures) => ({ ...figures, entered: figures.entered + 1 }));
    return [queueKey(queueId), ...(before === undefined ? [] : [queueKey(before)])];
  }

  #leave({ callId, exit, at }: CallEventOf<'queue.left'>): readonly string[] {
    const call = this.#calls.get(callId);
    const stay = call?.stay;
    if (call === undefined || stay === undefined) return [];
    delete call.stay;
    this.#forgetIfOver(callId);
    const thresholdMs = this.#queues.get(stay.queueId)?.policy.serviceLevelThresholdMs ?? 0;
    if (stay.enteredAt >= this.#day.startsAt) {
      this.#count(stay.queueId, (figures) => countExit(figures, exit, at - stay.enteredAt, thresholdMs));
    }
    return [queueKey(stay.queueId)];
  }

  /** Nothing of a call outlives it, even if its own end was never told. */
  #end(callId: CallId): readonly string[] {
    const call = this.#calls.get(callId);
    if (call === undefined) return [];
    this.#calls.delete(callId);
    return [...new Set([...(call.stay ? [call.stay.queueId] : []), ...call.offers.values()])].map(queueKey);
  }

  #applyAgent({ agentId, to, at, breakReason }: AgentStateChanged): readonly string[] {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return [];
    this.#states.set(agentId, { state: to, since: at, ...(breakReason === undefined ? {} : { breakReason }) });
    return [agentKey(agentId), ...agent.queueIds.filter((queueId) => this.#queues.has(queueId)).map(queueKey)];
  }

  #count(queueId: QueueId, change: (figures: QueueFigures) => QueueFigures): void {
    this.#figures.set(queueId, change(this.#figures.get(queueId) ?? NO_FIGURES));
  }

  #open(callId: CallId): OpenCall {
    let call = this.#calls.get(callId);
    if (call === undefined) {
      call = { offers: new Map() };
      this.#calls.set(callId, call);
    }
    return call;
  }

  #forgetIfOver(callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call !== undefined && call.stay === undefined && call.offers.size === 0) this.#calls.delete(callId);
  }

  #liveByQueue(): ReadonlyMap<QueueId, LiveCounts> {
    const live = new Map<QueueId, LiveCounts>();
    const of = (queueId: QueueId): LiveCounts => live.get(queueId) ?? NOBODY;
    for (const { stay, offers } of this.#calls.values()) {
      if (stay !== undefined) {
        const counts = of(stay.queueId);
        live.set(stay.queueId, { ...counts, waiting: counts.waiting + 1, oldest: Math.min(counts.oldest, stay.enteredAt) });
      }
      for (const queueId of offers.values()) live.set(queueId, { ...of(queueId), offered: of(queueId).offered + 1 });
    }
    for (const [agentId, { state }] of this.#states) {
      if (state !== 'available') continue;
      for (const queueId of new Set(this.#agents.get(agentId)?.queueIds)) {
        live.set(queueId, { ...of(queueId), available: of(queueId).available + 1 });
      }
    }
    return live;
  }

  #queueItem(queue: Queue, { waiting, oldest, offered, available }: LiveCounts = NOBODY): QueueItem {
    const figures = this.#figures.get(queue.queueId) ?? NO_FIGURES;
    const serviceLevel = serviceLevelOf(figures);
    return {
      kind: 'queue', key: queueKey(queue.queueId), queueId: queue.queueId, name: queue.name,
      waiting, offered, agentsAvailable: available,
      ...(Number.isFinite(oldest) ? { oldestEnqueuedAt: oldest } : {}),
      enteredToday: figures.entered, answeredToday: figures.answered, abandonedToday: figures.abandoned,
      ...(serviceLevel === undefined ? {} : { serviceLevel }),
      serviceLevelFormula: serviceLevelFormula(queue.policy),
      serviceLevelTarget: queue.policy.serviceLevelTarget,
    };
  }

  #agentItem(agent: User): AgentItem {
    const now = this.#states.get(agent.userId) ?? { state: 'offline', since: this.#day.startsAt };
    return {
      kind: 'agent', key: agentKey(agent.userId), agentId: agent.userId, name: agent.displayName, ...now,
      queueNames: agent.queueIds.map((queueId) => this.#queues.get(queueId)?.name ?? queueId),
    };
  }
}

interface LiveCounts {
  /** In the queue and not answered yet, those who ring at an agent included. */
  readonly waiting: number;
  readonly oldest: number;
  readonly offered: number;
  readonly available: number;
}

const NOBODY: LiveCounts = { waiting: 0, oldest: Number.POSITIVE_INFINITY, offered: 0, available: 0 };
const queueKey = (queueId: QueueId): string => `queue:${queueId}`;
const agentKey = (agentId: UserId): string => `agent:${agentId}`;
