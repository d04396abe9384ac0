import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import { numbered } from './fixtures.ts';

// Run as a child process: appends for ever and tells its parent each position that was acknowledged.
const [directory = '', segmentBytes = '4096'] = process.argv.slice(2);
const ledger = await Ledger.open({ directory, segmentBytes: Number(segmentBytes) });
let number = ledger.lastPosition;
const append = async (): Promise<void> => {
  for (;;) {
    number += 1;
    const mine = number;
    const position = await ledger.append(numbered(mine, 'x'.repeat(mine % 300)));
    process.stdout.write(`${mine}:${position}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, append));
