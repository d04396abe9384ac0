import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LossWindow } from '../../../server/media/rtp/loss-window.ts';
import { Reception } from '../../../server/media/rtp/reception.ts';
import { ImpairedPath } from '../support/impaired-path.ts';

/** Sequence numbers as they arrive over a network, with the times. */
function arrivals(impairment: ConstructorParameters<typeof ImpairedPath>[0], packets: number, first: number): { readonly sequence: number; readonly packet: number; readonly atMs: number }[] {
  const path = new ImpairedPath(impairment);
  return Array.from({ length: packets }, (_, packet) => path.carry(packet * 20).map((atMs) => ({ packet, sequence: (first + packet) & 0xffff, atMs })))
    .flat().sort((one, other) => one.atMs - other.atMs);
}

const network = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }), loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
  jitterMs: fc.integer({ min: 0, max: 200 }), duplicates: fc.double({ min: 0, max: 0.4, noNaN: true }),
});
const first = fc.integer({ min: 0, max: 0xffff });

describe('Reception', () => {
  it('counts loss over the end of the sequence numbers (RFC 3550 A.3)', () => {
    const reception = new Reception();
    for (let i = 0; i < 100; i += 1) {
      if (i % 10 !== 5) reception.count(1, (65_500 + i) & 0xffff, i * 160, i * 20);
    }
    assert.deepEqual(reception.figures(), { packets: 90, lost: 10, duplicatesOrLate: 0, jitterMs: 0, loss: { missing: 10, bursts: 10, duplicates: 0 } });
    const block = reception.takeReport();
    assert.equal(block?.cumulativeLost, 10);
    assert.equal(block?.fractionLost, 25);
    assert.equal(block?.highestSequence, 65_536 + 63);
    assert.equal(reception.takeReport()?.fractionLost, 0);
  });

  it('measures jitter: packets 4 ms early and late in turn approach 8 ms (RFC 3550 A.8)', () => {
    const reception = new Reception();
    for (let i = 0; i < 400; i += 1) reception.count(1, i, i * 160, i * 20 + (i % 2 === 0 ? 4 : -4));
    assert.ok(Math.abs(reception.figures().jitterMs - 8) < 0.1, String(reception.figures().jitterMs));
  });

  it('counts duplicates and reordered packets as such', () => {
    const reception = new Reception();
    for (const sequence of [1, 2, 2, 4, 3, 5]) reception.count(1, sequence, sequence * 160, sequence * 20);
    assert.equal(reception.figures().duplicatesOrLate, 2);
    assert.equal(reception.figures().lost, -1);
  });

  it('begins anew with another source, keeping the totals', () => {
    const reception = new Reception();
    for (let i = 0; i < 10; i += 1) if (i !== 4) reception.count(1, i, i * 160, i * 20);
    for (let i = 0; i < 10; i += 1) reception.count(2, 30_000 + i, i * 160, 200 + i * 20);
    assert.equal(reception.figures().packets, 19);
    assert.equal(reception.figures().lost, 1);
  });

  it('has the loss of A.3 over any network and any start: expected less received (property) (RFC 3550 A.1, A.3)', () => {
    fc.assert(fc.property(network, first, (impairment, start) => {
      const came = arrivals(impairment, 300, start);
      if (came.length === 0) return;
      const reception = new Reception();
      for (const { sequence, packet, atMs } of came) reception.count(7, sequence, packet * 160, atMs);
      const newest = Math.max(...came.map(({ packet }) => packet));
      const expected = newest - (came[0]?.packet ?? 0) + 1;
      const { packets, lost } = reception.figures();
      assert.equal(packets, came.length);
      assert.equal(lost, expected - came.length);
      const block = reception.takeReport();
      assert.equal(block?.cumulativeLost, lost);
      assert.equal(block?.highestSequence, (came[0]?.sequence ?? 0) + newest - (came[0]?.packet ?? 0));
    }));
  });

  it('adds up: the fractions of all blocks give the whole loss (property) (RFC 3550 §6.4.1)', () => {
    fc.assert(fc.property(network, first, fc.integer({ min: 5, max: 100 }), (impairment, start, every) => {
      const reception = new Reception();
      let [lost, expected] = [0, 0];
      let highest: number | undefined;
      const addBlock = (): void => {
        const block = reception.takeReport();
        if (block === undefined) return;
        const since = highest === undefined ? 1 : block.highestSequence - highest;
        highest = block.highestSequence;
        expected += since;
        lost += (block.fractionLost / 256) * since;
      };
      for (const [i, { sequence, packet, atMs }] of arrivals({ ...impairment, jitterMs: 0, duplicates: 0 }, 400, start).entries()) {
        reception.count(7, sequence, packet * 160, atMs);
        if (i % every === 0) addBlock();
      }
      addBlock(); // Of what came after the last one.
      // Each fraction is rounded down to a 256th.
      assert.ok(Math.abs(lost - reception.figures().lost) <= expected / 256, `${lost} of ${reception.figures().lost}`);
    }));
  });

  it('knows no jitter where packets keep their distance, whatever the delay and the start of the timestamps (property) (RFC 3550 A.8)', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 10_000_000 }), (timestamp, startMs) => {
      const reception = new Reception();
      for (let i = 0; i < 100; i += 1) reception.count(7, i, (timestamp + i * 160) >>> 0, startMs + i * 20);
      assert.equal(reception.figures().jitterMs, 0);
    }));
  });

  it('has a jitter between nothing and the spread of the network (property) (RFC 3550 A.8)', () => {
    fc.assert(fc.property(network, first, (impairment, start) => {
      const reception = new Reception();
      for (const { sequence, packet, atMs } of arrivals({ ...impairment, duplicates: 0 }, 200, start)) reception.count(7, sequence, packet * 160, atMs);
      const { jitterMs } = reception.figures();
      assert.ok(jitterMs >= 0 && jitterMs <= impairment.jitterMs + 0.5, `${jitterMs} of ${impairment.jitterMs}`);
    }));
  });

  it('passes over one packet of another sequence, and follows it when a second comes (RFC 3550 A.1)', () => {
    const reception = new Reception();
    for (let i = 0; i < 50; i += 1) reception.count(7, i, i * 160, i * 20);
    reception.count(7, 30_000, 0, 1_000);
    reception.count(7, 50, 50 * 160, 1_000);
    assert.deepEqual([reception.figures().packets, reception.figures().lost], [51, 0]);
    for (let i = 0; i < 10; i += 1) reception.count(7, 40_000 + i, i * 160, 1_020 + i * 20);
    assert.deepEqual([reception.figures().packets, reception.figures().lost], [60, 0]);
  });

  it('takes no jitter from keys, whose packets all bear the time of their beginning (RFC 4733 §2.5.1)', () => {
    const reception = new Reception();
    for (let i = 0; i < 50; i += 1) reception.count(7, i, i * 160, i * 20);
    for (let i = 50; i < 60; i += 1) reception.countUntimed(7, i);
    for (let i = 60; i < 70; i += 1) reception.count(7, i, i * 160, i * 20);
    const { jitterMs, lost, packets } = reception.figures();
    assert.deepEqual({ jitterMs, lost, packets }, { jitterMs: 0, lost: 0, packets: 70 });
  });
});

