import type { RootHookObject } from 'mocha';

const WATCHED = new Set(['Timeout', 'Immediate', 'TCPServerWrap', 'TCPSocketWrap', 'UDPWrap', 'MessagePort', 'Worker']);

const count = (): Map<string, number> => {
  const seen = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  return seen;
};

let before = new Map<string, number>();

/**
 * Fails a suite that leaves a timer, socket, port or worker open (STYLE, Tests). Compared per
 * test file, because a suite may share one server between its tests.
 */
export const mochaHooks: RootHookObject = {
  beforeAll(done) {
    before = count();
    done();
  },
  async afterAll() {
    // Sockets that were closed in the last test need a turn of the loop to leave the list.
    for (let turn = 0; turn < 50; turn += 1) {
      if (leaks().length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const left = leaks();
    if (left.length > 0) throw new Error(`left open after the tests: ${left.join(', ')}`);
  },
};

function leaks(): string[] {
  const now = count();
  // The 20 ms poll above is itself one Timeout while it waits, but not when this runs.
  return [...now].filter(([kind, n]) => n > (before.get(kind) ?? 0)).map(([kind, n]) => `${n} ${kind}`);
}
