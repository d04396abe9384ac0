import assert from 'node:assert/strict';
import { likeliest, type Candidate } from '../../server/model/caller-match.ts';
import type { CustomerSummary } from '../../server/model/customer-file.ts';
import { DIGITS, isDigit } from '../../server/model/digit.ts';
import { isCallEvent, type AgentStateChanged } from '../../server/model/events.ts';
import { asId, type CustomerId } from '../../server/model/ids.ts';
import { isLanguage } from '../../server/model/language.ts';
import { describeCallingNumber, isE164, type E164 } from '../../server/model/phone-number.ts';

describe('isE164', () => {
  for (const number of ['+2134', '+213550123456', '+123456789012345']) it(`takes ${number}`, () => assert.ok(isE164(number)));
  for (const number of ['', '213550123456', '+0550123456', '+213', '+1234567890123456', '+213 550', '+213550123456\n', '++213550']) {
    it(`refuses ${JSON.stringify(number)}`, () => assert.ok(!isE164(number)));
  }
});

describe('describeCallingNumber', () => {
  it('gives the number, or what is known instead', () => {
    assert.equal(describeCallingNumber({ kind: 'e164', number: '+213550123456' as E164, source: 'from' }), '+213550123456');
    assert.equal(describeCallingNumber({ kind: 'anonymous' }), 'anonymous');
    assert.equal(describeCallingNumber({ kind: 'unparsable', raw: '204' }), '204');
  });
});

describe('likeliest', () => {
  const candidate = (name: string): Candidate => {
    const customer: CustomerSummary = {
      customerId: asId<CustomerId>(name), displayName: name, tier: 'gold', valueScore: 60, churnLight: 'green', hasOpenCase: false, hasActiveContract: true,
    };
    return { customer, reasons: [] };
  };

  it('is the one, or the first of several, or nobody', () => {
    assert.equal(likeliest({ kind: 'one', candidate: candidate('carol') })?.displayName, 'carol');
    assert.equal(likeliest({ kind: 'several', candidates: [candidate('carol'), candidate('dora')] })?.displayName, 'carol');
    for (const match of [{ kind: 'none' }, { kind: 'anonymous' }, { kind: 'unavailable', cause: 'down' }] as const) assert.equal(likeliest(match), undefined);
  });
});

describe('the small vocabularies', () => {
  it('know their own words only', () => {
    assert.ok(DIGITS.every(isDigit));
    for (const no of ['', '10', 'a', 1, undefined]) assert.ok(!isDigit(no));
    assert.ok(['fr', 'ar', 'en'].every(isLanguage));
    for (const no of ['', 'FR', 'de', null]) assert.ok(!isLanguage(no));
  });

  it('tell a change of an agent from an event of a call', () => {
    const change = { type: 'agent.state-changed' } as AgentStateChanged; // Only the type is looked at.
    assert.equal(isCallEvent(change), false);
  });
});
