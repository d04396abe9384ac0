import { delay } from '../../../server/base/deadline.ts';
import type { Scope } from '../../../server/base/scope.ts';
import { lifetime, DEFAULT_TIMERS } from '../../../server/sip-engine/transaction/timers.ts';
import { BenchChild } from './process/child.ts';
import { readCpuMs } from './process/process-figures.ts';
import type { ApplicationSettings, EnginePorts, FiguresQuestion, ServerFigures, ServerReady, ServerSettings } from './process/server-messages.ts';

/** Engine and application apart, so that each share can be told, or together as `npm start` has them. */
export const ARRANGEMENTS = ['two processes', 'one process'] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

/** What is measured. */
export interface ServerOptions {
  readonly arrangement: Arrangement;
  readonly application: ApplicationSettings;
  /** Base timer of RFC 3261 §17; default 500 ms. */
  readonly t1Ms?: number;
}

/** How much longer than their timers transactions may take to be gone. */
const REST_GRACE_MS = 10_000;

/** The engine with one application, in processes of their own. */
export class ServerUnderTest {
  readonly ports: EnginePorts;
  /** The same child twice in one process. */
  readonly engine: BenchChild;
  readonly application: BenchChild;
  readonly #scope: Scope;
  readonly #t1Ms: number;

  private constructor(scope: Scope, t1Ms: number, of: Pick<ServerUnderTest, 'ports' | 'engine' | 'application'>) {
    this.#scope = scope;
    this.#t1Ms = t1Ms;
    this.ports = of.ports;
    this.engine = of.engine;
    this.application = of.application;
  }

  /** Starts it for the life of a scope. @throws Error when a process ends before it is ready. */
  static async start(scope: Scope, { arrangement, application, t1Ms = DEFAULT_TIMERS.t1 }: ServerOptions): Promise<ServerUnderTest> {
    const start = async (settings: ServerSettings): Promise<{ child: BenchChild; ready: ServerReady }> => {
      const child = BenchChild.spawn(scope, './server-process.ts', settings);
      return { child, ready: await child.hear<ServerReady>() };
    };
    const isWhole = arrangement === 'one process';
    const { child: engine, ready } = await start(isWhole ? { runs: 'both', application, t1Ms } : { runs: 'engine', t1Ms });
    if (ready.runs === 'application') throw new Error('no engine was started');
    const { ports } = ready;
    if (isWhole) return new ServerUnderTest(scope, t1Ms, { ports, engine, application: engine });
    const { child } = await start({ runs: 'application', application, adminPort: ports.adminPort });
    return new ServerUnderTest(scope, t1Ms, { ports, engine, application: child });
  }

  /** CPU time since the start, from proc(5): of engine and application, or of the one process. */
  cpuMs(): Promise<readonly number[]> {
    const processes = new Set([this.engine, this.application]);
    return Promise.all([...processes].map(({ pid }) => readCpuMs(pid)));
  }

  /** Asks one of the processes. */
  figures(of: 'engine' | 'application', question: FiguresQuestion): Promise<ServerFigures> {
    return this[of].ask<ServerFigures>(question);
  }

  /**
   * Waits until the last transaction has lingered out (RFC 3261 §17: timers H, I and J), or for so long that it should have.
   * @returns the engine's figures after garbage collection.
   */
  async rest(): Promise<ServerFigures> {
    const until = performance.now() + lifetime({ ...DEFAULT_TIMERS, t1: this.#t1Ms }) + REST_GRACE_MS;
    while (performance.now() < until && !this.#scope.signal.aborted) {
      const { held } = await this.figures('engine', { collectGarbage: false });
      if (held?.transactions === 0) break;
      await delay(500, this.#scope.signal);
    }
    return this.figures('engine', { collectGarbage: true });
  }
}
