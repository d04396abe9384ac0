import assert from 'node:assert/strict';
import { makeEncoder } from '../../server/media/codec/voice-codec.ts';
import { analyseTone, levelDbfs } from '../../server/media/listen/tone.ts';
import { Playlist } from '../../server/media/player/playlist.ts';
import { VirtualBridge, voiceOf } from './support/fake-link.ts';
import type { VirtualParty } from './support/fake-link.ts';
import { makeSine } from './support/signals.ts';

const frame = (frequency: number, i: number, amplitude = 6_000): Int16Array => makeSine(frequency, 20, { amplitude, startSample: i * 160 });
const largest = (samples: Int16Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** Carol is heard by Alice. */
function bridgeOf(carols: VirtualParty['codec'], alices: VirtualParty['codec']): { bridge: VirtualBridge; carol: VirtualParty; alice: VirtualParty } {
  const bridge = new VirtualBridge();
  const [carol, alice] = [bridge.join(carols), bridge.join(alices)];
  alice.leg.setHears(carol.leg, 1);
  return { bridge, carol, alice };
}

describe('EngineLeg with codecs beside G.711', () => {
  it('sends G.722 on to G.722 octet for octet, between ticks', () => {
    const { bridge, carol, alice } = bridgeOf('G722', 'G722');
    const said: Buffer[] = [];
    for (let i = 0; i < 50; i += 1) {
      const packet = bridge.makePacket(carol, frame(440, i));
      said.push(Buffer.from(packet.subarray(12)));
      bridge.nowMs += 10;
      carol.leg.onPacket(packet);
      bridge.nowMs -= 10;
      bridge.step();
    }
    assert.equal(alice.leg.route, 'forward');
    assert.deepEqual(alice.link.sent.slice(-40).map(({ payload }) => payload), said.slice(-40));
  });

  for (const [carols, alices] of [['G722', 'PCMA'], ['PCMU', 'G722']] as const) {
    it(`decodes and encodes between ${carols} and ${alices}`, () => {
      const { bridge, carol, alice } = bridgeOf(carols, alices);
      for (let i = 0; i < 60; i += 1) bridge.step([[carol, frame(700, i)]]);
      assert.equal(alice.leg.route, 'mix');
      const heard = voiceOf(alice, 15);
      assert.ok(analyseTone(heard, 700).share > 0.98, String(analyseTone(heard, 700).share));
      assert.ok(Math.abs(levelDbfs(heard) - levelDbfs(frame(700, 0))) < 0.5);
    });
  }

  it('changes between sending G.722 on and mixing it without a burst or a gap', () => {
    const { bridge, carol, alice } = bridgeOf('G722', 'G722');
    for (let round = 0; round < 6; round += 1) {
      for (let i = 0; i < 17; i += 1) bridge.step([[carol, frame(350, round * 34 + i, 12_000)]]);
      assert.equal(alice.leg.route, 'forward');
      alice.leg.play(round, new Playlist([{ kind: 'samples', samples: makeSine(500, 200, { amplitude: 2_000 }) }], false), false);
      for (let i = 17; i < 34; i += 1) bridge.step([[carol, frame(350, round * 34 + i, 12_000)]]);
    }
    const heard = voiceOf(alice, 10);
    // 12,000 and 2,000 at once, and a tenth for the codec.
    assert.ok(largest(heard) < 15_400, `a burst of ${largest(heard)}`);
    for (let at = 0; at + 640 <= heard.length; at += 160) assert.ok(levelDbfs(heard.subarray(at, at + 640)) > -25, `quiet at ${at / 8} ms`);
  });

  it('decodes another source of G.722 from its beginning, without what the one before left behind (RFC 3550 §8)', () => {
    const { bridge, carol, alice } = bridgeOf('G722', 'PCMA');
    for (let i = 0; i < 20; i += 1) bridge.step([[carol, frame(440, i, 30_000)]]);
    const other = makeEncoder('G722');
    for (let i = 0; i < 30; i += 1) {
      const payload = Buffer.alloc(160);
      other.encode(frame(300, i, 1_000), payload);
      const packet = bridge.makeRawPacket(carol, payload, 160);
      packet.writeUInt32BE(0xbeef, 8);
      carol.leg.onPacket(packet);
      bridge.step();
    }
    const heard = voiceOf(alice, 22);
    assert.ok(largest(heard) < 1_300, `a burst of ${largest(heard)}`);
    assert.ok(analyseTone(heard.subarray(-1_600), 300).share > 0.97);
  });

  it('sends Opus on with its lengths and its clock of 48 kHz, and silence of its own before (RFC 7587 §4.1)', () => {
    const bridge = new VirtualBridge();
    const [carol, alice] = [bridge.join('opus'), bridge.join('opus')];
    for (let i = 0; i < 5; i += 1) bridge.step();
    alice.leg.setHears(carol.leg, 1);
    assert.deepEqual(alice.link.sent.map(({ payload }) => payload.toString('hex')), Array.from({ length: 5 }, () => 'f8fffe'));
    const said = Array.from({ length: 20 }, (_, i) => Buffer.concat([Buffer.of(0x78), Buffer.alloc(20 + i, i)]));
    for (const payload of said) {
      carol.leg.onPacket(bridge.makeRawPacket(carol, payload, 960));
      bridge.step();
    }
    const forwarded = alice.link.sent.filter(({ payload }) => payload.length > 3);
    assert.deepEqual(forwarded.slice(-15).map(({ payload }) => payload), said.slice(-15));
    const steps = alice.link.sent.slice(1).map(({ timestamp }, i) => (timestamp - (alice.link.sent[i]?.timestamp ?? 0)) | 0);
    assert.ok(steps.every((step) => step % 960 === 0 && step > 0), steps.join(' '));
  });

  it('hears silence instead of an Opus that would have to be decoded, and does not fail', () => {
    const { bridge, carol, alice } = bridgeOf('opus', 'PCMA');
    for (let i = 0; i < 20; i += 1) {
      carol.leg.onPacket(bridge.makeRawPacket(carol, Buffer.of(0x78, 1, 2, 3), 960));
      bridge.step();
    }
    assert.equal(alice.link.sent.length, 20);
    assert.ok(levelDbfs(voiceOf(alice)) < -65);
  });

  it('goes on with one time line when the codec of a leg changes to another clock and back', () => {
    const bridge = new VirtualBridge();
    const alice = bridge.join('PCMA');
    const { audio } = alice.leg;
    assert.ok(audio !== undefined);
    for (let i = 0; i < 5; i += 1) bridge.step();
    alice.leg.agree({ ...audio, codec: 'opus', payloadType: 111 });
    for (let i = 0; i < 5; i += 1) bridge.step();
    alice.leg.agree(audio);
    for (let i = 0; i < 5; i += 1) bridge.step();
    const { sent } = alice.link;
    const steps = sent.slice(1).map(({ sequence, timestamp }, i) => [(sequence - (sent[i]?.sequence ?? 0)) & 0xffff, (timestamp - (sent[i]?.timestamp ?? 0)) | 0]);
    assert.ok(steps.every(([sequence, timestamp = 0]) => sequence === 1 && timestamp > 0 && timestamp <= 960), JSON.stringify(steps));
  });
});

describe('EngineLeg and comfort noise (RFC 3389)', () => {
  it('takes it for a sign of life, not for loss, and closes the numbers of what it sends on', () => {
    const { bridge, carol, alice } = bridgeOf('PCMA', 'PCMA');
    for (let i = 0; i < 10; i += 1) bridge.step([[carol, frame(440, i)]]);
    const from = alice.link.sent.length;
    for (let i = 10; i < 30; i += 1) {
      const packet = i % 4 === 0 ? bridge.makeRawPacket(carol, Buffer.of(70), 160, 13) : bridge.makePacket(carol, frame(440, i));
      carol.leg.onPacket(packet);
      bridge.step();
    }
    const sent = alice.link.sent.slice(from);
    assert.equal(sent.length, 15);
    assert.ok(sent.slice(1).every(({ sequence }, i) => ((sequence - (sent[i]?.sequence ?? 0)) & 0xffff) === 1));
    const { packets, lost, unknownPayloads } = carol.leg.reports.figures();
    assert.deepEqual({ packets, lost, unknownPayloads }, { packets: 30, lost: 0, unknownPayloads: 0 });
  });
});
