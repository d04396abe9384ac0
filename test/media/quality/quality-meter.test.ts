import assert from 'node:assert/strict';
import type { PathFigures } from '../../../server/media/engine/leg-reports.ts';
import type { JitterFigures } from '../../../server/media/jitter/jitter-buffer.ts';
import { QualityMeter } from '../../../server/media/quality/quality-meter.ts';
import type { QualitySources } from '../../../server/media/quality/quality-meter.ts';
import { TickLateness } from '../../../server/media/quality/tick-lateness.ts';

const path = (more: Partial<PathFigures> = {}): PathFigures => ({
  packets: 0, lost: 0, duplicatesOrLate: 0, jitterMs: 0, loss: { missing: 0, bursts: 0, duplicates: 0 }, malformed: 0, unknownPayloads: 0, ...more,
});
const jitter = (more: Partial<JitterFigures> = {}): JitterFigures =>
  ({ delayMs: 0, targetMs: 20, late: 0, duplicates: 0, concealedMs: 0, stretches: 0, restarts: 0, ...more });
const sources = (more: Partial<QualitySources> = {}): QualitySources => ({ path: path(), jitter: jitter(), isBuffered: true, packetMs: 20, ...more });

describe('QualityMeter', () => {
  it('gives the delay by its parts, and their sum (ITU-T G.114)', () => {
    const meter = new QualityMeter(0);
    const now = sources({ path: path({ packets: 250, roundTripMs: 80 }), jitter: jitter({ delayMs: 35 }), packetMs: 30 });
    meter.look(now, 1);
    meter.look({ ...now, jitter: jitter({ delayMs: 45 }) }, 3);
    const { delay, oneWayMs, roundTripMs } = meter.report('period', now, 5_000);
    assert.deepEqual(delay, { encodingMs: 30, propagationMs: 40, transmitQueueMs: 2, receiveBufferMs: 40, decodingMs: 0 });
    assert.deepEqual({ oneWayMs, roundTripMs }, { oneWayMs: 112, roundTripMs: 80 });
  });

  it('has no buffer delay while packets are passed on, and no propagation before a round trip is known', () => {
    const meter = new QualityMeter(0);
    const now = sources({ path: path({ packets: 250 }), jitter: jitter({ delayMs: 35 }), isBuffered: false });
    meter.look(now, 0);
    const { delay, oneWayMs } = meter.report('period', now, 5_000);
    assert.deepEqual([delay.receiveBufferMs, delay.propagationMs, oneWayMs], [0, undefined, 20]);
  });

  it('counts a period from the last report, and the whole leg at the end', () => {
    const meter = new QualityMeter(1_000);
    const first = sources({ path: path({ packets: 245, jitterMs: 4, loss: { missing: 5, bursts: 5, duplicates: 1 } }), jitter: jitter({ late: 2, concealedMs: 140 }) });
    meter.look(first, 0);
    meter.report('period', first, 6_000);
    const second = sources({ path: path({ packets: 495, jitterMs: 8, loss: { missing: 6, bursts: 6, duplicates: 1 } }), jitter: jitter({ late: 2, concealedMs: 160 }) });
    meter.look(second, 0);
    const period = meter.report('period', second, 11_000);
    const pick = ({ kind, durationMs, packets, lost, late, duplicates, jitterMs, concealedMs }: typeof period): object => ({ kind, durationMs, packets, lost, late, duplicates, jitterMs, concealedMs });
    assert.deepEqual(pick(period), { kind: 'period', durationMs: 5_000, packets: 250, lost: 1, late: 0, duplicates: 0, jitterMs: 8, concealedMs: 20 });
    assert.deepEqual(pick(meter.report('final', second, 11_500)), { kind: 'final', durationMs: 10_500, packets: 495, lost: 6, late: 2, duplicates: 1, jitterMs: 6, concealedMs: 160 });
  });

  it('rates 4.2 at least with 1 % loss at 150 ms, as our concealment is', () => {
    const meter = new QualityMeter(0);
    const now = sources({ path: path({ packets: 990, roundTripMs: 180, loss: { missing: 10, bursts: 10, duplicates: 0 } }), jitter: jitter({ delayMs: 40 }) });
    meter.look(now, 0);
    const { oneWayMs, rating } = meter.report('final', now, 20_000);
    assert.equal(oneWayMs, 150);
    assert.ok((rating?.mos ?? 0) >= 4.2, String(rating?.mos));
  });

  it('takes packets that came too late as lost, and bursts as worse than single losses (ITU-T G.107 §7.5)', () => {
    const mosOf = (missing: number, bursts: number, late: number): number => {
      const now = sources({ path: path({ packets: 1_000 - missing, loss: { missing, bursts, duplicates: 0 } }), jitter: jitter({ late }) });
      return new QualityMeter(0).report('final', now, 20_000).rating?.mos ?? 0;
    };
    assert.ok(Math.abs(mosOf(30, 30, 0) - mosOf(0, 0, 30)) < 0.01);
    assert.ok(mosOf(30, 5, 0) < mosOf(30, 30, 0) - 0.02);
    assert.ok(mosOf(0, 0, 0) > 4.35);
  });

  it('does not let duplicates hide what was lost', () => {
    const rOf = (packets: number, duplicates: number): number =>
      new QualityMeter(0).report('final', sources({ path: path({ packets, loss: { missing: 50, bursts: 50, duplicates } }) }), 1).rating?.r ?? 0;
    assert.equal(rOf(1_950, 1_000), rOf(950, 0));
  });

  it('has a burst ratio of one for random loss, of three for runs of three', () => {
    const ratioOf = (missing: number, bursts: number): number =>
      new QualityMeter(0).report('final', sources({ path: path({ packets: 10_000 - missing, loss: { missing, bursts, duplicates: 0 } }) }), 1).burstRatio;
    assert.ok(Math.abs(ratioOf(1_000, 900) - 1) < 0.01, 'a tenth lost at random makes runs of 1/0.9');
    assert.ok(Math.abs(ratioOf(300, 100) - 3 * 0.97) < 0.01);
    assert.equal(ratioOf(9_000, 1), 8, 'the greatest of G.107');
  });

  it('rates nothing when nothing was to be heard', () => {
    const { rating, packets } = new QualityMeter(0).report('period', sources(), 5_000);
    assert.deepEqual([rating, packets], [undefined, 0]);
  });
});

describe('TickLateness', () => {
  it('is what frames are late by the most punctual one', () => {
    const lateness = new TickLateness();
    assert.deepEqual([[1, 25], [2, 43], [3, 70], [4, 83]].map(([tick = 0, nowMs = 0]) => lateness.of(tick, nowMs)), [0, 0, 7, 0]);
  });
});
