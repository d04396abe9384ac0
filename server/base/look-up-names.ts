import { lookup } from 'node:dns';
import { isIP } from 'node:net';

/**
 * The `lookup` of datagram sockets: asks the resolver about names only.
 * @remarks Packets go to numeric addresses, about which Node would ask its resolver each time.
 */
export function lookUpNames(
  host: string, family: unknown, done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const known = isIP(host);
  if (known === 0) lookup(host, { family: family === 6 ? 6 : 4 }, done);
  else done(null, host, known);
}
