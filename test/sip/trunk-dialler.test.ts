import assert from 'node:assert/strict';
import sinon from 'sinon';
import { systemClock } from '../../server/base/time.ts';
import type { OutboundCall } from '../../server/call/ports.ts';
import { asId, type CallId, type LegId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import type { SipStack, UacOptions, UacProgress } from '../../server/sip/drachtio/messages.ts';
import { TrunkDialler } from '../../server/sip/outbound/trunk-dialler.ts';
import { SipTrunks } from '../../server/sip/trunk/sip-trunks.ts';
import { FakeTrunkStack } from './support/fake-trunk-stack.ts';
import { fakeRequest } from './support/fake-request.ts';

const CARRIER = asId<TrunkId>('carrier');
const T1 = asId<TenantId>('t1');
const CALL: OutboundCall = {
  trunkId: CARRIER, tenantId: T1, callId: asId<CallId>('c'), legId: asId<LegId>('l'), to: '+213661000001', callerId: { kind: 'default' }, sdpOffer: 'v=0', answerTimeoutMs: 60_000,
};

/** A stack that sends INVITEs and hears nothing but what the test says. */
class SilentStack extends FakeTrunkStack {
  readonly sent: { options: UacOptions; progress: UacProgress; final: (error: unknown) => void; cancels: string[] }[] = [];

  constructor() {
    super(() => 'silent');
  }

  override createUAC(...[, options, progress, final]: Parameters<SipStack['createUAC']>): void {
    const cancels: string[] = [];
    this.sent.push({ options, progress, final, cancels });
    progress.cbRequest(null, { ...fakeRequest(), cancel: ({ headers }) => void cancels.push(headers?.['Reason'] ?? '') });
  }
}

describe('TrunkDialler', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers({ now: 1_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] }); });
  afterEach(() => clock.restore());
  const setUp = () => {
    const stack = new SilentStack();
    const onFault = (cause: unknown): never => { throw cause; };
    const trunks = new SipTrunks({
      trunks: [{
        trunkId: CARRIER, tenantId: T1, name: 'Carrier', kind: 'sip', addresses: [], region: 'DZ', trustsAssertedIdentity: false,
        peer: { targets: ['sip:gw1.example', 'sip:gw2.example'], callerIds: ['+213555000100'], fromUser: 'caller-id', identityHeader: 'none', numberFormat: 'plus' },
      }],
      passwordOf: () => undefined, realm: 'allo', stack: () => stack, clock: systemClock, onFault,
    });
    return { stack, dialler: new TrunkDialler({ trunks, stack: () => stack, onLeg: () => undefined, onFault }) };
  };
  const at = (stack: SilentStack, index: number): SilentStack['sent'][number] => {
    const sent = stack.sent[index];
    assert.ok(sent, `INVITE ${index + 1} was not sent`);
    return sent;
  };

  it('leaves a target that says nothing for eight seconds, cancels there, and ends after the last', async () => {
    const { stack, dialler } = setUp();
    const placing = dialler.place(CALL, new AbortController().signal);
    await clock.tickAsync(7_999);
    assert.equal(stack.sent.length, 1);
    await clock.tickAsync(1);
    assert.deepEqual([at(stack, 0).cancels, at(stack, 1).options.proxy], [['SIP;cause=408;text="no-response"'], 'sip:gw2.example']);
    await clock.tickAsync(8_000);
    assert.deepEqual(await placing, { kind: 'failed', reason: 'timeout', sipStatus: 408, q850: 102 });
  });
  it('stays with a target that rings, as long as the call may', async () => {
    const { stack, dialler } = setUp();
    const placing = dialler.place(CALL, new AbortController().signal);
    at(stack, 0).progress.cbProvisional({ status: 180, body: '', finalResponseSent: false, get: () => undefined, send: () => undefined });
    await clock.tickAsync(59_999);
    assert.equal(stack.sent.length, 1);
    await clock.tickAsync(1);
    assert.deepEqual(await placing, { kind: 'no-answer', sipStatus: 408, q850: 19 });
  });
  it('does not try the next when the network behind the first says busy', async () => {
    const { stack, dialler } = setUp();
    const placing = dialler.place(CALL, new AbortController().signal);
    at(stack, 0).final(Object.assign(new Error('503'), { status: 503, res: { get: (name: string) => (name === 'Reason' ? 'Q.850;cause=17' : undefined) } }));
    assert.deepEqual(await placing, { kind: 'busy', sipStatus: 503, q850: 17 });
    assert.equal(stack.sent.length, 1);
  });
});
