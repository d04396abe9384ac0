import { delay } from '../../../server/base/deadline.ts';
import { epochMs, type EpochMs, type Milliseconds } from '../../../server/base/time.ts';
import type { CallServices, IvrRequest } from '../../../server/call/call-services.ts';
import { AgentRoster } from '../../../server/call/agent-roster.ts';
import { CallCentre } from '../../../server/call/call-centre.ts';
import { TrunkTable } from '../../../server/call/find-trunk.ts';
import type { DeclaredPolicy } from '../../../server/call/recording/ports.ts';
import type { AgentInvitation, AgentScreens, CentreDirectory, DeskView, InvitationOutcome, Signalling } from '../../../server/call/ports.ts';
import type { CustomerDirectory } from '../../../server/crm/ports.ts';
import type { IvrOutcome } from '../../../server/ivr/run-flow.ts';
import type { Queue, QueuePolicy, Trunk, User } from '../../../server/model/centre.ts';
import type { CustomerFile, CustomerSummary } from '../../../server/model/customer-file.ts';
import type { AgentStateChanged, CallFact, CallEventType } from '../../../server/model/events.ts';
import { asId, type CallId, type CustomerId, type QueueId, type TenantId, type TrunkId, type UserId } from '../../../server/model/ids.ts';
import type { ScreenPop } from '../../../server/model/screen-pop.ts';
import { Dispatcher } from '../../../server/routing/dispatcher.ts';
import { MemoryRoutingStore } from '../../../server/routing/memory-routing-store.ts';
import type { LiveItem } from '../../../server/wire/live-item.ts';
import { deferred, FakeMedia } from './fake-legs.ts';
import { FakeRecorder } from './fake-recorder.ts';

export const TENANT = asId<TenantId>('t1');
export const CLAIMS = asId<QueueId>('q-claims');
export const ALICE = asId<UserId>('alice');
export const BILAL = asId<UserId>('bilal');

const POLICY: QueuePolicy = {
  version: 1, headStartMsByTier: { platinum: 120_000, gold: 60_000, silver: 20_000, bronze: 0 }, churnHeadStartMs: 0,
  maxHeadStartMs: 120_000, ringTimeoutMs: 20_000, declineBackoffMs: 10_000, wrapUpMs: 30_000,
  serviceLevelThresholdMs: 20_000, serviceLevelTarget: 0.8,
};

const QUEUE: Queue = { queueId: CLAIMS, tenantId: TENANT, key: 'claims', name: 'Claims', policy: POLICY };
const TRUNK: Trunk = {
  trunkId: asId<TrunkId>('loopback'), tenantId: TENANT, name: 'Loopback', kind: 'sip', addresses: ['127.0.0.0/8'], region: 'DZ', trustsAssertedIdentity: true,
  media: { codecs: ['G722', 'PCMA'], srtp: 'optional' },
};

export const agent = (userId: UserId): User => ({
  userId, tenantId: TENANT, username: userId, displayName: userId, role: 'agent', languages: ['fr', 'ar', 'en'], skills: {}, queueIds: [CLAIMS],
});

export const customer = (id: string, more: Partial<CustomerSummary> = {}): CustomerSummary => ({
  customerId: asId<CustomerId>(id), displayName: id, tier: 'bronze', valueScore: 10, churnLight: 'green', hasOpenCase: false, hasActiveContract: true, ...more,
});

/** What happened, in the order in which it could be seen from outside. */
export type Trace = string[];

/** What a test changes of the centre. */
export interface FakeCentreOptions {
  readonly maxCalls?: number;
  /** How long the next write, ring or negotiation takes; nothing takes time when absent. */
  readonly latencyMs?: () => Milliseconds;
  readonly recordingPolicies?: readonly DeclaredPolicy[];
}

