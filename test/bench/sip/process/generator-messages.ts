/** How registrations are offered. */
export interface RegistrationSettings {
  readonly transport: 'udp' | 'ws';
  /** On loopback. */
  readonly port: number;
  readonly users: number;
  /** Registrations per second, of all users together. */
  readonly rate: number;
  readonly count: number;
}

/** What became of registrations; times in milliseconds from the first REGISTER to the 200. */
export interface RegistrationTimes {
  readonly times: readonly number[];
  readonly failed: number;
  readonly achievedRate: number;
}

/** How probe calls are offered. */
export interface ProbeSettings {
  /** UDP, on loopback. */
  readonly port: number;
  readonly rate: number;
  readonly count: number;
  /** Before the first one, milliseconds. */
  readonly waitMs: number;
}

/** What probe calls measured, in milliseconds from the INVITE. */
export interface ProbeTimes {
  readonly ringing: readonly number[];
  readonly answered: readonly number[];
  /** Calls that were not rung, answered and ended. */
  readonly failed: number;
}
