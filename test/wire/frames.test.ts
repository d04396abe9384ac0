import assert from 'node:assert/strict';
import fc from 'fast-check';
import { clientFrameSchema, MAX_CLIENT_FRAME_LENGTH, MAX_SERVER_FRAME_LENGTH, parseClientFrame, parseServerFrame, type ClientFrame, type ServerFrame } from '../../server/wire/frames.ts';

const CLIENT_FRAMES: readonly ClientFrame[] = [
  { type: 'follow', topic: 'desk' },
  { type: 'resync', topic: 'wallboard' },
  { type: 'ping', ref: 0 },
  { type: 'pop-shown', offerId: 'offer-1' },
  { type: 'go-available', ref: 1 },
  { type: 'go-on-break', ref: 2, reason: 'lunch' },
  { type: 'hold', ref: 3, callId: 'call-1', on: true },
  { type: 'send-digit', ref: 4, callId: 'call-1', digit: '#' },
  { type: 'complete-wrap-up', ref: 5, callId: 'call-1', disposition: 'claim-new', note: '' },
];

const SERVER_FRAMES: readonly ServerFrame[] = [
  { type: 'snapshot', topic: 'desk', seq: 0, items: [{ kind: 'my-state', key: 'me', state: 'available', since: 1 }] },
  { type: 'delta', topic: 'desk', seq: 1, put: [], drop: ['pop'] },
  { type: 'done', ref: 1 },
  { type: 'refused', code: 'ws.invalid-frame', message: 'a frame is JSON' },
  { type: 'refused', ref: 1, code: 'desk.not-possible', message: 'not now' },
  { type: 'pong', ref: 1, at: 2 },
  { type: 'signed-out', reason: 'expired' },
];

describe('frames', () => {
  describe('given a frame of each type', () => {
    it('has an example of every client frame here', () => {
      const types = clientFrameSchema.options.map((option) => option.shape.type.value);
      assert.deepEqual([...new Set(CLIENT_FRAMES.map(({ type }) => type))].sort(), [...types].sort());
    });

    for (const frame of CLIENT_FRAMES) {
      it(`takes ${frame.type} from the browser`, () => {
        assert.deepEqual(parseClientFrame(JSON.stringify(frame)), { kind: 'frame', frame });
      });
    }
    for (const frame of SERVER_FRAMES) {
      it(`takes ${frame.type} from the server`, () => {
        assert.deepEqual(parseServerFrame(JSON.stringify(frame)), { kind: 'frame', frame });
      });
    }

    it('keeps every field of an item that it does not know', () => {
      const frame = { type: 'delta', topic: 'desk', seq: 1, put: [{ kind: 'my-pop', key: 'pop', pop: { offerId: 'o', extra: [1] } }], drop: [] };
      assert.deepEqual(parseServerFrame(JSON.stringify(frame)), { kind: 'frame', frame });
    });
  });

  describe('given something else', () => {
    const bad: readonly [what: string, text: string][] = [
      ['no JSON', 'hello'], ['nothing', ''], ['null', 'null'], ['a list', '[]'], ['a number', '7'],
      ['an unknown type', '{"type":"sudo"}'], ['no type', '{"ref":1}'], ['an unknown topic', '{"type":"follow","topic":"everything"}'],
      ['an unknown field', '{"type":"go-available","ref":1,"agentId":"somebody-else"}'],
      ['no ref', '{"type":"go-available"}'], ['a negative ref', '{"type":"ping","ref":-1}'], ['a ref in words', '{"type":"ping","ref":"1"}'],
      ['a break that only the system gives', '{"type":"go-on-break","ref":1,"reason":"rona"}'],
      ['a key that no telephone has', '{"type":"send-digit","ref":1,"callId":"c","digit":"E"}'],
      ['several keys in one', '{"type":"send-digit","ref":1,"callId":"c","digit":"12"}'],
      ['an endless id', JSON.stringify({ type: 'pop-shown', offerId: 'o'.repeat(65) })],
      ['an endless note', JSON.stringify({ type: 'complete-wrap-up', ref: 1, callId: 'c', disposition: 'd', note: 'n'.repeat(10_001) })],
      ['an endless frame', ' '.repeat(MAX_CLIENT_FRAME_LENGTH + 1)],
    ];
    for (const [what, text] of bad) {
      it(`says what is wrong with ${what}`, () => {
        const parsed = parseClientFrame(text);
        assert.equal(parsed.kind, 'invalid');
        assert.ok(parsed.message.length > 0);
      });
    }

    it('takes frames from the server that it would not take from a browser, up to a bound', () => {
      const frame = (length: number): string => JSON.stringify({ type: 'signed-out', reason: 'r'.repeat(length) });
      assert.equal(parseServerFrame(frame(MAX_CLIENT_FRAME_LENGTH + 1)).kind, 'frame');
      assert.equal(parseServerFrame(frame(MAX_SERVER_FRAME_LENGTH)).kind, 'invalid');
    });

    it('never throws, whatever comes', () => {
      fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseClientFrame(text);
        parseServerFrame(text);
      }));
    });
  });
});
