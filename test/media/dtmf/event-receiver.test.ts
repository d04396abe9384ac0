import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventReceiver } from '../../../server/media/dtmf/event-receiver.ts';
import { DIGITS } from '../../../server/model/digit.ts';
import type { Digit } from '../../../server/model/digit.ts';

const event = (code: number, duration: number, { isEnd = false, volume = 10 } = {}): Uint8Array =>
  Uint8Array.of(code, (isEnd ? 0x80 : 0) | volume, duration >> 8, duration & 0xff);
const END = { isEnd: true };

/** One packet: payload, timestamp, marker. */
type Packet = readonly [Uint8Array, number, boolean?];

const keysOf = (packets: readonly Packet[], clockRate = 8_000): readonly Digit[] => {
  const receiver = new EventReceiver();
  return packets.flatMap(([payload, timestamp, marker = false]) => receiver.receive(payload, timestamp, marker, clockRate));
};

/** All packets of one key of 100 ms: five, and the last one three times. */
const press = (code: number, timestamp: number): readonly Packet[] => [160, 320, 480, 640, 800, 800, 800]
  .map((duration, i) => [event(code, duration, { isEnd: i >= 4 }), timestamp, i === 0] as const);

describe('EventReceiver', () => {
  it('reports a key once for updates, ends and their retransmissions (RFC 4733 §2.5.1)', () => {
    assert.deepEqual(keysOf(press(5, 1_000)), ['5']);
  });

  it('reports it at its first packet', () => {
    const receiver = new EventReceiver();
    assert.deepEqual(press(5, 1_000).map(([payload, at, marker]) => receiver.receive(payload, at, marker ?? false, 8_000).length), [1, 0, 0, 0, 0, 0, 0]);
  });

  it('reports the same key again for a new timestamp', () => {
    assert.deepEqual(keysOf([...press(1, 1_000), ...press(1, 2_600), ...press(1, 4_200)]), ['1', '1', '1']);
  });

  it('reports each key once, whichever of its packets are lost, doubled or out of order within 40 ms (property)', () => {
    const fate = fc.constantFrom<readonly number[]>([], [0], [0], [0, 1], [2]);
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 6 }), fc.infiniteStream(fate), (codes, fates) => {
      const arrivals = codes.flatMap((code, key) => {
        const packets = press(code, key * 1_280).map((packet, i) => ({ packet, atMs: key * 160 + i * 20 }));
        const fared = packets.flatMap(({ packet, atMs }) => (fates.next().value as readonly number[]).map((late) => ({ packet, atMs: atMs + late * 20 + 1 })));
        return fared.length > 0 ? fared : packets.slice(-1);
      }).toSorted((one, other) => one.atMs - other.atMs);
      // The third end of a key may come after the next key began; it must not count as another press.
      assert.deepEqual(keysOf(arrivals.map(({ packet }) => packet)), codes.map((code) => DIGITS[code]));
    }), { numRuns: 500 });
  });

  it('reports a key of which only an end came', () => {
    assert.deepEqual(keysOf([[event(11, 800, END), 5]]), ['#']);
  });

  it('reports the next key when all ends of the one before are lost', () => {
    assert.deepEqual(keysOf([...press(1, 1_000).slice(0, 4), ...press(2, 2_600), ...press(2, 4_200).slice(1)]), ['1', '2', '2']);
  });

  it('does not report late packets of the key before', () => {
    assert.deepEqual(keysOf([...press(1, 1_000).slice(0, 5), ...press(2, 2_600).slice(0, 2), ...press(1, 1_000).slice(5), ...press(2, 2_600).slice(2)]), ['1', '2']);
  });

  for (const [clockRate, lastUpdate] of [[8_000, 0xffff], [8_000, 0xffff - 1_600], [48_000, 0xffff - 9_600]] as const) {
    it(`takes the segments of a long key as one, its clock ${clockRate} and the last update seen ${lastUpdate} (RFC 4733 §2.5.1.3)`, () => {
      const segments = [0, 0xffff, 2 * 0xffff];
      const packets = segments.flatMap((start, i): Packet[] => [
        [event(7, 160), start, i === 0], [event(7, lastUpdate), start],
      ]);
      assert.deepEqual(keysOf([...packets, [event(7, 480, END), 3 * 0xffff], [event(7, 480, END), 3 * 0xffff]], clockRate), ['7']);
    });
  }

  it('reports a key pressed again after one that was held long', () => {
    assert.deepEqual(keysOf([[event(7, 160), 0, true], [event(7, 0xff00, END), 0], [event(7, 160), 0xffff]]), ['7', '7']);
  });

  it('takes a timestamp that runs with the duration, as some gateways send it, as one key', () => {
    const running = [160, 320, 480, 640].map((duration): Packet => [event(3, duration), 1_000 + duration, duration === 160]);
    assert.deepEqual(keysOf([...running, [event(3, 800, END), 1_800], ...press(3, 4_000)]), ['3', '3']);
  });

  it('reports keys that are packed into one packet, and knows them when it comes again (RFC 4733 §2.5.1.5)', () => {
    const packed = Buffer.concat([event(1, 400, END), event(2, 400, END), event(2, 400, END)]);
    assert.deepEqual(keysOf([[packed, 1_000, true], [packed, 1_000]]), ['1', '2', '2']);
  });

  it('passes over events too quiet to be a key (RFC 2833 §3.5)', () => {
    assert.deepEqual(keysOf([[event(4, 160, { volume: 36 }), 1, true], [event(5, 160, { volume: 55 }), 2_000, true]]), ['4']);
  });

  it('counts timestamps over their end, and forgets them with the source', () => {
    const receiver = new EventReceiver();
    assert.deepEqual(receiver.receive(event(3, 160), 0xffff_ff00, true, 8_000), ['3']);
    assert.deepEqual(receiver.receive(event(3, 160), 0x500, true, 8_000), ['3']);
    receiver.reset();
    assert.deepEqual(receiver.receive(event(4, 160), 0x100, true, 8_000), ['4']);
  });

  it('passes over events that are not keys, and payloads that are cut off', () => {
    assert.deepEqual(keysOf([[event(16, 160), 1, true], [Uint8Array.of(5, 10, 0), 2, true]]), []);
  });

  it('knows all sixteen keys (RFC 4733 §3.2)', () => {
    assert.deepEqual(DIGITS.flatMap((_, code) => keysOf([[event(code, 160), 1, true]])), [...DIGITS]);
  });
});