describe('LossWindow', () => {
  const noteAll = (sequences: readonly number[]): LossWindow => {
    const window = new LossWindow();
    for (const sequence of sequences) window.note(sequence & 0xffff);
    return window;
  };

  it('counts what did not come, once, in any order, with any duplicates, over the end of the numbers (property)', () => {
    fc.assert(fc.property(network, first, (impairment, start) => {
      const came = arrivals(impairment, 500, start);
      if (came.length === 0) return;
      const { missing, duplicates } = noteAll(came.map(({ sequence }) => sequence)).figures;
      const seen = new Set(came.map(({ packet }) => packet));
      const newest = Math.max(...seen);
      const begin = came[0]?.packet ?? 0;
      const expected = Array.from({ length: newest - begin + 1 }, (_, i) => begin + i).filter((packet) => !seen.has(packet)).length;
      assert.equal(missing, expected);
      const double = came.length - seen.size;
      const beforeFirst = [...seen].filter((packet) => packet < begin).length;
      assert.ok(duplicates >= double && duplicates <= double + beforeFirst);
    }));
  });

  it('counts runs of loss, not their packets, and joins them over reports', () => {
    const window = new LossWindow();
    for (let i = 0; i < 1_000; i += 1) if (i % 100 < 97 && i % 100 !== 50) window.note(i);
    assert.deepEqual(window.figures, { missing: 10 + 9 * 3, bursts: 10 + 9, duplicates: 0 });
  });

  it('takes back a loss when the packet comes after all', () => {
    const window = noteAll([1, 2, 4, 5]);
    assert.equal(window.figures.missing, 1);
    window.note(3);
    assert.deepEqual(window.figures, { missing: 0, bursts: 0, duplicates: 0 });
  });

  it('keeps what one source lost when another begins', () => {
    const window = noteAll([1, 2, 4, 5]);
    window.restart();
    for (const sequence of [900, 901, 903]) window.note(sequence);
    assert.deepEqual([window.figures.missing, window.figures.bursts], [2, 2]);
  });
});
