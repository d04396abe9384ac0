import assert from 'node:assert/strict';
import fc from 'fast-check';
import { systemClock } from '../../server/base/time.ts';
import { DeadLetters } from '../../server/interaction/dead-letters.ts';
import { EventLog } from '../../server/interaction/event-log.ts';
import { foldInteraction } from '../../server/interaction/fold-interaction.ts';
import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import type { InteractionRecord } from '../../server/interaction/ports.ts';
import { Projector } from '../../server/interaction/projector.ts';
import type { CallEvent } from '../../server/model/events.ts';
import { asId, type CallId } from '../../server/model/ids.ts';
import { ALICE, FULL_CALL, stamp, START, TENANT, withDirectory } from './fixtures.ts';
import { MemoryInteractionStore } from './memory-interaction-store.ts';

interface Rig {
  readonly ledger: Ledger;
  readonly log: EventLog;
  readonly store: MemoryInteractionStore;
  readonly deadLetters: DeadLetters;
  readonly faults: string[];
  readonly start: () => Promise<Projector>;
}

async function withRig(work: (rig: Rig) => Promise<void>, batchSize = 250): Promise<void> {
  await withDirectory(async (directory) => {
    const faults: string[] = [];
    const onFault = (_: unknown, what: string): void => { faults.push(what); };
    const ledger = await Ledger.open({ directory, onFault });
    const log = new EventLog({ ledger, onFault });
    const store = new MemoryInteractionStore();
    const deadLetters = new DeadLetters(directory);
    const projectors: Projector[] = [];
    const start = async (): Promise<Projector> => {
      const projector = new Projector({ ledger, log, store, deadLetters, clock: systemClock, onFault, batchSize });
      projectors.push(projector);
      await projector.start();
      return projector;
    };
    try {
      await work({ ledger, log, store, deadLetters, faults, start });
    } finally {
      for (const projector of projectors) await projector.close();
      await ledger.close();
    }
  });
}

const id = (n: number): CallId => asId<CallId>(`call-${n}`);
const foldAll = (events: readonly CallEvent[]): InteractionRecord | undefined =>
  events.reduce<InteractionRecord | undefined>((record, event) => foldInteraction(record, event), undefined);
const appendAll = (log: EventLog, events: readonly CallEvent[]): Promise<unknown> => Promise.all(events.map((event) => log.append(event)));

describe('Projector', () => {
  it('brings each call into the history as it happens', () => withRig(async ({ log, store, start }) => {
    const projector = await start();
    for (const event of stamp(FULL_CALL)) await log.append(event);
    await projector.settled();
    assert.deepEqual(store.records.get(id(1)), foldAll(stamp(FULL_CALL)));
  }));

  it('has a call in the history within 100 ms of its end', () => withRig(async ({ log, store, start }) => {
    const projector = await start();
    const events = stamp(FULL_CALL);
    await appendAll(log, events.slice(0, -2));
    await projector.settled();
    const from = performance.now();
    await log.append(events[events.length - 2] ?? assert.fail());
    await projector.settled();
    assert.ok(performance.now() - from < 100);
    assert.ok(store.records.get(id(1))?.interaction.endedAt);
  }));

  it('catches up with what was written while it was away, each call once', () => withRig(async ({ log, store, start }) => {
    const calls = Array.from({ length: 40 }, (_, n) => stamp(FULL_CALL, id(n)));
    await appendAll(log, calls.flat());
    const projector = await start();
    await projector.settled();
    assert.equal(store.records.size, 40);
    for (const events of calls) assert.deepEqual(store.records.get(events[0]?.callId ?? id(0)), foldAll(events));
  }, 100));

  it('leaves agents to the ledger and moves on', () => withRig(async ({ log, store, start }) => {
    const projector = await start();
    await log.append({ v: 1, type: 'agent.state-changed', tenantId: TENANT, agentId: ALICE, at: START, from: 'offline', to: 'on-break', breakReason: 'signed-in' });
    await projector.settled();
    assert.equal(store.position, 1);
    assert.equal(store.records.size, 0);
  }));

  it('gives the same history when it is killed anywhere and starts again, and when it projects twice', () => fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(42), { maxLength: 4 }),
    async (batchSize, rewinds) => withRig(async ({ log, store, start }) => {
      const events = [stamp(FULL_CALL, id(1)), stamp(FULL_CALL, id(2))];
      await appendAll(log, FULL_CALL.flatMap((_, index) => events.flatMap((call) => call[index] ?? [])));
      for (const rewind of rewinds) {
        const projector = await start();
        await projector.settled();
        await projector.close();
        // The position is lost (a restored backup): the same events come again.
        store.position = Math.min(store.position, rewind);
      }
      const projector = await start();
      await projector.settled();
      assert.deepEqual(store.records.get(id(1)), foldAll(stamp(FULL_CALL, id(1))));
      assert.deepEqual(store.records.get(id(2)), foldAll(stamp(FULL_CALL, id(2))));
    }, batchSize),
  ), { numRuns: 15 }));

  it('lets calls go on while the database is away, says so once, and loses nothing', () => withRig(async ({ log, store, start, faults }) => {
    const projector = await start();
    const events = stamp(FULL_CALL);
    await appendAll(log, events.slice(0, 5));
    await projector.settled();
    store.down = true;
    await appendAll(log, events.slice(5, 15));
    while (faults.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await appendAll(log, events.slice(15));
    assert.equal(faults.length, 1);
    assert.equal(store.position, 5);
    store.down = false;
    await projector.settled();
    assert.deepEqual(store.records.get(id(1)), foldAll(events));
    assert.equal(faults.length, 1);
  }));

  it('parks what cannot be folded, tells, and goes on with the rest', () => withRig(async ({ log, store, start, faults, deadLetters }) => {
    const orphan = stamp(FULL_CALL, id(9))[1] ?? assert.fail();
    const future = { ...orphan, type: 'call.teleported', callId: id(1), seq: 2 } as unknown as CallEvent;
    const [first, ...rest] = stamp(FULL_CALL);
    await appendAll(log, [orphan, first ?? assert.fail(), future, ...rest.map((event) => ({ ...event, seq: event.seq + 1 }))]);
    const projector = await start();
    await projector.settled();
    assert.ok(store.records.get(id(1))?.interaction.endedAt);
    assert.deepEqual((await deadLetters.list()).map(({ position }) => position), [1, 3]);
    assert.equal(faults.length, 2);
  }));

  it('parks the call that the store refuses, not its neighbours', () => withRig(async ({ log, store, start, deadLetters }) => {
    store.refused.add(id(2));
    await appendAll(log, [1, 2, 3].flatMap((n) => stamp(FULL_CALL, id(n))));
    const projector = await start();
    await projector.settled();
    assert.deepEqual([...store.records.keys()], [id(1), id(3)]);
    assert.equal((await deadLetters.list()).length, FULL_CALL.length);
    assert.equal(store.position, 3 * FULL_CALL.length);
  }));

  it('refuses to start when ledger and history do not belong together', () => withRig(async ({ store, start }) => {
    store.position = 17;
    await assert.rejects(start(), { code: 'interaction.ledger-behind' });
  }));

  it('tells those who wait that it was closed before it was done', () => withRig(async ({ log, store, start }) => {
    const projector = await start();
    store.down = true;
    await appendAll(log, stamp(FULL_CALL));
    const waiting = assert.rejects(projector.settled(), { code: 'interaction.projector-closed' });
    await projector.close();
    await waiting;
  }));
});
