import { isIPv6 } from 'node:net';

/**
 * What to count an IP address under: an IPv4 address itself, the /64 of an IPv6 address, because
 * whoever has one address of a /64 has all of them (RFC 4291 §2.5.1, RFC 6177 §2).
 */
export function addressKey(address: string): string {
  const bare = address.split('%', 1)[0] ?? address;
  if (!isIPv6(bare)) return bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped?.[1]) return mapped[1];
  const [head = '', tail] = bare.split('::');
  const groups = head === '' ? [] : head.split(':');
  const tailGroups = tail ? tail.split(':') : [];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - tailGroups.length);
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...tailGroups];
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
