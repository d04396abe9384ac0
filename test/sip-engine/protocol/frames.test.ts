import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { parseApplicationFrame } from '../../../server/sip-engine/protocol/application-frame.ts';
import { frame, FrameReader } from '../../../server/sip-engine/protocol/frame-reader.ts';
import { nokPayload, sipPayload } from '../../../server/sip-engine/protocol/frames-out.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';

const FLOW: Flow = {
  transport: 'udp', reliable: false, remoteAddress: '192.0.2.9', remotePort: 5070,
  localAddress: '192.0.2.1', localPort: 5060, isOpen: true, send: () => undefined,
};

describe('FrameReader', () => {
  it('finds the same frames, however the stream is fragmented', () => {
    fc.assert(fc.property(fc.array(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (payloads, size) => {
      const bytes = payloads.map((payload) => Buffer.from(payload, 'utf8').toString('latin1'));
      const stream = bytes.map(frame).join('');
      const reader = new FrameReader(10_000);
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) found.push(...(reader.push(stream.slice(at, at + size)) ?? ['broken']));
      assert.deepEqual(found, bytes);
    }));
  });

  for (const [what, stream] of [['no number', 'abc#x'], ['a length of 0', '0#'], ['a frame that is too large', '10001#'], ['endless digits', '123456789']] as const) {
    it(`gives up at ${what}`, () => assert.equal(new FrameReader(10_000).push(stream), undefined));
  }
});

describe('parseApplicationFrame', () => {
  const parse = (payload: string) => parseApplicationFrame(payload, DEFAULT_LIMITS);

  it('reads every verb', () => {
    assert.deepEqual(parse('1|authenticate|s3cret|a,b'), { verb: 'authenticate', id: '1', secret: 's3cret', tags: ['a', 'b'] });
    assert.deepEqual(parse('1|route|INVITE'), { verb: 'route', id: '1', method: 'invite' });
    assert.deepEqual(parse('1|remove_route|invite'), { verb: 'remove_route', id: '1', method: 'invite' });
    assert.deepEqual(parse('1|ping'), { verb: 'ping', id: '1' });
    assert.deepEqual(parse('1|nonsense'), { verb: 'refused', id: '1', reason: 'Unknown message type' });
    assert.equal(parse('').verb, 'refused');
  });

  it('takes a Content-Length in characters, as drachtio-srf counts them', () => {
    const body = Buffer.from('é', 'utf8').toString('latin1');
    const found = parse(`1|sip|txn|dlg|sip:proxy\r\nINFO sip:placeholder SIP/2.0\r\ncontent-length: 1\r\n\r\n${body}`);
    assert.ok(found.verb === 'sip');
    assert.deepEqual([found.transactionId, found.dialogId, found.proxy, found.message.body], ['txn', 'dlg', 'sip:proxy', body]);
  });

  it('refuses the traces of a line end in a value', () => {
    for (const text of [
      'INFO sip:a SIP/2.0\r\nsubject: x\nEvil: 1\r\ncontent-length: 0\r\n\r\n',
      'INFO sip:a SIP/2.0\r\nsubject: x\r\nEvil\r\ncontent-length: 0\r\n\r\n',
      'INFO sip:a SIP/2.0\r\nsubject: x\r\nSubject: y\r\ncontent-length: 0\r\n\r\n',
      'INFO sip:a SIP/2.0\r\nsubject: x\r\n\r\nbody\r\ncontent-length: 0\r\n\r\n',
    ]) assert.equal(parse(`1|sip||\r\n${text}`).verb, 'refused', text);
  });
});

describe('frames to applications', () => {
  it('carries the tokens where drachtio-agent.js looks for them', () => {
    const [leader = '', ...message] = sipPayload({ source: 'network', flow: FLOW, transactionId: 'txn', dialogId: 'dlg' }, 'OPTIONS sip:a SIP/2.0\r\n\r\n').split('\r\n');
    const tokens = leader.split('|');
    assert.deepEqual([...tokens.slice(1, 7), ...tokens.slice(8)], ['sip', 'network', '25', 'udp', '192.0.2.9', '5070', 'txn', 'dlg', '192.0.2.1', '5060']);
    assert.match(tokens[7] ?? '', /^\d\d:\d\d:\d\d\.\d{3}$/);
    assert.equal(message[0], 'OPTIONS sip:a SIP/2.0');
  });

  it('keeps a reason in one token of one line', () => {
    assert.match(nokPayload('7', 'a|b\r\nc'), /^e\w+\|response\|7\|NOK\|a b {2}c$/);
  });
});
