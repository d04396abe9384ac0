import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findAudio, isPlainRtp, isWebRtc } from '../../server/media/sdp/audio-section.ts';
import type { AudioSection } from '../../server/media/sdp/audio-section.ts';
import { agreeOnPlain, writePlainAnswer, writePlainOffer } from '../../server/media/sdp/negotiate-plain.ts';
import { parseSdp } from '../../server/media/sdp/session-description.ts';
import type { SessionDescription } from '../../server/media/sdp/session-description.ts';
import { announceAddress, narrowBrowserSdp } from '../../server/media/edge/werift/browser-sdp.ts';

const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
const LOCAL = { address: '198.51.100.7', port: 30_000, sessionId: '77', version: 1 };
const sdp = (...lines: readonly string[]): string => [...HEAD, ...lines, ''].join('\r\n');

const parse = (text: string): SessionDescription => {
  const parsed = parseSdp(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.reason);
  return parsed.session;
};
const audioOf = (text: string): AudioSection => {
  const audio = findAudio(parse(text));
  if (audio === undefined) throw new Error('no audio');
  return audio;
};
const answerTo = (text: string): string => {
  const session = parse(text);
  const agreed = agreeOnPlain(findAudio(session));
  return agreed.kind === 'agreed' ? writePlainAnswer(session, agreed, LOCAL) : `unsupported: ${agreed.reason}`;
};

describe('parseSdp', () => {
  for (const [what, text] of [
    ['nothing', ''], ['another text', 'hello'], ['a line without type', sdp('nonsense')],
    ['a media line without formats or port', sdp('m=audio')], ['a port above 65535', sdp('m=audio 70000 RTP/AVP 0')],
    ['a connection line of another network', sdp('c=ATM NSAP 47.0091')],
    ['too many sections', sdp(...Array.from({ length: 17 }, () => 'm=audio 4000 RTP/AVP 0'))],
    ['too many lines', sdp(...Array.from({ length: 2_001 }, () => 'a=x'))],
    ['too long a text', sdp(`a=x:${'y'.repeat(64_000)}`)],
  ] as const) {
    it(`refuses ${what}`, () => { assert.equal(parseSdp(text).kind, 'malformed'); });
  }

  it('reads lines that end in LF only (RFC 8866 §5)', () => {
    assert.equal(audioOf(sdp('m=audio 4000 RTP/AVP 0').replaceAll('\r\n', '\n')).rtp?.port, 4_000);
  });

  it('survives anything, and descriptions with anything in them', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=rtcp:9', 'a=rtcp:x IN IP4 y', 'c=IN IP4 0.0.0.0', 'a=sendonly', 'm=video 0 X 1', 'a=rtpmap:', 'a=rtpmap:8'));
    fc.assert(fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const parsed = parseSdp(sdp(...lines));
      if (parsed.kind === 'malformed') return;
      const agreed = agreeOnPlain(findAudio(parsed.session));
      if (agreed.kind === 'agreed') assert.equal(parseSdp(writePlainAnswer(parsed.session, agreed, LOCAL)).kind, 'parsed');
    }), { numRuns: 500 });
  });
});

describe('findAudio', () => {
  it('knows static formats without rtpmap, and dynamic ones by theirs (RFC 3551 §6)', () => {
    const audio = audioOf(sdp('m=audio 4000 RTP/AVP 18 97 0 101', 'a=rtpmap:97 pcma/8000/1', 'a=rtpmap:101 telephone-event/8000'));
    assert.deepEqual(audio.formats, [{ codec: 'PCMA', payloadType: 97 }, { codec: 'PCMU', payloadType: 0 }]);
    assert.equal(audio.telephoneEventPayloadType, 101);
  });

  it('passes over telephone-event of another clock', () => {
    const audio = audioOf(sdp('m=audio 4000 RTP/AVP 0 110', 'a=rtpmap:110 telephone-event/48000'));
    assert.equal(audio.telephoneEventPayloadType, undefined);
  });

  for (const [line, address] of [['a=rtcp:4010', '192.0.2.1:4010'], ['a=rtcp:4010 IN IP4 192.0.2.9', '192.0.2.9:4010'], ['a=x', '192.0.2.1:4001'], ['a=rtcp-mux', '192.0.2.1:4000']] as const) {
    it(`finds RTCP at ${address} by ${line} (RFC 3605, RFC 5761)`, () => {
      const { rtcp } = audioOf(sdp('m=audio 4000 RTP/AVP 0', line));
      assert.equal(`${rtcp?.address}:${rtcp?.port}`, address);
    });
  }

  it('takes the direction of the session where the section has none, and the section\'s own address', () => {
    const audio = audioOf([...HEAD, 'a=inactive', 'm=audio 4000 RTP/AVP 0', 'c=IN IP4 192.0.2.5', ''].join('\r\n'));
    assert.equal(audio.direction, 'inactive');
    assert.equal(audio.rtp?.address, '192.0.2.5');
  });

  it('tells WebRTC from plain RTP by the profile', () => {
    assert.equal(isWebRtc(audioOf(sdp('m=audio 9 UDP/TLS/RTP/SAVPF 0'))), true);
    assert.equal(isPlainRtp(audioOf(sdp('m=audio 9 RTP/AVPF 0'))), true);
    assert.equal(isPlainRtp(audioOf(sdp('m=audio 9 RTP/SAVP 0'))), false);
  });
});

