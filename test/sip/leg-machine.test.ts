import assert from 'node:assert/strict';
import { step } from '../../server/base/machine.ts';
import { LEG_RULES, SIGNALLING_LOST, type LegEvent, type LegState } from '../../server/sip/leg/leg-machine.ts';
import type { Termination } from '../../server/model/termination.ts';

const bye: Termination = { result: 'caller', reason: 'caller-hung-up', q850: 16 };
const ours: Termination = { result: 'system', reason: 'goodbye', q850: 16 };

const STATES: readonly LegState[] = [
  { name: 'trying' }, { name: 'answering' }, { name: 'confirmed' }, { name: 'ended', termination: bye, byeOnAck: false },
];
const EVENTS: readonly LegEvent[] = [
  { type: 'answer', sdp: 'v=0' }, { type: 'refuse', refusal: { status: 486 } }, { type: 'hang-up', termination: ours }, { type: 'acked' },
  { type: 'cancelled', termination: bye }, { type: 'bye', termination: bye }, { type: 'server-bye', termination: bye },
  { type: 'answer-failed', termination: bye }, { type: 'signalling-lost' },
];

/** Every cell of the table: where it leads and what is done; `-` ignored, `!` refused. */
const TABLE: Readonly<Record<LegState['name'], readonly string[]>> = {
  trying: [
    'answering send-answer', 'ended send-refusal settle-answer settle-ended', 'ended send-refusal settle-answer settle-ended', '-',
    'ended settle-answer settle-ended', 'ended settle-answer settle-ended', 'ended settle-answer settle-ended', '-', 'ended settle-answer settle-ended',
  ],
  answering: [
    '!', '!', 'ended settle-answer settle-ended', 'confirmed settle-answer', 'ended settle-answer settle-ended',
    'ended settle-answer settle-ended', 'ended settle-answer settle-ended', 'ended settle-answer settle-ended', 'ended settle-answer settle-ended',
  ],
  confirmed: [
    '!', '!', 'ended send-bye settle-answer settle-ended', '-', '-', 'ended settle-answer settle-ended', 'ended settle-answer settle-ended', '-',
    'ended settle-answer settle-ended',
  ],
  ended: ['ended settle-answer', '-', '-', 'ended', '-', '-', '-', '-', '-'],
};

const run = (state: LegState, event: LegEvent) => step(LEG_RULES, state, event);

describe('LEG_RULES', () => {
  for (const state of STATES) {
    describe(`given a leg that is ${state.name}`, () => {
      EVENTS.forEach((event, column) => {
        const expected = TABLE[state.name][column];
        it(`does ${expected ?? '?'} when ${event.type}`, () => {
          const outcome = run(state, event);
          const seen = outcome.kind === 'ignored' ? '-' : outcome.kind === 'refused' ? '!'
            : [outcome.state.name, ...outcome.commands.map(({ type }) => type)].join(' ');
          assert.equal(seen, expected);
        });
      });
    });
  }

  it('hangs up before the answer with the status of the termination, else 480', () => {
    for (const [sipStatus, sent] of [[undefined, 480], [503, 503], [200, 480]] as const) {
      const outcome = run({ name: 'trying' }, { type: 'hang-up', termination: { result: 'system', reason: 'drain', ...(sipStatus === undefined ? {} : { sipStatus }) } });
      assert.ok(outcome.kind === 'moved');
      const [first] = outcome.commands;
      assert.ok(first?.type === 'send-refusal');
      assert.equal(first.refusal.status, sent);
    }
  });
  it('names the Q.850 cause of a refusal (RFC 3398 §8.2.6.1)', () => {
    const outcome = run({ name: 'trying' }, { type: 'refuse', refusal: { status: 404, reason: 'unknown-number' } });
    assert.ok(outcome.kind === 'moved' && outcome.state.name === 'ended');
    assert.deepEqual(outcome.state.termination, { result: 'refused', reason: 'unknown-number', sipStatus: 404, q850: 1 });
  });
  it('holds the BYE back until the ACK when it hangs up in between (RFC 3261 §15)', () => {
    const ended = run({ name: 'answering' }, { type: 'hang-up', termination: ours });
    assert.ok(ended.kind === 'moved');
    const acked = run(ended.state, { type: 'acked' });
    assert.ok(acked.kind === 'moved');
    assert.deepEqual(acked.commands, [{ type: 'send-bye', termination: ours }]);
    const again = run(acked.state, { type: 'acked' });
    assert.ok(again.kind === 'moved');
    assert.deepEqual(again.commands, []);
  });
  it('hands over the answer of a late offer', () => {
    const outcome = run({ name: 'answering' }, { type: 'acked', sdp: 'v=0' });
    assert.ok(outcome.kind === 'moved');
    assert.deepEqual(outcome.commands, [{ type: 'settle-answer', outcome: { kind: 'answered', ackSdp: 'v=0' } }]);
  });
  it('tells an answer that comes too late how the leg ended', () => {
    const outcome = run({ name: 'ended', termination: bye, byeOnAck: false }, { type: 'answer', sdp: 'v=0' });
    assert.ok(outcome.kind === 'moved');
    assert.deepEqual(outcome.commands, [{ type: 'settle-answer', outcome: { kind: 'gone', termination: bye } }]);
  });
  it('ends as failed when the SIP server is out of reach', () => {
    const outcome = run({ name: 'confirmed' }, { type: 'signalling-lost' });
    assert.ok(outcome.kind === 'moved' && outcome.state.name === 'ended');
    assert.deepEqual(outcome.state.termination, SIGNALLING_LOST);
  });
});
