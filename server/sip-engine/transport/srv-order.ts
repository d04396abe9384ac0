import type { ServiceRecord } from './resolver.ts';

/**
 * Puts SRV records into the order in which they are tried.
 * @param random - in [0, 1).
 * @remarks RFC 2782: lowest priority first; within one, chosen by weight, records of weight 0
 *   placed first so that they have a small chance.
 */
export function inSrvOrder(records: readonly ServiceRecord[], random: () => number): ServiceRecord[] {
  const ordered: ServiceRecord[] = [];
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  for (const priority of priorities) {
    const left = records.filter((one) => one.priority === priority).sort((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      let rest = Math.floor(random() * (total + 1));
      const at = left.findIndex(({ weight }) => {
        rest -= weight;
        return rest <= 0;
      });
      ordered.push(...left.splice(Math.max(at, 0), 1));
    }
  }
  return ordered;
}
