import assert from 'node:assert/strict';
import { step, type Rules } from '../../../server/base/machine.ts';
import { inviteClientRules } from '../../../server/sip-engine/transaction/invite-client-rules.ts';
import { inviteServerRules } from '../../../server/sip-engine/transaction/invite-server-rules.ts';
import { nonInviteClientRules } from '../../../server/sip-engine/transaction/non-invite-client-rules.ts';
import { nonInviteServerRules } from '../../../server/sip-engine/transaction/non-invite-server-rules.ts';
import { DEFAULT_TIMERS, type TransactionCommand } from '../../../server/sip-engine/transaction/timers.ts';

/** state › event › next state and commands; `-` ignored, `!` refused. */
type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

const say = (command: TransactionCommand): string =>
  command.do === 'start' ? `${command.timer}=${command.ms}` : command.do === 'stop' ? `no-${command.timer}` : command.do;

/** Visits every cell and writes down what it does. */
function observe<S extends { readonly name: string }, E extends { readonly type: string }>(
  rules: Rules<S, E, TransactionCommand>,
  samples: readonly S[],
): Record<string, Record<string, string>> {
  return Object.fromEntries(samples.map((state) => {
    const row = rules[state.name as S['name']];
    return [state.name, Object.fromEntries(Object.keys(row).map((type) => {
      // A cast because the keys of the row are the event types, and these events carry nothing else.
      const outcome = step(rules, state, { type } as E);
      if (outcome.kind === 'ignored') return [type, '-'];
      if (outcome.kind === 'refused') return [type, '!'];
      return [type, [outcome.state.name, ...outcome.commands.map(say)].join(' ')];
    }))];
  }));
}

const setting = (reliable: boolean) => ({ timers: DEFAULT_TIMERS, reliable });

