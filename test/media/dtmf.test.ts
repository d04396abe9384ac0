import assert from 'node:assert/strict';
import { EventReceiver } from '../../server/media/dtmf/event-receiver.ts';
import { EventSender, MAX_WAITING_KEYS } from '../../server/media/dtmf/event-sender.ts';
import type { EventPacket } from '../../server/media/dtmf/event-sender.ts';
import { DIGITS } from '../../server/model/digit.ts';

const event = (code: number, duration: number, isEnd = false): Uint8Array => Uint8Array.of(code, isEnd ? 0x8a : 0x0a, duration >> 8, duration & 0xff);

describe('EventReceiver', () => {
  it('reports a key at its first packet and once for updates, ends and their retransmissions (RFC 4733 §2.5.1)', () => {
    const receiver = new EventReceiver();
    const reported = [event(5, 160), event(5, 320), event(5, 480), event(5, 800, true), event(5, 800, true), event(5, 800, true)]
      .map((payload, i) => receiver.receive(payload, 1_000, i === 0));
    assert.deepEqual(reported, ['5', undefined, undefined, undefined, undefined, undefined]);
  });

  it('reports the same key again for a new timestamp', () => {
    const receiver = new EventReceiver();
    assert.deepEqual([1_000, 2_600, 4_200].map((at) => receiver.receive(event(1, 160), at, true)), ['1', '1', '1']);
  });

  it('reports a key of which only an end came', () => {
    assert.equal(new EventReceiver().receive(event(11, 800, true), 5, false), '#');
  });

  it('does not report late packets of the key before', () => {
    const receiver = new EventReceiver();
    receiver.receive(event(1, 160), 1_000, true);
    receiver.receive(event(2, 160), 2_600, true);
    assert.equal(receiver.receive(event(1, 800, true), 1_000, false), undefined);
    assert.equal(receiver.receive(event(2, 800, true), 2_600, false), undefined);
  });

  it('takes the next segment of a key that is held for more than 8 s as the same key (RFC 4733 §2.5.1.3)', () => {
    const receiver = new EventReceiver();
    assert.equal(receiver.receive(event(7, 160), 0, true), '7');
    receiver.receive(event(7, 0xffff), 0, false);
    assert.equal(receiver.receive(event(7, 160), 0xffff, false), undefined);
  });

  it('counts timestamps over their end, and forgets them with the source', () => {
    const receiver = new EventReceiver();
    assert.equal(receiver.receive(event(3, 160), 0xffff_ff00, true), '3');
    assert.equal(receiver.receive(event(3, 160), 0x500, true), '3');
    receiver.reset();
    assert.equal(receiver.receive(event(4, 160), 0x100, true), '4');
  });

  it('passes over events that are not keys, and payloads that are cut off', () => {
    const receiver = new EventReceiver();
    assert.equal(receiver.receive(event(16, 160), 1, true), undefined);
    assert.equal(receiver.receive(Uint8Array.of(5, 10, 0), 2, true), undefined);
  });

  it('knows all sixteen keys (RFC 4733 §3.2)', () => {
    assert.deepEqual(DIGITS.map((_, code) => new EventReceiver().receive(event(code, 160), 1, true)), [...DIGITS]);
  });
});

describe('EventSender', () => {
  const run = (sender: EventSender, frames: number): (readonly EventPacket[])[] => Array.from({ length: frames }, () => sender.nextFrame());

  it('sends five packets in 100 ms, the last one three times, then a pause (RFC 4733 §2.5.1.4)', () => {
    const sender = new EventSender();
    sender.enqueue('#');
    const frames = run(sender, 9);
    assert.deepEqual(frames.map((packets) => packets.length), [1, 1, 1, 1, 3, 0, 0, 0, 0]);
    const packets = frames.flat();
    assert.deepEqual(packets.map(({ marker }) => marker), [true, false, false, false, false, false, false]);
    assert.deepEqual(packets.map(({ payload }) => [payload[0], (payload[1] ?? 0) >> 7, ((payload[2] ?? 0) << 8) | (payload[3] ?? 0)]),
      [[11, 0, 160], [11, 0, 320], [11, 0, 480], [11, 0, 640], [11, 1, 800], [11, 1, 800], [11, 1, 800]]);
    assert.equal(sender.isBusy, false);
  });

  it('sends waiting keys one after the other, and takes only so many', () => {
    const sender = new EventSender();
    for (let i = 0; i < MAX_WAITING_KEYS; i += 1) assert.equal(sender.enqueue('1'), true);
    assert.equal(sender.enqueue('2'), false);
    const starts = run(sender, 24).map((packets) => packets[0]?.framesSinceStart === 0);
    assert.deepEqual(starts.flatMap((isStart, i) => (isStart ? [i] : [])), [0, 8, 16]);
  });

  it('is understood by EventReceiver as one key each', () => {
    const sender = new EventSender();
    const receiver = new EventReceiver();
    for (const digit of DIGITS) sender.enqueue(digit);
    const heard = run(sender, 16 * 8).flatMap((packets, frame) => packets.map(({ payload, marker, framesSinceStart }) =>
      receiver.receive(payload, (frame - framesSinceStart) * 160, marker)));
    assert.deepEqual(heard.filter((digit) => digit !== undefined), [...DIGITS]);
  });
});
