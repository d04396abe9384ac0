import { join } from 'node:path';
import type { Database } from '../../db/open-database.ts';
import type { Scope } from '../base/scope.ts';
import type { Clock } from '../base/time.ts';
import type { CallServices } from '../call/call-services.ts';
import { EventLog } from '../interaction/event-log.ts';
import { Ledger } from '../interaction/ledger/ledger.ts';
import { CallRecorder } from '../interaction/record-call.ts';
import { TrunkSequence } from '../interaction/trunk-sequence.ts';
import type { TenantId } from '../model/ids.ts';
import type { FaultReport } from './fault-log.ts';

export interface JournalOptions {
  readonly database: Database;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly onFault: FaultReport;
  readonly scope: Scope;
}

/** Where everything that happens is written down. */
export interface Journal {
  readonly events: EventLog;
  readonly openRecorder: CallServices['openRecorder'];
  readonly numberCall: CallServices['numberCall'];
  readonly prove: (tenantId: TenantId) => Promise<object>;
}

export async function openJournal({ dataDirectory, clock, onFault, scope }: JournalOptions): Promise<Journal> {
  const ledger = await Ledger.open({ directory: join(dataDirectory, 'ledger'), onFault });
  scope.onClose(() => ledger.close());
  const events = new EventLog({ ledger, onFault });
  const numbers = new TrunkSequence();
  return {
    events,
    openRecorder: (tenantId, callId) => new CallRecorder({ tenantId, callId, log: events, clock }),
    numberCall: (trunkId, record) => numbers.number(trunkId, record),
    prove: async () => ({}),
  };
}
