import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agreeOnPlain } from '../../../server/media/sdp/agree-plain.ts';
import { parseSdp } from '../../../server/media/sdp/session-description.ts';
import { writePlainAnswer } from '../../../server/media/sdp/write-plain.ts';
import { audioOf, HEAD, LOCAL, parse, sdp } from '../support/sdp-text.ts';

describe('parseSdp', () => {
  for (const [what, text, reason] of [
    ['nothing', '', /v=0/], ['another text', 'hello', /v=0/], ['a line without type', sdp('nonsense'), /nonsense/],
    ['a type of two letters', sdp('ab=c'), /ab=c/],
    ['a media line without formats or port', sdp('m=audio'), /m=audio/], ['a port above 65535', sdp('m=audio 70000 RTP/AVP 0'), /70000/],
    ['a negative port', sdp('m=audio -1 RTP/AVP 0'), /-1/],
    ['a connection line of another network', sdp('c=ATM NSAP 47.0091'), /ATM/],
    ['too many sections', sdp(...Array.from({ length: 17 }, () => 'm=audio 4000 RTP/AVP 0')), /16/],
    ['too many lines', sdp(...Array.from({ length: 2_001 }, () => 'a=x')), /2,000/],
    ['too long a text', sdp(`a=x:${'y'.repeat(64_000)}`), /64,000/],
  ] as const) {
    it(`refuses ${what}, and says why`, () => {
      const parsed = parseSdp(text);
      assert.match(parsed.kind === 'malformed' ? parsed.reason : 'parsed', reason);
    });
  }

  it('reads lines that end in LF only, and lines without an end (RFC 8866 §5)', () => {
    assert.equal(audioOf(sdp('m=audio 4000 RTP/AVP 0').replaceAll('\r\n', '\n')).rtp?.port, 4_000);
    assert.equal(audioOf(sdp('m=audio 4000 RTP/AVP 0').trimEnd()).rtp?.port, 4_000);
  });

  it('takes letters of either case and spaces too many, as some equipment writes them', () => {
    const audio = audioOf([...HEAD.slice(0, 3), 'c=in ip4 192.0.2.5', 'm=Audio 4000/1  rtp/avp  0 ', 'a=SendOnly', 'a=RTPMAP:0 pcmu/8000 '].join('\r\n'));
    assert.deepEqual([audio.rtp?.address, audio.direction, audio.formats.voices], ['192.0.2.5', 'sendonly', [{ codec: 'PCMU', payloadType: 0 }]]);
  });

  it('passes over lines that calls do not need: bandwidth, keys, times, information', () => {
    const text = sdp('b=AS:64', 'k=clear:x', 'r=7d 1h 0 25h', 'z=0 0', 'm=audio 4000 RTP/AVP 0', 'i=voice', 'b=TIAS:64000', 'a=silenceSupp:off - - - -');
    assert.equal(audioOf(text).formats.voices.length, 1);
  });

  it('reads addresses of multicast groups and of IPv6 without what follows them', () => {
    assert.equal(parse(sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 192.0.2.9/127')).media[0]?.address, '192.0.2.9');
    assert.equal(parse(sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1')).media[0]?.address, '2001:db8::1');
  });

  it('survives anything, and answers descriptions with anything in them by one that can be read', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(
      'm=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-999999999,x', 'a=rtcp:9', 'a=rtcp:x IN IP4 y', 'c=IN IP4 0.0.0.0',
      'a=sendonly', 'm=video 0 X 1', 'a=rtpmap:', 'a=rtpmap:8', 'm=audio 4002 RTP/SAVP 9 200', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x', 'c=IN IP4 host.example',
    ));
    fc.assert(fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const parsed = parseSdp(sdp(...lines));
      if (parsed.kind === 'malformed') return;
      const agreed = agreeOnPlain(parsed.session, { terms: { isSignallingSecure: true, srtp: 'optional' }, address: LOCAL.address });
      if (agreed.kind === 'unsupported') return;
      const answer = parse(writePlainAnswer(parsed.session, agreed, LOCAL));
      assert.equal(answer.media.length, parsed.session.media.length);
      assert.deepEqual(answer.media.filter(({ port }) => port !== 0).map(({ port }) => port), [LOCAL.port]);
    }), { numRuns: 500 });
  });
});
