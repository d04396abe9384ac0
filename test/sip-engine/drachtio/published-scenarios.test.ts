import assert from 'node:assert/strict';
import { announcedClaims, runPublished, type Claim } from './published-test.ts';
import { Testbed } from './testbed.ts';

/** The published test files that need a server, as the package's `test/index.js` and `subscribe.js` have them. */
const FILES = [
  ['uas.js', 'UAS and SUBSCRIBE'],
  ['uac.js', 'UAC: PRACK, redirects, digest, CANCEL, UPDATE'],
  ['b2b.js', 'B2BUA'],
  ['proxy.js', 'proxy'],
  ['reinvite-tests.js', 're-INVITE'],
  ['refer.js', 'REFER'],
  ['utils.js', 'the library alone'],
] as const;

for (const [file, subject] of FILES) {
  describe(`the test ${file} that drachtio-srf publishes (${subject})`, () => {
    let testbed: Testbed;
    let claims: Claim[] = [];

    before(async function run() {
      this.timeout(120_000);
      testbed = await Testbed.start();
      claims = await runPublished(file, testbed);
    });
    after(async () => {
      await testbed.close();
      assert.deepEqual(testbed.faults, []);
    });

    it('claims nothing that does not hold', () => {
      assert.deepEqual(claims.filter(({ holds }) => !holds), []);
    });

    const announced = announcedClaims(file);
    for (const [index, text] of announced.entries()) {
      it(`passes: ${text}`, () => {
        const needed = announced.slice(0, index + 1).filter((one) => one === text).length;
        const made = claims.filter((claim) => claim.holds && claim.text === text).length;
        assert.ok(made >= needed, `claimed ${made} of ${needed} times`);
      });
    }
  });
}
