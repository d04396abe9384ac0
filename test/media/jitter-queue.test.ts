import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JitterQueue } from '../../server/media/jitter/jitter-queue.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { joinSamples, makeSine } from './support/signals.ts';

/** Pops frames and joins those from the first audio on. */
const popAll = (queue: JitterQueue, frames: number): Int16Array => joinSamples(Array.from({ length: frames }, () => {
  const frame = new Int16Array(160);
  queue.pop(frame);
  return frame;
}));

const sineFrame = (i: number): Int16Array => makeSine(400, 20, { startSample: i * 160 });

describe('JitterQueue', () => {
  it('hands out nothing before audio comes', () => {
    const queue = new JitterQueue();
    const frame = new Int16Array(160).fill(9);
    assert.equal(queue.pop(frame), false);
    assert.ok(frame.every((sample) => sample === 0));
  });

  it('gives back what it took after 40 ms, over the end of the timestamps', () => {
    const queue = new JitterQueue();
    const heard: Int16Array[] = [];
    for (let i = 0; i < 100; i += 1) {
      queue.push((0xffff_ff00 + i * 160) >>> 0, sineFrame(i));
      heard.push(popAll(queue, 1));
    }
    assert.deepEqual(joinSamples(heard).subarray(320 + 40, 15_000), makeSine(400, 2_000).subarray(40, 14_680));
  });

  it('puts packets in order that come up to 20 ms early or late (property)', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 19 }), { minLength: 40, maxLength: 40 }), (delays) => {
      const queue = new JitterQueue();
      const arrivals = delays.map((delay, i) => ({ i, at: i * 20 + delay })).sort((one, other) => one.at - other.at);
      const heard: Int16Array[] = [];
      for (let nowMs = 20; nowMs <= 800; nowMs += 20) {
        while (arrivals[0] !== undefined && arrivals[0].at < nowMs) {
          const { i } = arrivals.shift() ?? { i: 0 };
          queue.push(i * 160, sineFrame(i));
        }
        heard.push(popAll(queue, 1));
      }
      const joined = joinSamples(heard);
      const start = Math.floor(joined.findIndex((sample) => sample !== 0) / 160) * 160;
      // The first 5 ms fade in; 50 periods more are as they were said.
      assert.deepEqual(joined.subarray(start + 40, start + 4_000), makeSine(400, 2_000).subarray(40, 4_000));
    }));
  });

  it('conceals one lost packet without a click', () => {
    const queue = new JitterQueue();
    const heard: Int16Array[] = [];
    for (let i = 0; i < 50; i += 1) {
      if (i !== 20) queue.push(i * 160, sineFrame(i));
      heard.push(popAll(queue, 1));
    }
    assert.equal(queue.figures().concealed, 1);
    const joined = joinSamples(heard).subarray(640);
    assert.ok(silentGaps(joined).every(({ lengthMs }) => lengthMs <= 10));
    assert.ok(analyseTone(joined, 400).share > 0.93);
    const steps = joined.slice(1).map((sample, i) => Math.abs(sample - (joined[i] ?? 0)));
    // The tone's own slope is 8000·2π·400/8000 = 2,513.
    assert.ok(Math.max(...steps) < 2_800, `a step of ${Math.max(...steps)}`);
  });

  it('waits longer after packets came late, 120 ms at most', () => {
    const queue = new JitterQueue();
    for (let i = 0; i < 200; i += 1) {
      if (i % 2 === 0 && i > 8) {
        queue.push((i - 8) * 160, sineFrame(i - 8));
        queue.push((i - 7) * 160, sineFrame(i - 7));
      }
      popAll(queue, 1);
    }
    const { delayMs } = queue.figures();
    assert.ok(delayMs <= 120);
    assert.ok(queue.figures().late <= 12, `late ${queue.figures().late}`);
  });

  it('cuts what waits too long when the sender is ahead, and stays bounded', () => {
    const queue = new JitterQueue();
    for (let i = 0; i < 1_000; i += 1) {
      queue.push(i * 160, sineFrame(i));
      if (i % 2 === 0) popAll(queue, 1);
    }
    assert.ok(queue.figures().cut > 10);
    let waiting = 0;
    const frame = new Int16Array(160);
    while (queue.pop(frame)) waiting += 1;
    assert.ok(waiting <= 14, `${waiting} frames`);
  });

  it('begins anew when the timestamps jump', () => {
    const queue = new JitterQueue();
    for (let i = 0; i < 10; i += 1) {
      queue.push(i * 160, sineFrame(i));
      popAll(queue, 1);
    }
    const heard: Int16Array[] = [];
    for (let i = 0; i < 20; i += 1) {
      queue.push(5_000_000 + i * 160, sineFrame(i));
      heard.push(popAll(queue, 1));
    }
    assert.ok(analyseTone(joinSamples(heard).subarray(800), 400).share > 0.98);
  });

  it('survives any order of anything (property)', () => {
    const action = fc.oneof(fc.record({ timestamp: fc.integer({ min: 0, max: 0xffff_ffff }), length: fc.integer({ min: 0, max: 9_000 }) }), fc.constant('pop'));
    fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const queue = new JitterQueue();
      const frame = new Int16Array(160);
      for (const next of actions) {
        if (typeof next === 'string') queue.pop(frame);
        else queue.push(next.timestamp, new Int16Array(next.length).fill(1));
      }
    }));
  });
});
