import assert from 'node:assert/strict';
import { OfferAnswer, type Side } from '../../../server/sip-engine/dialog/offer-answer.ts';
import { afterRefusal } from '../../../server/sip-engine/dialog/session.ts';
import { waitAfterGlare } from '../../../server/sip-engine/dialog/wait-after-glare.ts';
import { Headers, type SipResponse } from '../../../server/sip-engine/message/sip-message.ts';

const SDP = 'v=0\r\n';
type Step = (offers: OfferAnswer) => void;

const response = (status: number, body = '', ...lines: readonly [string, string][]): SipResponse => {
  const headers = new Headers();
  for (const [name, value] of lines) headers.add(name, value);
  return { kind: 'response', status, reason: '', headers, body };
};
const sends = (by: Side, method: string, body = ''): Step => (offers) => {
  offers.requested(by, { kind: 'request', method, uri: 'sip:a@b', headers: new Headers(), body });
};
const answers = (by: Side, method: string, status: number, body = ''): Step => (offers) => offers.responded(by, method, response(status, body));
const answersReliably = (by: Side, status: number, body = ''): Step => (offers) => offers.responded(by, 'INVITE', response(status, body, ['RSeq', '1']));

const invite = sends('peer', 'INVITE', SDP);
const emptyInvite = sends('peer', 'INVITE');

describe('OfferAnswer', () => {
  const rows: readonly [string, readonly Step[], Side | undefined][] = [
    ['nothing was offered', [], undefined],
    ['an INVITE with an offer is open', [invite], 'peer'],
    ['an unreliable response shows a description, which is no answer', [invite, answers('us', 'INVITE', 183, SDP)], 'peer'],
    ['a reliable response answers (RFC 3262 §5)', [invite, answersReliably('us', 183, SDP)], undefined],
    ['a reliable response without a description does not', [invite, answersReliably('us', 180)], 'peer'],
    ['a 2xx answers', [invite, answers('us', 'INVITE', 200, SDP)], undefined],
    ['a 2xx without a description ends it all the same', [invite, answers('us', 'INVITE', 200)], undefined],
    ['a refusal ends it', [invite, answers('us', 'INVITE', 488)], undefined],
    ['a 2xx repeats the answer of a reliable response, which is no offer', [invite, answersReliably('us', 183, SDP), answers('us', 'INVITE', 200, SDP)], undefined],
    ['an INVITE without an offer leaves it to the other', [emptyInvite], undefined],
    ['a 2xx brings that offer (RFC 3261 §13.2.1)', [emptyInvite, answers('us', 'INVITE', 200, SDP)], 'us'],
    ['the ACK answers it', [emptyInvite, answers('us', 'INVITE', 200, SDP), sends('peer', 'ACK', SDP)], undefined],
    ['an ACK without an answer ends it', [emptyInvite, answers('us', 'INVITE', 200, SDP), sends('peer', 'ACK')], undefined],
    ['a reliable response brings it', [emptyInvite, answersReliably('us', 183, SDP)], 'us'],
    ['the PRACK answers it', [emptyInvite, answersReliably('us', 183, SDP), sends('peer', 'PRACK', SDP)], undefined],
    ['and the 2xx offers nothing more', [emptyInvite, answersReliably('us', 183, SDP), sends('peer', 'PRACK', SDP), answers('us', 'INVITE', 200, SDP)], undefined],
    ['a PRACK without a description answers nothing', [emptyInvite, answersReliably('us', 183, SDP), sends('peer', 'PRACK')], 'us'],
    ['a PRACK offers anew (RFC 3262 §5)', [invite, answersReliably('us', 183, SDP), sends('peer', 'PRACK', SDP)], 'peer'],
    ['its 2xx answers', [invite, answersReliably('us', 183, SDP), sends('peer', 'PRACK', SDP), answers('us', 'PRACK', 200, SDP)], undefined],
    ['an UPDATE offers (RFC 3311 §5.1)', [sends('us', 'UPDATE', SDP)], 'us'],
    ['a provisional response to it answers nothing', [sends('us', 'UPDATE', SDP), answers('peer', 'UPDATE', 100)], 'us'],
    ['any final response ends it', [sends('us', 'UPDATE', SDP), answers('peer', 'UPDATE', 491)], undefined],
    ['an UPDATE without a description offers nothing', [sends('us', 'UPDATE')], undefined],
    ['an INFO with a body offers nothing', [sends('us', 'INFO', SDP)], undefined],
    ['the 2xx to the INVITE does not answer an UPDATE in between', [invite, answersReliably('us', 183, SDP), sends('us', 'UPDATE', SDP), answers('us', 'INVITE', 200, SDP)], 'us'],
    ['the refusal of a second UPDATE does not end the first', [sends('us', 'UPDATE', SDP), answers('us', 'UPDATE', 491)], 'us'],
    ['what was given up is over', [invite, (offers) => offers.dropped('INVITE')], undefined],
    ['an INVITE that was given up brings no offer later', [emptyInvite, (offers) => offers.dropped('INVITE'), answers('us', 'INVITE', 200, SDP)], undefined],
  ];
  for (const [title, steps, openBy] of rows) {
    it(`${title}: ${openBy === undefined ? 'nobody waits' : `${openBy === 'us' ? 'we wait' : 'the peer waits'} for an answer`}`, () => {
      const offers = new OfferAnswer();
      for (const step of steps) step(offers);
      assert.equal(offers.openBy, openBy);
    });
  }

  it('reads a description among several parts (RFC 5621 §3)', () => {
    const offers = new OfferAnswer();
    const headers = new Headers().add('Content-Type', 'multipart/mixed;boundary=x');
    offers.requested('peer', { kind: 'request', method: 'UPDATE', uri: 'sip:a@b', headers, body: '--x' });
    assert.equal(offers.openBy, 'peer');
  });
});