/** A whole centre with fakes at its edges: real story, roster, router and dispatcher. */
export class FakeCentre {
  readonly trace: Trace = [];
  readonly facts: { callId: CallId; fact: CallFact }[] = [];
  readonly faults: string[] = [];
  readonly agentEvents: AgentStateChanged[] = [];
  readonly media: FakeMedia;
  readonly recorder = new FakeRecorder();
  readonly items = new Map<string, LiveItem>();
  readonly pops: ScreenPop[] = [];
  readonly customers = new Map<string, CustomerSummary[]>();
  /** Rings in progress: a test answers them. */
  readonly rings: { invitation: AgentInvitation; signal: AbortSignal; conclude: (outcome: InvitationOutcome) => void; isOver: () => boolean }[] = [];
  readonly store = new MemoryRoutingStore();
  readonly roster: AgentRoster;
  readonly centre: CallCentre;
  readonly #dispatcher: Dispatcher;
  readonly #sequences = new Map<TrunkId, number>();
  readonly #latencyMs: () => Milliseconds;
  #ledgerLine: Promise<unknown> = Promise.resolve();
  ivr: (request: IvrRequest, signal: AbortSignal) => Promise<IvrOutcome> = async () => ({
    kind: 'queue', queueKey: 'claims', intent: 'claim', language: 'fr', path: [],
  });
  ledgerFault: Error | undefined;
  /** Holds every record back until it resolves. */
  ledgerGate: Promise<void> = Promise.resolve();
  directoryDelay: Promise<void> = Promise.resolve();
  /** Whether the files of customers say that they may be recorded; a fault makes them unreadable. */
  recordingConsent: boolean | Error = true;
  /** What the centre's set-up fails with when a number is looked up. */
  setUpFault: Error | undefined;
  popOutcome: 'shown' | 'sent' | 'nobody' = 'shown';

