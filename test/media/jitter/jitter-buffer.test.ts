import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JitterBuffer } from '../../../server/media/jitter/jitter-buffer.ts';
import { silentGaps } from '../../../server/media/listen/silent-gaps.ts';
import { analyseTone } from '../../../server/media/listen/tone.ts';
import { runJitter } from '../support/jitter-run.ts';
import type { JitterRun, JitterRunResult } from '../support/jitter-run.ts';
import { joinSamples, largestStep, makeSine } from '../support/signals.ts';

const sine = (from: number, length: number): Int16Array => makeSine(400, length / 8, { startSample: from });
/** The steepest slope of that sine: 8000·2π·400/8000. */
const SINE_STEP = 2_514;

/** Runs, and keeps what was heard. */
function hear(run: Omit<JitterRun, 'onFrame'>): JitterRunResult & { readonly heard: Int16Array } {
  const frames: Int16Array[] = [];
  const result = runJitter({ voice: sine, ...run, onFrame: ({ frame }) => frames.push(frame.slice()) });
  return { ...result, heard: joinSamples(frames) };
}

/** How long each packet waited from its arrival until its first sample was heard, in milliseconds. */
function waits({ taken, arrivals }: JitterRunResult, ptime = 20): readonly number[] {
  return taken.map(({ from, atMs }) => atMs - (arrivals.get(Math.floor(from / (ptime * 8))) ?? NaN));
}

const pop = (buffer: JitterBuffer, nowMs: number): Int16Array => {
  const frame = new Int16Array(160);
  buffer.pop(frame, nowMs);
  return frame;
};

