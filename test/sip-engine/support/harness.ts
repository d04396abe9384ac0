import { SipEngine, type SipEngineOptions } from '../../../server/sip-engine/sip-engine.ts';
import { attachSrf, type Srf } from './srf.ts';

/** An engine on ephemeral loopback ports with one application. */
export interface Harness {
  readonly engine: SipEngine;
  readonly srf: Srf;
  readonly udp: number;
  readonly tcp: number;
  /** Every fault that the engine reported; a test ends with none. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

/**
 * Starts both, joined within the process as in `npm start`; the published scenarios and the tests of
 * applications go over loopback. Timers are the RFC's unless given.
 */
export async function startHarness(options: Partial<SipEngineOptions> = {}): Promise<Harness> {
  const faults: unknown[] = [];
  const engine = await SipEngine.start({
    listeners: [
      { transport: 'udp', host: '127.0.0.1', port: 0 },
      { transport: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    adminPort: 0,
    secret: 'cymru',
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const srf = await attachSrf(engine);
  // drachtio-srf says so in a later turn; a test with a faked clock must not find that in its queue.
  const closed = once(srf, 'close');
  const port = (transport: string): number => engine.bound.find((bound) => bound.transport === transport)?.port ?? 0;
  return {
    engine, srf, faults,
    udp: port('udp'),
    tcp: port('tcp'),
    close: async () => {
      // drachtio-srf does not survive a second disconnect; a test may have done it already.
      if (engine.stats().gauges.applications > 0) srf.disconnect();
      await engine.close();
      await closed;
    },
  };
}

/** A scenario of our own. */
export const scenario = (name: string): string => new URL(`../scenarios/${name}.xml`, import.meta.url).pathname;

/** A scenario that comes with drachtio-srf. */
export const publishedScenario = (name: string): string =>
  new URL(`../../../node_modules/drachtio-srf/test/scenarios/${name}.xml`, import.meta.url).pathname;

/** An offer or answer that names one port. */
export const sdp = (port: number): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n`;

/** Resolves with the first arguments of an event. */
export const once = <T>(emitter: { once(event: string, listener: (...values: T[]) => void): unknown }, event: string): Promise<T[]> =>
  new Promise((resolve) => { emitter.once(event, (...values: T[]) => resolve(values)); });

/**
 * Resolves when the engine knows every route that an application has asked for so far: frames are
 * served in order, and a request to the engine itself is refused at once.
 */
export const routesAreKnown = async (srf: Srf, { udp }: Pick<Harness, 'udp'>): Promise<void> => {
  await srf.request(`sip:127.0.0.1:${udp}`, { method: 'OPTIONS' }).catch(() => undefined);
};

/**
 * Waits until a condition holds, for things that happen on sockets.
 * @throws Error after the deadline.
 */
export async function until(what: string, holds: () => boolean, deadlineMs = 5_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}
