import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { until } from '../../support/until.ts';

/** What an INVITE led to. */
export interface PlacedCall {
  /** The answer's description. */
  readonly sdp: string;
  close(): Promise<void>;
}

/** Calls a telephone that answers by itself: an INVITE over UDP with this offer, and the ACK. */
export async function placeSipCall(port: number, offer: string): Promise<PlacedCall> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  const messages: string[] = [];
  socket.on('message', (datagram) => messages.push(datagram.toString()));
  send(socket, port, invite(socket.address().port, port, offer));
  try {
    const response = await until(() => messages.find((text) => /^SIP\/2\.0 [2-6]/.test(text)), 'the telephone to answer');
    send(socket, port, acknowledge(socket.address().port, port, response));
    if (!response.startsWith('SIP/2.0 200')) throw new Error(response.split('\r\n', 1)[0]);
    return { sdp: response.slice(response.indexOf('\r\n\r\n') + 4), close: () => closeSocket(socket) };
  } catch (cause) {
    await closeSocket(socket);
    throw cause;
  }
}

const send = (socket: Socket, port: number, lines: readonly string[]): void => { socket.send(lines.join('\r\n'), port, '127.0.0.1'); };

const closeSocket = (socket: Socket): Promise<void> => new Promise((resolve) => { socket.close(() => resolve()); });

const common = (method: string, own: number, port: number, to: string): readonly string[] => [
  `${method} sip:213550000001@127.0.0.1:${port} SIP/2.0`,
  `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK-${own}-${method}`,
  'Max-Forwards: 70',
  `From: <sip:allo@127.0.0.1:${own}>;tag=allo`,
  to,
  `Call-ID: ${own}@127.0.0.1`,
  `CSeq: 1 ${method}`,
  `Contact: <sip:allo@127.0.0.1:${own}>`,
];

const invite = (own: number, port: number, offer: string): readonly string[] => [
  ...common('INVITE', own, port, `To: <sip:213550000001@127.0.0.1:${port}>`),
  'Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(offer)}`, '', offer,
];

const acknowledge = (own: number, port: number, response: string): readonly string[] => [
  ...common('ACK', own, port, /^To:.*/im.exec(response)?.[0] ?? ''),
  'Content-Length: 0', '', '',
];
