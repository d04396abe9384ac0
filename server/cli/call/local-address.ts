import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

/**
 * Finds the address of ours that packets to a host leave from; nothing is sent.
 * @throws the system's error for a name or a network that cannot be reached.
 */
export async function localAddressTowards(host: string, port: number): Promise<string> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
