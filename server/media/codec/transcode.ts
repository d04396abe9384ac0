import { G711 } from './g711.ts';
import type { G711Name } from './g711.ts';

const makeTable = (from: G711Name, to: G711Name): Uint8Array =>
  Uint8Array.from(G711[from].toLinear, (sample) => G711[to].fromLinear[sample & 0xffff] ?? 0);

const A_TO_MU = makeTable('PCMA', 'PCMU');
const MU_TO_A = makeTable('PCMU', 'PCMA');
const SAME = Uint8Array.from({ length: 256 }, (_, code) => code);

/**
 * The table that turns a code of one law into the nearest of the other: 256 entries.
 * @remarks ITU-T G.711 tables 3 and 4 do the same with other roundings of single codes.
 */
export const transcodingTable = (from: G711Name, to: G711Name): Uint8Array =>
  (from === to ? SAME : from === 'PCMA' ? A_TO_MU : MU_TO_A);
