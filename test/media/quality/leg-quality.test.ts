import assert from 'node:assert/strict';
import type { VoiceQuality } from '../../../server/model/voice-quality.ts';
import { buildReport, middleNtp } from '../../../server/media/rtp/rtcp.ts';
import { VirtualBridge } from '../support/fake-link.ts';
import type { VirtualParty } from '../support/fake-link.ts';
import { ImpairedPath } from '../support/impaired-path.ts';
import { makeSine } from '../support/signals.ts';

const frame = (frequency: number, i: number): Int16Array => makeSine(frequency, 20, { amplitude: 6_000, startSample: i * 160 });
const NOTHING = new Int16Array(160);

/** Carol and Alice, bridged; both talk. */
function talk(): { readonly bridge: VirtualBridge; readonly carol: VirtualParty; readonly alice: VirtualParty; readonly both: (tick: number) => [VirtualParty, Int16Array][] } {
  const bridge = new VirtualBridge();
  const [carol, alice] = [bridge.join('PCMA'), bridge.join('PCMA')];
  carol.leg.onReady();
  alice.leg.onReady();
  carol.leg.setHears(alice.leg, 1);
  alice.leg.setHears(carol.leg, 1);
  return { bridge, carol, alice, both: (tick) => [[carol, frame(440, tick)], [alice, frame(700, tick)]] };
}

const toldOf = ({ problems }: VirtualParty): readonly string[] => problems.map(({ kind, state }) => `${kind} ${state}`);
const finalOf = ({ qualities }: VirtualParty): VoiceQuality => {
  const found = qualities.filter(({ kind }) => kind === 'final');
  assert.equal(found.length, 1);
  return found[0] ?? assert.fail();
};

