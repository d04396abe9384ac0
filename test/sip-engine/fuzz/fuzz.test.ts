import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import sinon from 'sinon';
import { contactUri, recordRoutes } from '../../../server/sip-engine/dialog/dialog.ts';
import { Counters } from '../../../server/sip-engine/guard/counters.ts';
import { Guard } from '../../../server/sip-engine/guard/guard.ts';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { randomToken } from '../../../server/sip-engine/message/random-token.ts';
import { respondTo } from '../../../server/sip-engine/message/respond.ts';
import { TransactionLayer } from '../../../server/sip-engine/transaction/transaction-layer.ts';
import { DEFAULT_TIMERS, lifetime } from '../../../server/sip-engine/transaction/timers.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';
import { StreamFramer } from '../../../server/sip-engine/transport/stream-framer.ts';
import { readVectors } from '../torture/read-vectors.ts';
import { edits, message, mutate } from './grammar.ts';

/** `FUZZ_SEED` repeats a run; the seed stands in the name of each test. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_007);
const HALF = 50_000;
const LONGEST_MS = 50;
const MOST_GROWTH_BYTES = 24 * 1_048_576;

const REAL = [
  ...['INVITE', 'REGISTER', 'OPTIONS', 'BYE', 'SUBSCRIBE', 'PRACK'].flatMap((method) => ['udp', 'wss'].map((transport) => realRequest(method, transport))),
  ...[...readVectors('rfc4475.txt'), ...readVectors('rfc5118.txt')].map(({ text }) => text),
];

/** A request as a phone or a browser sends it. */
function realRequest(method: string, transport: string): string {
  return [
    `${method} sip:1000@centre.example;transport=${transport} SIP/2.0`, `Via: SIP/2.0/${transport.toUpperCase()} 198.51.100.7:5060;branch=z9hG4bK${method};rport`,
    'Record-Route: <sip:proxy.example;lr>, <sip:10.0.0.1;lr;x=1>', 'From: "Carol" <sip:+213661000002@carrier.example>;tag=5e00e125', 'To: <sip:1000@centre.example>',
    'Call-ID: wSSsR1c-lUjKuRhxr0iEKA', `CSeq: 12 ${method}`, 'Max-Forwards: 70', 'Contact: <sip:c@198.51.100.7:5060;ob>;+sip.instance="<urn:uuid:1>";reg-id=1',
    'Authorization: Digest username="1000", realm="centre.example", nonce="1f:2", uri="sip:centre.example", response="0123", qop=auth, nc=00000001, cnonce="x"',
    'Session-Expires: 1800;refresher=uac', 'Content-Type: application/sdp', 'Content-Length: 23', '', 'v=0\r\no=- 1 1 IN IP4 1.1\r\n',
  ].join('\r\n');
}

setFlagsFromString('--expose-gc');
// A cast because the function exists only behind the flag, and nothing types it.
const collectGarbage = runInNewContext('gc') as () => void;

/** The engine from the socket's bytes to the transaction user, with its own clock. */
class Target {
  readonly clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  readonly counters = new Counters();
  readonly #guard = new Guard({ counters: this.counters, isInDialog: () => false, options: { trusted: ['198.51.100.0/25'] } });
  readonly layer: TransactionLayer;
  #seen = 0;

  constructor() {
    this.layer = new TransactionLayer({
      timers: DEFAULT_TIMERS, limits: DEFAULT_LIMITS, counters: this.counters, guard: this.#guard,
      user: {
        onRequest: (transaction) => {
          recordRoutes(transaction.request.headers);
          contactUri(transaction.request.headers);
          transaction.respond(respondTo(transaction.request, { status: this.#seen % 2 === 0 ? 200 : 404, toTag: randomToken() }));
        },
        onAck: () => undefined,
        onCancel: (cancel) => { cancel.respond(respondTo(cancel.request, { status: 481, toTag: randomToken() })); },
      },
      udpFlow: () => this.#flow('198.51.100.7'),
    });
  }

  /** Gives it one message, from a trusted or a strange source, as a datagram or in a stream. */
  give(text: string): void {
    this.#seen += 1;
    const flow = this.#flow(this.#seen % 3 === 0 ? `203.0.113.${this.#seen & 255}` : '198.51.100.7');
    const best = this.#time(() => {
      this.layer.receive(text, this.#guard.metered(flow));
      for (const item of new StreamFramer(DEFAULT_LIMITS).push(text)) if (item.kind === 'message') this.layer.receive(item.text, flow);
    });
    assert.ok(best < LONGEST_MS, `${best} ms for ${JSON.stringify(text.slice(0, 500))}`);
    if (this.#seen % 500 === 0) this.clock.tick(lifetime(DEFAULT_TIMERS) + 10_000);
  }

  end(): void {
    this.clock.tick(10 * lifetime(DEFAULT_TIMERS) + DEFAULT_TIMERS.c);
    assert.equal(this.layer.size, 0, 'every transaction ends');
    this.clock.restore();
  }

  /** The best of three when the first is slow: the machine may have been busy with something else. */
  #time(work: () => void): number {
    let best = Infinity;
    for (let i = 0; i < 3 && best >= LONGEST_MS; i += 1) {
      const from = process.hrtime.bigint();
      work();
      best = Math.min(best, Number(process.hrtime.bigint() - from) / 1e6);
    }
    return best;
  }

  #flow(remoteAddress: string): Flow {
    return { transport: 'udp', reliable: false, remoteAddress, remotePort: 5060, localAddress: '192.0.2.1', localPort: 5060, isOpen: true, send: () => undefined };
  }
}

describe('fuzzing, 100,000 messages', function () {
  this.timeout(120_000);
  let target: Target;
  beforeEach(() => { target = new Target(); });
  afterEach(() => target.end());

  /** Runs a property in two parts; the second may not leave more on the heap than the first did. */
  const run = <T>(arbitrary: fc.Arbitrary<T>, give: (value: T) => void): void => {
    const part = (seed: number): number => {
      fc.assert(fc.property(arbitrary, (value) => { give(value); }), { numRuns: HALF / 2, seed });
      target.clock.tick(10 * lifetime(DEFAULT_TIMERS));
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const first = part(SEED);
    const grown = part(SEED + 1) - first;
    assert.ok(grown < MOST_GROWTH_BYTES, `${grown} bytes more on the heap`);
  };

  it(`survives messages of a grammar (seed ${SEED})`, () => run(message, (text) => target.give(text)));

  it(`survives real messages that were changed (seed ${SEED})`, () => {
    run(fc.tuple(fc.constantFrom(...REAL), edits), ([text, changes]) => target.give(mutate(text, changes)));
  });
});
