import assert from 'node:assert/strict';
import { writePlainAnswer, writePlainOffer, writeRefusals } from '../../../server/media/sdp/write-plain.ts';
import { agreed, answerTo, LOCAL, parse, sdp } from '../support/sdp-text.ts';

describe('writePlainAnswer', () => {
  it('answers with one codec and telephone-event, in the types of the offer (RFC 3264 §6.1)', () => {
    assert.deepEqual(answerTo(sdp('m=audio 4000 RTP/AVP 0 8 96', 'a=rtpmap:96 telephone-event/8000')).split('\r\n'), [
      'v=0', 'o=allo 77 1 IN IP4 198.51.100.7', 's=-', 'c=IN IP4 198.51.100.7', 't=0 0',
      'm=audio 30000 RTP/AVP 0 96', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15',
      'a=ptime:20', 'a=maxptime:60', 'a=sendrecv', '',
    ]);
  });

  it('names Opus and its clock as RFC 7587 §7 asks, with events on that clock', () => {
    const text = sdp('m=audio 4000 RTP/AVP 96 97', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:97 telephone-event/48000');
    const answer = answerTo(text, { prefer: 'opus' });
    for (const line of [/^m=audio 30000 RTP\/AVP 96 97\r$/m, /^a=rtpmap:96 opus\/48000\/2\r$/m, /^a=rtpmap:97 telephone-event\/48000\r$/m]) assert.match(answer, line);
  });

  it('refuses other sections by port 0, in their places (RFC 3264 §6)', () => {
    const answer = answerTo(sdp('m=video 5000 RTP/AVP 99', 'm=audio 4000 RTP/AVP 8', 'm=application 7 TCP/BFCP *', 'm=audio 4002 RTP/AVP 0'));
    assert.deepEqual(answer.match(/^m=.*$/gm), ['m=video 0 RTP/AVP 99', 'm=audio 30000 RTP/AVP 8', 'm=application 0 TCP/BFCP *', 'm=audio 0 RTP/AVP 0']);
  });

  it('keeps a section that is switched off in its place', () => {
    assert.deepEqual(answerTo(sdp('m=audio 0 RTP/AVP 0', 'm=audio 4000 RTP/AVP 8')).match(/^m=.*$/gm), ['m=audio 0 RTP/AVP 0', 'm=audio 30000 RTP/AVP 8']);
  });

  for (const [offered, answered] of [['sendonly', 'recvonly'], ['recvonly', 'sendonly'], ['inactive', 'inactive'], ['sendrecv', 'sendrecv']] as const) {
    it(`answers ${offered} with ${answered} (RFC 3264 §6.1)`, () => {
      assert.match(answerTo(sdp('m=audio 4000 RTP/AVP 8', `a=${offered}`)), new RegExp(`^a=${answered}\r$`, 'm'));
    });
  }

  for (const [offered, answered] of [['sendrecv', 'recvonly'], ['sendonly', 'recvonly'], ['recvonly', 'inactive'], ['inactive', 'inactive']] as const) {
    it(`answers the old hold, ${offered} at c=0.0.0.0, with ${answered} (RFC 3264 §8.4)`, () => {
      assert.match(answerTo(sdp('m=audio 4000 RTP/AVP 8', 'c=IN IP4 0.0.0.0', `a=${offered}`)), new RegExp(`^a=${answered}\r$`, 'm'));
    });
  }

  it('multiplexes RTCP when that was offered, and only then (RFC 5761 §5.1.1)', () => {
    assert.match(answerTo(sdp('m=audio 4000 RTP/AVP 8', 'a=rtcp-mux')), /^a=rtcp-mux\r$/m);
    assert.doesNotMatch(answerTo(sdp('m=audio 4000 RTP/AVP 8')), /rtcp-mux/);
  });

  it('keeps the profile of the offer and carries our own key', () => {
    const text = sdp('m=audio 4000 RTP/SAVP 8', 'a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz');
    const answer = writePlainAnswer(parse(text), agreed(text, { terms: { srtp: 'required', isSignallingSecure: true } }), LOCAL, '7 SUITE inline:key');
    assert.match(answer, /^m=audio 30000 RTP\/SAVP 8\r$/m);
    assert.match(answer, /^a=crypto:7 SUITE inline:key\r$/m);
  });

  for (const [why, line] of [['no codec in common', 'm=audio 4000 RTP/AVP 18 4'], ['profile', 'm=audio 4000 RTP/SAVP 8'], ['no audio section', 'm=audio 0 RTP/AVP 8']] as const) {
    it(`is not written for an offer with ${why}`, () => { assert.match(answerTo(sdp(line)), new RegExp(`^unsupported: .*${why}`)); });
  }
});

describe('writePlainOffer', () => {
  const offer = (more: Partial<Parameters<typeof writePlainOffer>[1]> = {}): string =>
    writePlainOffer(LOCAL, { codecs: ['PCMA', 'PCMU'], dtmf: 'auto', protocol: 'RTP/AVP', crypto: [], ...more });

  it('lists the codecs in their order, with telephone-event for the clock of each', () => {
    assert.match(offer(), /^m=audio 30000 RTP\/AVP 8 0 101\r$/m);
    assert.match(offer({ codecs: ['G722', 'PCMA'] }), /^m=audio 30000 RTP\/AVP 9 8 101\r$/m);
    assert.match(offer({ codecs: ['opus', 'PCMA'] }), /^m=audio 30000 RTP\/AVP 111 8 110 101\r$/m);
  });

  for (const dtmf of ['info', 'inband'] as const) {
    it(`offers no telephone-event where keys travel by ${dtmf}`, () => { assert.doesNotMatch(offer({ dtmf }), /telephone-event/); });
  }

  it('announces IPv6, and keys', () => {
    assert.match(writePlainOffer({ ...LOCAL, address: '2001:db8::7' }, { codecs: ['PCMA'], dtmf: 'auto', protocol: 'RTP/AVP', crypto: [] }), /^c=IN IP6 2001:db8::7\r$/m);
    assert.deepEqual(offer({ protocol: 'RTP/SAVP', crypto: ['1 A inline:x', '2 B inline:y'] }).match(/^a=crypto:.*(?=\r)/gm), ['a=crypto:1 A inline:x', 'a=crypto:2 B inline:y']);
  });
});

describe('writeRefusals', () => {
  it('refuses every section in its place (RFC 3264 §8.2)', () => {
    assert.deepEqual(writeRefusals(parse(sdp('m=audio 0 RTP/AVP 8 101', 'm=video 0 RTP/AVP 99')), LOCAL).match(/^m=.*$/gm), ['m=audio 0 RTP/AVP 8 101', 'm=video 0 RTP/AVP 99']);
  });
});