  constructor({ maxCalls = 3, latencyMs = () => 0, recordingPolicies = [] }: FakeCentreOptions = {}) {
    this.#latencyMs = latencyMs;
    this.media = new FakeMedia(() => this.#pass());
    const clock = (): EpochMs => epochMs(Date.now());
    const queues = new Map([[CLAIMS, QUEUE]]);
    const onFault = (cause: unknown, what: string): void => { this.faults.push(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`); };
    const desk: DeskView = {
      putItem: (agentId, item) => this.items.set(`${agentId}/${item.key}`, item),
      dropItem: (agentId, key) => this.items.delete(`${agentId}/${key}`),
    };
    this.#dispatcher = new Dispatcher({ store: this.store, policies: () => new Map([[CLAIMS, POLICY]]), clock, onFault: (cause) => onFault(cause, 'dispatcher') });
    this.roster = new AgentRoster({ store: this.store, desk, clock, record: async (event) => { this.agentEvents.push(event); }, onFault });
    const services: CallServices = {
      clock,
      limits: { lookUpDeadlineMs: 150, fileDeadlineMs: 500, popAckTimeoutMs: 250, maxCalls },
      trunks: new TrunkTable([TRUNK]),
      centre: this.#centreDirectory(),
      queues,
      directory: this.#directory(),
      signalling: this.#signalling(),
      media: this.media,
      recorder: this.recorder,
      recordingPolicies,
      screens: this.#screens(),
      desk,
      roster: this.roster,
      openRecorder: (_tenantId, callId) => ({
        record: (fact) => this.#write(callId, fact),
      }),
      numberCall: async (trunkId, record) => {
        const next = (this.#sequences.get(trunkId) ?? 0) + 1;
        await record(next);
        this.#sequences.set(trunkId, next);
      },
      runIvr: (request, signal) => this.ivr(request, signal),
      enterQueue: (entry) => this.#dispatcher.enter(entry),
      onFault,
    };
    this.centre = new CallCentre(services);
  }

  /** An agent signs in with her softphone and takes calls. */
  async staff(agentId: UserId): Promise<void> {
    await this.roster.add(agent(agentId));
    await this.centre.signIn(agentId);
    await this.centre.goAvailable(agentId);
  }

  types(): CallEventType[] {
    return this.facts.map(({ fact }) => fact.type);
  }

  fact<T extends CallEventType>(type: T): Extract<CallFact, { type: T }> {
    const found = this.facts.find(({ fact }) => fact.type === type)?.fact;
    if (found?.type !== type) throw new Error(`no ${type} in ${this.types().join(', ')}`);
    // A cast because TypeScript does not narrow a generic by the comparison above.
    return found as Extract<CallFact, { type: T }>;
  }

  close(): void {
    this.#dispatcher.close();
    this.roster.close();
  }

  /** Waits as long as the next thing takes. */
  async #pass(): Promise<void> {
    const ms = this.#latencyMs();
    if (ms > 0) await delay(ms);
  }

  /** One after the other, as the ledger writes: what was handed in first is durable first. */
  #write(callId: CallId, fact: CallFact): Promise<void> {
    const turn = this.#ledgerLine.then(async () => {
      await this.#pass();
      await this.ledgerGate;
      if (this.ledgerFault) throw this.ledgerFault;
      this.facts.push({ callId, fact });
      this.trace.push(fact.type);
    });
    this.#ledgerLine = turn.catch(() => undefined);
    return turn;
  }

  #directory(): CustomerDirectory {
    return {
      findByPhone: async (_tenantId, number) => {
        await this.directoryDelay;
        return this.customers.get(number) ?? [];
      },
      loadFile: async (_tenantId, customerId): Promise<CustomerFile | undefined> => {
        if (this.recordingConsent instanceof Error) throw this.recordingConsent;
        const recording = this.recordingConsent;
        const found = [...this.customers.values()].flat().find((one) => one.customerId === customerId);
        return found && {
          ...found, numbers: [], tierReason: '', contracts: [], cases: [], invoices: [], orders: [], tasks: [],
          consent: { recording, marketing: false, optedOutChannels: [] }, customFields: {}, timeline: [],
        };
      },
      search: async () => [],
    };
  }

  #centreDirectory(): CentreDirectory {
    return {
      listTrunks: async () => [TRUNK],
      findEntryPoint: async (tenantId, dialled) => {
        if (this.setUpFault) throw this.setUpFault;
        return dialled === '1000' ? { tenantId, number: '1000', name: 'Main', flowId: 'main-menu' } : undefined;
      },
      listEntryPoints: async (tenantId) => [{ tenantId, number: '1000', name: 'Main', flowId: 'main-menu' }],
      listQueues: async () => [QUEUE],
      listUsers: async () => [agent(ALICE), agent(BILAL)],
      listDispositions: async () => [{ code: 'claim-opened', label: { fr: 'Sinistre', ar: 'مطالبة', en: 'Claim' } }],
    };
  }

  #signalling(): Signalling {
    return {
      isRegistered: () => true,
      inviteAgent: (invitation, signal) => {
        this.trace.push(`invite ${invitation.agentId}`);
        const outcome = deferred<InvitationOutcome>();
        let isOver = false;
        const conclude = (how: InvitationOutcome): void => {
          isOver = true;
          clearTimeout(timer);
          outcome.resolve(how);
        };
        const timer = setTimeout(() => conclude({ kind: 'timeout' }), invitation.ringTimeoutMs);
        if (signal.aborted) conclude({ kind: 'rescinded' });
        signal.addEventListener('abort', () => conclude({ kind: 'rescinded' }), { once: true });
        this.rings.push({ invitation, signal, conclude, isOver: () => isOver });
        return outcome.promise;
      },
    };
  }

  #screens(): AgentScreens {
    return {
      pop: async (agentId, pop) => {
        this.trace.push(`pop ${agentId}`);
        this.pops.push(pop);
        await this.#pass();
        return this.popOutcome;
      },
      retract: (agentId) => { this.trace.push(`retract ${agentId}`); },
    };
  }
}
