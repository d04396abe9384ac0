import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideRecording, isInSample, type RecordingFacts } from '../../../server/call/recording/decide-recording.ts';
import { explainRecording } from '../../../server/call/recording/explain-recording.ts';
import { findPolicy } from '../../../server/call/recording/find-policy.ts';
import { asId, type CallId, type QueueId, type TenantId } from '../../../server/model/ids.ts';
import { LANGUAGES } from '../../../server/model/language.ts';
import { NO_RECORDING, RECORDING_REFUSALS, type RecordingPolicy } from '../../../server/model/recording-policy.ts';

const POLICY: RecordingPolicy = { version: 1, mode: 'automatic', samplePercent: 100, announcement: 'in-flow', retainDays: 90 };
const FACTS: RecordingFacts = { callId: asId<CallId>('call-1'), occasion: 'began', customerConsent: 'no-file', wasAnnounced: true, refusedInCall: false };

describe('decideRecording', () => {
  for (const [what, policy, facts, expected] of [
    ['records by policy', {}, {}, 'automatic'],
    ['records a customer whose file allows it', {}, { customerConsent: 'given' }, 'automatic'],
    ['records when it is asked to', { mode: 'on-demand' }, { occasion: 'asked' }, 'asked'],
    ['records outside the sample when it is asked to', { samplePercent: 0 }, { occasion: 'asked' }, 'asked'],
    ['records without an announcement where none is needed', { announcement: 'none' }, { wasAnnounced: false }, 'automatic'],
    ['never records where no policy allows it', { mode: 'never' }, { occasion: 'asked' }, 'policy-never'],
    ['never records a customer whose file refuses', {}, { customerConsent: 'refused', occasion: 'asked' }, 'customer-refused'],
    ['never records a caller who refused in the call', {}, { refusedInCall: true, occasion: 'asked' }, 'caller-refused'],
    ['does not record whose consent cannot be read', {}, { customerConsent: 'unavailable', occasion: 'asked' }, 'consent-unavailable'],
    ['does not record who has not heard that she may be', {}, { wasAnnounced: false }, 'not-announced'],
    ['does not record on demand who has not heard that she may be', { mode: 'on-demand' }, { wasAnnounced: false, occasion: 'asked' }, 'not-announced'],
    ['does not record by itself what waits for somebody to ask', { mode: 'on-demand' }, {}, 'on-demand-only'],
    ['does not record outside the sample', { samplePercent: 0 }, {}, 'not-in-sample'],
  ] as const) {
    it(what, () => {
      const decision = decideRecording({ ...POLICY, ...policy }, { ...FACTS, ...facts });
      assert.equal(decision.kind === 'record' ? decision.because : decision.reason, expected);
    });
  }

  it('never records who refused, whatever the policy says and whoever asks (property)', () => {
    const policies = fc.record({
      version: fc.nat(), mode: fc.constantFrom('never', 'on-demand', 'automatic' as const), samplePercent: fc.integer({ min: 0, max: 100 }),
      announcement: fc.constantFrom('in-flow', 'by-call', 'none' as const), retainDays: fc.constant(1),
    });
    const refusals = fc.record({
      callId: fc.string().map((id) => asId<CallId>(id)), occasion: fc.constantFrom('began', 'asked' as const), wasAnnounced: fc.boolean(),
      customerConsent: fc.constantFrom('given', 'refused', 'no-file', 'unavailable' as const), refusedInCall: fc.boolean(),
    }).filter(({ customerConsent, refusedInCall }) => customerConsent === 'refused' || customerConsent === 'unavailable' || refusedInCall);
    fc.assert(fc.property(policies, refusals, (policy, facts) => decideRecording(policy, facts).kind === 'skip'));
  });

  it('says each decision in words, in every language', () => {
    for (const language of LANGUAGES) {
      const sentences = new Set([
        ...RECORDING_REFUSALS.map((reason) => explainRecording({ kind: 'skip', reason }, language)),
        ...(['asked', 'automatic'] as const).map((because) => explainRecording({ kind: 'record', because }, language)),
      ]);
      assert.equal(sentences.size, RECORDING_REFUSALS.length + 2);
    }
  });
});

describe('isInSample', () => {
  const calls = Array.from({ length: 5_000 }, (_, i) => asId<CallId>(`call-${i}`));

  for (const percent of [0, 1, 12.5, 50, 100]) {
    it(`takes ${percent} % of the calls`, () => {
      const share = (100 * calls.filter((callId) => isInSample(callId, percent)).length) / calls.length;
      // Three standard deviations of a share in 5,000 calls.
      assert.ok(Math.abs(share - percent) <= 3 * Math.sqrt((percent * (100 - percent)) / calls.length), `${share} %`);
    });
  }

  it('says the same of a call each time, and a larger sample holds the smaller', () => {
    for (const callId of calls) {
      assert.equal(isInSample(callId, 20), isInSample(callId, 20));
      if (isInSample(callId, 20)) assert.ok(isInSample(callId, 40));
    }
  });
});

describe('findPolicy', () => {
  const tenantId = asId<TenantId>('atlas');
  const queueId = asId<QueueId>('claims');
  const policy = (version: number): RecordingPolicy => ({ ...POLICY, version });
  const declared = [
    { tenantId: asId<TenantId>('baraka'), scope: { kind: 'queue', queueId }, policy: policy(9) },
    { tenantId, scope: { kind: 'tenant' }, policy: policy(1) },
    { tenantId, scope: { kind: 'entry-point', number: '1000' }, policy: policy(2) },
    { tenantId, scope: { kind: 'queue', queueId }, policy: policy(3) },
  ] as const;

  for (const [what, place, version] of [
    ['the queue\'s before all others', { tenantId, entryPoint: '1000', queueId }, 3],
    ['the number\'s where the queue has none', { tenantId, entryPoint: '1000', queueId: asId<QueueId>('sales') }, 2],
    ['the tenant\'s where neither has one', { tenantId, entryPoint: '2000', queueId: asId<QueueId>('sales') }, 1],
    ['none of another tenant', { tenantId: asId<TenantId>('carthage'), entryPoint: '1000', queueId }, NO_RECORDING.version],
  ] as const) {
    it(`takes ${what}`, () => assert.equal(findPolicy(declared, place).version, version));
  }
});
