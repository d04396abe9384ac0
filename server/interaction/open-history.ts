import { join } from 'node:path';
import { withDeadline } from '../base/deadline.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import type { CallId, TenantId, TrunkId } from '../model/ids.ts';
import { DeadLetters, type DeadLetter } from './dead-letters.ts';
import { EventLog } from './event-log.ts';
import { Heartbeat, readLastAlive } from './ledger/heartbeat.ts';
import { Ledger } from './ledger/ledger.ts';
import type { CloseRecording, InteractionStore } from './ports.ts';
import { Projector } from './projector.ts';
import { proveLedger, type LedgerProof } from './prove.ts';
import { CallRecorder } from './record-call.ts';
import { recoverOpenCalls } from './recover.ts';
import { TrunkSequence } from './trunk-sequence.ts';

/** Where the ledger of a data directory is. */
export const ledgerDirectoryOf = (dataDirectory: string): string => join(dataDirectory, 'ledger');

/** What the history of a node is made of. */
export interface HistoryOptions {
  readonly dataDirectory: string;
  readonly store: InteractionStore;
  /** Whose trunks are numbered: all tenants of the installation. */
  readonly tenantIds: readonly TenantId[];
  readonly clock: Clock;
  readonly onFault: (cause: unknown, what: string) => void;
  readonly segmentBytes?: number;
  /** Absent where nothing is recorded. */
  readonly closeRecording?: CloseRecording;
}

/** How long the end of the process waits for the history to catch up; the rest is projected at the next start. */
const SETTLE_LIMIT_MS: Milliseconds = 5000;

/** The ledger, the history and the call numbers of one node, joined and ready for calls. */
export class CallHistory {
  readonly log: EventLog;
  readonly trunkSequence: TrunkSequence;
  /** Calls that the process before this one left open, closed at this start. */
  readonly interrupted: readonly CallId[];
  readonly #options: HistoryOptions;
  readonly #ledger: Ledger;
  readonly #deadLetters: DeadLetters;
  readonly #projector: Projector;
  readonly #heartbeat: Heartbeat;
  #closed: Promise<void> | undefined;

  private constructor(options: HistoryOptions, parts: {
    readonly ledger: Ledger; readonly log: EventLog; readonly deadLetters: DeadLetters; readonly projector: Projector;
    readonly heartbeat: Heartbeat; readonly trunkSequence: TrunkSequence; readonly interrupted: readonly CallId[];
  }) {
    this.#options = options;
    this.#ledger = parts.ledger;
    this.#deadLetters = parts.deadLetters;
    this.#projector = parts.projector;
    this.#heartbeat = parts.heartbeat;
    this.log = parts.log;
    this.trunkSequence = parts.trunkSequence;
    this.interrupted = parts.interrupted;
  }

  /**
   * Opens the ledger, brings the history up to date, closes what an earlier process left open,
   * restores the call numbers, and starts the heartbeat: in this order, so that killing it
   * anywhere leaves a state from which the same steps lead on.
   * @throws AppError of the ledger (`ledger.…`), the store (`db.…`), or `interaction.ledger-behind`.
   */
  static async open(options: HistoryOptions): Promise<CallHistory> {
    const { store, clock, onFault, closeRecording } = options;
    const directory = ledgerDirectoryOf(options.dataDirectory);
    const ledger = await Ledger.open({ directory, onFault, ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }) });
    const log = new EventLog({ ledger, onFault });
    const deadLetters = new DeadLetters(directory);
    const projector = new Projector({ ledger, log, store, deadLetters, clock, onFault });
    try {
      const lastHeartbeatAt = await readLastAlive(directory);
      await projector.start();
      await projector.settled();
      const interrupted = await recoverOpenCalls({ store, log, lastHeartbeatAt, ...(closeRecording === undefined ? {} : { closeRecording }) });
      await projector.settled();
      const trunkSequence = new TrunkSequence(await highestNumbers(options, await deadLetters.list()));
      const heartbeat = await Heartbeat.start({ directory, clock, onFault });
      return new CallHistory(options, { ledger, log, deadLetters, projector, heartbeat, trunkSequence, interrupted });
    } catch (cause) {
      await projector.close();
      await ledger.close();
      throw cause;
    }
  }

  /** The recorder of a new call. */
  openRecorder(tenantId: TenantId, callId: CallId): CallRecorder {
    return new CallRecorder({ tenantId, callId, log: this.log, clock: this.#options.clock });
  }

  /** Waits until everything durable is in the history. @throws AppError `interaction.projector-closed`. */
  settled(): Promise<void> {
    return this.#projector.settled();
  }

  /** The proof of one tenant, for `GET /api/ledger/proof`. */
  async prove(tenantId: TenantId): Promise<LedgerProof> {
    return proveLedger({
      tenantId, records: () => this.#ledger.read(), store: this.#options.store, deadLetters: await this.#deadLetters.list(),
    });
  }

  /** Lets the history catch up, for at most five seconds, and closes all. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    await this.#heartbeat.stop();
    await withDeadline(SETTLE_LIMIT_MS, () => this.#projector.settled())
      .catch((cause: unknown) => this.#options.onFault(cause, 'bringing the history up to date; the rest follows at the next start'));
    await this.#projector.close();
    await this.#ledger.close();
  }
}

/** The highest number of each trunk. The history is complete by now, but for what is parked. */
async function highestNumbers({ store, tenantIds }: HistoryOptions, parked: readonly DeadLetter[]): Promise<ReadonlyMap<TrunkId, number>> {
  const highest = new Map<TrunkId, number>();
  for (const tenantId of tenantIds) {
    for (const { trunkId, highestSequence } of await store.countByTrunk(tenantId)) highest.set(trunkId, highestSequence);
  }
  for (const { event } of parked) {
    if (event.type === 'call.received') highest.set(event.trunkId, Math.max(event.trunkSequence, highest.get(event.trunkId) ?? 0));
  }
  return highest;
}
