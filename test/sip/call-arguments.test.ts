import assert from 'node:assert/strict';
import { parseCallArguments } from '../../server/cli/call/parse-args.ts';
import { parsePressPlan } from '../../server/cli/call/press-plan.ts';

const REQUIRED = ['--from', '+213555000101', '--to', '1000'];

describe('parseCallArguments', () => {
  it('fills in what is not said', () => {
    assert.deepEqual(parseCallArguments(REQUIRED), {
      kind: 'call',
      request: { from: '+213555000101', to: '1000', server: { host: '127.0.0.1', port: 5060 }, waitS: 2, forS: 20, press: [] },
    });
  });
  it('reads every option', () => {
    const asked = parseCallArguments([
      ...REQUIRED, '--server', 'pbx.example:5080', '--wait', '0.5', '--press', '1,w3,2', '--play', 'a.wav', '--record', 'b.wav', '--for', '7',
    ]);
    assert.deepEqual(asked, {
      kind: 'call',
      request: {
        from: '+213555000101', to: '1000', server: { host: 'pbx.example', port: 5080 }, waitS: 0.5, forS: 7, playPath: 'a.wav', recordPath: 'b.wav',
        press: [{ kind: 'press', digit: '1' }, { kind: 'wait', seconds: 3 }, { kind: 'press', digit: '2' }],
      },
    });
  });
  it('reads an IPv6 server', () => {
    const asked = parseCallArguments([...REQUIRED, '--server', '[::1]:5070']);
    assert.ok(asked.kind === 'call');
    assert.deepEqual(asked.request.server, { host: '::1', port: 5070 });
  });
  it('helps when asked', () => assert.equal(parseCallArguments(['--help']).kind, 'help'));
  it('names every problem at once', () => {
    const asked = parseCallArguments(['--from', 'Carol', '--press', '1,x', '--for', 'long', '--server', 'h:99999', '--wait', '-1'.replace('-', '1e')]);
    assert.ok(asked.kind === 'wrong');
    assert.deepEqual(asked.problems.map((problem) => problem.split(' ')[0]), ['--from', '--to', '--server', '--wait', '--for', '--press']);
  });
  for (const argv of [['--nonsense'], [...REQUIRED, 'more'], ['--from']]) {
    it(`is wrong with ${argv.join(' ')}`, () => assert.equal(parseCallArguments(argv).kind, 'wrong'));
  }
});

describe('parsePressPlan', () => {
  const cases: readonly [string, string | undefined][] = [
    ['1,2', '1 2'], ['w3,2', 'w3 2'], ['12#', '1 2 #'], [' *9 , W0.5 ', '* 9 w0.5'], ['', undefined], ['1,,2', undefined], ['w', undefined],
    ['w601', undefined], ['1w2', undefined], ['E', undefined], ['1'.repeat(101), undefined],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text.slice(0, 20))}`, () => {
      const steps = parsePressPlan(text)?.map((step) => (step.kind === 'press' ? step.digit : `w${step.seconds}`)).join(' ');
      assert.equal(steps, expected);
    });
  }
});
