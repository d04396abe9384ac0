import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { step, type StepOutcome } from '../../server/base/machine.ts';
import { epochMs, type EpochMs } from '../../server/base/time.ts';
import { closingFacts } from '../../server/interaction/closing-facts.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import { Heartbeat, readLastAlive } from '../../server/interaction/ledger/heartbeat.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { recoverOpenCalls } from '../../server/interaction/recover.ts';
import { CALL_RULES, type CallState } from '../../server/model/call-machine.ts';
import type { CallEvent, DomainEvent } from '../../server/model/events.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import { CALL, failOnFault, FULL_CALL, seconds, stamp, withDirectory } from './fixtures.ts';
import { MemoryInteractionStore } from './memory-interaction-store.ts';

const foldAll = (events: readonly CallEvent[]): InteractionRecord => {
  const record = events.reduce<InteractionRecord | undefined>((folded, event) => foldInteraction(folded, event), undefined);
  assert.ok(record);
  return record;
};

/** Folds what is appended straight into the store, and dies after so many events. */
class DyingLog {
  readonly appended: CallEvent[] = [];
  readonly #store: MemoryInteractionStore;
  readonly #diesAfter: number;

  constructor(store: MemoryInteractionStore, diesAfter = Infinity) {
    this.#store = store;
    this.#diesAfter = diesAfter;
  }

  async append(event: DomainEvent): Promise<number> {
    if (this.appended.length >= this.#diesAfter) throw new Error('killed');
    assert.ok('callId' in event && event.type !== 'agent.state-changed');
    this.appended.push(event);
    this.#store.records.set(event.callId, foldInteraction(this.#store.records.get(event.callId), event));
    return this.appended.length;
  }
}

function assertAllEnded({ endedAt, offers, queueStays, holds, bridges = [], wrapUps = [] }: Interaction): void {
  assert.ok(endedAt !== undefined);
  assert.ok(offers.every((offer) => offer.endedAt !== undefined && offer.outcome !== undefined), 'an offer is open');
  assert.ok(queueStays.every((stay) => stay.leftAt !== undefined && stay.exit !== undefined), 'a queue stay is open');
  assert.ok(holds.every(({ to }) => to !== undefined), 'a hold is open');
  assert.ok(bridges.every(({ to }) => to !== undefined), 'a conversation is open');
  assert.ok(wrapUps.every((wrapUp) => wrapUp.endedAt !== undefined), 'a wrap-up is open');
}

const events = stamp(FULL_CALL);
const heartbeatAt = (lastAt: EpochMs): EpochMs => epochMs(lastAt + 700);

describe('recoverOpenCalls', () => {
  for (let length = 1; length <= events.length; length += 1) {
    const last = events[length - 1] ?? assert.fail();
    it(`ends every open thing exactly once when the process died after ${last.type} (${length})`, async () => {
      const store = new MemoryInteractionStore();
      const before = foldAll(events.slice(0, length));
      store.records.set(CALL, before);
      const log = new DyingLog(store);
      const heartbeat = heartbeatAt(last.at);
      await recoverOpenCalls({ store, log, lastHeartbeatAt: heartbeat });
      const after = store.records.get(CALL)?.interaction ?? assert.fail();
      assertAllEnded(after);
      assert.deepEqual(await store.listOpen(), []);
      assert.deepEqual(log.appended.map(({ seq }) => seq), log.appended.map((_, index) => length + index + 1));
      if (before.interaction.endedAt === undefined) {
        assert.equal(after.termination?.result, 'interrupted');
        assert.equal(after.lastAliveAt, heartbeat);
        assert.equal(after.endedAt, heartbeat);
      } else {
        assert.deepEqual(after.termination, before.interaction.termination);
        assert.equal(after.lastAliveAt, undefined);
      }
    });

    it(`writes nothing that the call's own rules refuse after ${last.type} (${length})`, () => {
      let state: CallState = { name: 'new' };
      for (const fact of [...events.slice(0, length), ...closingFacts(foldAll(events.slice(0, length)).interaction, seconds(99))]) {
        const outcome: StepOutcome<CallState, never> = step(CALL_RULES, state, fact);
        assert.notEqual(outcome.kind, 'refused', `${fact.type} in ${state.name}`);
        if (outcome.kind === 'moved') state = outcome.state;
      }
    });
  }

  it('leaves the same history when it is itself killed anywhere, as often as may be', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: events.length }), fc.array(fc.nat(6), { maxLength: 4 }),
    async (length, deaths) => {
      const recovered = async (diesAfter: readonly number[]): Promise<InteractionRecord | undefined> => {
        const store = new MemoryInteractionStore();
        store.records.set(CALL, foldAll(events.slice(0, length)));
        const lastHeartbeatAt = heartbeatAt(events[length - 1]?.at ?? seconds(0));
        for (const after of [...diesAfter, Infinity]) {
          await recoverOpenCalls({ store, log: new DyingLog(store, after), lastHeartbeatAt }).catch(() => undefined);
        }
        return store.records.get(CALL);
      };
      assert.deepEqual(await recovered(deaths), await recovered([]));
    },
  )));

  it('dates the end by the last event when no heartbeat came after it', async () => {
    for (const lastHeartbeatAt of [undefined, seconds(-10)]) {
      const store = new MemoryInteractionStore();
      store.records.set(CALL, foldAll(events.slice(0, 15)));
      await recoverOpenCalls({ store, log: new DyingLog(store), lastHeartbeatAt });
      assert.equal(store.records.get(CALL)?.interaction.lastAliveAt, seconds(14));
    }
  });
});

describe('Heartbeat', () => {
  it('says when the process was last known to live', () => withDirectory(async (directory) => {
    assert.equal(await readLastAlive(directory), undefined);
    const times = [5, 10_000, 9];
    const heartbeat = await Heartbeat.start({ directory, clock: () => epochMs(times.shift() ?? 9), everyMs: 5, onFault: failOnFault });
    while (times.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await heartbeat.stop();
    assert.equal(await readLastAlive(directory), 9);
  }));

  it('is not believed when the file says something else', () => withDirectory(async (directory) => {
    await writeFile(join(directory, 'alive'), 'yesterday');
    assert.equal(await readLastAlive(directory), undefined);
  }));
});
