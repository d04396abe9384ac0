/**
 * Part of the day that is said after an hour of the twelve-hour clock; none after noon and midnight,
 * which have names of their own.
 */
export function daypart(hour: number): 'morning' | 'afternoon' | 'evening' | undefined {
  if (hour % 12 === 0) return undefined;
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}
