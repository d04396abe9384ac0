import assert from 'node:assert/strict';
import sinon from 'sinon';
import { DialogStore } from '../../../server/sip-engine/dialog/dialog-store.ts';
import { Dialog, routeOut } from '../../../server/sip-engine/dialog/dialog.ts';
import { SuccessRetransmitter } from '../../../server/sip-engine/dialog/success-retransmitter.ts';
import { DEFAULT_TIMERS } from '../../../server/sip-engine/transaction/timers.ts';
import type { Flow } from '../../../server/sip-engine/transport/flow.ts';

const FLOW: Flow = {
  transport: 'tcp', reliable: true, remoteAddress: '192.0.2.9', remotePort: 5070,
  localAddress: '192.0.2.1', localPort: 5060, isOpen: true, send: () => undefined,
};

const dialog = (routeSet: readonly string[], remoteTarget: string | undefined = 'sip:carol@192.0.2.50', remoteTag = 'r'): Dialog<string> => new Dialog({
  id: 'id', method: 'INVITE', callId: 'c', localTag: 'l', remoteTag, local: '<sip:a>;tag=l', remote: '<sip:b>;tag=r',
  localSequence: 1, remoteSequence: 1, routeSet, remoteTarget, flow: FLOW, owner: 'me', ownsCallId: true,
});

describe('routeOut (RFC 3261 §12.2.1.1)', () => {
  it('sends to the remote target without a route set', () => {
    assert.deepEqual(routeOut(dialog([])), { uri: 'sip:carol@192.0.2.50', routes: [], nextHop: 'sip:carol@192.0.2.50' });
  });

  it('routes loosely: the target stays, the first route is the next hop', () => {
    const routes = ['<sip:p1.example;lr>', '<sip:p2.example;lr>'];
    assert.deepEqual(routeOut(dialog(routes)), { uri: 'sip:carol@192.0.2.50', routes, nextHop: 'sip:p1.example;lr' });
  });

  it('routes strictly: the first route becomes the Request-URI, the target the last route', () => {
    assert.deepEqual(routeOut(dialog(['<sip:p1.example>', '<sip:p2.example;lr>'])), {
      uri: 'sip:p1.example', routes: ['<sip:p2.example;lr>', '<sip:carol@192.0.2.50>'], nextHop: 'sip:p1.example',
    });
  });

  it('answers a peer without Contact where it sent from', () => {
    const unreachable = dialog([]);
    unreachable.remoteTarget = undefined;
    assert.equal(routeOut(unreachable).uri, 'sip:192.0.2.9:5070;transport=tcp');
  });
});

describe('DialogStore', () => {
  it('finds dialogs by tags and by id; of several forks the newest has the id', () => {
    const store = new DialogStore<string>();
    const first = dialog([], undefined, 'fork-1');
    const second = dialog([], undefined, 'fork-2');
    store.add(first);
    store.add(second);
    assert.equal(store.findById('id'), second);
    assert.equal(store.findByTags({ callId: 'c', localTag: 'l', remoteTag: 'fork-1' }), first);
    store.remove(first);
    assert.deepEqual([store.size, store.findById('id')], [1, second]);
    store.remove(second);
    assert.deepEqual([store.size, store.findById('id'), second.state], [0, undefined, 'ended']);
  });

  it('ends a dialog later, unless it ends before', () => {
    const clock = sinon.useFakeTimers();
    const store = new DialogStore<string>();
    store.add(dialog([]));
    const [one] = store.ownedBy('me');
    assert.ok(one);
    store.removeAfter(one, 5_000);
    clock.tick(4_999);
    assert.equal(store.size, 1);
    clock.tick(1);
    assert.equal(store.size, 0);
    store.add(one);
    store.removeAfter(one, 5_000);
    store.clear();
    assert.equal(clock.countTimers(), 0);
    clock.restore();
  });
});

describe('SuccessRetransmitter (RFC 3261 §13.3.1.4)', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers(); });
  afterEach(() => { clock.restore(); });

  it('repeats at T1, doubling up to T2, and gives up after 64·T1', () => {
    const times: number[] = [];
    let gaveUpAt = 0;
    new SuccessRetransmitter(DEFAULT_TIMERS, () => times.push(Date.now()), () => { gaveUpAt = Date.now(); });
    clock.tick(100_000);
    assert.deepEqual(times.slice(0, 6), [500, 1_500, 3_500, 7_500, 11_500, 15_500]);
    assert.deepEqual([times.at(-1), gaveUpAt, clock.countTimers()], [31_500, 32_000, 0]);
  });

  it('stops at the ACK', () => {
    let sent = 0;
    const retransmitter = new SuccessRetransmitter(DEFAULT_TIMERS, () => { sent += 1; }, () => assert.fail('acknowledged'));
    clock.tick(600);
    retransmitter.stop();
    retransmitter.stop();
    clock.tick(100_000);
    assert.deepEqual([sent, clock.countTimers()], [1, 0]);
  });
});