describe('EngineLeg: quality', () => {
  it('tells what the voice is like each 5 s, and once at the end for all of it', async () => {
    const { bridge, carol, both } = talk();
    bridge.pass(12, both);
    assert.deepEqual(carol.qualities.map(({ kind, packets }) => [kind, packets]), [['period', 250], ['period', 250]]);
    await carol.leg.close();
    await carol.leg.close();
    const { packets, lost, durationMs, rating, delay } = finalOf(carol);
    assert.deepEqual({ packets, lost, durationMs }, { packets: 600, lost: 0, durationMs: 12_000 });
    assert.ok((rating?.mos ?? 0) > 4.39);
    assert.equal(delay.encodingMs, 20);
    assert.equal(delay.receiveBufferMs, 0, 'packets are passed on');
  });

  it('measures loss and the depth of the jitter buffer where the voice is mixed', async () => {
    const { bridge, carol, alice } = talk();
    const sam = bridge.join('PCMA');
    sam.leg.setHears(carol.leg, 1);
    alice.leg.setHears(sam.leg, 1);
    const path = new ImpairedPath({ seed: 4, loss: 0.05 });
    let lost = 0;
    bridge.pass(30, (tick) => {
      if (path.carry(0).length > 0) return [[carol, frame(440, tick)]];
      lost += 1;
      bridge.makePacket(carol, frame(440, tick));
      return [];
    });
    await carol.leg.close();
    const quality = finalOf(carol);
    assert.ok(Math.abs(quality.lost - lost) <= 1, `${quality.lost} of ${lost}`);
    assert.ok(quality.delay.receiveBufferMs >= 20 && quality.delay.receiveBufferMs <= 60, `${quality.delay.receiveBufferMs} ms`);
    assert.ok(Math.abs(quality.concealedMs - lost * 20) <= 80, `${quality.concealedMs} ms for ${lost} packets`);
    // 5 % with concealment cost 16 points: 4.4 becomes 3.9.
    assert.ok((quality.rating?.mos ?? 0) > 3.7 && (quality.rating?.mos ?? 5) < 4.05, String(quality.rating?.mos));
  });

  it('scores 4.2 at least near 150 ms with 1 % loss: jitter buffer, concealment, reports and E-model together', async () => {
    const bridge = new VirtualBridge();
    const [near, far, alice, sam] = [bridge.join('PCMA'), bridge.join('PCMA'), bridge.join('PCMA'), bridge.join('PCMA')];
    far.leg.setHears(alice.leg, 1);
    sam.leg.setHears(near.leg, 1);
    near.leg.addTap({ write: () => undefined });
    // Alice is far away: what the far leg sends reaches the near one through a network, and the other way round.
    const lossy = new ImpairedPath({ seed: 42, delayMs: 80, loss: 0.01 });
    const onTheWay: { readonly atMs: number; readonly arrive: () => void }[] = [];
    const carry = (): void => {
      for (const packet of far.link.raw.splice(0)) for (const atMs of lossy.carry(bridge.nowMs)) onTheWay.push({ atMs, arrive: () => near.leg.onPacket(packet) });
      for (const packet of near.link.raw.splice(0)) onTheWay.push({ atMs: bridge.nowMs + 80, arrive: () => far.leg.onPacket(packet) });
      for (const [from, to] of [[near, far], [far, near]] as const) {
        for (const report of from.link.reports.splice(0)) onTheWay.push({ atMs: bridge.nowMs + 80, arrive: () => to.leg.onControl(report) });
      }
      while (onTheWay[0] !== undefined && onTheWay[0].atMs <= bridge.nowMs) onTheWay.shift()?.arrive();
    };
    bridge.pass(60, (tick) => {
      carry();
      return [[alice, frame(700, tick)]];
    });
    await near.leg.close();
    const { oneWayMs, roundTripMs, lost, packets, late, rating } = finalOf(near);
    assert.ok(Math.abs((roundTripMs ?? 0) - 160) <= 20, `round trip ${roundTripMs}`);
    assert.ok(oneWayMs >= 130 && oneWayMs <= 155, `${oneWayMs} ms`);
    assert.ok(lost / (lost + packets) > 0.007 && lost / (lost + packets) < 0.012, `${lost} of ${lost + packets}`);
    assert.equal(late, 0);
    assert.ok((rating?.mos ?? 0) >= 4.2, String(rating?.mos));
  });

  it('measures the round trip by the reports that the peer answers (RFC 3550 §6.4.1)', () => {
    const { bridge, carol, both } = talk();
    bridge.pass(5, both);
    const ours = carol.link.reports.at(-1);
    assert.ok(ours !== undefined && ours.readUInt8(1) === 200);
    bridge.pass(1, both);
    // The peer held our report for 700 ms of the second that has passed.
    const peer = { ssrc: 0x1000, epochMs: 5_000, rtpTimestamp: 0, packets: 300, octets: 48_000 };
    const block = { ssrc: carol.link.ssrc, fractionLost: 26, cumulativeLost: 30, highestSequence: 500, jitter: 24 };
    carol.leg.onControl(buildReport(peer, 'carol', block, { middleNtp: ours.readUInt32BE(10), ageMs: 700 }));
    bridge.pass(4, both);
    const { roundTripMs, delay, peer: heard } = carol.qualities.at(-1) ?? assert.fail();
    assert.ok(Math.abs((roundTripMs ?? 0) - 300) < 1, String(roundTripMs));
    assert.ok(Math.abs((delay.propagationMs ?? 0) - 150) < 1);
    assert.deepEqual([heard?.jitterMs, Math.round(heard?.lostPercent ?? 0)], [3, 10]);
  });

  it('takes no round trip from a report that answers none of ours', () => {
    const { bridge, carol, both } = talk();
    bridge.pass(5, both);
    const peer = { ssrc: 0x1000, epochMs: 5_000, rtpTimestamp: 0, packets: 300, octets: 48_000 };
    const block = { ssrc: carol.link.ssrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 500, jitter: 0 };
    carol.leg.onControl(buildReport(peer, 'carol', block, { middleNtp: middleNtp(1_600_000_000_000), ageMs: 0 }));
    bridge.pass(5, both);
    assert.equal(carol.qualities.at(-1)?.roundTripMs, undefined);
  });
});

