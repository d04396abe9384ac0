import assert from 'node:assert/strict';
import { makeKeyTone } from '../../server/media/dtmf/key-tone.ts';
import { ToneReceiver } from '../../server/media/dtmf/tone-receiver.ts';
import type { Digit } from '../../server/model/digit.ts';
import { VirtualBridge, voiceOf } from './support/fake-link.ts';
import type { PartyOptions, VirtualParty } from './support/fake-link.ts';

const QUIET = new Int16Array(160);

/** Carol, heard by Alice. */
function pair(carols: PartyOptions = {}, alices: PartyOptions = {}): { bridge: VirtualBridge; carol: VirtualParty; alice: VirtualParty } {
  const bridge = new VirtualBridge();
  const [carol, alice] = [bridge.join('PCMA', carols), bridge.join('PCMU', alices)];
  alice.leg.setHears(carol.leg, 1);
  return { bridge, carol, alice };
}

/** Carol presses a key that sounds in her voice: 100 ms and a pause. */
function sound(bridge: VirtualBridge, carol: VirtualParty, digit: Digit): void {
  for (let i = 0; i < 5; i += 1) bridge.step([[carol, makeKeyTone(digit, i)]]);
  for (let i = 0; i < 5; i += 1) bridge.step([[carol, QUIET]]);
}

/** Carol presses a key by RFC 4733: an end packet three times. */
function press(bridge: VirtualBridge, carol: VirtualParty, code: number): void {
  for (let i = 0; i < 3; i += 1) carol.leg.onPacket(bridge.makeRawPacket(carol, Buffer.of(code, 0x8a, 3, 0x20), 0, 101));
  carol.timestamp = (carol.timestamp + 1_280) >>> 0;
}

const keysSentTo = (party: VirtualParty): readonly number[] =>
  party.link.sent.filter(({ payloadType, marker }) => payloadType === 101 && marker).map(({ payload }) => payload[0] ?? -1);

