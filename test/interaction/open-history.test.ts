import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../db/open-database.ts';
import { AppError } from '../../server/base/app-error.ts';
import { systemClock } from '../../server/base/time.ts';
import { verifyLedger } from '../../server/cli/verify-ledger.ts';
import { segmentName } from '../../server/interaction/ledger/segment.ts';
import { CallHistory, ledgerDirectoryOf } from '../../server/interaction/open-history.ts';
import { asId, type CallId } from '../../server/model/ids.ts';
import { failOnFault, FULL_CALL, received, TENANT, TRUNK, withDirectory } from './fixtures.ts';
import { MemoryInteractionStore } from './memory-interaction-store.ts';

const CHILD = fileURLToPath(new URL('live-one-call.ts', import.meta.url));

const open = (dataDirectory: string, store: MemoryInteractionStore): Promise<CallHistory> =>
  CallHistory.open({ dataDirectory, store, tenantIds: [TENANT], clock: systemClock, onFault: failOnFault });

/** Starts a process that lives so many steps of a call, and kills it without warning. */
async function liveAndKill(dataDirectory: string, callId: string, steps: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, dataDirectory, callId, String(steps)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

const receive = async (history: CallHistory, callId: string): Promise<void> => {
  const recorder = history.openRecorder(TENANT, asId<CallId>(callId));
  await history.trunkSequence.number(TRUNK, (trunkSequence) => recorder.record(received(trunkSequence)));
};

describe('CallHistory', () => {
  it('numbers calls on from where an earlier process ended, and finds no gap', () => withDirectory(async (directory) => {
    const store = new MemoryInteractionStore();
    for (const calls of [['a', 'b'], ['c'], ['d', 'e', 'f']]) {
      const history = await open(directory, store);
      await Promise.all(calls.map((callId) => receive(history, callId)));
      await history.close();
      await history.close();
    }
    const history = await open(directory, store);
    const { gap, trunks: [trunk] } = await history.prove(TENANT);
    assert.deepEqual([gap, trunk?.seen, trunk?.logged, trunk?.delivered, trunk?.pending], [0, 6, 6, 6, 0]);
    await history.close();
  }));

  it('fills an empty history from the ledger alone', () => withDirectory(async (directory) => {
    const first = await open(directory, new MemoryInteractionStore());
    await receive(first, 'a');
    await first.close();
    const store = new MemoryInteractionStore();
    const second = await open(directory, store);
    assert.deepEqual(second.interrupted, ['a']);
    assert.equal(store.records.get(asId<CallId>('a'))?.interaction.termination?.result, 'interrupted');
    await second.close();
    const third = await open(directory, store);
    assert.deepEqual(third.interrupted, []);
    await third.close();
  }));

  it('lets go of the directory when the start fails', () => withDirectory(async (directory) => {
    const store = new MemoryInteractionStore();
    store.down = true;
    await assert.rejects(open(directory, store), { code: 'db.failed' });
    store.down = false;
    await (await open(directory, store)).close();
  }));

  it('does not start on a ledger that is damaged in the middle, and says where', () => withDirectory(async (directory) => {
    const onFault = (): void => undefined;
    const options = { dataDirectory: directory, tenantIds: [TENANT], clock: systemClock, onFault, segmentBytes: 300 };
    const first = await CallHistory.open({ ...options, store: new MemoryInteractionStore() });
    for (const callId of ['a', 'b', 'c', 'd']) await receive(first, callId);
    await first.close();
    const segment = join(ledgerDirectoryOf(directory), segmentName(1));
    const bytes = await readFile(segment);
    bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
    await writeFile(segment, bytes);
    await assert.rejects(CallHistory.open({ ...options, store: new MemoryInteractionStore() }), (thrown: unknown) =>
      thrown instanceof AppError && thrown.code === 'ledger.corrupt' && thrown.message.includes(segment));
    const said: string[] = [];
    assert.equal(await verifyLedger({ dataDirectory: directory, print: (line) => said.push(line) }), 1);
    assert.match(said[0] ?? '', /^cannot be verified: AppError: the ledger file .* is damaged at byte 8/);
  }));

  it('shows each call once, interrupted where it was, after kill -9 at its steps; and ledger:verify agrees', async function () {
    this.timeout(60_000);
    await withDirectory(async (dataDirectory) => {
      const deaths = [1, 9, 16, 19, FULL_CALL.length];
      const from = Date.now();
      for (const steps of deaths) await liveAndKill(dataDirectory, `killed-${steps}`, steps);
      const until = Date.now();

      const said: string[] = [];
      assert.equal(await verifyLedger({ dataDirectory, print: (line) => said.push(line) }), 0, said.join('\n'));
      assert.equal(said.at(-1), 'gap = 0');
      assert.match(said[0] ?? '', /^el-amane \/ loopback: seen 5, logged 5, delivered \d, pending \d$/);

      const database = await openDatabase({ dataDirectory });
      const history = await CallHistory.open({ dataDirectory, store: database.interactions, tenantIds: [TENANT], clock: systemClock, onFault: failOnFault });
      assert.deepEqual(await database.interactions.listOpen(), []);
      assert.deepEqual((await database.interactions.countByTrunk(TENANT)), [{ trunkId: TRUNK, calls: deaths.length, highestSequence: deaths.length }]);
      for (const steps of deaths) {
        const call = await database.history.find(TENANT, asId<CallId>(`killed-${steps}`));
        assert.ok(call?.termination, `killed-${steps}`);
        const ended = FULL_CALL.findIndex(({ type }) => type === 'call.ended') < steps;
        assert.equal(call.termination.result, ended ? 'caller' : 'interrupted');
        if (!ended) assert.ok(call.lastAliveAt !== undefined && call.lastAliveAt >= from && call.lastAliveAt <= until);
        assert.ok((call.wrapUps ?? []).every(({ endedAt }) => endedAt !== undefined));
      }
      await history.close();
      await database.close();
    });
  });
});

describe('ledger:verify', () => {
  it('says gap = 0 of a directory where nothing happened', () => withDirectory(async (dataDirectory) => {
    const said: string[] = [];
    assert.equal(await verifyLedger({ dataDirectory, print: (line) => said.push(line) }), 0);
    assert.deepEqual(said, ['gap = 0']);
  }));

  it('names what is missing, and fails', () => withDirectory(async (dataDirectory) => {
    const history = await open(dataDirectory, new MemoryInteractionStore());
    for (const trunkSequence of [1, 2, 5]) await history.openRecorder(TENANT, asId<CallId>(`c${trunkSequence}`)).record(received(trunkSequence));
    await history.close();
    const said: string[] = [];
    assert.equal(await verifyLedger({ dataDirectory, print: (line) => said.push(line) }), 1);
    assert.deepEqual(said, ['el-amane / loopback: seen 5, logged 3, delivered 0, pending 3', '  MISSING 3-4', 'gap = 2']);
  }));

  it('can be run beside the program, and changes nothing', () => withDirectory(async (dataDirectory) => {
    const database = await openDatabase({ dataDirectory });
    const history = await CallHistory.open({ dataDirectory, store: database.interactions, tenantIds: [TENANT], clock: systemClock, onFault: failOnFault });
    await receive(history, 'a');
    await history.settled();
    const said: string[] = [];
    assert.equal(await verifyLedger({ dataDirectory, print: (line) => said.push(line) }), 0, said.join());
    assert.deepEqual(said, ['el-amane / loopback: seen 1, logged 1, delivered 1, pending 0', 'gap = 0']);
    await receive(history, 'b');
    await history.close();
    await database.close();
  }));
});