describe('EngineLeg: one-way audio and silence', () => {
  it('tells within 3 s that nothing comes of a leg that is heard, and that it comes again', () => {
    const { bridge, carol, alice, both } = talk();
    bridge.pass(4, both);
    bridge.pass(3, (tick) => [[alice, frame(700, tick)]]);
    assert.deepEqual(toldOf(carol), ['no-packets began']);
    bridge.pass(1, both);
    assert.deepEqual(toldOf(carol), ['no-packets began', 'no-packets ended']);
    assert.deepEqual(toldOf(alice), []);
  });

  it('tells within 3 s that a leg sends digital silence', () => {
    const { bridge, carol, alice, both } = talk();
    bridge.pass(4, both);
    bridge.pass(3, (tick) => [[carol, NOTHING], [alice, frame(700, tick)]]);
    assert.deepEqual(toldOf(carol), ['digital-silence began']);
  });

  it('expects nothing of a leg on hold, nor of one that nobody hears', () => {
    const { bridge, carol, alice, both } = talk();
    bridge.pass(2, both);
    alice.leg.setHears(carol.leg, 0);
    carol.leg.setHears(alice.leg, 0);
    bridge.pass(10, () => []);
    assert.deepEqual([toldOf(carol), toldOf(alice)], [[], []]);
  });

  it('takes comfort noise for what it is: no loss, no alarm, no time-out (RFC 3389)', async () => {
    const { bridge, carol, alice, both } = talk();
    bridge.pass(4, both);
    const noise = bridge.makePacket(carol, NOTHING).subarray(0, 13);
    noise.writeUInt8(13, 1);
    carol.leg.onPacket(Buffer.from(noise));
    carol.timestamp = (carol.timestamp + 10 * 8_000 - 160) >>> 0;
    bridge.pass(10, (tick) => [[alice, frame(700, tick)]], { heardMs: 60_000, idleMs: 5_000 });
    bridge.pass(1, both);
    assert.deepEqual([toldOf(carol), carol.failures], [[], []]);
    await carol.leg.close();
    const { lost, packets } = finalOf(carol);
    assert.deepEqual({ lost, packets }, { lost: 0, packets: 4 * 50 + 1 + 50 });
  });

  it('learns from a sender that marks the end of its pauses that it sends none of their silence (RFC 3551 §4.1)', () => {
    const { bridge, carol, alice, both } = talk();
    const pause = (tick: number): [VirtualParty, Int16Array][] => [[alice, frame(700, tick)]];
    bridge.pass(2, both);
    bridge.pass(1, pause);
    carol.timestamp = (carol.timestamp + 8_000) >>> 0;
    const packet = bridge.makePacket(carol, frame(440, 0));
    packet.writeUInt8(0x80 | 8, 1);
    carol.leg.onPacket(packet);
    bridge.pass(10, pause);
    assert.deepEqual(toldOf(carol), []);
  });

  it('makes nothing up in the place of a key, and takes it neither for loss nor for jitter (RFC 4733 §2.5.1)', async () => {
    const bridge = new VirtualBridge();
    const [carol, sam] = [bridge.join('PCMA'), bridge.join('PCMA')];
    sam.leg.setHears(carol.leg, 1);
    carol.leg.addTap({ write: () => undefined });
    bridge.pass(2, (tick) => [[carol, frame(440, tick)]]);
    const start = carol.timestamp;
    for (let i = 0; i < 5; i += 1) {
      const event = bridge.makePacket(carol, NOTHING).subarray(0, 16);
      event.writeUInt8(101, 1);
      event.writeUInt32BE(start, 4);
      event.set([7, 10, ((i + 1) * 160) >> 8, ((i + 1) * 160) & 0xff], 12);
      carol.leg.onPacket(Buffer.from(event));
      bridge.step();
    }
    bridge.pass(2, (tick) => [[carol, frame(440, tick)]]);
    await carol.leg.close();
    const { concealedMs, lost, packets, jitterMs } = finalOf(carol);
    assert.deepEqual({ concealedMs, lost, packets, jitterMs }, { concealedMs: 0, lost: 0, packets: 205, jitterMs: 0 });
  });

  it('tells that the peer receives nothing of what it is sent, by its own reports', () => {
    const { bridge, carol, both } = talk();
    const peer = { ssrc: 0x1000, epochMs: 5_000, rtpTimestamp: 0, packets: 300, octets: 48_000 };
    for (let i = 0; i < 3; i += 1) {
      bridge.pass(5, both);
      carol.leg.onControl(buildReport(peer, 'carol'));
    }
    bridge.pass(1, both);
    assert.deepEqual(toldOf(carol), ['peer-hears-nothing began']);
    const audio = carol.leg.audio ?? assert.fail();
    carol.leg.agree({ ...audio, peerListens: false });
    bridge.pass(1, both);
    assert.deepEqual(toldOf(carol).slice(1), ['peer-hears-nothing ended'], 'she holds: she is not to hear anything');
    carol.problems.length = 0;
    carol.leg.agree(audio);
    bridge.pass(1, both);
    assert.deepEqual(toldOf(carol), ['peer-hears-nothing began']);
    const block = { ssrc: carol.link.ssrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 800, jitter: 0 };
    bridge.pass(4, both);
    carol.leg.onControl(buildReport(peer, 'carol', block));
    bridge.pass(1, both);
    assert.deepEqual(toldOf(carol), ['peer-hears-nothing began', 'peer-hears-nothing ended']);
  });
});