describe('writePlainAnswer', () => {
  it('answers with one codec, the first offered, and telephone-event (RFC 3264 §6.1)', () => {
    assert.deepEqual(answerTo(sdp('m=audio 4000 RTP/AVP 0 8 96', 'a=rtpmap:96 telephone-event/8000')).split('\r\n'), [
      'v=0', 'o=allo 77 1 IN IP4 198.51.100.7', 's=-', 'c=IN IP4 198.51.100.7', 't=0 0',
      'm=audio 30000 RTP/AVP 0 96', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15', 'a=ptime:20', 'a=sendrecv', '',
    ]);
  });

  it('takes the codec that the call speaks already, when it is offered', () => {
    const agreed = agreeOnPlain(audioOf(sdp('m=audio 4000 RTP/AVP 0 8')), 'PCMA');
    assert.equal(agreed.kind === 'agreed' && agreed.audio.codec, 'PCMA');
  });

  it('refuses other sections by port 0, in their places (RFC 3264 §6)', () => {
    const answer = answerTo(sdp('m=video 5000 RTP/AVP 99', 'm=audio 4000 RTP/AVP 8', 'm=application 7 TCP/BFCP *'));
    assert.deepEqual(answer.match(/^m=.*$/gm), ['m=video 0 RTP/AVP 99', 'm=audio 30000 RTP/AVP 8', 'm=application 0 TCP/BFCP *']);
  });

  for (const [offered, answered] of [['sendonly', 'recvonly'], ['recvonly', 'sendonly'], ['inactive', 'inactive'], ['sendrecv', 'sendrecv']] as const) {
    it(`answers ${offered} with ${answered} (RFC 3264 §6.1)`, () => {
      assert.match(answerTo(sdp('m=audio 4000 RTP/AVP 8', `a=${offered}`)), new RegExp(`^a=${answered}\r$`, 'm'));
    });
  }

  it('takes c=0.0.0.0 for a hold (RFC 3264 §8.4)', () => {
    const text = sdp('m=audio 4000 RTP/AVP 8', 'c=IN IP4 0.0.0.0');
    const agreed = agreeOnPlain(audioOf(text));
    assert.equal(agreed.kind === 'agreed' && agreed.audio.peerListens, false);
    assert.match(answerTo(text), /^a=recvonly\r$/m);
  });

  for (const [why, line] of [['no codec in common', 'm=audio 4000 RTP/AVP 9 18'], ['profile', 'm=audio 4000 RTP/SAVP 8'], ['no audio section', 'm=audio 0 RTP/AVP 8']] as const) {
    it(`is not written for an offer with ${why}`, () => { assert.match(answerTo(sdp(line)), new RegExp(`^unsupported: .*${why}`)); });
  }

  it('puts the preferred codec first in an offer', () => {
    assert.match(writePlainOffer(LOCAL, 'PCMU'), /^m=audio 30000 RTP\/AVP 0 8 101\r$/m);
    assert.match(writePlainOffer({ ...LOCAL, address: '2001:db8::7' }, 'PCMA'), /^c=IN IP6 2001:db8::7\r$/m);
  });
});

describe('narrowBrowserSdp', () => {
  it('leaves one codec and telephone-event, and no candidates', () => {
    const text = sdp('m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10', 'a=rtcp-fb:111 transport-cc',
      'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000', 'a=candidate:1 1 udp 1 x.local 5000 typ host', 'a=end-of-candidates', 'a=mid:0');
    const narrowed = narrowBrowserSdp(text, audioOf(text), { codec: 'PCMA', payloadType: 8 });
    assert.deepEqual(narrowed.split('\r\n').slice(5), ['m=audio 9 UDP/TLS/RTP/SAVPF 8 126', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000', 'a=mid:0', '']);
  });
});

describe('announceAddress', () => {
  it('changes candidates and connection lines, and nothing else', () => {
    const text = 'c=IN IP4 10.0.0.1\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\na=x:10.0.0.1\r\n';
    assert.equal(announceAddress(text, '10.0.0.1', '203.0.113.9'), 'c=IN IP4 203.0.113.9\r\na=candidate:1 1 udp 1 203.0.113.9 5000 typ host\r\na=x:10.0.0.1\r\n');
  });
});
