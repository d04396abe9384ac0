/**
 * Puts facts in one line, leaving out what is not known. Each part is isolated (Unicode UAX #9
 * §2.4), so that a French name does not turn round the Arabic that follows it.
 */
export function joinParts(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').map((part) => `\u2068${part}\u2069`).join(' · ');
}