describe('JitterBuffer', () => {
  it('hands out nothing before voice comes', () => {
    const frame = new Int16Array(160).fill(9);
    assert.equal(new JitterBuffer().pop(frame, 0), false);
    assert.ok(frame.every((sample) => sample === 0));
  });

  it('gives back what it took, 40 ms later, over the end of the timestamps (RFC 3550 §5.1)', () => {
    const { heard, taken } = hear({ impairment: { seed: 1 }, packets: 200, firstTimestamp: 0xffff_ff00 });
    const start = heard.findIndex((sample) => sample !== 0);
    const said = sine(0, 200 * 160);
    // The first 5 ms rise from silence.
    assert.deepEqual(heard.subarray(start - 1 + 40, start - 1 + 31_000), said.subarray(40, 31_000));
    assert.equal(taken.reduce((sum, { length }) => sum + length, 0), 32_000);
  });

  // Up to 250 ms of disorder: packets that come in a row, later than that, are a new time line.
  it('hears each sample once, in order, within the longest delay, whatever the network does (property)', () => {
    const network = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }), loss: fc.double({ min: 0, max: 0.3, noNaN: true }), delayMs: fc.integer({ min: 0, max: 300 }),
      jitterMs: fc.integer({ min: 0, max: 125 }), keepsOrder: fc.boolean(), reorder: fc.double({ min: 0, max: 0.2, noNaN: true }),
      reorderByMs: fc.integer({ min: 0, max: 125 }), duplicates: fc.double({ min: 0, max: 0.3, noNaN: true }),
      bursts: fc.constantFrom(undefined, { toBad: 0.02, toGood: 0.2, loss: 0.9 }),
    }).map(({ bursts, ...rest }) => (bursts === undefined ? rest : { ...rest, bursts }));
    const run = fc.record({
      impairment: network, packets: fc.constant(150), ptime: fc.constantFrom(10, 20, 30, 40, 60), ppm: fc.constantFrom(-300, 0, 300),
      phaseMs: fc.double({ min: 0, max: 20, noNaN: true }), pause: fc.constantFrom(0, 30),
    });
    fc.assert(fc.property(run, ({ pause, ...options }) => {
      const result = runJitter({ ...options, isSpoken: (packet) => packet % 50 >= pause });
      let heardTo = -Infinity;
      for (const { from, length } of result.taken) {
        assert.ok(from >= heardTo, `${from} after ${heardTo}`);
        heardTo = from + length;
      }
      // 200 ms, the packet's own length, two frames, and what is tolerated before the voice is made shorter.
      for (const wait of waits(result, options.ptime)) assert.ok(wait >= 0 && wait <= 200 + options.ptime + 40 + 20, `waited ${wait} ms`);
      const { late, duplicates, targetMs } = result.buffer.figures;
      assert.ok(targetMs >= 20 && targetMs <= 200);
      assert.ok(late + duplicates <= options.packets * 2);
    }), { numRuns: 300 });
  });

  for (const [what, impairment, atMost] of [
    ['a steady network', {}, 60],
    ['packets that wait for each other up to 100 ms', { jitterMs: 100, keepsOrder: true }, 140],
    ['packets that overtake each other by up to 100 ms', { jitterMs: 100 }, 140],
  ] as const) {
    it(`loses nothing to ${what}, and waits ${atMost} ms at most`, () => {
      const run = hear({ impairment: { seed: 3, ...impairment }, packets: 3_000 });
      const { late, concealedMs, targetMs } = run.buffer.figures;
      assert.ok(late <= 3, `${late} late`);
      assert.ok(concealedMs <= 60 + 120, `${concealedMs} ms concealed, the end of the talk among them`);
      const steady = waits(run).slice(1_500);
      assert.ok(Math.max(...steady) <= atMost, `waited ${Math.max(...steady)} ms`);
      assert.ok(Math.max(...steady) >= targetMs - 20);
      assert.ok(largestStep(run.heard) <= SINE_STEP);
    });
  }

  it('waits longer as soon as the network gets worse, and shorter by and by when it is better', () => {
    const delays: number[] = [];
    const buffer = new JitterBuffer();
    const arrivals = Array.from({ length: 3_000 }, (_, i) => ({ i, atMs: i * 20 + (i >= 1_000 && i < 1_300 ? (i * 37) % 120 : 0) })).sort((one, other) => one.atMs - other.atMs);
    for (let tick = 0, due = 0; tick < 3_000; tick += 1) {
      for (let next = arrivals[due]; next !== undefined && next.atMs < tick * 20; next = arrivals[due]) {
        buffer.push(next.i * 160, sine(next.i * 160, 160), next.atMs);
        due += 1;
      }
      pop(buffer, tick * 20);
      delays.push(buffer.figures.delayMs);
    }
    assert.ok((delays[900] ?? 0) <= 41, `calm: ${delays[900]}`);
    assert.ok((delays[1_040] ?? 0) >= 55, `after 0.8 s of jitter: ${delays[1_040]}`);
    assert.ok(buffer.figures.late <= 6, `${buffer.figures.late} late`);
    assert.ok((delays[1_500] ?? 0) >= 60, `4 s after it ended: ${delays[1_500]}`);
    assert.ok((delays[2_999] ?? 0) <= 45, `34 s after it ended: ${delays[2_999]}`);
    const steepest = Math.max(...delays.slice(1_525).map((delayMs, i) => (delays[1_500 + i] ?? 0) - delayMs));
    assert.ok(steepest <= 20, `shorter by ${steepest} ms within half a second`);
  });

  for (const ppm of [-200, 200]) {
    it(`neither fills nor runs dry in an hour with a sender whose clock is off by ${ppm} ppm`, function () {
      this.timeout(60_000);
      const delays: number[] = [];
      let [step, before] = [0, 0];
      const tone = sine(0, 160);
      const { buffer } = runJitter({
        // 160 samples are 8 periods of 400 Hz: all packets are the same.
        impairment: { seed: 1, jitterMs: 6 }, packets: 180_000, ppm, voice: () => tone,
        onFrame: ({ frame, isVoice, nowMs, buffer: { figures } }) => {
          for (const sample of nowMs > 1_000 ? frame : []) {
            step = Math.max(step, Math.abs(sample - before));
            before = sample;
          }
          if (isVoice && nowMs % 10_000 < 20) delays.push(figures.delayMs);
        },
      });
      const { concealedMs, late, stretches } = buffer.figures;
      assert.deepEqual({ late, concealedMs }, { late: 0, concealedMs: 60 }, 'only the end of the talk was concealed');
      assert.ok(Math.min(...delays) >= 10 && Math.max(...delays) <= 60, `from ${Math.min(...delays)} to ${Math.max(...delays)} ms`);
      // 200 ppm of an hour are 720 ms: periods of 5 to 15 ms.
      assert.ok(stretches >= 48 && stretches <= 149, `${stretches} periods`);
      assert.ok(step <= SINE_STEP, `a step of ${step}`);
    });
  }

  it('counts duplicates, and does not wait longer for them', () => {
    const { buffer, taken } = hear({ impairment: { seed: 5, duplicates: 0.5 }, packets: 500 });
    const { duplicates, late, delayMs } = buffer.figures;
    assert.ok(duplicates > 200 && duplicates < 300, `${duplicates} duplicates`);
    assert.deepEqual({ late, delayMs }, { late: 0, delayMs: 40 });
    assert.equal(taken.reduce((sum, { length }) => sum + length, 0), 500 * 160);
  });

  describe('given a sender that talks', () => {
    let buffer: JitterBuffer;
    let nowMs: number;
    const heard: Int16Array[] = [];

    /** A packet of the sine comes, then a frame is made. */
    const say = (timestamp: number, marker = false): Int16Array => {
      buffer.push(timestamp >>> 0, sine(timestamp >>> 0, 160), nowMs + 5, marker);
      return listen();
    };
    const listen = (): Int16Array => {
      nowMs += 20;
      const frame = pop(buffer, nowMs);
      heard.push(frame);
      return frame;
    };
    const levelOf = (frame: Int16Array | undefined): number => Math.max(...(frame ?? []).map(Math.abs));

    beforeEach(() => {
      buffer = new JitterBuffer();
      nowMs = 0;
      heard.length = 0;
      for (let i = 0; i < 50; i += 1) say(i * 160);
    });
    afterEach(() => {
      assert.ok(largestStep(joinSamples(heard)) <= SINE_STEP + 160, `a step of ${largestStep(joinSamples(heard))}`);
    });

    for (const [what, jump] of [['forwards', 5_000_000], ['backwards', -6_000], ['far backwards', -2_000_000_000], ['to their end and over it', 0xffff_ffff - 9_600 - 8_000]] as const) {
      it(`follows timestamps that jump ${what}, and neither clicks nor hears anything twice`, () => {
        for (let i = 50; i < 80; i += 1) say(jump + i * 160);
        assert.equal(buffer.figures.restarts, 1);
        assert.ok(analyseTone(joinSamples(heard.slice(60)), 400).share > 0.97);
        assert.ok(levelOf(heard[79]) > 7_900);
      });
    }

    it('follows a jump at once where the sender says that it begins to talk (RFC 3551 §4.1)', () => {
      say(5_008_000, true);
      assert.equal(buffer.figures.restarts, 1);
      for (let i = 51; i < 60; i += 1) say(5_000_000 + i * 160);
      assert.ok(silentGaps(joinSamples(heard.slice(20)), { minimumMs: 30 }).length === 0);
    });

    it('passes over one packet from elsewhere in time', () => {
      buffer.push(123_456_789, sine(0, 160), nowMs, false);
      for (let i = 50; i < 60; i += 1) say(i * 160);
      assert.equal(buffer.figures.restarts, 0);
      assert.deepEqual(silentGaps(joinSamples(heard.slice(10))), []);
    });

    it('goes on after a pause in which the sender sent nothing (silence suppression)', () => {
      for (let i = 50; i < 150; i += 1) listen();
      assert.equal(levelOf(heard.at(-1)), 0);
      for (let i = 150; i < 200; i += 1) say(i * 160, i === 150);
      const { late, restarts, delayMs } = buffer.figures;
      assert.deepEqual({ late, restarts }, { late: 0, restarts: 0 });
      assert.ok(delayMs >= 20 && delayMs <= 45, `${delayMs} ms`);
      assert.deepEqual(silentGaps(joinSamples(heard.slice(154))), []);
    });

    it('goes on after a pause in which the sender stopped its clock', () => {
      for (let i = 0; i < 100; i += 1) listen();
      for (let i = 50; i < 100; i += 1) say(i * 160);
      assert.ok(buffer.figures.late <= 2, `${buffer.figures.late} late`);
      assert.deepEqual(silentGaps(joinSamples(heard.slice(158))), []);
      assert.ok(buffer.figures.delayMs <= 60);
    });

    it('makes nothing up where the sender says that it is silent (RFC 3389 §4)', () => {
      buffer.expectSilence(50 * 160);
      for (let i = 0; i < 10; i += 1) listen();
      assert.equal(buffer.figures.concealedMs, 0);
      // The voice that waits is heard, then it falls within 5 ms.
      const end = joinSamples(heard.slice(50)).findLastIndex((sample) => sample !== 0) / 8;
      assert.ok(end > 10 && end < 45 + 5, `${end} ms`);
      for (let i = 60; i < 70; i += 1) say(i * 160, i === 60);
      listen();
      assert.ok(buffer.figures.concealedMs > 0 || levelOf(heard.at(-1)) > 7_900, 'what is missing later was lost');
    });

    it('lets one voice die away and the other rise when the source changes (RFC 3550 §8)', () => {
      buffer.restart();
      listen();
      assert.equal(levelOf(heard[50]?.subarray(41)), 0);
      for (let i = 0; i < 20; i += 1) say(0x8000_0000 + i * 160);
      assert.ok(analyseTone(joinSamples(heard.slice(55)), 400).share > 0.97);
    });

    it('remembers no voice of long ago', () => {
      buffer.reset();
      assert.equal(levelOf(pop(buffer, nowMs + 20)), 0);
      heard.length = 0;
    });

    it('counts a packet as late when what came after it was heard', () => {
      for (let i = 51; i < 60; i += 1) say(i * 160);
      buffer.push(50 * 160, sine(0, 160), nowMs);
      assert.equal(buffer.figures.late, 1);
      assert.equal(buffer.figures.concealedMs, 20);
    });

    /** Frames until nothing more is heard. */
    const framesLeft = (): number => {
      let frames = 0;
      while (levelOf(listen()) > 1_000 && frames < 100) frames += 1;
      return frames;
    };

    for (const packets of [25, 50]) {
      it(`keeps waiting voice bounded when ${packets * 20} ms of it come at once`, () => {
        for (let i = 50; i < 50 + packets; i += 1) buffer.push(i * 160, sine(i * 160, 160), nowMs);
        const frames = framesLeft();
        assert.ok(frames <= 21, `${frames} frames`);
        assert.ok(buffer.figures.restarts > 0);
      });
    }

    for (const frames of [3, 5]) {
      it(`waits for packets that the network holds up for ${frames * 20} ms, and loses none of them`, () => {
        for (let i = 0; i < frames; i += 1) listen();
        for (let i = 50; i <= 50 + frames; i += 1) buffer.push(i * 160, sine(i * 160, 160), nowMs + 5);
        listen();
        for (let i = 51 + frames; i < 110; i += 1) say(i * 160);
        const { late, concealedMs, delayMs } = buffer.figures;
        assert.equal(late, 0);
        assert.ok(concealedMs <= frames * 20, `${concealedMs} ms concealed`);
        assert.ok(delayMs > frames * 20, `${delayMs} ms`);
      });
    }

    it('hears nothing again that was heard before a pause, when its packet comes again after it', () => {
      for (let i = 0; i < 14; i += 1) listen();
      buffer.push(50 * 160, sine(50 * 160, 160), nowMs + 5);
      buffer.push(49 * 160, sine(49 * 160, 160), nowMs + 5);
      assert.ok(framesLeft() <= 1);
      const loud = heard.slice(63).filter((frame) => levelOf(frame) > 1_000).length;
      assert.ok(loud <= 4, `${loud} frames of one packet and what stands for the next`);
    });

    /** Lets the sender pause for 200 ms from this packet on. @returns frames from its next packet until that is heard. */
    const framesAfterPause = (packet: number): number => {
      buffer.expectSilence(packet * 160);
      for (let i = 0; i < 10; i += 1) listen();
      let frames = 0;
      while (frames < 20 && levelOf(say((packet + 10 + frames) * 160, frames === 0)) === 0) frames += 1;
      return frames;
    };

    it('grows in a pause by as much as it must, and at once', () => {
      const before = framesAfterPause(50);
      const packet = 61 + before;
      for (let i = 1; i < 6; i += 1) say((packet + i) * 160);
      buffer.push(packet * 160, sine(packet * 160, 160), nowMs + 5); // 100 ms after its time.
      assert.equal(buffer.figures.late, 1);
      const after = framesAfterPause(packet + 6);
      assert.ok(after >= before + 3, `${before} frames before, ${after} after`);
    });

    it('shrinks in a pause by as much as it may, and at once', () => {
      for (let i = 0; i < 6; i += 1) listen();
      for (let i = 50; i < 57; i += 1) buffer.push(i * 160, sine(i * 160, 160), nowMs + 5);
      for (let i = 57; i < 560; i += 1) say(i * 160);
      assert.ok(buffer.figures.delayMs > 80, `${buffer.figures.delayMs} ms`);
      const after = framesAfterPause(560);
      assert.ok(after <= 2, `${after} frames`);
    });
  });

  it('takes packets of 10 to 60 ms, in turn', () => {
    const buffer = new JitterBuffer();
    const heard: Int16Array[] = [];
    let said = 0;
    for (let nowMs = 0; nowMs < 6_000; nowMs += 20) {
      while (said / 8 <= nowMs) {
        const length = [80, 160, 240, 320, 480][Math.floor(said / 8_000) % 5] ?? 160;
        buffer.push(said, sine(said, length), nowMs + 5);
        said += length;
      }
      heard.push(pop(buffer, nowMs + 10));
    }
    assert.deepEqual(silentGaps(joinSamples(heard.slice(5))), []);
    assert.ok(analyseTone(joinSamples(heard.slice(5)), 400).share > 0.99);
    assert.ok(largestStep(joinSamples(heard.slice(5))) <= SINE_STEP);
  });

  it('survives any order of anything (property)', () => {
    const action = fc.oneof(
      fc.record({ timestamp: fc.integer({ min: 0, max: 0xffff_ffff }), length: fc.integer({ min: 0, max: 9_000 }), marker: fc.boolean() }),
      fc.record({ timestamp: fc.integer({ min: 0, max: 4_000 }), length: fc.integer({ min: 0, max: 500 }), marker: fc.boolean() }),
      fc.constantFrom('pop' as const, 'restart' as const, 'silence' as const, 'late' as const),
    );
    fc.assert(fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const buffer = new JitterBuffer();
      let nowMs = 0;
      for (const next of actions) {
        if (next === 'pop') pop(buffer, nowMs += 20);
        else if (next === 'late') nowMs += 90;
        else if (next === 'restart') buffer.restart();
        else if (next === 'silence') buffer.expectSilence(nowMs * 8);
        else buffer.push(next.timestamp, new Int16Array(next.length).fill(1), nowMs, next.marker);
      }
    }), { numRuns: 300 });
  });
});
