import assert from 'node:assert/strict';
import sinon, { type SinonFakeTimers } from 'sinon';
import type { CallFact } from '../../server/model/events.ts';
import { asId, type LegId } from '../../server/model/ids.ts';
import { ALICE, BILAL, CLAIMS, customer, FakeCentre } from './support/fake-centre.ts';
import { carolsInvite, deferred, FakeLeg } from './support/fake-legs.ts';

const CALLER_HUNG_UP = { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: 16 } as const;

describe('an inbound call', () => {
  let time: SinonFakeTimers;
  let centre: FakeCentre;
  let carol: FakeLeg;

  beforeEach(() => {
    time = sinon.useFakeTimers({ now: 1_700_000_000_000 });
    centre = new FakeCentre();
    carol = new FakeLeg('carol');
  });
  afterEach(() => {
    centre.close();
    time.restore();
  });

  const dial = async (leg = carol): Promise<void> => {
    void centre.centre.take(leg);
    await time.tickAsync(10);
  };

  const answerAs = (index: number, id: string): FakeLeg => {
    const leg = new FakeLeg(id);
    centre.rings[index]?.conclude({ kind: 'answered', leg, sdpAnswer: 'v=0 answer' });
    return leg;
  };

  describe('given an agent who is free', () => {
    beforeEach(() => centre.staff(ALICE));

    it('goes from the INVITE to the conversation and the wrap-up, each step recorded in order', async () => {
      centre.customers.set('+213550000001', [customer('karima', { tier: 'gold' })]);
      await dial();
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(5000);
      alice.end({ result: 'caller', reason: 'bye', sipStatus: 200 });
      await time.tickAsync(10);
      await centre.centre.completeWrapUp(ALICE, centre.pops[0]?.callId ?? asId(''), { disposition: 'claim-opened', note: 'Water damage' });
      assert.deepEqual(centre.types(), [
        'call.received', 'call.answered', 'caller.identified', 'queue.entered', 'offer.made', 'pop.sent', 'offer.ended', 'queue.left',
        'bridge.started', 'bridge.ended', 'wrap-up.started', 'call.ended', 'wrap-up.ended',
      ]);
      assert.deepEqual(centre.fact('call.ended').termination, { result: 'agent', reason: 'agent-hung-up', sipStatus: 200 });
      assert.equal(centre.fact('wrap-up.ended').note, 'Water damage');
      assert.equal(centre.fact('wrap-up.ended').disposition, 'claim-opened');
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
      assert.deepEqual(centre.faults, []);
    });

    it('shows the pop before the softphone rings (DESIGN invariant 4)', async () => {
      await dial();
      assert.ok(centre.trace.indexOf('pop alice') < centre.trace.indexOf('invite alice'), centre.trace.join(' '));
    });

    it('is durable in the ledger before any answer (DESIGN invariant 1)', async () => {
      const durable = deferred<void>();
      let recorded = false;
      const answer = sinon.spy(carol, 'answer');
      centre.ledgerGate = durable.promise.then(() => { recorded = true; });
      await dial();
      assert.equal(answer.callCount, 0);
      durable.resolve();
      await time.tickAsync(10);
      assert.equal(recorded, true);
      assert.equal(answer.callCount, 1);
    });

    it('carries audio both ways while they talk, and none after', async () => {
      await dial();
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      const [caller, agent] = centre.media.legs;
      assert.deepEqual([...centre.media.hears].sort(), [`${agent?.legId}<-carol`, `carol<-${agent?.legId}`].sort());
      assert.equal(caller?.playing, undefined, 'the music has stopped');
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(10);
      assert.deepEqual([...centre.media.hears], []);
      assert.equal(agent?.closed, true);
      assert.equal(caller?.closed, true);
      assert.equal(alice.hangUps.length, 1);
      assert.deepEqual(centre.fact('call.ended').termination, CALLER_HUNG_UP);
    });

    it('hands keys by SIP INFO to the media of their leg, the caller\'s and the agent\'s', async () => {
      await dial();
      carol.digitListeners.forEach((listener) => listener('5'));
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      alice.digitListeners.forEach((listener) => listener('7'));
      const [caller, agent] = centre.media.legs;
      assert.deepEqual([caller?.infoKeys, agent?.infoKeys], [['5'], ['7']]);
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(10);
      assert.equal(carol.digitListeners.size + alice.digitListeners.size, 0);
    });

    for (const [transport, sdp, isSignallingSecure] of [['udp', 'v=0 offer', false], ['tls', 'v=0 offer', true], ['tls', undefined, true]] as const) {
      it(`opens the caller's media on the terms of her trunk, ${sdp === undefined ? 'a late offer' : 'an offer'} over ${transport}, and the agent's on none`, async () => {
        const { sdp: _, ...late } = carolsInvite({ transport });
        const leg = new FakeLeg('carol', sdp === undefined ? late : carolsInvite({ transport, sdp }));
        if (sdp === undefined) leg.answerOutcome = { kind: 'answered', ackSdp: 'v=0 answer' };
        await dial(leg);
        assert.deepEqual(centre.media.terms, [{ codecs: ['G722', 'PCMA'], srtp: 'optional', isSignallingSecure }, undefined]);
      });
    }

    it('plays music to a customer on hold and lets nobody hear the other', async () => {
      await dial();
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      const callId = centre.pops[0]?.callId ?? asId('');
      assert.deepEqual(await centre.centre.hold(ALICE, callId, true), { kind: 'done' });
      assert.deepEqual([...centre.media.hears], []);
      assert.deepEqual(centre.media.legs[0]?.playing, [{ kind: 'music' }]);
      await centre.centre.hold(ALICE, callId, false);
      assert.equal(centre.media.hears.size, 2);
      assert.equal(centre.media.legs[0]?.playing, undefined);
      assert.deepEqual(centre.types().filter((type) => type.startsWith('hold')), ['hold.started', 'hold.ended']);
      assert.equal((await centre.centre.hold(BILAL, callId, true)).kind, 'refused', 'it is not his call');
    });

    it('takes a second click on hold for the first, and ends a hold that was wished while the ledger wrote', async () => {
      await dial();
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      const callId = centre.pops[0]?.callId ?? asId('');
      const durable = deferred<void>();
      centre.ledgerGate = durable.promise;
      const clicks = [centre.centre.hold(ALICE, callId, true), centre.centre.hold(ALICE, callId, true), centre.centre.hold(ALICE, callId, false)];
      durable.resolve();
      await time.tickAsync(10);
      await Promise.all(clicks);
      assert.deepEqual(centre.types().filter((type) => type.startsWith('hold')), ['hold.started', 'hold.ended']);
      assert.equal(centre.media.hears.size, 2, 'they hear each other');
      assert.equal(centre.media.legs[0]?.playing, undefined);
    });

    it('forgets a hold that crosses the hang-up', async () => {
      await dial();
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      const durable = deferred<void>();
      centre.ledgerGate = durable.promise;
      const held = centre.centre.hold(ALICE, centre.pops[0]?.callId ?? asId(''), true);
      alice.end({ result: 'agent', reason: 'bye' });
      await time.tickAsync(10);
      durable.resolve();
      await time.tickAsync(10);
      await held;
      assert.equal(centre.items.has('alice/call'), false, 'her desk shows no call');
      assert.equal(centre.media.legs[0]?.playing, undefined, 'nothing is played to whom is gone');
      assert.deepEqual(centre.faults, []);
    });

    it('goes on to somebody else when the agent signs out as she answers', async () => {
      await centre.staff(BILAL);
      await dial();
      const agreed = deferred<{ kind: 'agreed' }>();
      sinon.stub(centre.media.legs[1] ?? assert.fail('no media for Alice'), 'acceptAnswer').returns(agreed.promise);
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      await centre.centre.signOut(ALICE);
      agreed.resolve({ kind: 'agreed' });
      await time.tickAsync(10);
      assert.equal(centre.fact('offer.ended').outcome, 'failed');
      assert.equal(alice.hangUps[0]?.reason, 'agent-signed-out');
      assert.equal(centre.media.legs[1]?.closed, true);
      assert.equal(centre.types().includes('bridge.started'), false);
      assert.equal(centre.rings[1]?.invitation.agentId, BILAL);
    });

    it('tells the agent when the time for her wrap-up ran out before her note arrived', async () => {
      await dial();
      answerAs(0, 'alice-leg').end({ result: 'agent', reason: 'bye' });
      await time.tickAsync(29_000);
      const durable = deferred<void>();
      centre.ledgerGate = durable.promise;
      await time.tickAsync(2_000);
      const reply = centre.centre.completeWrapUp(ALICE, centre.pops[0]?.callId ?? asId(''), { disposition: 'claim-opened', note: 'Too late' });
      await time.tickAsync(10);
      durable.resolve();
      await time.tickAsync(10);
      assert.equal((await reply).kind, 'refused');
      assert.equal(centre.fact('wrap-up.ended').note, undefined);
    });

    it('leaves no agent in a call that the routing store could not let go of', async () => {
      await dial();
      sinon.stub(centre.store, 'settle').onFirstCall().rejects(new Error('the store is gone')).callThrough();
      sinon.stub(centre.store, 'remove').onFirstCall().rejects(new Error('the store is gone')).callThrough();
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      assert.equal(alice.hasEnded, true);
      assert.equal(centre.media.legs[1]?.closed, true);
      assert.equal(centre.fact('queue.left').exit, 'system');
      assert.equal(centre.fact('call.ended').termination.reason, 'queue-fault');
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
      assert.ok(centre.faults.length > 0);
    });

    it('ends when the caller\'s media fails, wherever she is', async () => {
      await dial();
      centre.media.legs[0]?.fail('media-worker-died');
      await time.tickAsync(10);
      assert.equal(centre.fact('queue.left').exit, 'system');
      assert.deepEqual(centre.fact('call.ended').termination, { result: 'failed', reason: 'media-worker-died', q850: 41, sipStatus: 200 });
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
    });

    it('keeps the place of a caller whose agent lets it ring out, and takes that agent out of rotation', async () => {
      await centre.staff(BILAL);
      await dial();
      assert.equal(centre.rings[0]?.invitation.agentId, ALICE, 'the longest idle first');
      centre.rings[0]?.conclude({ kind: 'timeout' });
      await time.tickAsync(10);
      const state = centre.roster.state(ALICE);
      assert.ok(state?.name === 'on-break' && state.reason === 'rona');
      assert.equal(centre.rings[1]?.invitation.agentId, BILAL);
      const offers = centre.facts.map(({ fact }) => fact).filter((fact) => fact.type === 'offer.made');
      assert.equal(offers[0]?.receipt.key, offers[1]?.receipt.key);
    });

    it('goes to somebody else when the agent rejects it, who stays in rotation', async () => {
      await centre.staff(BILAL);
      await dial();
      centre.rings[0]?.conclude({ kind: 'rejected', sipStatus: 486 });
      await time.tickAsync(10);
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
      assert.equal(centre.rings[1]?.invitation.agentId, BILAL);
    });

    it('goes back to the first place in the queue when the agent is lost in mid-call', async () => {
      await centre.staff(BILAL);
      await dial();
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(3000);
      alice.end({ result: 'failed', reason: 'flow-lost' });
      await time.tickAsync(10);
      const entered = centre.facts.map(({ fact }) => fact).filter((fact): fact is Extract<CallFact, { type: 'queue.entered' }> => fact.type === 'queue.entered');
      assert.equal(entered.length, 2);
      assert.equal(entered[0]?.key, entered[1]?.key);
      assert.equal(centre.rings[1]?.invitation.agentId, BILAL);
      assert.equal(carol.hangUps.length, 0, 'the customer is still there');
    });

    it('goes back to the queue when the agent signs out in mid-call, grace over', async () => {
      await dial();
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      await centre.centre.signOut(ALICE);
      await time.tickAsync(10);
      assert.equal(centre.types().filter((type) => type === 'queue.entered').length, 2);
      await time.tickAsync(30_000);
      assert.equal(centre.roster.state(ALICE)?.name, 'offline');
    });

    it('goes back to the queue when the agent signs out between her answer and the bridge', async () => {
      await dial();
      const durable = deferred<void>();
      centre.ledgerGate = durable.promise;
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      assert.equal(centre.roster.state(ALICE)?.name, 'on-call');
      await centre.centre.signOut(ALICE);
      durable.resolve();
      await time.tickAsync(10);
      assert.equal(centre.types().filter((type) => type === 'queue.entered').length, 2);
      assert.equal(centre.types().includes('call.ended'), false);
    });

    it('goes back to the queue when the agent signs out while the bridge is being written down', async () => {
      await dial();
      const durable = deferred<void>();
      const record = centre.facts.push.bind(centre.facts);
      sinon.stub(centre.facts, 'push').callsFake((one) => {
        if (one.fact.type === 'queue.left') centre.ledgerGate = durable.promise;
        return record(one);
      });
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      assert.equal(centre.types().at(-1), 'queue.left');
      await centre.centre.signOut(ALICE);
      durable.resolve();
      await time.tickAsync(10);
      assert.equal(centre.types().filter((type) => type === 'queue.entered').length, 2);
    });

    it('does not leave an agent offline who came back before her wrap-up ended', async () => {
      await dial();
      answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      await centre.centre.signOut(ALICE);
      await time.tickAsync(1_000);
      await centre.centre.signIn(ALICE);
      await time.tickAsync(30_000);
      assert.equal(centre.roster.state(ALICE)?.name, 'on-break');
      assert.equal((await centre.centre.goAvailable(ALICE)).kind, 'done');
    });

    it('rescinds the ring when the caller gives up', async () => {
      await dial();
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(10);
      assert.equal(centre.rings[0]?.signal.aborted, true);
      assert.equal(centre.fact('offer.ended').outcome, 'rescinded');
      assert.equal(centre.fact('queue.left').exit, 'abandoned');
      assert.equal(centre.fact('call.ended').termination.reason, 'abandoned-in-queue');
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
      assert.ok(centre.trace.includes('retract alice'));
    });

    it('ends an offer as failed when the agent signs out while it rings', async () => {
      await dial();
      await centre.centre.signOut(ALICE);
      await time.tickAsync(10);
      assert.equal(centre.fact('offer.ended').outcome, 'failed');
      assert.equal(centre.roster.state(ALICE)?.name, 'offline');
      assert.equal(centre.types().includes('call.ended'), false, 'the caller waits on');
    });

    it('goes on without the customer base when it does not answer in time (DESIGN invariant 4)', async () => {
      centre.directoryDelay = new Promise(() => undefined);
      await dial();
      await time.tickAsync(150);
      assert.equal(centre.fact('caller.identified').match.kind, 'unavailable');
      assert.equal(centre.pops[0]?.match.kind, 'unavailable');
      assert.equal(centre.rings.length, 1);
    });

    it('ends a wrap-up that nobody files at its deadline, and no earlier', async () => {
      await dial();
      answerAs(0, 'alice-leg').end({ result: 'caller', reason: 'bye' });
      await time.tickAsync(29_900);
      assert.equal(centre.roster.state(ALICE)?.name, 'wrap-up');
      await time.tickAsync(200);
      assert.equal(centre.roster.state(ALICE)?.name, 'available');
      assert.equal(centre.fact('wrap-up.ended').how, 'timed-out');
      assert.equal((await centre.centre.completeWrapUp(ALICE, centre.pops[0]?.callId ?? asId(''), { disposition: 'claim-opened', note: '' })).kind, 'refused');
    });

    it('gives each offer to a browser that answers without media up, and tries somebody else', async () => {
      await dial();
      const [, agentMedia] = centre.media.legs;
      if (agentMedia) agentMedia.answerOutcome = { kind: 'unsupported', reason: 'no codec in common' };
      const alice = answerAs(0, 'alice-leg');
      await time.tickAsync(10);
      assert.equal(alice.hangUps[0]?.result, 'failed');
      assert.equal(centre.fact('offer.ended').outcome, 'failed');
      assert.equal(agentMedia?.closed, true);
    });
  });

  describe('given nobody is signed in', () => {
    it('waits with music, and is abandoned when the caller gives up', async () => {
      await dial();
      assert.deepEqual(centre.media.legs[0]?.playing, [{ kind: 'music' }]);
      assert.equal((await centre.store.waiting(centre.facts[0]?.fact.type === 'call.received' ? asId('t1') : asId(''), CLAIMS)).length, 1);
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(10);
      assert.equal(centre.fact('queue.left').exit, 'abandoned');
      assert.equal((await centre.store.waiting(asId('t1'), CLAIMS)).length, 0);
    });

    it('serves the better customer first when she arrived within the head start, and not after it', async () => {
      centre.customers.set('+213550000001', [customer('bronze-first')]);
      centre.customers.set('+213550000002', [customer('gold-within', { tier: 'gold' })]);
      centre.customers.set('+213550000003', [customer('gold-after', { tier: 'gold' })]);
      await dial(new FakeLeg('first'));
      await time.tickAsync(59_000);
      await dial(new FakeLeg('second', carolsInvite({ fromUser: '+213550000002' })));
      await time.tickAsync(2_000);
      await dial(new FakeLeg('third', carolsInvite({ fromUser: '+213550000003' })));
      await centre.staff(ALICE);
      const order: (string | undefined)[] = [];
      for (let n = 0; n < 3; n += 1) {
        await time.tickAsync(10);
        order.push(centre.rings[n]?.invitation.callerName);
        answerAs(n, `alice-${n}`).end({ result: 'caller', reason: 'bye' });
        await time.tickAsync(30_010);
      }
      assert.deepEqual(order, ['gold-within', 'bronze-first', 'gold-after']);
    });
  });

  describe('given it cannot be served', () => {
    const refusedWith = async (leg: FakeLeg): Promise<{ status: number | undefined; reason: string }> => {
      await dial(leg);
      return { status: leg.refusals[0]?.status, reason: centre.fact('call.ended').termination.reason };
    };

    it('gets 404 for an unknown number, in the ledger', async () => {
      assert.deepEqual(await refusedWith(new FakeLeg('x', carolsInvite({ dialled: '4711' }))), { status: 404, reason: 'unknown-number' });
      assert.equal(centre.fact('call.received').trunkSequence, 1);
    });

    it('gets 488 for a codec that nobody has (RFC 3264 §6)', async () => {
      centre.media.unsupported = 'only G.729';
      assert.deepEqual(await refusedWith(carol), { status: 488, reason: 'no-codec: only G.729' });
    });

    it('gets 503 with Retry-After while the node drains', async () => {
      centre.centre.startDraining();
      assert.deepEqual(await refusedWith(carol), { status: 503, reason: 'draining' });
      assert.ok((carol.refusals[0]?.retryAfterS ?? 0) > 0);
    });

    it('gets 503 above the limit of calls', async () => {
      for (const id of ['a', 'b', 'c']) await dial(new FakeLeg(id));
      await dial(carol);
      assert.equal(carol.refusals[0]?.status, 503);
    });

    it('gets 503 when the ledger cannot write it down: no call outside the ledger', async () => {
      centre.ledgerFault = new Error('disk full');
      await dial();
      assert.equal(carol.refusals[0]?.status, 503);
      assert.equal(carol.answeredWith, undefined);
      assert.equal(centre.centre.liveCalls, 0);
      assert.equal(centre.centre.unrecordedCalls, 1, 'what is not in the ledger is counted');
      assert.equal(centre.faults.length > 0, true);
    });

    it('gets 500 when the centre\'s set-up cannot be read; the call is over and the next one is served', async () => {
      centre.setUpFault = new Error('row 1000 of entry_points cannot be understood');
      await centre.centre.take(carol);
      assert.equal(carol.hangUps[0]?.sipStatus, 500);
      assert.deepEqual(centre.fact('call.ended').termination, { result: 'failed', reason: 'internal-error', sipStatus: 500, q850: 41 });
      assert.equal(centre.centre.liveCalls, 0);
      centre.setUpFault = undefined;
      await dial(new FakeLeg('next'));
      assert.equal(centre.types().at(-1), 'queue.entered');
    });

    it('ends in the history as soon as the ledger writes again, when it could not at the end', async () => {
      await dial();
      centre.ledgerFault = new Error('disk full');
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(5_000);
      assert.equal(centre.types().includes('call.ended'), false);
      centre.ledgerFault = undefined;
      await time.tickAsync(30_000);
      assert.deepEqual(centre.types().filter((type) => type === 'call.ended'), ['call.ended']);
      assert.equal(centre.fact('call.ended').termination.reason, 'abandoned-in-queue');
    });

    it('gets 403 from an address that is no trunk', async () => {
      await dial(new FakeLeg('x', carolsInvite({ sourceAddress: '192.0.2.7' })));
      assert.deepEqual(centre.types(), []);
    });

    it('is over when the caller cancels before the answer', async () => {
      carol.answerOutcome = { kind: 'gone', termination: { result: 'caller', reason: 'cancelled', sipStatus: 487 } };
      carol.end({ result: 'caller', reason: 'cancelled', sipStatus: 487 });
      await dial();
      assert.equal(centre.fact('call.ended').termination.reason, 'abandoned-before-answer');
      assert.equal(centre.media.legs[0]?.closed, true);
    });
  });

  describe('given the offer comes late (RFC 3261 §13.2.1)', () => {
    it('offers in the 200 and takes the answer from the ACK', async () => {
      const { sdp: _, ...late } = carolsInvite();
      const leg = new FakeLeg('late', late);
      leg.answerOutcome = { kind: 'answered', ackSdp: 'v=0 answer' };
      await dial(leg);
      assert.equal(leg.answeredWith, 'rtp offer');
      assert.ok(centre.types().includes('queue.entered'));
    });

    it('hangs up when the ACK has no answer', async () => {
      const { sdp: _, ...late } = carolsInvite();
      const leg = new FakeLeg('late', late);
      await dial(leg);
      assert.equal(leg.hangUps[0]?.result, 'failed');
    });
  });

  describe('given the flow', () => {
    it('says goodbye, the call ends by the system', async () => {
      centre.ivr = async () => ({ kind: 'goodbye', language: 'fr', path: [] });
      await dial();
      assert.deepEqual(centre.fact('call.ended').termination, { result: 'system', reason: 'flow-goodbye', q850: 16, sipStatus: 200 });
      assert.equal(carol.hangUps.length, 1);
    });

    it('fails, the caller still reaches a person', async () => {
      centre.ivr = async () => ({ kind: 'failed', cause: 'broken', language: 'fr', path: [], fallbackQueueKey: 'claims' });
      await dial();
      assert.ok(centre.types().includes('queue.entered'));
    });

    it('is abandoned, the history says where', async () => {
      centre.ivr = (request, signal) => {
        request.onEntered({ flowId: 'main-menu', version: 1, language: 'fr' });
        request.onStep({ at: asId<LegId>('') as never, nodeId: 'menu' });
        const gone = deferred<Awaited<ReturnType<typeof centre.ivr>>>();
        signal.addEventListener('abort', () => gone.resolve({ kind: 'caller-gone', language: 'fr', path: [] }), { once: true });
        return gone.promise;
      };
      await dial();
      carol.end(CALLER_HUNG_UP);
      await time.tickAsync(10);
      assert.equal(centre.fact('call.ended').termination.reason, 'abandoned-in-ivr');
      assert.equal(centre.fact('ivr.finished').outcome, 'caller-gone');
    });
  });

  describe('given the node shuts down', () => {
    it('waits for running calls, then ends them at the limit', async () => {
      await dial();
      const drained = centre.centre.drain(5000);
      await time.tickAsync(4900);
      assert.equal(carol.hangUps.length, 0);
      await time.tickAsync(2500);
      assert.equal(await drained, 1);
      assert.equal(carol.hangUps[0]?.reason, 'shutdown');
      assert.equal(centre.fact('call.ended').termination.reason, 'shutdown');
      assert.equal(centre.fact('queue.left').exit, 'system', 'she did not give up');
    });
  });
});
