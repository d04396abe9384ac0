import { newId } from '../../base/new-id.ts';
import type { Clock, EpochMs, Milliseconds } from '../../base/time.ts';
import type { User } from '../../model/centre.ts';
import type { AuditTrail, StoredRecording } from './ports.ts';

/** A pause in listening after which the next access is told as another. */
const IDLE_MS: Milliseconds = 10 * 60_000;
/** Stretches that one entry names; nearer ones grow together. */
const MAX_STRETCHES = 40;

/** A stretch of a recording, in milliseconds from its beginning. */
export type Stretch = readonly [fromMs: number, toMs: number];

/** Somebody who listens in one signed-in browser. */
export interface Listener {
  readonly user: User;
  readonly sessionId: string;
}

interface Listening {
  readonly auditId: string;
  /** The entry is in the trail. */
  readonly added: Promise<void>;
  lastAt: EpochMs;
  stretches: readonly Stretch[];
}

/** What the trail is kept with. */
export interface ListeningAuditOptions {
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** Keeps one audit entry for each time that somebody sits down to listen: a player asks for a recording in many pieces. */
export class ListeningAudit {
  readonly #options: ListeningAuditOptions;
  /** By session and recording. */
  readonly #listenings = new Map<string, Listening>();

  constructor(options: ListeningAuditOptions) {
    this.#options = options;
  }

  /**
   * Somebody opens a recording: the entry is durable when this resolves, before anything can be heard.
   * @returns what says which stretch was sent; it rejects when that cannot be written down.
   * @throws what the trail throws.
   */
  async open(listener: Listener, recording: StoredRecording): Promise<(stretch: Stretch) => Promise<void>> {
    const now = this.#options.clock();
    this.#forgetIdle(now);
    const key = `${listener.sessionId} ${recording.recordingId}`;
    const listening = this.#listenings.get(key) ?? this.#begin(key, now, { listener, recording });
    listening.lastAt = now;
    await listening.added;
    return (stretch) => this.#extend(listening, recording, stretch);
  }

  #begin(key: string, now: EpochMs, { listener: { user }, recording }: { readonly listener: Listener; readonly recording: StoredRecording }): Listening {
    const { tenantId, recordingId, callId } = recording;
    const auditId = newId();
    const added = this.#options.trail.add({
      auditId, tenantId, at: now, actorId: user.userId, action: 'recording.listened', subjectId: recordingId, details: { callId, until: now, stretches: [] },
    }).catch((cause: unknown) => {
      this.#listenings.delete(key);
      throw cause;
    });
    const listening: Listening = { auditId, added, lastAt: now, stretches: [] };
    this.#listenings.set(key, listening);
    return listening;
  }

  async #extend(listening: Listening, { tenantId, callId }: StoredRecording, stretch: Stretch): Promise<void> {
    listening.lastAt = this.#options.clock();
    listening.stretches = join([...listening.stretches, stretch]);
    await this.#options.trail.update({ auditId: listening.auditId, tenantId, details: { callId, until: listening.lastAt, stretches: listening.stretches } });
  }

  #forgetIdle(now: EpochMs): void {
    for (const [key, { lastAt }] of this.#listenings) if (now - lastAt > IDLE_MS) this.#listenings.delete(key);
  }
}

/** Joins stretches that touch; when there are still too many, those with the smallest gap between them. */
export function join(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...stretches].sort(([one], [other]) => one - other)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  while (joined.length > MAX_STRETCHES) closeSmallestGap(joined);
  return joined;
}

function closeSmallestGap(stretches: [number, number][]): void {
  const gaps = stretches.slice(1).map(([from], i) => from - (stretches[i]?.[1] ?? 0));
  const at = gaps.indexOf(Math.min(...gaps));
  const [, to] = stretches[at + 1] ?? [0, 0];
  stretches.splice(at, 2, [stretches[at]?.[0] ?? 0, to]);
}
