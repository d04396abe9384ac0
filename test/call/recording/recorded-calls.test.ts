import assert from 'node:assert/strict';
import sinon, { type SinonFakeTimers } from 'sinon';
import { epochMs } from '../../../server/base/time.ts';
import type { DeclaredPolicy } from '../../../server/call/recording/ports.ts';
import type { User } from '../../../server/model/centre.ts';
import { asId, type CallId, type TenantId, type UserId } from '../../../server/model/ids.ts';
import type { IvrStep } from '../../../server/model/interaction.ts';
import { STANDARD_BEEP, type RecordingPolicy } from '../../../server/model/recording-policy.ts';
import { agent, ALICE, BILAL, CLAIMS, customer, FakeCentre, TENANT } from '../support/fake-centre.ts';
import { deferred, FakeLeg } from '../support/fake-legs.ts';

const POLICY: RecordingPolicy = { version: 4, mode: 'automatic', samplePercent: 100, announcement: 'none', retainDays: 30 };
const HUNG_UP = { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: 16 } as const;
const CONSENT_STEP: IvrStep = { at: epochMs(1), nodeId: 'consent' };

const alice = agent(ALICE);
const sam: User = { ...agent(asId<UserId>('sam')), role: 'supervisor', languages: ['en'] };

describe('a call that may be recorded', () => {
  let time: SinonFakeTimers;
  let centre: FakeCentre;
  let carol: FakeLeg;
  let alicesLeg: FakeLeg;

  beforeEach(() => { time = sinon.useFakeTimers({ now: 1_700_000_000_000 }); });
  afterEach(() => {
    centre.close();
    time.restore();
  });

  const open = async (policy: Partial<RecordingPolicy> = {}, scope: DeclaredPolicy['scope'] = { kind: 'queue', queueId: CLAIMS }): Promise<void> => {
    centre = new FakeCentre({ recordingPolicies: [{ tenantId: TENANT, scope, policy: { ...POLICY, ...policy } }] });
    carol = new FakeLeg('carol');
    await centre.staff(ALICE);
  };

  const dial = async (): Promise<void> => {
    void centre.centre.take(carol);
    await time.tickAsync(10);
  };

  const answer = async (index = 0): Promise<void> => {
    alicesLeg = new FakeLeg(`alice-leg-${index}`);
    centre.rings[index]?.conclude({ kind: 'answered', leg: alicesLeg, sdpAnswer: 'v=0 answer' });
    await time.tickAsync(10);
  };

  const hangUp = async (): Promise<void> => {
    carol.end(HUNG_UP);
    await time.tickAsync(10);
  };

  const callId = (): CallId => centre.pops[0]?.callId ?? asId<CallId>('');
  const recordingFacts = (): readonly string[] => centre.types().filter((type) => type.startsWith('recording'));
  const walkThrough = (path: readonly IvrStep[]): void => {
    centre.ivr = async () => ({ kind: 'queue', queueKey: 'claims', intent: 'claim', language: 'ar', path });
  };

  describe('given a policy that records by itself', () => {
    it('is recorded from the conversation to its end, each in the ledger: the beginning before there is audio, the end with its figures', async () => {
      await open({ beep: STANDARD_BEEP });
      await dial();
      const durable = deferred<void>();
      centre.ledgerGate = durable.promise;
      await answer();
      assert.equal(centre.recorder.recordings.length, 0);
      durable.resolve();
      await time.tickAsync(10);
      const { request } = centre.recorder.latest;
      assert.deepEqual([request.kind, request.tenantId, request.leg.legId, request.beep], ['conversation', TENANT, 'carol', STANDARD_BEEP]);
      centre.recorder.latest.positionMs = 5_000;
      await hangUp();
      assert.deepEqual(centre.types().filter((type) => /recording|bridge|call.ended/.test(type)), ['bridge.started', 'recording.started', 'bridge.ended', 'recording.stopped', 'call.ended']);
      const started = centre.fact('recording.started');
      assert.deepEqual(
        { ...started, recordingId: undefined },
        { type: 'recording.started', recordingId: undefined, kind: 'conversation', cause: { kind: 'policy', policyVersion: 4 }, retainDays: 30, queueId: CLAIMS },
      );
      assert.deepEqual(centre.fact('recording.stopped'), {
        type: 'recording.stopped', recordingId: started.recordingId, how: 'stopped', durationMs: 5_000, bytes: 1_000, checksum: 'ab'.repeat(32), lostMs: 0,
      });
      assert.deepEqual(centre.faults, []);
    });

    it('has one recording for each conversation when the agent is lost, and none of the wait between', async () => {
      await open();
      await dial();
      await answer();
      alicesLeg.end({ result: 'failed', reason: 'media-timeout' });
      await time.tickAsync(10);
      assert.equal(centre.recorder.latest.isOver, true);
      assert.deepEqual(recordingFacts(), ['recording.started', 'recording.stopped']);
      await centre.staff(BILAL);
      await time.tickAsync(10);
      await answer(1);
      assert.deepEqual(recordingFacts(), ['recording.started', 'recording.stopped', 'recording.started']);
    });

    it('goes on unrecorded when the recorder fails, and the ledger says why', async () => {
      await open();
      centre.recorder.fault = new Error('disk full');
      await dial();
      await answer();
      assert.equal(centre.media.hears.size, 2);
      assert.equal(centre.fact('recording.stopped').how, 'failed');
      assert.deepEqual(centre.faults, ['starting a recording: disk full']);
    });

    it('is not recorded when the ledger cannot take it: no audio that nobody knows of', async () => {
      await open();
      await dial();
      centre.ledgerFault = new Error('full');
      await answer();
      assert.equal(centre.recorder.recordings.length, 0);
      assert.equal(centre.media.hears.size, 2);
    });

    it('notes how a recording ended by itself in the middle of the conversation, once', async () => {
      await open();
      await dial();
      await answer();
      centre.recorder.latest.end({ how: 'failed', reason: 'disk-refused' });
      await time.tickAsync(10);
      assert.equal(centre.fact('recording.stopped').reason, 'disk-refused');
      await hangUp();
      assert.deepEqual(recordingFacts(), ['recording.started', 'recording.stopped']);
    });

    it('ends in time though the disk does not finish the file, and notes its end when it does', async () => {
      await open();
      await dial();
      await answer();
      const { latest } = centre.recorder;
      sinon.stub(latest, 'stop').callsFake(() => latest.ended);
      await hangUp();
      assert.ok(centre.types().includes('call.ended'));
      assert.equal(centre.media.legs[0]?.closed, false);
      await time.tickAsync(5_000);
      assert.equal(centre.media.legs[0]?.closed, true);
      assert.deepEqual(recordingFacts(), ['recording.started']);
      latest.end({ how: 'stopped' });
      await time.tickAsync(10);
      assert.deepEqual(recordingFacts(), ['recording.started', 'recording.stopped']);
      assert.deepEqual(centre.faults, ['closing a call: 1 cleanups failed']);
    });

    it('is in the ledger, whole, before the node has drained', async () => {
      await open();
      await dial();
      await answer();
      const { latest } = centre.recorder;
      sinon.stub(latest, 'stop').callsFake(() => latest.ended);
      let hasDrained = false;
      void centre.centre.drain(0).then(() => { hasDrained = true; });
      await time.tickAsync(500);
      assert.ok(centre.types().includes('call.ended'));
      assert.equal(hasDrained, false);
      latest.end({ how: 'stopped' });
      await time.tickAsync(50);
      assert.equal(centre.types().at(-1), 'recording.stopped');
      assert.equal(hasDrained, true);
    });

    it('applies the policy of the number where the queue has none', async () => {
      await open({}, { kind: 'entry-point', number: '1000' });
      await dial();
      await answer();
      assert.equal(centre.recorder.recordings.length, 1);
    });
  });

  describe('given a policy that says no', () => {
    it('is not recorded, and the ledger says why', async () => {
      for (const [policy, reason] of [[{ samplePercent: 0 }, 'not-in-sample'], [{ mode: 'on-demand' }, 'on-demand-only'], [{ announcement: 'in-flow' }, 'not-announced']] as const) {
        await open(policy);
        await dial();
        await answer();
        assert.equal(centre.recorder.recordings.length, 0);
        const skipped = centre.fact('recording.skipped');
        assert.deepEqual([skipped.reason, skipped.policyVersion], [reason, 4]);
        await hangUp();
        centre.close();
      }
    });

    it('is not recorded where none is declared, and nothing is said of it', async () => {
      await open({}, { kind: 'entry-point', number: '2000' });
      await dial();
      await answer();
      await hangUp();
      assert.deepEqual(recordingFacts(), []);
    });
  });

  describe('given consent', () => {
    const known = (): void => { centre.customers.set('+213550000001', [customer('carol')]); };

    it('records a customer whose file allows it, and not one whose file refuses or cannot be read', async () => {
      for (const [consent, skipped] of [[true, undefined], [false, 'customer-refused'], [new Error('CRM down'), 'consent-unavailable']] as const) {
        await open();
        known();
        centre.recordingConsent = consent;
        await dial();
        await answer();
        assert.equal(centre.recorder.recordings.length, skipped === undefined ? 1 : 0);
        if (skipped !== undefined) assert.equal(centre.fact('recording.skipped').reason, skipped);
        centre.close();
      }
    });

    it('does not record who may be a customer that refused, while the customer base is away', async () => {
      await open();
      centre.directoryDelay = new Promise(() => undefined);
      await dial();
      await time.tickAsync(200);
      await answer();
      assert.equal(centre.fact('recording.skipped').reason, 'consent-unavailable');
    });

    it('records who heard the announcement in the flow, unless she refused there by key', async () => {
      for (const [step, isRecorded] of [[CONSENT_STEP, true], [{ ...CONSENT_STEP, input: '1' }, true], [{ ...CONSENT_STEP, input: '9' }, false]] as const) {
        await open({ announcement: 'in-flow', refusalKey: '9' });
        walkThrough([{ at: epochMs(0), nodeId: 'welcome' }, step]);
        await dial();
        await answer();
        assert.equal(centre.recorder.recordings.length, isRecorded ? 1 : 0, JSON.stringify(step));
        if (!isRecorded) assert.equal(centre.fact('recording.skipped').reason, 'caller-refused');
        centre.close();
      }
    });

    it('plays the announcement to the end, in her language, before the queue where the call is to do it', async () => {
      await open({ announcement: 'by-call' });
      walkThrough([]);
      await dial();
      const [caller] = centre.media.legs;
      assert.deepEqual(caller?.playing, [{ kind: 'prompt', language: 'ar', id: 'consent' }]);
      assert.equal(centre.types().includes('queue.entered'), false);
      caller?.finish();
      await time.tickAsync(10);
      assert.equal(centre.types().includes('queue.entered'), true);
      await answer();
      assert.equal(centre.recorder.recordings.length, 1);
    });

    it('does not record who could not hear it: the prompt is missing', async () => {
      await open({ announcement: 'by-call' });
      await dial();
      centre.media.legs[0]?.finish('failed');
      await time.tickAsync(10);
      await answer();
      assert.equal(centre.fact('recording.skipped').reason, 'not-announced');
    });

    it('announces nothing to a customer who is not recorded anyway', async () => {
      await open({ announcement: 'by-call' });
      known();
      centre.recordingConsent = false;
      await dial();
      await answer();
      assert.equal(centre.fact('recording.skipped').reason, 'customer-refused');
    });

    it('ends when the caller leaves during the announcement', async () => {
      await open({ announcement: 'by-call' });
      await dial();
      await hangUp();
      assert.equal(centre.media.legs[0]?.playing, undefined);
      assert.ok(centre.types().includes('call.ended'));
    });
  });

  describe('given somebody who asks', () => {
    const ask = (user: User, action: 'start' | 'pause' | 'resume' | 'stop') => centre.centre.record(user, callId(), action);

    it('starts, pauses, resumes and stops for the agent who talks, and for a supervisor of the tenant', async () => {
      for (const [user, by] of [[alice, ALICE], [sam, sam.userId]] as const) {
        await open({ mode: 'on-demand' });
        await dial();
        await answer();
        assert.deepEqual(await ask(user, 'start'), { kind: 'done' });
        assert.deepEqual(await ask(user, 'start'), { kind: 'done' }, 'again');
        assert.equal(centre.recorder.recordings.length, 1);
        assert.deepEqual(centre.fact('recording.started').cause, { kind: 'person', userId: by, by: 'desk' });
        centre.recorder.latest.positionMs = 1_200;
        assert.deepEqual(await ask(user, 'pause'), { kind: 'done' });
        assert.equal(centre.recorder.latest.isPaused, true);
        centre.recorder.latest.positionMs = 9_000;
        await ask(user, 'resume');
        assert.deepEqual([centre.fact('recording.paused').positionMs, centre.fact('recording.resumed').positionMs, centre.fact('recording.paused').by], [1_200, 9_000, by]);
        await ask(user, 'stop');
        assert.equal(centre.recorder.latest.isOver, true);
        await hangUp();
        assert.deepEqual(recordingFacts(), ['recording.skipped', 'recording.started', 'recording.paused', 'recording.resumed', 'recording.stopped']);
        centre.close();
      }
    });

    it('refuses other agents, other tenants, and conversations that are over', async () => {
      await open();
      await dial();
      await answer();
      for (const user of [agent(BILAL), { ...sam, tenantId: asId<TenantId>('t2') }]) {
        const reply = await ask(user, 'stop');
        assert.ok(reply.kind === 'refused' && reply.code === 'desk.no-such-call');
      }
      assert.equal(centre.recorder.latest.isOver, false);
      await hangUp();
      assert.equal((await ask(sam, 'start')).kind, 'refused');
    });

    it('refuses in the words of the decision, in the language of who asks', async () => {
      await open({ announcement: 'in-flow' });
      await dial();
      await answer();
      assert.deepEqual(await ask(sam, 'start'), {
        kind: 'refused', code: 'recording.not-announced', message: 'The conversation is not recorded: the caller did not hear the announcement.',
      });
      const reply = await ask(alice, 'start');
      assert.ok(reply.kind === 'refused' && reply.message.includes('annonce'));
    });

    it('has nothing to pause where nothing is recorded', async () => {
      await open({ mode: 'on-demand' });
      await dial();
      await answer();
      const reply = await ask(alice, 'pause');
      assert.ok(reply.kind === 'refused' && reply.code === 'recording.none');
      assert.deepEqual(await ask(alice, 'stop'), { kind: 'done' });
    });

    it('starts and stops by the keys of the agent\'s telephone', async () => {
      await open({ mode: 'on-demand', agentKeys: '*2' });
      await dial();
      await answer();
      const press = async (...keys: ('*' | '2')[]): Promise<void> => {
        for (const key of keys) for (const listener of alicesLeg.digitListeners) listener(key);
        await time.tickAsync(300);
      };
      await press('2', '*');
      assert.equal(centre.recorder.recordings.length, 0);
      await press('2');
      assert.deepEqual(centre.fact('recording.started').cause, { kind: 'person', userId: ALICE, by: 'keys' });
      await press('*');
      await time.tickAsync(5_000);
      await press('2');
      assert.equal(centre.recorder.latest.isOver, false, 'too far apart');
      await press('*', '2');
      assert.equal(centre.recorder.latest.isOver, true);
      await hangUp();
      assert.equal(alicesLeg.digitListeners.size, 0);
    });
  });
});
