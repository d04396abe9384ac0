import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normaliseCallingNumber, toE164, type CallerClaims } from '../../server/crm/normalise-number.ts';
import { isE164 } from '../../server/model/phone-number.ts';

const calling = (changes: Partial<CallerClaims>) =>
  normaliseCallingNumber({ assertedUsers: [], fromUser: 'anonymous', privacy: [], trustsAssertedIdentity: true, region: 'DZ', ...changes });

describe('toE164', () => {
  describe('given a trunk in Algeria', () => {
    const forms: readonly (readonly [string, string, string])[] = [
      ['a mobile in national form', '0550123456', '+213550123456'],
      ['a fixed line in national form', '021631234', '+21321631234'],
      ['a national number with spaces', '021 63 12 34', '+21321631234'],
      ['a national number without its 0', '550123456', '+213550123456'],
      ['a free number', '0800123456', '+213800123456'],
      ['an international number with a plus', '+213550123456', '+213550123456'],
      ['an international number with 00', '00213550123456', '+213550123456'],
      ['an international number with neither', '213550123456', '+213550123456'],
      ['a foreign number with a plus', '+33612345678', '+33612345678'],
      ['a foreign number with 00', '0033612345678', '+33612345678'],
      ['a foreign number with neither', '33612345678', '+33612345678'],
      ['a plus and the national 0', '+2130550123456', '+213550123456'],
      ['a 0 in brackets', '+213 (0) 550 12 34 56', '+213550123456'],
      ['Arabic digits', '٠٥٥٠١٢٣٤٥٦', '+213550123456'],
      ['marks of writing direction', '\u202a+213 550 12 34 56\u202c', '+213550123456'],
      ['a foreign number of a range that the metadata may not know yet', '+213599999999', '+213599999999'],
    ];
    for (const [what, text, number] of forms) it(`reads ${what}`, () => assert.equal(toE164(text, 'DZ'), number));

    for (const text of ['204', '1000', '3033', '112', '14', '1055', '+204', '+213', '+1000', '00', '', 'carol', '0550123456x12', '99999999999', '+1234567890123456']) {
      it(`makes no number of ${JSON.stringify(text)}`, () => assert.equal(toE164(text, 'DZ'), undefined));
    }
  });

  it('reads national forms by the region of the trunk', () => {
    assert.equal(toE164('0612345678', 'FR'), '+33612345678');
    assert.equal(toE164('202 555 0123', 'us'), '+12025550123');
    assert.equal(toE164('011 213 550 12 34 56', 'US'), '+213550123456');
  });

  it('reads international forms only when the region is not known', () => {
    assert.equal(toE164('0550123456', 'XX'), undefined);
    assert.equal(toE164('+213550123456', ''), '+213550123456');
  });

  it('makes no number of an extension of up to six digits, in any of the regions served', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_999 }), fc.constantFrom('DZ', 'MA', 'TN', 'FR'), (extension, region) => {
      assert.equal(toE164(String(extension), region), undefined);
    }), { numRuns: 3_000 });
  });

  it('never throws, and gives E.164 or nothing, whatever it is given', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: fc.constantFrom(...'+0123456789 ()-.;=%') })), fc.string(), (text, region) => {
      const number = toE164(text, region);
      assert.ok(number === undefined || isE164(number));
    }), { numRuns: 2_000 });
  });
});

describe('normaliseCallingNumber', () => {
  describe('given P-Asserted-Identity (RFC 3325 §9.1)', () => {
    it('prefers it to From on a trusted trunk', () => {
      assert.deepEqual(calling({ assertedUsers: ['+213550123456'], fromUser: '021631234' }), { kind: 'e164', number: '+213550123456', source: 'asserted' });
    });

    it('ignores it on any other', () => {
      assert.deepEqual(
        calling({ assertedUsers: ['+213550123456'], fromUser: '021631234', trustsAssertedIdentity: false }),
        { kind: 'e164', number: '+21321631234', source: 'from' },
      );
    });

    it('takes the first that is a number', () => {
      assert.deepEqual(calling({ assertedUsers: ['carol', '0550123456'] }), { kind: 'e164', number: '+213550123456', source: 'asserted' });
    });

    it('turns to From when none is', () => {
      assert.deepEqual(calling({ assertedUsers: ['204'], fromUser: '0550123456' }), { kind: 'e164', number: '+213550123456', source: 'from' });
    });

    it('tells the number of a caller whose From is anonymous but who asked for no privacy', () => {
      assert.deepEqual(calling({ assertedUsers: ['+213550123456'] }), { kind: 'e164', number: '+213550123456', source: 'asserted' });
    });
  });

  describe('given a caller who does not want to be known', () => {
    for (const privacy of [['id'], ['ID'], ['user'], ['critical', ' id ']]) {
      it(`honours Privacy: ${privacy.join(';')} (RFC 3323 §4.2, RFC 3325 §9.3)`, () => {
        assert.deepEqual(calling({ assertedUsers: ['+213550123456'], fromUser: '0550123456', privacy }), { kind: 'anonymous' });
      });
    }

    for (const privacy of [['none'], ['header', 'session'], ['history']]) {
      it(`sees nothing of the kind in Privacy: ${privacy.join(';')}`, () => {
        assert.equal(calling({ fromUser: '0550123456', privacy }).kind, 'e164');
      });
    }

    for (const fromUser of ['anonymous', 'Anonymous', 'Restricted', 'unavailable', 'unknown', 'private', '', '  ']) {
      it(`takes From ${JSON.stringify(fromUser)} for anonymous`, () => assert.deepEqual(calling({ fromUser }), { kind: 'anonymous' }));
    }
  });

  describe('given what is no number', () => {
    it('keeps an extension as it came', () => {
      assert.deepEqual(calling({ fromUser: '204' }), { kind: 'unparsable', raw: '204' });
    });

    it('says more of an extension that was asserted than of an anonymous From', () => {
      assert.deepEqual(calling({ assertedUsers: ['204'] }), { kind: 'unparsable', raw: '204' });
    });

    it('bounds what it keeps (invariant 7)', () => {
      const told = calling({ fromUser: 'x'.repeat(10_000) });
      assert.deepEqual(told, { kind: 'unparsable', raw: 'x'.repeat(64) });
    });
  });

  it('reads past parameters and escapes of the user part (RFC 3966 §3, RFC 3261 §19.1.2)', () => {
    for (const fromUser of ['0550123456;ext=12', '+213550123456;phone-context=example.com', '%2B213550123456', '+213-550-12-34-56;npdi;rn=+213000']) {
      assert.deepEqual(calling({ fromUser }), { kind: 'e164', number: '+213550123456', source: 'from' }, fromUser);
    }
  });
});
