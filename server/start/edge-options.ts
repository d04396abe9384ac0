import type { Logger } from 'pino';
import type { Scope } from '../base/scope.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import type { Config } from '../config.ts';
import type { FaultReport } from './fault-log.ts';

/** What every edge is opened with. */
export interface EdgeOptions {
  readonly config: Config;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFault: FaultReport;
  /** How often the files of certificates are looked at; only tests change it. */
  readonly certificateCheckMs?: Milliseconds | undefined;
}