describe('EngineLeg and keys', () => {
  describe('given a leg whose keys are tones', () => {
    it('reports them, and passes them on as events to who knows events (ITU-T Q.24)', () => {
      const { bridge, carol, alice } = pair({ events: false, listensForTones: true });
      for (const digit of ['1', '9', '#'] as const) sound(bridge, carol, digit);
      for (let i = 0; i < 30; i += 1) bridge.step([[carol, QUIET]]);
      assert.deepEqual(carol.digits, ['1', '9', '#']);
      assert.deepEqual(keysSentTo(alice), [1, 9, 11]);
    });

    it('lets who knows no events hear the tones, once each', () => {
      const { bridge, carol, alice } = pair({ events: false, listensForTones: true }, { events: false });
      for (const digit of ['4', '4', '5'] as const) sound(bridge, carol, digit);
      for (let i = 0; i < 10; i += 1) bridge.step([[carol, QUIET]]);
      assert.deepEqual(carol.digits, ['4', '4', '5']);
      assert.ok(alice.link.sent.slice(3).every(({ atMs }) => atMs % 20 === 10), 'sent on as they came, not made anew');
      assert.deepEqual(new ToneReceiver().hear(voiceOf(alice)), ['4', '4', '5']);
    });

    it('finds them in G.722 too', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('G722', { listensForTones: true });
      for (const digit of ['0', 'D'] as const) sound(bridge, carol, digit);
      assert.deepEqual(carol.digits, ['0', 'D']);
    });

    it('does not hear a key again whose packets come twice, the second time late', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('PCMA', { listensForTones: true });
      const tone = [0, 1, 2, 3, 4].map((i) => bridge.makePacket(carol, makeKeyTone('7', i)));
      const rest = [0, 1, 2, 3, 4].map(() => bridge.makePacket(carol, QUIET));
      for (const packet of [...tone, ...rest, ...tone, ...rest]) carol.leg.onPacket(Buffer.from(packet));
      assert.deepEqual(carol.digits, ['7']);
    });

    it('hears a key again after a silence that was not sent: a marker begins what follows (RFC 3551 §4.1)', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('PCMA', { listensForTones: true });
      for (let press = 0; press < 2; press += 1) {
        for (let i = 0; i < 5; i += 1) {
          const packet = bridge.makePacket(carol, makeKeyTone('7', i));
          if (i === 0) packet.writeUInt8(packet.readUInt8(1) | 0x80, 1);
          carol.leg.onPacket(packet);
        }
        carol.timestamp = (carol.timestamp + 480) >>> 0;
      }
      assert.deepEqual(carol.digits, ['7', '7']);
    });

    it('finds a key once though packets of it are lost, late or doubled', () => {
      const bridge = new VirtualBridge();
      const carol = bridge.join('PCMA', { listensForTones: true });
      const packets = [0, 1, 2, 3, 4].map((i) => bridge.makePacket(carol, makeKeyTone('7', i)));
      for (const i of [0, 1, 0, 3, 2, 4, 4]) carol.leg.onPacket(Buffer.from(packets[i] ?? []));
      assert.deepEqual(carol.digits, ['7']);
    });
  });

  it('does not look for tones in a leg that has events', () => {
    const { bridge, carol } = pair();
    sound(bridge, carol, '1');
    assert.deepEqual(carol.digits, []);
  });

  describe('given keys by SIP INFO', () => {
    it('reports and passes them on like any other', () => {
      const { bridge, carol, alice } = pair();
      carol.leg.takeInfoKey('7');
      for (let i = 0; i < 10; i += 1) bridge.step();
      assert.deepEqual(carol.digits, ['7']);
      assert.deepEqual(keysSentTo(alice), [7]);
    });

    it('tells a key once that is held for two seconds and comes by INFO when it is released', () => {
      const { bridge, carol } = pair();
      for (let i = 1; i <= 100; i += 1) {
        const duration = i * 160;
        carol.leg.onPacket(bridge.makeRawPacket(carol, Buffer.of(5, i === 100 ? 0x8a : 0x0a, duration >> 8, duration & 0xff), 0, 101));
        bridge.step();
      }
      carol.leg.takeInfoKey('5');
      assert.deepEqual(carol.digits, ['5']);
    });

    it('tells a press once that comes by RFC 4733 too, and two presses twice', () => {
      const { bridge, carol, alice } = pair();
      press(bridge, carol, 5);
      carol.leg.takeInfoKey('5');
      for (let i = 0; i < 10; i += 1) bridge.step();
      carol.leg.takeInfoKey('5');
      press(bridge, carol, 5);
      for (let i = 0; i < 20; i += 1) bridge.step();
      assert.deepEqual(carol.digits, ['5', '5']);
      assert.deepEqual(keysSentTo(alice), [5, 5]);
    });
  });

  describe('given a peer with events', () => {
    it('stamps them on the clock of the voice, all packets of a key alike (RFC 4733 §2.5.1)', () => {
      const bridge = new VirtualBridge();
      for (const codec of ['PCMA', 'opus'] as const) {
        const alice = bridge.join(codec);
        for (let i = 0; i < 3; i += 1) bridge.step();
        const before = alice.link.sent.at(-1);
        alice.leg.sendDigit('3');
        for (let i = 0; i < 8; i += 1) bridge.step();
        const events = alice.link.sent.filter(({ payloadType }) => payloadType === 101);
        assert.equal(events.length, 7);
        const unit = codec === 'opus' ? 960 : 160;
        assert.deepEqual([...new Set(events.map(({ timestamp }) => (timestamp - (before?.timestamp ?? 0)) | 0))], [unit]);
        assert.deepEqual(events.map(({ payload }) => payload.readUInt16BE(2) / unit), [1, 2, 3, 4, 5, 5, 5]);
      }
    });

    it('sends them on another clock than the voice\'s when the peer has only that', () => {
      const bridge = new VirtualBridge();
      const alice = bridge.join('PCMA', { events: { clockRate: 48_000 } });
      alice.leg.sendDigit('3');
      for (let i = 0; i < 8; i += 1) bridge.step();
      const events = alice.link.sent.filter(({ payloadType }) => payloadType === 101);
      assert.deepEqual(events.map(({ payload }) => payload.readUInt16BE(2)), [960, 1_920, 2_880, 3_840, 4_800, 4_800, 4_800]);
      assert.equal(new Set(events.map(({ timestamp }) => timestamp)).size, 1);
    });

    it('sounds the keys that the peer did not list (RFC 4733 §2.4.1)', () => {
      const bridge = new VirtualBridge();
      const alice = bridge.join('PCMA', { events: { keys: new Set(['1', '2'] as const) } });
      for (const digit of ['1', 'A'] as const) alice.leg.sendDigit(digit);
      for (let i = 0; i < 24; i += 1) bridge.step();
      assert.deepEqual(keysSentTo(alice), [1]);
      assert.deepEqual(new ToneReceiver().hear(voiceOf(alice)), ['A']);
    });
  });

  it('hears events on a clock of 48 kHz', () => {
    const bridge = new VirtualBridge();
    const carol = bridge.join('opus');
    press(bridge, carol, 8);
    press(bridge, carol, 8);
    assert.deepEqual(carol.digits, ['8', '8']);
  });
});
