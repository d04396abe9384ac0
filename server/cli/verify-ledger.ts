import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabaseReadOnly, type Database } from '../../db/open-database.ts';
import { describeError } from '../base/app-error.ts';
import { DeadLetters } from '../interaction/dead-letters.ts';
import { openReadOnly, type LedgerOnDisk } from '../interaction/ledger/reader.ts';
import type { NumberRun } from '../interaction/number-ranges.ts';
import { ledgerDirectoryOf } from '../interaction/open-history.ts';
import { proveLedger, type ProofSource, type TrunkProof } from '../interaction/prove.ts';
import type { TenantId } from '../model/ids.ts';

/** What `npm run ledger:verify` works on. */
export interface VerifyOptions {
  readonly dataDirectory: string;
  readonly print: (line: string) => void;
}

/** A data directory without a database: nothing is delivered yet. */
const NOTHING_DELIVERED: ProofSource['store'] = {
  projectedPosition: () => Promise.resolve(0),
  countByTrunk: () => Promise.resolve([]),
  listTrunkSequences: () => Promise.resolve([]),
};

/**
 * Proves offline, and reads only, that no call is missing between trunks, ledger and history;
 * may be run beside a running program.
 * @returns the exit status: 0 when the gap is 0. Never rejects.
 */
export async function verifyLedger({ dataDirectory, print }: VerifyOptions): Promise<0 | 1> {
  let database: Database | undefined;
  try {
    const directory = ledgerDirectoryOf(dataDirectory);
    database = await openDatabaseReadOnly({ dataDirectory });
    const store = database?.interactions ?? NOTHING_DELIVERED;
    const ledger = await openReadOnly(directory);
    const deadLetters = await new DeadLetters(directory).list();
    if (ledger.tornBytes > 0) print(`${ledger.tornBytes} bytes at the end of the ledger were never acknowledged (or are being written now)`);
    let gap = 0;
    for (const tenantId of await tenantsOf(ledger, database)) {
      const proof = await proveLedger({ tenantId, records: ledger.records, store, deadLetters });
      gap += proof.gap;
      for (const trunk of proof.trunks) sayTrunk(tenantId, trunk, print);
    }
    print(`gap = ${gap}`);
    return gap === 0 ? 0 : 1;
  } catch (cause) {
    print(`cannot be verified: ${describeError(cause)}`);
    return 1;
  } finally {
    await database?.close();
  }
}

/** Those that the database knows and those that the ledger speaks of. */
async function tenantsOf(ledger: LedgerOnDisk, database: Database | undefined): Promise<readonly TenantId[]> {
  const tenants = new Set<TenantId>((await database?.tenants.listTenants() ?? []).map(({ tenantId }) => tenantId));
  for await (const { event } of ledger.records()) tenants.add(event.tenantId);
  return [...tenants].sort();
}

function sayTrunk(tenantId: TenantId, trunk: TrunkProof, print: VerifyOptions['print']): void {
  const { trunkId, seen, logged, delivered, pending, missing, parked, duplicates } = trunk;
  print(`${tenantId} / ${trunkId}: seen ${seen}, logged ${logged}, delivered ${delivered}, pending ${pending}`);
  if (missing.length > 0) print(`  MISSING ${missing.map(sayRun).join(', ')}`);
  if (parked.length > 0) print(`  PARKED among the dead letters: ${parked.map(sayRun).join(', ')}`);
  if (duplicates.length > 0) print(`  GIVEN TWICE ${duplicates.join(', ')}`);
}

const sayRun = ({ first, last }: NumberRun): string => (first === last ? `${first}` : `${first}-${last}`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await verifyLedger({
    dataDirectory: resolve(process.env['ALLO_DATA_DIR'] ?? 'data'),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}
