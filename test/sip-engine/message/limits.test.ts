import assert from 'node:assert/strict';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { readEssentials, stampTopVia } from '../../../server/sip-engine/message/essentials.ts';
import { param, parseCSeq, parseNameAddr, parseVia, splitList, splitParams, tagOf } from '../../../server/sip-engine/message/header-values.ts';
import { replaceLocalhost } from '../../../server/sip-engine/message/local-identity.ts';
import { parseMessage } from '../../../server/sip-engine/message/parse-message.ts';
import { Headers } from '../../../server/sip-engine/message/sip-message.ts';
import { parseHostPort, parseSipUri } from '../../../server/sip-engine/message/sip-uri.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';

const START = 'OPTIONS sip:a@b SIP/2.0\r\n';
const verdict = (text: string): string => {
  const outcome = parseMessage(text, DEFAULT_LIMITS);
  return outcome.kind === 'message' ? 'message' : outcome.fault;
};

describe('limits of messages', () => {
  const cases: readonly { what: string; make: (size: number) => string; limit: number; fault: string }[] = [
    { what: 'a message of 64 KiB', limit: 65_536, fault: 'too-large', make: (size) => `${START}\r\n`.padEnd(size, 'x') },
    { what: 'a header line of 8 KiB', limit: 8_192, fault: 'line-too-long', make: (size) => `${START}${'Subject: '.padEnd(size, 'x')}\r\n\r\n` },
    { what: 'a folded header of 8 KiB', limit: 8_192, fault: 'line-too-long', make: (size) => `${START}${'Subject: a\r\n b\r\n '.padEnd(size, 'x')}\r\n\r\n` },
    { what: '200 headers', limit: 200, fault: 'too-many-headers', make: (size) => `${START}${'X: 1\r\n'.repeat(size)}\r\n` },
    { what: 'a Request-URI of 2 KiB', limit: 2_048, fault: 'uri-too-long', make: (size) => `OPTIONS ${'sip:'.padEnd(size, 'a')} SIP/2.0\r\n\r\n` },
    { what: 'a start line of 8 KiB', limit: 8_192, fault: 'line-too-long', make: (size) => `SIP/2.0 200 ${'x'.repeat(size - 12)}\r\n\r\n` },
  ];
  for (const { what, make, limit, fault } of cases) {
    it(`takes ${what}, and names what is larger`, () => {
      assert.deepEqual([limit - 1, limit, limit + 1].map((size) => verdict(make(size))), ['message', 'message', fault]);
    });
  }
});

describe('the time that hostile text costs', () => {
  const flow: Flow = {
    transport: 'udp', reliable: false, remoteAddress: '192.0.2.9', remotePort: 5070, localAddress: '192.0.2.1', localPort: 5060, isOpen: true, send: () => undefined,
  };
  const readers: Readonly<Record<string, (text: string) => unknown>> = {
    splitList, parseNameAddr, parseVia, splitParams, tagOf, parseCSeq, parseHostPort, parseSipUri,
    param: (text) => param(text, 'tag'),
    stampTopVia: (text) => {
      const headers = new Headers().add('Via', text);
      stampTopVia(headers, { transport: 'UDP', host: 'x', branch: '', hasRport: true, params: '' }, { address: '192.0.2.9', port: 1 });
    },
    replaceLocalhost: (text) => replaceLocalhost(`${text}localhost`, flow),
    'parseMessage of one header': (text) => parseMessage(`${START}X: ${text}\r\n\r\n`, { ...DEFAULT_LIMITS, messageBytes: 1e7, lineBytes: 1e7 }),
    'parseMessage of a folded header': (text) => parseMessage(`${START}X: a\r\n ${text}\r\n b\r\n\r\n`, { ...DEFAULT_LIMITS, messageBytes: 1e7, lineBytes: 1e7 }),
    'parseMessage of a head': (text) => parseMessage(`${START}${text}\r\n\r\n`, { ...DEFAULT_LIMITS, messageBytes: 1e7, lineBytes: 1e7, headers: 1e6 }),
    'parseMessage of the start': (text) => parseMessage(`${text}\r\n\r\n`, { ...DEFAULT_LIMITS, messageBytes: 1e7, lineBytes: 1e7, uriBytes: 1e7 }),
    'parseMessage of a message': (text) => parseMessage(text, { ...DEFAULT_LIMITS, messageBytes: 1e7 }),
    'readEssentials of every header': (text) => {
      const headers = new Headers();
      for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact']) headers.add(name, text);
      return readEssentials({ kind: 'request', method: 'OPTIONS', uri: text, headers, body: '' });
    },
  };
  const seeds = [
    ' ', '\t', ';', ',', '"', '\\', '<', '>', '=', ':', '@', '?', '[', '1', 'a', ' ;', '; ', ';a', ';a=b', ';"', '="', '"a"', '<>', '<,', '\\"', ' :', '1:', '::', ' 1',
    'sip:', 'sip:@', ';received', ';rport=', 'SIP/2.0/', 'SIP/2.0/UDP ', ' /', '\r\n', '\r\n ', ' \r\n ', 'A: 1\r\n', '\u00a0', ';tag', '0.', 'a ', 'a, ', '"<', '\\\0',
  ];
  const heads = ['', 'SIP/2.0/UDP ', 'SIP/2.0/UDP h', 'SIP', '<', '"', '<sip:a@b>', '1', '1 ', '[', 'sip:', ';a="'];
  const SMALL = 2_000;
  const FACTOR = 16;

  /** The best of five: other work of the machine only ever adds. */
  const best = (work: () => unknown): number => {
    let least = Infinity;
    for (let i = 0; i < 5; i += 1) {
      const from = process.hrtime.bigint();
      work();
      least = Math.min(least, Number(process.hrtime.bigint() - from));
    }
    return least;
  };

  for (const [name, read] of Object.entries(readers)) {
    it(`grows with its length and no faster in ${name}`, function () {
      this.timeout(60_000);
      for (const head of heads) {
        for (const seed of seeds) {
          const text = (size: number): string => head + seed.repeat(Math.ceil(size / seed.length));
          const long = text(SMALL * FACTOR);
          const large = best(() => read(long));
          // Below half a millisecond for 32 KB nothing quadratic is possible: it would take tens.
          if (large < 500_000) continue;
          const short = text(SMALL);
          const ratio = best(() => read(long)) / Math.max(20_000, best(() => read(short)));
          assert.ok(ratio < FACTOR * 4, `${name}: ${ratio.toFixed(0)} times longer for ${FACTOR} times ${JSON.stringify(head)} + ${JSON.stringify(seed)}`);
        }
      }
    });
  }
});
