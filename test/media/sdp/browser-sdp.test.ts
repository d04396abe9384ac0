import assert from 'node:assert/strict';
import { announceAddress, narrowBrowserSdp, narrowOwnSdp } from '../../../server/media/edge/werift/browser-sdp.ts';
import { sdp } from '../support/sdp-text.ts';

const TEXT = sdp('m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10', 'a=rtcp-fb:111 transport-cc',
  'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000', 'a=candidate:1 1 udp 1 x.local 5000 typ host', 'a=end-of-candidates', 'a=mid:0');

describe('narrowBrowserSdp', () => {
  it('leaves one codec and telephone-event, and no candidates', () => {
    assert.deepEqual(narrowBrowserSdp(TEXT, [8, 126]).split('\r\n').slice(5),
      ['m=audio 9 UDP/TLS/RTP/SAVPF 8 126', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000', 'a=mid:0', '']);
  });
});

describe('narrowOwnSdp', () => {
  it('leaves the formats that are offered, in their order, and the candidates', () => {
    const narrowed = narrowOwnSdp(TEXT, [8, 111]);
    assert.match(narrowed, /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 8 111\r$/m);
    assert.match(narrowed, /^a=fmtp:111 minptime=10\r$/m);
    assert.match(narrowed, /^a=candidate:1 /m);
    assert.doesNotMatch(narrowed, /PCMU|telephone-event/);
  });
});

describe('announceAddress', () => {
  it('changes candidates and connection lines, and nothing else', () => {
    const text = 'c=IN IP4 10.0.0.1\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\na=x:10.0.0.1\r\n';
    assert.equal(announceAddress(text, '10.0.0.1', '203.0.113.9'), 'c=IN IP4 203.0.113.9\r\na=candidate:1 1 udp 1 203.0.113.9 5000 typ host\r\na=x:10.0.0.1\r\n');
  });
});
