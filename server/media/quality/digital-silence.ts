import { G711 } from '../codec/g711.ts';
import type { G711Name } from '../codec/g711.ts';

/** The smallest step of A-law: what it makes of nothing. */
const LOUDEST_SILENCE = 8;

const silentCodes = (name: G711Name): Uint8Array => Uint8Array.from(G711[name].toLinear, (sample) => (Math.abs(sample) <= LOUDEST_SILENCE ? 1 : 0));

const SILENT: Readonly<Record<G711Name, Uint8Array>> = { PCMA: silentCodes('PCMA'), PCMU: silentCodes('PCMU') };

/** Whether a payload has no sound in it, not even the noise of a quiet room. Speech is told from it at its first bytes. */
export function isDigitalSilence(law: G711Name, payload: Uint8Array): boolean {
  const silent = SILENT[law];
  return payload.every((code) => silent[code] === 1);
}
