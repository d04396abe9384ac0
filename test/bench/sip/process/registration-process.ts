import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { describeError } from '../../../../server/base/app-error.ts';
import { beginAt, momentsOf } from '../load/open-loop.ts';
import { Registrant } from '../load/registrant.ts';
import { settingsFromParent, tellParent } from './as-child.ts';
import type { RegistrationSettings, RegistrationTimes } from './generator-messages.ts';
import { usernameOf } from './server-messages.ts';

/** Registers many users in turn, each over a socket or a connection of its own, again and again at a fixed rate. */
const { transport, port, users, rate, count } = settingsFromParent<RegistrationSettings>();
const registrants = await openAll();
const times: number[] = [];
/** Why registrations failed, and how many of them. */
const failures = new Map<string, number>();
const begun: Promise<void>[] = [];
const tookMs = await beginAt(momentsOf(rate, count), (n) => begun.push(registerOne(n)));
await Promise.all(begun);
for (const [why, n] of failures) console.error(`${n} registrations failed: ${why}`);
tellParent({ times, failed: count - times.length, achievedRate: (count * 1000) / tookMs } satisfies RegistrationTimes);

async function registerOne(n: number): Promise<void> {
  const from = performance.now();
  try {
    await registrants[n % registrants.length]?.register();
    times.push(performance.now() - from);
  } catch (cause) {
    const why = describeError(cause);
    failures.set(why, (failures.get(why) ?? 0) + 1);
  }
}

async function openAll(): Promise<Registrant[]> {
  const opened: Registrant[] = [];
  for (let n = 0; n < users; n += 1) opened.push(await (transport === 'udp' ? openUdp(n) : openWebSocket(n)));
  return opened;
}

async function openUdp(n: number): Promise<Registrant> {
  const socket = createSocket('udp4');
  await once(socket.bind(0, '127.0.0.1'), 'listening');
  const registrant = new Registrant(usernameOf(n), {
    transport: 'UDP', sentBy: `127.0.0.1:${socket.address().port}`, send: (text) => socket.send(text, port, '127.0.0.1'),
  });
  socket.on('message', (data) => registrant.receive(data.toString('utf8')));
  return registrant;
}

async function openWebSocket(n: number): Promise<Registrant> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sip`, 'sip');
  await once(socket, 'open');
  const registrant = new Registrant(usernameOf(n), { transport: 'WS', sentBy: `${usernameOf(n)}.invalid`, send: (text) => socket.send(text) });
  // Text frames: ws hands over a Buffer.
  socket.on('message', (data: Buffer) => registrant.receive(data.toString('utf8')));
  return registrant;
}
