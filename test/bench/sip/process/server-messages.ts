import type { SipEngineStats } from '../../../../server/sip-engine/sip-engine.ts';

/** The application that the engine is measured with. */
export type ApplicationSettings =
  /** Rings, answers, waits for the BYE; answers OPTIONS. */
  | { readonly kind: 'uas' }
  | { readonly kind: 'b2bua'; /** SIP URI of the far end. */ readonly target: string }
  /** The application of Allo itself, with so many users (see `usernameOf`). */
  | { readonly kind: 'registrar'; readonly users: number };

/** What a server process runs. `t1Ms` is the base timer of RFC 3261 §17. */
export type ServerSettings =
  | { readonly runs: 'engine'; readonly t1Ms: number }
  | { readonly runs: 'application'; readonly application: ApplicationSettings; readonly adminPort: number }
  | { readonly runs: 'both'; readonly application: ApplicationSettings; readonly t1Ms: number };

/** Where an engine listens, on loopback. */
export interface EnginePorts {
  readonly sipPort: number;
  /** WebSocket, path `/sip`. */
  readonly wsPort: number;
  readonly adminPort: number;
}

/** First message of a server process. */
export type ServerReady = { readonly runs: 'application' } | { readonly runs: 'engine' | 'both'; readonly ports: EnginePorts };

/** The only question to a server process. */
export interface FiguresQuestion {
  /** Whether garbage is collected first. */
  readonly collectGarbage: boolean;
}

/** What a server process says of itself. */
export interface ServerFigures {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** What keeps the process alive, counted by type: timers, sockets, listeners (`process.getActiveResourcesInfo`). */
  readonly resources: Readonly<Record<string, number>>;
  /** Absent in the application's process. */
  readonly held?: SipEngineStats['gauges'];
}

/** The user `n` of the registrar. */
export const usernameOf = (n: number): string => `bench-${n}`;

/** As `FakeCredentials` has it. */
export const passwordOf = (username: string): string => `${username}-password`;
