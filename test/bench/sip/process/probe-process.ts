import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { delay } from '../../../../server/base/deadline.ts';
import { headerOf } from '../../../sip-engine/support/udp-peer.ts';
import { beginAt, momentsOf } from '../load/open-loop.ts';
import { ProbeCall } from '../load/probe-call.ts';
import { settingsFromParent, tellParent } from './as-child.ts';
import type { ProbeSettings, ProbeTimes } from './generator-messages.ts';

/** How long the last calls may take. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Places a few calls beside a load and measures them to the microsecond, in a process that
 * does nothing else: SIPp 3.6.1 reads CLOCK_MONOTONIC_COARSE, whose steps are 4 ms. Each call
 * begins at a random moment of its slot, so that none falls into step with SIPp's ticks.
 */
const { port, rate, count, waitMs } = settingsFromParent<ProbeSettings>();
const socket = createSocket('udp4');
await once(socket.bind(0, '127.0.0.1'), 'listening');
const calls = new Map<string, ProbeCall>();
socket.on('message', (data) => {
  const at = performance.now();
  const text = data.toString('utf8');
  calls.get(headerOf(text, 'Call-ID'))?.receive(text, at);
});

await delay(waitMs);
await beginAt(momentsOf(rate, count, Math.random), (n) => {
  const call = new ProbeCall(`probe-${process.pid}-${n}`, socket.address().port, (text) => socket.send(text, port, '127.0.0.1'));
  calls.set(call.callId, call);
  call.invite();
});
const placed = [...calls.values()];
const until = performance.now() + LAST_ANSWERS_MS;
while (performance.now() < until && !placed.every(({ hasEnded }) => hasEnded)) await delay(50);

const measured = (read: (call: ProbeCall) => number | undefined): number[] => placed.map(read).filter((ms) => ms !== undefined);
tellParent({
  ringing: measured(({ ringingMs }) => ringingMs), answered: measured(({ answeredMs }) => answeredMs),
  failed: placed.filter(({ ringingMs, hasEnded }) => ringingMs === undefined || !hasEnded).length,
} satisfies ProbeTimes);