describe('EngineLeg: time-out', () => {
  const limits = { heardMs: 30_000, idleMs: 10_000 };
  const waiting = (): { bridge: VirtualBridge; carol: VirtualParty; says: (tick: number) => [VirtualParty, Int16Array][] } => {
    const bridge = new VirtualBridge();
    const carol = bridge.join('PCMA');
    carol.leg.onReady();
    return { bridge, carol, says: (tick) => [[carol, frame(440, tick)]] };
  };

  it('ends a caller who vanishes from a queue, where nobody hears her', () => {
    const { bridge, carol, says } = waiting();
    bridge.pass(5, says, limits);
    bridge.pass(9, () => [], limits);
    assert.deepEqual(carol.failures, []);
    bridge.pass(3, () => [], limits);
    assert.deepEqual(carol.failures, ['media-timeout']);
  });

  it('keeps a caller who is silent but sends reports', () => {
    const { bridge, carol, says } = waiting();
    bridge.pass(5, says, limits);
    for (let i = 0; i < 10; i += 1) {
      carol.leg.onControl(buildReport({ ssrc: 0x1000, epochMs: 5_000, rtpTimestamp: 0, packets: 300, octets: 48_000 }, 'carol'));
      bridge.pass(5, () => [], limits);
    }
    assert.deepEqual(carol.failures, []);
  });

  it('keeps a caller who has never sent anything, and one who holds', () => {
    const { bridge, carol } = waiting();
    const alice = bridge.join('PCMA');
    bridge.pass(2, (tick) => [[alice, frame(700, tick)]], limits);
    const audio = alice.leg.audio ?? assert.fail();
    alice.leg.agree({ ...audio, peerSends: false });
    bridge.pass(20, () => [], limits);
    assert.deepEqual([carol.failures, alice.failures], [[], []]);
    alice.leg.agree(audio);
    bridge.pass(9, () => [], limits);
    assert.deepEqual(alice.failures, [], 'silence counts from the end of the hold');
    bridge.pass(3, () => [], limits);
    assert.deepEqual(alice.failures, ['media-timeout']);
  });

  it('ends a leg that is heard after its own time', () => {
    const { bridge, carol, alice, both } = talk();
    const alone = (tick: number): [VirtualParty, Int16Array][] => [[alice, frame(700, tick)]];
    bridge.pass(5, both, { heardMs: 8_000, idleMs: 1_000 });
    bridge.pass(7, alone, { heardMs: 8_000, idleMs: 1_000 });
    assert.deepEqual(carol.failures, []);
    bridge.pass(2, alone, { heardMs: 8_000, idleMs: 1_000 });
    assert.deepEqual([carol.failures, alice.failures], [['media-timeout'], []]);
  });
});
