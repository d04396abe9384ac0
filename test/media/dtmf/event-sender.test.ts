import assert from 'node:assert/strict';
import { EventReceiver } from '../../../server/media/dtmf/event-receiver.ts';
import { EventSender, eventPayload, MAX_WAITING_KEYS } from '../../../server/media/dtmf/event-sender.ts';
import type { EventPacket } from '../../../server/media/dtmf/event-sender.ts';
import { DIGITS } from '../../../server/model/digit.ts';

const run = (sender: EventSender, frames: number): (EventPacket | undefined)[] => Array.from({ length: frames }, () => sender.nextFrame());

/** Event, end, volume and duration of a payload. */
const read = (payload: Uint8Array): readonly number[] =>
  [payload[0] ?? 0, (payload[1] ?? 0) >> 7, (payload[1] ?? 0) & 0x3f, ((payload[2] ?? 0) << 8) | (payload[3] ?? 0)];

describe('EventSender', () => {
  it('sends a packet every 20 ms for 100 ms, the last one three times at that pace, then rests (RFC 4733 §2.5.1.4)', () => {
    const sender = new EventSender();
    sender.enqueue('#');
    const frames = run(sender, 8);
    assert.deepEqual(frames.map((packet) => packet && [packet.marker, packet.framesSinceStart, ...read(eventPayload(packet, 8_000))]), [
      [true, 0, 11, 0, 10, 160], [false, 1, 11, 0, 10, 320], [false, 2, 11, 0, 10, 480], [false, 3, 11, 0, 10, 640],
      [false, 4, 11, 1, 10, 800], [false, 5, 11, 1, 10, 800], [false, 6, 11, 1, 10, 800], undefined,
    ]);
    assert.equal(sender.isBusy, false);
  });

  it('counts durations on the clock of the format (RFC 4733 §2.3.5)', () => {
    const sender = new EventSender();
    sender.enqueue('1');
    const [first] = run(sender, 1);
    assert.ok(first !== undefined);
    assert.deepEqual(read(eventPayload(first, 48_000)), [1, 0, 10, 960]);
  });

  it('sends keys that come while another is under way after it, 60 ms apart, and takes only so many', () => {
    const sender = new EventSender();
    for (let i = 0; i < MAX_WAITING_KEYS; i += 1) assert.equal(sender.enqueue('1'), true);
    assert.equal(sender.enqueue('2'), false);
    const starts = run(sender, 24).map((packet) => packet?.framesSinceStart === 0);
    assert.deepEqual(starts.flatMap((isStart, i) => (isStart ? [i] : [])), [0, 8, 16]);
  });

  it('sounds for 100 ms and is quiet for 60, for peers that hear tones', () => {
    const sender = new EventSender();
    sender.enqueue('5');
    sender.enqueue('6');
    const heard = Array.from({ length: 16 }, () => {
      const { sounding } = sender;
      sender.nextFrame();
      return sounding?.digit ?? '-';
    });
    assert.equal(heard.join(''), '55555---66666---');
  });

  it('is understood by EventReceiver as one key each', () => {
    for (const clockRate of [8_000, 48_000]) {
      const sender = new EventSender();
      const receiver = new EventReceiver();
      for (const digit of DIGITS) sender.enqueue(digit);
      const heard = run(sender, 16 * 8).flatMap((packet, frame) => (packet === undefined ? []
        : receiver.receive(eventPayload(packet, clockRate), (frame - packet.framesSinceStart) * (clockRate / 50), packet.marker, clockRate)));
      assert.deepEqual(heard, [...DIGITS]);
    }
  });
});
