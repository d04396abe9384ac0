import { splitList } from './header-values.ts';
import type { Headers } from './sip-message.ts';

/**
 * Whether a message's Allow names a method.
 * @returns undefined when it has no Allow: nothing is said (RFC 3261 §20.5).
 */
export function allowsMethod(headers: Headers, method: string): boolean | undefined {
  const lines = headers.all('allow');
  return lines.length === 0 ? undefined : lines.some((line) => splitList(line).some((one) => one.toUpperCase() === method));
}
