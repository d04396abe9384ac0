import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StreamFramer, type FramedItem } from '../../../server/sip-engine/transport/stream-framer.ts';

const message = (body: string, name = 'Content-Length'): string => `MESSAGE sip:a@b SIP/2.0\r\nCall-ID: x\r\n${name}: ${body.length}\r\n\r\n${body}`;
const feed = (chunks: readonly string[], messageBytes = 65_536): FramedItem[] => {
  const framer = new StreamFramer({ messageBytes });
  return chunks.flatMap((chunk) => [...framer.push(chunk)]);
};
const texts = (items: readonly FramedItem[]): string[] => items.flatMap((item) => (item.kind === 'message' ? [item.text] : []));

describe('StreamFramer (RFC 3261 §18.3)', () => {
  it('cuts the same messages out of a stream, however it is fragmented', () => {
    const all = [message('hello'), message(''), message('v=0\r\n\r\nMESSAGE sip:trap@x SIP/2.0\r\n\r\n', 'l'), message('x'.repeat(3_000))];
    const stream = `\r\n\r\n${all.join('\r\n\r\n')}`;
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const chunks: string[] = [];
      for (let at = 0, i = 0; at < stream.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        chunks.push(stream.slice(at, at + size));
        at += size;
      }
      const items = feed(chunks);
      assert.deepEqual(texts(items), all);
      assert.equal(items.filter(({ kind }) => kind === 'keep-alive').length, 4);
    }), { numRuns: 200 });
  });

  it('tells a message that is not complete from an idle stream', () => {
    const framer = new StreamFramer({ messageBytes: 65_536 });
    assert.deepEqual([...framer.push(message('hello').slice(0, -2))], []);
    assert.equal(framer.isPartial, true);
    assert.deepEqual(texts([...framer.push('lo')]), [message('hello')]);
    assert.equal(framer.isPartial, false);
  });

  it('takes line ends between messages for no message that has begun (RFC 3261 §7.5)', () => {
    const framer = new StreamFramer({ messageBytes: 65_536 });
    for (const ends of ['', '\r', '\n', '\r']) {
      assert.deepEqual([...framer.push(ends)], []);
      assert.equal(framer.isPartial, false, JSON.stringify(ends));
    }
    assert.deepEqual([...framer.push('\n')], [{ kind: 'keep-alive' }]);
    assert.deepEqual(texts([...framer.push(`${message('hello')}\r\n`)]), [message('hello')]);
    assert.equal(framer.isPartial, false);
    assert.deepEqual([...framer.push('I')], []);
    assert.equal(framer.isPartial, true);
  });

  for (const [what, chunk, fault] of [
    ['no Content-Length', 'OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n\r\n', 'no-content-length'],
    ['a Content-Length that is no number', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n', 'bad-content-length'],
    ['a Content-Length beyond the limit', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n', 'too-large'],
    ['a head without end', `OPTIONS sip:a@b SIP/2.0\r\n${'X: y\r\n'.repeat(12_000)}`, 'too-large'],
  ] as const) {
    it(`gives up a stream with ${what}`, () => {
      assert.deepEqual(feed([chunk]).at(-1), { kind: 'broken', fault });
    });
  }

  it('takes a head byte by byte without quadratic time', () => {
    const long = `OPTIONS sip:a@b SIP/2.0\r\n${'X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(1_500)}Content-Length: 0\r\n\r\n`;
    const framer = new StreamFramer({ messageBytes: 65_536 });
    const started = process.hrtime.bigint();
    let found = 0;
    for (const char of long) found += [...framer.push(char)].length;
    assert.equal(found, 1);
    assert.ok(Number(process.hrtime.bigint() - started) / 1e6 < 500);
  });
});
