import { PERCENTILE_COLUMNS, percentileCells } from '../../percentiles.ts';
import { compareRates } from '../compare-rates.ts';
import { registrationLoad } from '../load/registration-load.ts';
import type { Part } from '../part.ts';

const USERS = 500;
const RATE = 200;

/** Registrations with challenge and answer through the registrar of `server/sip`, from telephones and from tabs. */
export const register: Part = async (bench) => {
  for (const transport of ['udp', 'ws'] as const) {
    const what = `Registration over ${transport === 'udp' ? 'UDP (SHA-256)' : 'WebSocket (MD5)'}, ${USERS} users`;
    const rows = await compareRates(bench, {
      what, rates: [RATE], application: { kind: 'registrar', users: USERS },
      load: (scope, { ports }) => registrationLoad(scope, { transport, users: USERS, port: transport === 'udp' ? ports.sipPort : ports.wsPort }),
    });
    const print = bench.report.table(`${what} at ${RATE}/s: time of both round trips`, ['processes', ...PERCENTILE_COLUMNS]);
    for (const { arrangement, offered } of rows) print(arrangement, ...percentileCells(offered.times));
  }
};
