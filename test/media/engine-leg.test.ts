import assert from 'node:assert/strict';
import fc from 'fast-check';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone, levelDbfs } from '../../server/media/listen/tone.ts';
import { Playlist } from '../../server/media/player/playlist.ts';
import { VirtualBridge, voiceOf } from './support/fake-link.ts';
import type { VirtualParty } from './support/fake-link.ts';
import { makeSine } from './support/signals.ts';

/** Frame number `i` of a sine that goes on. */
const frame = (frequency: number, i: number, amplitude = 6_000): Int16Array => makeSine(frequency, 20, { amplitude, startSample: i * 160 });

const assertOneTimeLine = (party: VirtualParty): void => {
  const { sent } = party.link;
  for (const [i, packet] of sent.slice(1).entries()) {
    const before = sent[i];
    if (before === undefined) continue;
    assert.equal((packet.sequence - before.sequence) & 0xffff, 1, `sequence after packet ${i}`);
    if (packet.payloadType !== 101 && before.payloadType !== 101) assert.ok(((packet.timestamp - before.timestamp) | 0) > 0, `timestamp after packet ${i}`);
  }
};

/** The largest step between two samples: a click is a step that the tone itself does not make. */
const largestStep = (samples: Int16Array): number => {
  let largest = 0;
  for (let i = 1; i < samples.length; i += 1) largest = Math.max(largest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
  return largest;
};

describe('EngineLeg', () => {
  it('sends silence while there is nothing to hear', () => {
    const bridge = new VirtualBridge();
    const carol = bridge.join('PCMA');
    for (let i = 0; i < 10; i += 1) bridge.step();
    assert.equal(carol.link.sent.length, 10);
    assert.ok(levelDbfs(voiceOf(carol)) < -65);
    assertOneTimeLine(carol);
  });

  describe('given two legs that hear each other', () => {
    for (const [one, other] of [['PCMA', 'PCMA'], ['PCMA', 'PCMU']] as const) {
      it(`forwards each packet at the moment that it comes (${one}, ${other})`, () => {
        const bridge = new VirtualBridge();
        const [carol, alice] = [bridge.join(one), bridge.join(other)];
        carol.leg.setHears(alice.leg, 1);
        alice.leg.setHears(carol.leg, 1);
        for (let i = 0; i < 50; i += 1) bridge.step([[carol, frame(440, i)], [alice, frame(700, i)]]);
        const late = alice.link.sent.slice(5);
        assert.ok(late.every(({ atMs }) => atMs % 20 === 10), 'between ticks');
        assert.ok(analyseTone(voiceOf(alice, 5), 440).share > 0.98);
        assert.ok(analyseTone(voiceOf(carol, 5), 700).share > 0.98);
        assertOneTimeLine(alice);
      });
    }

    it('forwards loss as loss: a gap in sequence and timestamp, and reordered packets in their places', () => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      for (let i = 0; i < 5; i += 1) bridge.step([[carol, frame(440, i)]]);
      const base = alice.link.sent.at(-1);
      const packets = [5, 6, 7, 8].map((i) => bridge.makePacket(carol, frame(440, i)));
      for (const place of [1, 0, 3, 3]) carol.leg.onPacket(Buffer.from(packets[place] ?? []));
      const steps = alice.link.sent.slice(-3).map(({ sequence, timestamp }) => [(sequence - (base?.sequence ?? 0)) & 0xffff, (timestamp - (base?.timestamp ?? 0)) | 0]);
      assert.deepEqual(steps, [[2, 320], [1, 160], [4, 640]]);
    });

    it('goes on with one time line when the speaker changes its source (RFC 3550 §8)', () => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      for (let i = 0; i < 10; i += 1) bridge.step([[carol, frame(440, i)]]);
      carol.timestamp = 5;
      carol.sequence = 5;
      for (let i = 0; i < 10; i += 1) bridge.step([[carol, frame(440, i)]]);
      assertOneTimeLine(alice);
    });

    it('mixes packets of another length than 20 ms into frames', () => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      for (let i = 0; i < 60; i += 1) {
        bridge.step(i % 3 === 0 ? [[carol, makeSine(440, 60, { amplitude: 6_000, startSample: i * 160 })]] : []);
      }
      assert.ok(alice.link.sent.every(({ payload }) => payload.length === 160));
      const heard = voiceOf(alice, 20);
      assert.ok(analyseTone(heard, 440).share > 0.97, String(analyseTone(heard, 440).share));
      assert.deepEqual(silentGaps(heard), []);
    });
  });

  describe('given three legs', () => {
    it('lets everybody hear the others and not itself, at the gain of the cell', () => {
      const bridge = new VirtualBridge();
      const [carol, alice, sam] = [bridge.join('PCMA'), bridge.join('PCMU'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      alice.leg.setHears(sam.leg, 0.5);
      carol.leg.setHears(alice.leg, 1);
      sam.leg.setHears(carol.leg, 1);
      sam.leg.setHears(alice.leg, 1);
      for (let i = 0; i < 100; i += 1) bridge.step([[carol, frame(440, i)], [alice, frame(700, i)], [sam, frame(1_000, i)]]);
      const full = 20 * Math.log10(6_000 / 32_768);
      const heard = voiceOf(alice, 20);
      assert.ok(Math.abs(analyseTone(heard, 440).levelDbfs - full) < 0.5);
      assert.ok(Math.abs(analyseTone(heard, 1_000).levelDbfs - (full - 6)) < 0.5);
      assert.ok(analyseTone(heard, 700).levelDbfs < -50);
      assert.ok(analyseTone(voiceOf(carol, 20), 1_000).levelDbfs < -50, 'the whisper does not reach the caller');
      assert.ok(Math.abs(analyseTone(voiceOf(sam, 20), 700).levelDbfs - full) < 0.5);
    });
  });

  it('changes who hears whom, and what plays, without a click, whatever the order (property)', () => {
    const change = fc.record({ at: fc.integer({ min: 5, max: 90 }), what: fc.constantFrom('hear-carol', 'mute-carol', 'hear-sam', 'mute-sam', 'play', 'stop') });
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bridge = new VirtualBridge();
      const [carol, alice, sam] = [bridge.join('PCMA'), bridge.join('PCMA'), bridge.join('PCMA')];
      const music = makeSine(250, 2_000, { amplitude: 3_000 });
      for (let i = 0; i < 100; i += 1) {
        for (const { at, what } of changes) {
          if (at !== i) continue;
          if (what === 'hear-carol') alice.leg.setHears(carol.leg, 1);
          else if (what === 'mute-carol') alice.leg.setHears(carol.leg, 0);
          else if (what === 'hear-sam') alice.leg.setHears(sam.leg, 1);
          else if (what === 'mute-sam') alice.leg.setHears(sam.leg, 0);
          else if (what === 'play') alice.leg.play(i, new Playlist([{ kind: 'in-step', samples: music }], false), true);
          else alice.leg.stopPlaying(Math.max(-1, ...changes.filter((other) => other.what === 'play' && other.at <= i).map((other) => other.at)));
        }
        bridge.step([[carol, frame(313, i, 3_000)], [sam, frame(363, i, 3_000)]]);
      }
      // Steepest slopes: 3000·2π·(313+363+250)/8000 = 2,182 for all three at once, a fade and the law's own steps.
      assert.ok(largestStep(voiceOf(alice)) < 2_600, `a step of ${largestStep(voiceOf(alice))}`);
      assertOneTimeLine(alice);
    }), { numRuns: 150 });
  });

  it('turns one voice on and off without a click (property)', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 3, max: 60 }), { minLength: 1, maxLength: 6 }), (switches) => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMU')];
      let isOn = false;
      for (let i = 0; i < 70; i += 1) {
        if (switches.includes(i)) {
          isOn = !isOn;
          alice.leg.setHears(carol.leg, isOn ? 1 : 0);
        }
        bridge.step([[carol, frame(333, i, 8_000)]]);
      }
      // The tone's own slope is 8000·2π·333/8000 = 2,092.
      assert.ok(largestStep(voiceOf(alice)) < 2_900, `a step of ${largestStep(voiceOf(alice))}`);
      assertOneTimeLine(alice);
    }), { numRuns: 150 });
  });

  describe('given something to play', () => {
    it('plays over the talk, then forwards again', () => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      for (let i = 0; i < 20; i += 1) bridge.step([[carol, frame(440, i)]]);
      assert.equal(alice.leg.route, 'forward');
      alice.leg.play(1, new Playlist([{ kind: 'samples', samples: makeSine(1_500, 400) }], false), false);
      const from = alice.link.sent.length;
      for (let i = 20; i < 40; i += 1) bridge.step([[carol, frame(440, i)]]);
      const heard = voiceOf(alice, from + 4);
      assert.ok(analyseTone(heard, 1_500).share > 0.3 && analyseTone(heard, 440).share > 0.2);
      assert.deepEqual(alice.endedPlaybacks, [[1, 'finished']]);
      for (let i = 40; i < 45; i += 1) bridge.step([[carol, frame(440, i)]]);
      assert.equal(alice.leg.route, 'forward');
      assertOneTimeLine(alice);
    });

    it('ends as finished with the frame that holds the last sample, to the frame', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('PCMA');
      carol.leg.play(7, new Playlist([{ kind: 'samples', samples: makeSine(500, 1_000) }, { kind: 'silence', length: 800 }], false), false);
      for (let i = 0; i < 54; i += 1) bridge.step();
      assert.deepEqual(carol.endedPlaybacks, []);
      bridge.step();
      assert.deepEqual(carol.endedPlaybacks, [[7, 'finished']]);
      assert.deepEqual(silentGaps(voiceOf(carol).subarray(0, 8_000)), []);
    });

    it('plays on in time for a leg that holds, without sending', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('PCMA', { peerListens: false });
      carol.leg.play(1, new Playlist([{ kind: 'samples', samples: makeSine(500, 100) }], false), false);
      for (let i = 0; i < 10; i += 1) bridge.step();
      assert.deepEqual(carol.endedPlaybacks, [[1, 'finished']]);
      assert.equal(carol.link.sent.length, 0);
    });
  });

  describe('given keys', () => {
    it('interrupts the voice for a key and goes on after it', () => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      for (let i = 0; i < 20; i += 1) bridge.step([[carol, frame(440, i)]]);
      alice.leg.sendDigit('9');
      const from = alice.link.sent.length;
      for (let i = 20; i < 60; i += 1) bridge.step([[carol, frame(440, i)]]);
      const sent = alice.link.sent.slice(from);
      const events = sent.filter(({ payloadType }) => payloadType === 101);
      assert.equal(events.length, 7);
      assert.equal(new Set(events.map(({ timestamp }) => timestamp)).size, 1);
      const between = sent.slice(sent.indexOf(events[0] ?? sent[0] as never), sent.indexOf(events[6] ?? sent[0] as never));
      assert.ok(between.every(({ payloadType }) => payloadType === 101));
      assert.equal(alice.leg.route, 'forward');
      assertOneTimeLine(alice);
    });

    it('passes a key on only to those who hear the leg', () => {
      const bridge = new VirtualBridge();
      const [carol, alice, sam] = [bridge.join('PCMA'), bridge.join('PCMA'), bridge.join('PCMA')];
      alice.leg.setHears(carol.leg, 1);
      sam.leg.setHears(carol.leg, 1);
      sam.leg.setHears(carol.leg, 0);
      const packet = Buffer.from('80e50001000000640000100004' + '0a00a0', 'hex');
      carol.leg.onPacket(packet);
      carol.leg.onPacket(packet);
      for (let i = 0; i < 12; i += 1) bridge.step();
      assert.deepEqual(carol.digits, ['4']);
      assert.equal(alice.link.sent.filter(({ payloadType }) => payloadType === 101).length, 7);
      assert.equal(sam.link.sent.filter(({ payloadType }) => payloadType === 101).length, 0);
    });
  });

  it('leaves every row and column of the matrix when it closes', async () => {
    const bridge = new VirtualBridge();
    const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
    carol.leg.setHears(alice.leg, 1);
    alice.leg.setHears(carol.leg, 1);
    for (let i = 0; i < 10; i += 1) bridge.step([[carol, frame(440, i)]]);
    await carol.leg.close();
    assert.equal(carol.link.isClosed, true);
    const from = alice.link.sent.length;
    bridge.step();
    bridge.step([[carol, frame(440, 11)]]);
    assert.ok(levelDbfs(voiceOf(alice, from + 1)) < -65);
  });

  it('passes over packets of unknown formats and what is not RTP, and counts them', () => {
    const bridge = new VirtualBridge();
    const carol = bridge.join('PCMA');
    carol.leg.onPacket(Buffer.from('800e0001000000640000100004', 'hex'));
    carol.leg.onPacket(Buffer.from('hello'));
    const { malformed, unknownPayloads, packets } = carol.leg.reports.figures();
    assert.deepEqual({ malformed, unknownPayloads, packets }, { malformed: 1, unknownPayloads: 1, packets: 0 });
  });

  it('survives any packet that a peer may send, alone and while forwarding (property)', () => {
    const payload = fc.uint8Array({ maxLength: 700 });
    const packet = fc.oneof(
      payload.map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.constantFrom(0, 8, 13, 101), fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 1, max: 3 }), payload)
        .map(([type, sequence, timestamp, ssrc, bytes]) => {
          const made = Buffer.concat([Buffer.from([0x80, type]), Buffer.alloc(10), bytes]);
          made.writeUInt16BE(sequence, 2);
          made.writeUInt32BE(timestamp, 4);
          made.writeUInt32BE(ssrc, 8);
          return made;
        }),
    );
    fc.assert(fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
      const bridge = new VirtualBridge();
      const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMU')];
      alice.leg.setHears(carol.leg, 1);
      for (const next of packets) {
        carol.leg.onControl(Buffer.from(next));
        carol.leg.onPacket(next);
        bridge.step();
      }
    }), { numRuns: 200 });
  });

  it('reports what it sent and received, and measures the round trip (RFC 3550 §6.4.1)', () => {
    const bridge = new VirtualBridge();
    const carol = bridge.join('PCMA');
    bridge.step([[carol, frame(440, 0)]]);
    carol.leg.sendReport(bridge.tick, Date.now());
    const report = carol.link.reports[0];
    assert.equal(report?.readUInt8(1), 200);
    assert.equal(report.readUInt32BE(20), carol.link.sent.length);
    assert.equal(report.readUInt8(0) & 0x1f, 1);
  });
});
