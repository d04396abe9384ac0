import assert from 'node:assert/strict';
import { go, MachineRunner, step, type MachineHost, type Rules } from '../../server/base/machine.ts';

type Door = { readonly name: 'open' } | { readonly name: 'shut'; readonly locked: boolean };
type DoorEvent = { readonly type: 'push' } | { readonly type: 'pull' } | { readonly type: 'lock'; readonly key: string };

const RULES: Rules<Door, DoorEvent, string> = {
  open: { push: () => go({ name: 'shut', locked: false }, 'creak', 'bang'), pull: 'ignore', lock: 'refuse' },
  shut: {
    push: 'ignore',
    pull: (state) => (state.locked ? go(state, 'rattle') : go({ name: 'open' }, 'creak')),
    lock: (_, event) => go({ name: 'shut', locked: true }, `turn ${event.key}`),
  },
};

describe('step', () => {
  it('moves, ignores or refuses, as the cell says', () => {
    assert.deepEqual(step(RULES, { name: 'open' }, { type: 'push' }), {
      kind: 'moved', state: { name: 'shut', locked: false }, commands: ['creak', 'bang'],
    });
    assert.deepEqual(step(RULES, { name: 'open' }, { type: 'pull' }), { kind: 'ignored' });
    assert.deepEqual(step(RULES, { name: 'open' }, { type: 'lock', key: 'brass' }), { kind: 'refused' });
  });

  it('gives the handler the state and the event', () => {
    assert.deepEqual(step(RULES, { name: 'shut', locked: true }, { type: 'pull' }), {
      kind: 'moved', state: { name: 'shut', locked: true }, commands: ['rattle'],
    });
  });
});

describe('MachineRunner', () => {
  /** Writes down what it is asked to do. */
  class Recorder implements MachineHost<Door, DoorEvent, string> {
    readonly log: string[] = [];
    onCommand: (command: string) => void | Promise<void> = () => undefined;

    async execute(command: string, state: Door): Promise<void> {
      this.log.push(`${command} while ${state.name}`);
      await this.onCommand(command);
      this.log.push(`${command} done`);
    }

    onTransition(from: Door, to: Door, event: DoorEvent): void {
      this.log.push(`${from.name} -${event.type}-> ${to.name}`);
    }

    onFault(cause: unknown, command: string): void {
      this.log.push(`${command} failed: ${String(cause)}`);
    }
  }

  let host: Recorder;
  let door: MachineRunner<Door, DoorEvent, string>;
  beforeEach(() => {
    host = new Recorder();
    door = new MachineRunner(RULES, { name: 'open' }, host);
  });

  it('changes the state, tells it, and carries out the commands in order before it answers', async () => {
    assert.equal(await door.post({ type: 'push' }), 'moved');
    assert.deepEqual(host.log, ['open -push-> shut', 'creak while shut', 'creak done', 'bang while shut', 'bang done']);
    assert.deepEqual(door.state, { name: 'shut', locked: false });
  });

  it('says that an event was ignored, and tells nobody', async () => {
    assert.equal(await door.post({ type: 'pull' }), 'ignored');
    assert.deepEqual(host.log, []);
  });

  it('refuses with the state and the event', async () => {
    await assert.rejects(door.post({ type: 'lock', key: 'brass' }), {
      code: 'base.event-refused', category: 'agent', message: 'lock is not possible while open', details: { state: 'open', event: 'lock' },
    });
  });

  it('goes on after a refusal', async () => {
    const refused = assert.rejects(door.post({ type: 'lock', key: 'brass' }));
    const moved = door.post({ type: 'push' });
    await refused;
    assert.equal(await moved, 'moved');
  });

  it('ends the commands of one step before it looks at the next event', async () => {
    host.onCommand = () => Promise.resolve();
    await Promise.all([door.post({ type: 'push' }), door.post({ type: 'lock', key: 'brass' }), door.post({ type: 'pull' })]);
    assert.deepEqual(host.log.filter((line) => !line.endsWith('done')), [
      'open -push-> shut', 'creak while shut', 'bang while shut',
      'shut -lock-> shut', 'turn brass while shut', 'shut -pull-> shut', 'rattle while shut',
    ]);
  });

  it('queues an event that a command posts, behind those that wait', async () => {
    let posted: Promise<string> | undefined;
    host.onCommand = (command) => {
      if (command === 'bang') posted ??= door.post({ type: 'pull' });
    };
    await Promise.all([door.post({ type: 'push' }), door.post({ type: 'lock', key: 'brass' })]);
    assert.equal(await posted, 'moved');
    assert.deepEqual(door.state, { name: 'shut', locked: true });
    assert.ok(host.log.includes('rattle while shut'), 'the lock came before the pull');
  });

  it('reports a command that fails, and carries out the others', async () => {
    host.onCommand = (command) => {
      if (command === 'creak') throw new Error('oiled');
    };
    assert.equal(await door.post({ type: 'push' }), 'moved');
    assert.deepEqual(host.log, ['open -push-> shut', 'creak while shut', 'creak failed: Error: oiled', 'bang while shut', 'bang done']);
  });

  describe('given a listener or a handler that throws', () => {
    it('answers the poster, and takes the next event', async () => {
      let broken = true;
      host.onTransition = () => {
        if (!broken) return;
        broken = false;
        throw new Error('listener');
      };
      const first = door.post({ type: 'push' });
      const second = door.post({ type: 'pull' });
      await assert.rejects(first, { message: 'listener' });
      await second;
      assert.equal(await door.post({ type: 'push' }), 'moved');
      assert.deepEqual(host.log.slice(0, 4), ['creak while shut', 'creak done', 'bang while shut', 'bang done'], 'the commands ran all the same');
    });

    it('answers the poster when the table itself throws, and stays in its state', async () => {
      const rules: typeof RULES = { ...RULES, open: { ...RULES.open, push: () => { throw new Error('rule'); } } };
      const faulty = new MachineRunner(rules, { name: 'open' }, host);
      await assert.rejects(faulty.post({ type: 'push' }), { message: 'rule' });
      assert.equal(await faulty.post({ type: 'pull' }), 'ignored');
    });
  });
});