describe('transaction rules, cell by cell', () => {
  it('INVITE client: RFC 3261 §17.1.1 figure 5, RFC 6026 §7.2', () => {
    const expected: Table = {
      calling: {
        provisional: 'proceeding no-retransmit timeout=600000 tell-response', success: 'accepted no-retransmit no-timeout linger=32000 tell-response',
        failure: 'completed no-retransmit no-timeout send-ack linger=32000 tell-response', retransmit: 'calling send-request retransmit=2000',
        timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      proceeding: {
        provisional: 'proceeding no-retransmit timeout=600000 tell-response', success: 'accepted no-retransmit no-timeout linger=32000 tell-response',
        failure: 'completed no-retransmit no-timeout send-ack linger=32000 tell-response', retransmit: '-',
        timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      completed: { provisional: '-', success: '-', failure: 'completed send-ack', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': 'terminated' },
      accepted: { provisional: '-', success: 'accepted tell-response', failure: '-', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': '-' },
      terminated: { provisional: '-', success: '-', failure: '-', retransmit: '-', timeout: '-', linger: '-', 'transport-failed': '-' },
    };
    const samples = [{ name: 'calling', ms: 1_000 }, { name: 'proceeding' }, { name: 'completed' }, { name: 'accepted' }, { name: 'terminated' }] as const;
    assert.deepEqual(observe(inviteClientRules(setting(false)), samples), expected);
    assert.equal(observe(inviteClientRules(setting(true)), samples)['calling']?.['failure'], 'completed no-retransmit no-timeout send-ack linger=0 tell-response');
  });

  it('non-INVITE client: RFC 3261 §17.1.2 figure 6', () => {
    const expected: Table = {
      trying: {
        provisional: 'proceeding tell-response', success: 'completed no-retransmit no-timeout linger=5000 tell-response', failure: 'completed no-retransmit no-timeout linger=5000 tell-response',
        retransmit: 'trying send-request retransmit=4000', timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      proceeding: {
        provisional: 'proceeding tell-response', success: 'completed no-retransmit no-timeout linger=5000 tell-response', failure: 'completed no-retransmit no-timeout linger=5000 tell-response',
        retransmit: 'proceeding send-request retransmit=4000', timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      completed: { provisional: '-', success: '-', failure: '-', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': 'terminated' },
      terminated: { provisional: '-', success: '-', failure: '-', retransmit: '-', timeout: '-', linger: '-', 'transport-failed': '-' },
    };
    const samples = [{ name: 'trying', ms: 3_000 }, { name: 'proceeding' }, { name: 'completed' }, { name: 'terminated' }] as const;
    assert.deepEqual(observe(nonInviteClientRules(setting(false)), samples), expected);
    assert.equal(observe(nonInviteClientRules(setting(true)), samples)['trying']?.['success'], 'completed no-retransmit no-timeout linger=0 tell-response');
  });

  it('INVITE server: RFC 3261 §17.2.1 figure 7, RFC 6026 §7.1', () => {
    const expected: Table = {
      proceeding: {
        request: 'proceeding send-response', provisional: 'proceeding send-response timeout=600000', success: 'accepted no-timeout send-response linger=32000',
        failure: 'completed send-response timeout=32000 retransmit=500', ack: '-', retransmit: '-', timeout: 'proceeding tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      completed: {
        request: 'completed send-response', provisional: '!', success: '!', failure: '!', ack: 'confirmed no-retransmit no-timeout linger=5000',
        retransmit: 'completed send-response retransmit=4000', timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      confirmed: { request: '-', provisional: '!', success: '!', failure: '!', ack: '-', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': '-' },
      accepted: { request: 'accepted send-response', provisional: '!', success: 'accepted send-response', failure: '!', ack: 'accepted', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': '-' },
      terminated: { request: '-', provisional: '!', success: '!', failure: '!', ack: '-', retransmit: '-', timeout: '-', linger: '-', 'transport-failed': '-' },
    };
    const samples = [{ name: 'proceeding' }, { name: 'completed', ms: 4_000 }, { name: 'confirmed' }, { name: 'accepted', acknowledged: false }, { name: 'terminated' }] as const;
    assert.deepEqual(observe(inviteServerRules(setting(false)), samples), expected);
    const reliable = observe(inviteServerRules(setting(true)), samples);
    assert.equal(reliable['proceeding']?.['failure'], 'completed send-response timeout=32000');
    assert.equal(reliable['completed']?.['ack'], 'confirmed no-retransmit no-timeout linger=0');
    assert.equal(observe(inviteServerRules(setting(false)), [{ name: 'accepted', acknowledged: true }])['accepted']?.['request'], 'accepted');
  });

  it('non-INVITE server: RFC 3261 §17.2.2 figure 8, RFC 4320 §4.1', () => {
    const expected: Table = {
      trying: {
        request: '-', provisional: 'proceeding send-response', success: 'completed no-timeout no-retransmit send-response linger=32000', failure: 'completed no-timeout no-retransmit send-response linger=32000',
        ack: '-', retransmit: 'proceeding send-trying', timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      proceeding: {
        request: 'proceeding send-response', provisional: 'proceeding send-response', success: 'completed no-timeout no-retransmit send-response linger=32000', failure: 'completed no-timeout no-retransmit send-response linger=32000',
        ack: '-', retransmit: '-', timeout: 'terminated tell-timeout', linger: '-', 'transport-failed': 'terminated tell-transport-failed',
      },
      completed: { request: 'completed send-response', provisional: '!', success: '!', failure: '!', ack: '-', retransmit: '-', timeout: '-', linger: 'terminated', 'transport-failed': 'terminated' },
      terminated: { request: '-', provisional: '!', success: '!', failure: '!', ack: '-', retransmit: '-', timeout: '-', linger: '-', 'transport-failed': '-' },
    };
    const samples = [{ name: 'trying' }, { name: 'proceeding' }, { name: 'completed' }, { name: 'terminated' }] as const;
    assert.deepEqual(observe(nonInviteServerRules(setting(false)), samples), expected);
    assert.equal(observe(nonInviteServerRules(setting(true)), samples)['trying']?.['success'], 'completed no-timeout no-retransmit send-response linger=0');
  });
});
