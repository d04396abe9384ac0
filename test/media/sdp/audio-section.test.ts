import assert from 'node:assert/strict';
import { isPlainRtp, isSecureRtp, isWebRtc, wantsToHear } from '../../../server/media/sdp/audio-section.ts';
import { DIGITS } from '../../../server/model/digit.ts';
import { audioOf, HEAD, sdp } from '../support/sdp-text.ts';

describe('findAudio', () => {
  it('knows static formats without rtpmap, and dynamic ones by theirs (RFC 3551 §6)', () => {
    const { formats } = audioOf(sdp('m=audio 4000 RTP/AVP 18 97 0 9 111 96', 'a=rtpmap:97 pcma/8000/1', 'a=rtpmap:111 OPUS/48000/2', 'a=rtpmap:96 opus/48000'));
    assert.deepEqual(formats.voices, [
      { codec: 'PCMA', payloadType: 97 }, { codec: 'PCMU', payloadType: 0 }, { codec: 'G722', payloadType: 9 }, { codec: 'opus', payloadType: 111 },
    ]);
  });

  it('takes what an rtpmap says for what a static type usually is', () => {
    assert.deepEqual(audioOf(sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 PCMA/8000')).formats.voices, [{ codec: 'PCMA', payloadType: 0 }]);
  });

  it('lists each type once, and no type above 127', () => {
    assert.deepEqual(audioOf(sdp('m=audio 4000 RTP/AVP 8 8 200', 'a=rtpmap:200 PCMU/8000')).formats.voices, [{ codec: 'PCMA', payloadType: 8 }]);
  });

  it('finds telephone-event on both clocks, and comfort noise (RFC 4733 §2.1, RFC 3389)', () => {
    const { formats } = audioOf(sdp('m=audio 4000 RTP/AVP 0 13 110 126 19', 'a=rtpmap:110 telephone-event/48000', 'a=rtpmap:126 telephone-event/8000', 'a=rtpmap:19 CN/8000'));
    assert.deepEqual(formats.events.map(({ payloadType, clockRate }) => [payloadType, clockRate]), [[110, 48_000], [126, 8_000]]);
    assert.deepEqual(formats.comfortNoise, [13, 19]);
  });

  for (const [fmtp, keys] of [
    ['a=x', DIGITS.join('')], ['a=fmtp:101 0-15', DIGITS.join('')], ['a=fmtp:101 0-11,16', '0123456789*#'], ['a=fmtp:101 0-9', '0123456789'],
    ['a=fmtp:101 1,3, 11', '13#'], ['a=fmtp:101 events=0-11', '0123456789*#'], ['a=fmtp:101 anything', DIGITS.join('')], ['a=fmtp:1010 1', DIGITS.join('')],
    ['a=fmtp:101 16-32', ''],
  ] as const) {
    it(`reads the keys that the writer understands: ${fmtp} (RFC 4733 §2.4.1)`, () => {
      const [events] = audioOf(sdp('m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000', fmtp)).formats.events;
      assert.equal([...events?.keys ?? []].join(''), keys);
    });
  }

  for (const [line, address] of [
    ['a=rtcp:4010', '192.0.2.1:4010'], ['a=rtcp:4010 IN IP4 192.0.2.9', '192.0.2.9:4010'], ['a=rtcp:4010 IN IP4 239.1.1.1', '192.0.2.1:4010'],
    ['a=x', '192.0.2.1:4001'], ['a=rtcp-mux', '192.0.2.1:4000'], ['a=rtcp:0', 'undefined:undefined'], ['a=rtcp:99999', 'undefined:undefined'],
  ] as const) {
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

  it('sends to no group and to no name, but does not take them for a hold', () => {
    for (const address of ['239.1.2.3', '255.255.255.255', 'phone.example.net']) {
      const audio = audioOf(sdp('m=audio 4000 RTP/AVP 0', `c=IN IP4 ${address}`));
      assert.equal(audio.rtp, undefined);
      assert.equal(wantsToHear(audio), true);
    }
    assert.equal(audioOf(sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 ff15::101')).rtp, undefined);
  });

  it('tells WebRTC, plain and encrypted RTP by the profile', () => {
    assert.equal(isWebRtc(audioOf(sdp('m=audio 9 UDP/TLS/RTP/SAVPF 0'))), true);
    assert.equal(isPlainRtp(audioOf(sdp('m=audio 9 RTP/AVPF 0'))), true);
    assert.equal(isPlainRtp(audioOf(sdp('m=audio 9 RTP/SAVP 0'))), false);
    assert.equal(isSecureRtp(audioOf(sdp('m=audio 9 RTP/SAVP 0'))), true);
  });
});
