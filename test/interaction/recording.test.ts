import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../server/base/app-error.ts';
import { epochMs } from '../../server/base/time.ts';
import { EventLog } from '../../server/interaction/event-log.ts';
import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import { openSegmentFile } from '../../server/interaction/ledger/segment-file.ts';
import { CallRecorder } from '../../server/interaction/record-call.ts';
import { TrunkSequence } from '../../server/interaction/trunk-sequence.ts';
import type { CallEvent, DomainEvent } from '../../server/model/events.ts';
import { asId, type CallId, type TrunkId } from '../../server/model/ids.ts';
import { CALL, failOnFault, FULL_CALL, numbered, received, START, TENANT, TRUNK, withDirectory } from './fixtures.ts';

/** A log that refuses on demand: all that is in flight, in order, as the ledger does. */
class ScriptedLog {
  readonly kept: CallEvent[] = [];
  #flight: { event: CallEvent; resolve: (position: number) => void; reject: (cause: unknown) => void }[] = [];

  append(event: DomainEvent): Promise<number> {
    return new Promise((resolve, reject) => {
      assert.ok('seq' in event);
      this.#flight.push({ event, resolve, reject });
    });
  }

  land(how: 'kept' | 'refused'): void {
    for (const { event, resolve, reject } of this.#flight.splice(0)) {
      if (how === 'kept') resolve(this.kept.push(event));
      else reject(new AppError({ code: 'ledger.write-failed', category: 'upstream', message: 'full' }));
    }
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('CallRecorder', () => {
  const make = (log: Pick<EventLog, 'append'>, clock = () => START): CallRecorder => new CallRecorder({ tenantId: TENANT, callId: CALL, log, clock });

  it('stamps tenant, call, sequence and time, in the order of the records', async () => {
    const log = new ScriptedLog();
    const recorder = make(log);
    const all = Promise.all(FULL_CALL.map((fact) => recorder.record(fact)));
    log.land('kept');
    await all;
    assert.deepEqual(log.kept.map(({ type }) => type), FULL_CALL.map(({ type }) => type));
    assert.deepEqual(log.kept.map(({ seq }) => seq), FULL_CALL.map((_, index) => index + 1));
    assert.ok(log.kept.every(({ v, tenantId, callId, at }) => v === 1 && tenantId === TENANT && callId === CALL && at === START));
  });

  it('does not let time go back within a call when the clock is set back', async () => {
    const log = new ScriptedLog();
    const times = [1000, 400, 1200];
    const recorder = make(log, () => epochMs(times.shift() ?? 0));
    const all = Promise.all(FULL_CALL.slice(0, 3).map((fact) => recorder.record(fact)));
    log.land('kept');
    await all;
    assert.deepEqual(log.kept.map(({ at }) => at), [1000, 1000, 1200]);
  });

  it('keeps the sequence without gaps whatever the ledger refuses', () => fc.assert(fc.asyncProperty(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean())),
    async (windows) => {
      const log = new ScriptedLog();
      const recorder = make(log);
      for (const [count, isKept] of windows) {
        const all = Promise.allSettled(Array.from({ length: count }, () => recorder.record({ type: 'ivr.stepped', nodeId: 'n' })));
        log.land(isKept ? 'kept' : 'refused');
        await all;
      }
      assert.deepEqual(log.kept.map(({ seq }) => seq), log.kept.map((_, index) => index + 1));
    },
  )));

  it('resolves when the fact is durable and the listeners have heard of it', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory });
    const log = new EventLog({ ledger, onFault: failOnFault });
    const heard: string[] = [];
    log.onEvent((event) => heard.push(event.type));
    await make(log).record(received());
    assert.deepEqual(heard, ['call.received']);
    assert.equal(ledger.lastPosition, 1);
    await ledger.close();
  }));
});

describe('EventLog', () => {
  it('tells events in the order of their positions, and goes on past a listener that throws', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory });
    const faults: string[] = [];
    const log = new EventLog({ ledger, onFault: (_, what) => faults.push(what) });
    const heard: number[] = [];
    log.onEvent(() => { throw new Error('a listener of no use'); });
    const stop = log.onEvent((_, position) => heard.push(position));
    await Promise.all([1, 2, 3].map((n) => log.append(numbered(n))));
    stop();
    await log.append(numbered(4));
    assert.deepEqual(heard, [1, 2, 3]);
    assert.equal(faults.length, 4);
    await ledger.close();
  }));

  it('tells nobody of an event that is not durable', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({
      directory, onFault: () => undefined,
      openFile: async (path) => ({ ...await openSegmentFile(path), sync: () => Promise.reject(new Error('EIO')) }),
    });
    const log = new EventLog({ ledger, onFault: failOnFault });
    log.onEvent(() => assert.fail('told'));
    await assert.rejects(log.append(numbered(1)));
    await ledger.close();
  }));
});

describe('TrunkSequence', () => {
  const OTHER = asId<TrunkId>('web');

  it('counts each trunk from 1, and goes on after the highest number that is known', async () => {
    const sequence = new TrunkSequence(new Map([[TRUNK, 41]]));
    const given: string[] = [];
    const give = (trunk: TrunkId): Promise<void> => sequence.number(trunk, async (n) => { given.push(`${trunk} ${n}`); });
    await Promise.all([give(TRUNK), give(OTHER), give(TRUNK), give(OTHER)]);
    assert.deepEqual(given, ['loopback 42', 'web 1', 'loopback 43', 'web 2']);
    assert.equal(sequence.highest(TRUNK), 43);
  });

  it('lets calls that arrive together share one write', async () => {
    const log = new ScriptedLog();
    const sequence = new TrunkSequence();
    const all = Promise.all([1, 2, 3].map((n) => sequence.number(TRUNK, (trunkSequence) =>
      new CallRecorder({ tenantId: TENANT, callId: asId<CallId>(`c${n}`), log, clock: () => START }).record(received(trunkSequence)))));
    log.land('kept');
    await all;
    assert.deepEqual(log.kept.map((event) => event.type === 'call.received' && event.trunkSequence), [1, 2, 3]);
  });

  it('leaves no gap in what is durable at any moment, whatever the ledger refuses', () => fc.assert(fc.asyncProperty(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean())),
    async (windows) => {
      const log = new ScriptedLog();
      const sequence = new TrunkSequence();
      for (const [count, isKept] of windows) {
        const all = Promise.allSettled(Array.from({ length: count }, () => sequence.number(TRUNK, async (trunkSequence) => {
          await new CallRecorder({ tenantId: TENANT, callId: CALL, log, clock: () => START }).record(received(trunkSequence));
        })));
        log.land(isKept ? 'kept' : 'refused');
        await all;
        const durable = log.kept.map((event) => (event.type === 'call.received' ? event.trunkSequence : 0));
        assert.deepEqual(durable, durable.map((_, index) => index + 1));
      }
    },
  )));

  it('gives a number that was refused alone to the next call', async () => {
    const sequence = new TrunkSequence();
    const kept: number[] = [];
    const refuse = (): Promise<void> => Promise.reject(new Error('too large'));
    const keep = async (n: number): Promise<void> => { kept.push(n); };
    const outcomes = await Promise.allSettled([sequence.number(TRUNK, keep), sequence.number(TRUNK, refuse), sequence.number(TRUNK, keep)]);
    assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    await settle();
    await sequence.number(TRUNK, keep);
    await sequence.number(TRUNK, keep);
    assert.deepEqual(kept, [1, 3, 2, 4]);
  });
});
