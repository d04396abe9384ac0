import assert from 'node:assert/strict';
import sinon from 'sinon';
import { epochMs } from '../../server/base/time.ts';
import { asId, type LegId } from '../../server/model/ids.ts';
import type { ResponseContent, SipDialog, SipRequest, SipResponse, SipStack } from '../../server/sip/drachtio/messages.ts';
import { readInvite } from '../../server/sip/invite-facts.ts';
import { InboundSipLeg } from '../../server/sip/leg/inbound-sip-leg.ts';
import { FakeDialog } from './support/fake-dialog.ts';
import { fakeRequest } from './support/fake-request.ts';

/** A leg on a stack whose call-backs the test makes. */
function setUp(options: { readonly knows?: (status: number) => boolean } = {}) {
  const responses: { status: number; content: ResponseContent | undefined }[] = [];
  const faults: unknown[] = [];
  let answered: ((error: unknown, dialog?: SipDialog) => void) | undefined;
  let cancel: ((message: { get(name: string): string | undefined } | undefined) => void) | undefined;
  const stack: SipStack = {
    use: () => undefined, connect: () => undefined, request: () => undefined, disconnect: () => undefined, on: () => undefined, createUAC: () => undefined,
    createUAS: (_request, _response, _options, callback) => { answered = callback; },
  };
  const request: SipRequest = { ...fakeRequest(), on: (_, listener) => { cancel = listener; } };
  const response: SipResponse = {
    status: 0, body: '', finalResponseSent: false, get: () => undefined,
    send: (status, content) => {
      if (options.knows?.(status) === false) throw new Error('must be a valid sip response code');
      responses.push({ status, content });
    },
  };
  const leg = new InboundSipLeg({
    legId: asId<LegId>('leg-1'), invite: readInvite(request, epochMs(1)), stack, request, response, onFault: (cause) => faults.push(cause),
  });
  return {
    leg, responses, faults,
    finishAnswer: (error: unknown, dialog?: SipDialog) => answered?.(error, dialog),
    cancel: (reason?: string) => cancel?.({ get: (name) => (name === 'Reason' ? reason : undefined) }),
  };
}

const turn = () => new Promise<void>((resolve) => { setImmediate(resolve); });

describe('InboundSipLeg', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => clock.restore());

  it('takes a 200 that the server has no transaction for as the caller’s CANCEL (RFC 3261 §9.2)', async () => {
    const { leg, finishAnswer } = setUp();
    const answering = leg.answer('v=0');
    await turn();
    finishAnswer('Response not sent due to unknown transaction');
    assert.deepEqual(await answering, { kind: 'gone', termination: { result: 'caller', reason: 'cancelled', sipStatus: 487, q850: 16 } });
  });
  it('takes any other failure to answer as a fault of ours', async () => {
    const { leg, finishAnswer } = setUp();
    const answering = leg.answer('v=0');
    await turn();
    finishAnswer(new Error('socket closed'));
    assert.deepEqual(await answering, { kind: 'gone', termination: { result: 'failed', reason: 'answer-not-sent', q850: 41 } });
  });
  it('keeps the cause that a CANCEL names (RFC 3326)', async () => {
    const { leg, cancel } = setUp();
    cancel('Q.850;cause=19;text="no answer"');
    assert.equal((await leg.ended).q850, 19);
  });
  it('refuses a second answer: a fault of ours', async () => {
    const { leg } = setUp();
    void leg.answer('v=0');
    await assert.rejects(leg.answer('v=0'), { code: 'base.event-refused' });
    leg.lose();
  });
  it('answers 500 when it is asked for a status that does not exist, and reports it', async () => {
    const { leg, responses, faults } = setUp({ knows: (status) => status !== 499 });
    await leg.refuse({ status: 499 });
    assert.deepEqual([responses.map(({ status }) => status), faults.length], [[500], 1]);
  });
  it('ends as failed when the SIP server is lost, whatever it was doing', async () => {
    const { leg } = setUp();
    const answering = leg.answer('v=0');
    leg.lose();
    assert.equal((await leg.ended).reason, 'signalling-lost');
    assert.equal((await answering).kind, 'gone');
  });
  it('hangs up by itself when a server never tells of the ACK', async () => {
    const { leg, finishAnswer } = setUp();
    const dialog = new FakeDialog({ type: 'uas' });
    const answering = leg.answer('v=0');
    await turn();
    finishAnswer(null, dialog);
    await clock.tickAsync(40_000);
    const outcome = await answering;
    assert.ok(outcome.kind === 'gone');
    assert.equal(outcome.termination.reason, 'ack-timeout');
    assert.equal(dialog.byes.length, 1);
  });
  it('tells a session that was not refreshed from a lost ACK (RFC 4028 §10)', async () => {
    const { leg, finishAnswer } = setUp();
    const dialog = new FakeDialog({ type: 'uas' });
    const answering = leg.answer('v=0');
    await turn();
    finishAnswer(null, dialog);
    dialog.emit('ack', fakeRequest({ method: 'ACK' }));
    await answering;
    dialog.emit('destroy', { ...fakeRequest({ method: 'BYE' }), source: 'application' });
    assert.equal((await leg.ended).reason, 'session-expired');
  });
  it('ends once, with whoever was first', async () => {
    const { leg, finishAnswer } = setUp();
    const dialog = new FakeDialog({ type: 'uas' });
    void leg.answer('v=0');
    await turn();
    finishAnswer(null, dialog);
    dialog.emit('ack', fakeRequest({ method: 'ACK' }));
    dialog.emit('destroy', fakeRequest({ method: 'BYE' }));
    await leg.hangUp({ result: 'system', reason: 'goodbye' });
    assert.deepEqual([(await leg.ended).result, dialog.byes], ['caller', []]);
  });
});