describe('waitAfterGlare (RFC 3261 §14.1)', () => {
  it('waits 2.1 to 4 seconds as owner of the Call-ID, 0 to 2 as the other, in steps of 10 ms', () => {
    const almostOne = 1 - Number.EPSILON;
    assert.deepEqual([waitAfterGlare(true, 0), waitAfterGlare(true, almostOne)], [2_100, 4_000]);
    assert.deepEqual([waitAfterGlare(false, 0), waitAfterGlare(false, almostOne)], [0, 2_000]);
    for (let i = 0; i < 1_000; i += 1) assert.equal(waitAfterGlare(i % 2 === 0, i / 1_000) % 10, 0);
  });
});

describe('afterRefusal (RFC 4028 §10)', () => {
  const verdict = (refusal: SipResponse) => afterRefusal(refusal, { ownsCallId: true, leftMs: 50_000, random: 0 });

  it('ends the session at 408 and 481 (RFC 3261 §12.2.1.2)', () => {
    for (const status of [408, 481]) assert.deepEqual(verdict(response(status)), { kind: 'over' });
  });
  it('waits after a 491 as the owner of the Call-ID does', () => assert.deepEqual(verdict(response(491)), { kind: 'again', afterMs: 2_100 }));
  it('waits as long as Retry-After says (RFC 3261 §20.33)', () => assert.deepEqual(verdict(response(500, '', ['Retry-After', '7'])), { kind: 'again', afterMs: 7_000 }));
  it('takes the longer interval of a 422, and gives up one that names none (§7.3)', () => {
    assert.deepEqual(verdict(response(422, '', ['Min-SE', '3600'])), { kind: 'again', afterMs: 0, minSeconds: 3_600 });
    assert.deepEqual(verdict(response(422)), { kind: 'over' });
  });
  it('tries other refusals again in the middle of what is left', () => assert.deepEqual(verdict(response(488)), { kind: 'again', afterMs: 25_000 }));
});
