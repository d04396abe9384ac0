import { openDatabase } from '../../db/open-database.ts';
import { asId, type CallId } from '../../server/model/ids.ts';
import { systemClock } from '../../server/base/time.ts';
import { CallHistory } from '../../server/interaction/open-history.ts';
import { FULL_CALL, TENANT, TRUNK } from './fixtures.ts';

// Run as a child process: lives so many steps of a call, tells its parent, and waits to be killed.
const [dataDirectory = '', callId = '', steps = '0'] = process.argv.slice(2);
const database = await openDatabase({ dataDirectory });
const history = await CallHistory.open({
  dataDirectory, store: database.interactions, tenantIds: [TENANT], clock: systemClock,
  onFault: (cause, what) => { process.stderr.write(`${what}: ${String(cause)}\n`); },
});
const recorder = history.openRecorder(TENANT, asId<CallId>(callId));
for (const fact of FULL_CALL.slice(0, Number(steps))) {
  if (fact.type === 'call.received') await history.trunkSequence.number(TRUNK, (trunkSequence) => recorder.record({ ...fact, trunkSequence }));
  else await recorder.record(fact);
}
process.stdout.write('lived\n');
setInterval(() => undefined, 1000);
