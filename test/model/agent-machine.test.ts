import assert from 'node:assert/strict';
import fc from 'fast-check';
import { step, type StepOutcome } from '../../server/base/machine.ts';
import { epochMs } from '../../server/base/time.ts';
import { AGENT_RULES, type AgentCommand, type AgentEvent, type AgentState, type AgentStateName } from '../../server/model/agent-machine.ts';
import { asId, type CallId, type OfferId } from '../../server/model/ids.ts';

const T0 = epochMs(1_000);
const T1 = epochMs(2_000);
const IDLE_SINCE = epochMs(500);
const CALL = asId<CallId>('call-1');
const OTHER_CALL = asId<CallId>('call-0');
const OFFER = asId<OfferId>('offer-1');
const OTHER_OFFER = asId<OfferId>('offer-0');
const AVAILABLE = { name: 'available' } as const;
const LUNCH = { name: 'on-break', reason: 'lunch' } as const;
const OFFLINE = { name: 'offline' } as const;

const STATES = {
  offline: { name: 'offline', since: T0 },
  available: { name: 'available', since: T0 },
  'on-break': { name: 'on-break', since: T0, reason: 'coffee' },
  offered: { name: 'offered', since: T0, callId: CALL, offerId: OFFER, next: AVAILABLE, idleSince: IDLE_SINCE },
  'on-call': { name: 'on-call', since: T0, callId: CALL, next: AVAILABLE },
  'wrap-up': { name: 'wrap-up', since: T0, callId: CALL, deadlineAt: epochMs(61_000), next: AVAILABLE },
} as const satisfies Record<AgentStateName, AgentState>;

const EVENTS = {
  'sign-in': { type: 'sign-in', at: T1 },
  'sign-out': { type: 'sign-out', at: T1 },
  'go-available': { type: 'go-available', at: T1 },
  'go-on-break': { type: 'go-on-break', at: T1, reason: 'lunch' },
  offer: { type: 'offer', at: T1, callId: CALL, offerId: OFFER },
  answer: { type: 'answer', at: T1, offerId: OFFER },
  reject: { type: 'reject', at: T1, offerId: OFFER },
  'no-answer': { type: 'no-answer', at: T1, offerId: OFFER },
  'offer-failed': { type: 'offer-failed', at: T1, offerId: OFFER },
  rescind: { type: 'rescind', at: T1, offerId: OFFER },
  'call-ended': { type: 'call-ended', at: T1, callId: CALL, wrapUpMs: 60_000 },
  'wrap-up-done': { type: 'wrap-up-done', at: T1, callId: CALL },
  'wrap-up-timeout': { type: 'wrap-up-timeout', at: T1, callId: CALL },
} as const satisfies Record<AgentEvent['type'], AgentEvent>;

type Cell = 'ignored' | 'refused' | { readonly to: AgentState; readonly commands?: readonly AgentCommand[] };

const on = (state: AgentState, ...commands: AgentCommand[]): Cell => ({ to: state, commands });
const AVAILABLE_NOW: AgentState = { name: 'available', since: T1 };
const OFFLINE_NOW: AgentState = { name: 'offline', since: T1 };
const LUNCH_NOW: AgentState = { name: 'on-break', since: T1, reason: 'lunch' };
const STOP: AgentCommand = { type: 'stop-wrap-up-timer' };
const closed = (how: 'completed' | 'timed-out' | 'signed-out'): AgentCommand => ({ type: 'close-wrap-up', callId: CALL, how });

/** What each cell must say, written out by hand: the test of the table is not made from the table. */
const EXPECTED: Record<AgentStateName, Record<AgentEvent['type'], Cell>> = {
  offline: {
    'sign-in': on({ name: 'on-break', since: T1, reason: 'signed-in' }),
    'sign-out': 'ignored', 'go-available': 'refused', 'go-on-break': 'refused', offer: 'refused', answer: 'refused',
    reject: 'ignored', 'no-answer': 'ignored', 'offer-failed': 'ignored', rescind: 'ignored',
    'call-ended': 'ignored', 'wrap-up-done': 'ignored', 'wrap-up-timeout': 'ignored',
  },
  available: {
    'sign-in': 'ignored', 'sign-out': on(OFFLINE_NOW), 'go-available': 'ignored', 'go-on-break': on(LUNCH_NOW),
    offer: on({ name: 'offered', since: T1, callId: CALL, offerId: OFFER, next: AVAILABLE, idleSince: T0 }), answer: 'refused',
    reject: 'ignored', 'no-answer': 'ignored', 'offer-failed': 'ignored', rescind: 'ignored',
    'call-ended': 'ignored', 'wrap-up-done': 'ignored', 'wrap-up-timeout': 'ignored',
  },
  'on-break': {
    'sign-in': 'ignored', 'sign-out': on(OFFLINE_NOW), 'go-available': on(AVAILABLE_NOW), 'go-on-break': on(LUNCH_NOW),
    offer: 'refused', answer: 'refused',
    reject: 'ignored', 'no-answer': 'ignored', 'offer-failed': 'ignored', rescind: 'ignored',
    'call-ended': 'ignored', 'wrap-up-done': 'ignored', 'wrap-up-timeout': 'ignored',
  },
  offered: {
    'sign-in': 'ignored',
    'sign-out': on(OFFLINE_NOW, { type: 'withdraw-offer', callId: CALL, offerId: OFFER }),
    'go-available': on(STATES.offered), 'go-on-break': on({ ...STATES.offered, next: LUNCH }),
    offer: 'refused', answer: on({ name: 'on-call', since: T1, callId: CALL, next: AVAILABLE }),
    reject: on(AVAILABLE_NOW), 'no-answer': on({ name: 'on-break', since: T1, reason: 'rona' }),
    'offer-failed': on({ name: 'on-break', since: T1, reason: 'fault' }), rescind: on({ name: 'available', since: IDLE_SINCE }),
    'call-ended': 'ignored', 'wrap-up-done': 'ignored', 'wrap-up-timeout': 'ignored',
  },
  'on-call': {
    'sign-in': on(STATES['on-call']), 'sign-out': on({ ...STATES['on-call'], next: OFFLINE }),
    'go-available': on(STATES['on-call']), 'go-on-break': on({ ...STATES['on-call'], next: LUNCH }),
    offer: 'refused', answer: 'ignored',
    reject: 'ignored', 'no-answer': 'ignored', 'offer-failed': 'ignored', rescind: 'ignored',
    'call-ended': on(
      { name: 'wrap-up', since: T1, callId: CALL, deadlineAt: epochMs(62_000), next: AVAILABLE },
      { type: 'start-wrap-up-timer', callId: CALL, deadlineAt: epochMs(62_000) },
    ),
    'wrap-up-done': 'ignored', 'wrap-up-timeout': 'ignored',
  },
  'wrap-up': {
    'sign-in': on(STATES['wrap-up']), 'sign-out': on(OFFLINE_NOW, STOP, closed('signed-out')),
    'go-available': on(AVAILABLE_NOW, STOP, closed('completed')), 'go-on-break': on({ ...STATES['wrap-up'], next: LUNCH }),
    offer: 'refused', answer: 'refused',
    reject: 'ignored', 'no-answer': 'ignored', 'offer-failed': 'ignored', rescind: 'ignored',
    'call-ended': 'ignored',
    'wrap-up-done': on(AVAILABLE_NOW, STOP, closed('completed')), 'wrap-up-timeout': on(AVAILABLE_NOW, STOP, closed('timed-out')),
  },
};

/** One step, told as {@link EXPECTED} tells it. */
function after(state: AgentState, event: AgentEvent): Cell {
  const outcome = step(AGENT_RULES, state, event);
  return outcome.kind === 'moved' ? { to: outcome.state, commands: outcome.commands } : outcome.kind;
}

describe('AGENT_RULES', () => {
  for (const [name, state] of Object.entries(STATES)) {
    describe(`given an agent who is ${name}`, () => {
      for (const [type, event] of Object.entries(EVENTS)) {
        // Casts because Object.entries forgets the type of its keys.
        const expected = EXPECTED[name as AgentStateName][type as AgentEvent['type']];
        const what = typeof expected === 'string' ? expected : `leads to ${expected.to.name}`;
        it(`${type} is: ${what}`, () => assert.deepEqual(after(state, event), expected));
      }
    });
  }

  describe('given events of an offer or a call that is over', () => {
    for (const type of ['answer', 'reject', 'no-answer', 'offer-failed', 'rescind'] as const) {
      it(`${type} of another offer changes nothing`, () => {
        assert.deepEqual(after(STATES.offered, { ...EVENTS[type], offerId: OTHER_OFFER }), on(STATES.offered));
      });
    }

    it('the end of another call changes nothing', () => {
      assert.deepEqual(after(STATES['on-call'], { ...EVENTS['call-ended'], callId: OTHER_CALL }), on(STATES['on-call']));
    });

    for (const type of ['wrap-up-done', 'wrap-up-timeout'] as const) {
      it(`${type} of another call changes nothing`, () => {
        assert.deepEqual(after(STATES['wrap-up'], { ...EVENTS[type], callId: OTHER_CALL }), on(STATES['wrap-up']));
      });
    }
  });

  describe('given a status chosen while busy ("last call, then break")', () => {
    it('holds after a rejected or rescinded offer', () => {
      for (const type of ['reject', 'rescind'] as const) {
        assert.deepEqual(after({ ...STATES.offered, next: LUNCH }, EVENTS[type]), on(LUNCH_NOW));
      }
    });

    it('holds after the call and its wrap-up', () => {
      const wrapUp = after({ ...STATES['on-call'], next: LUNCH }, EVENTS['call-ended']);
      assert.ok(typeof wrapUp === 'object' && wrapUp.to.name === 'wrap-up');
      assert.deepEqual(wrapUp.to.next, LUNCH);
      assert.deepEqual(after(wrapUp.to, EVENTS['wrap-up-timeout']), on(LUNCH_NOW, STOP, closed('timed-out')));
    });

    it('goes along when the call is answered', () => {
      assert.deepEqual(after({ ...STATES.offered, next: LUNCH }, EVENTS.answer), on({ ...STATES['on-call'], since: T1, next: LUNCH }));
    });

    it('is taken back by "available"', () => {
      assert.deepEqual(after({ ...STATES['on-call'], next: LUNCH }, EVENTS['go-available']), on(STATES['on-call']));
    });

    it('does not hide that she let it ring: RONA is shown as such', () => {
      assert.deepEqual(after({ ...STATES.offered, next: LUNCH }, EVENTS['no-answer']), on({ name: 'on-break', since: T1, reason: 'rona' }));
    });

    it('is offline for an agent who left in mid-call', () => {
      assert.deepEqual(after({ ...STATES['wrap-up'], next: OFFLINE }, EVENTS['wrap-up-done']), on(OFFLINE_NOW, STOP, closed('completed')));
    });

    it('is a break for an agent who was lost in mid-call and comes back in the wrap-up', () => {
      const back = after({ ...STATES['wrap-up'], next: OFFLINE }, EVENTS['sign-in']);
      assert.deepEqual(back, on({ ...STATES['wrap-up'], next: { name: 'on-break', reason: 'signed-in' } }));
      assert.deepEqual(after({ ...STATES['wrap-up'], next: LUNCH }, EVENTS['sign-in']), on({ ...STATES['wrap-up'], next: LUNCH }));
    });

    it('is available again for an agent who comes back in mid-call', () => {
      assert.deepEqual(after({ ...STATES['on-call'], next: OFFLINE }, EVENTS['sign-in']), on(STATES['on-call']));
    });
  });

  describe('given any history', () => {
    const callId = fc.constantFrom(CALL, OTHER_CALL);
    const offerId = fc.constantFrom(OFFER, OTHER_OFFER);
    const event: fc.Arbitrary<AgentEvent> = fc.tuple(fc.constantFrom(...Object.values(EVENTS)), callId, offerId, fc.nat(100_000)).map(
      ([one, call, offer, ms]) => ({ ...one, at: epochMs(ms), ...('callId' in one ? { callId: call } : {}), ...('offerId' in one ? { offerId: offer } : {}) }),
    );

    it('begins and ends each wrap-up once, with its timer (invariant 2)', () => {
      fc.assert(fc.property(fc.array(event, { maxLength: 60, size: 'max' }), (events) => {
        let state: AgentState = STATES.offline;
        let timer: CallId | undefined;
        for (const one of events) {
          const outcome: StepOutcome<AgentState, AgentCommand> = step(AGENT_RULES, state, one);
          if (outcome.kind !== 'moved') continue;
          for (const command of outcome.commands) {
            if (command.type === 'start-wrap-up-timer') {
              assert.equal(timer, undefined, 'one wrap-up at a time');
              timer = command.callId;
            } else if (command.type === 'close-wrap-up') {
              assert.equal(command.callId, timer, 'the one that began ends');
              timer = undefined;
            }
          }
          ({ state } = outcome);
          assert.equal(state.name === 'wrap-up' ? state.callId : undefined, timer);
        }
      }), { numRuns: 5_000 });
    });

    it('is offered a call only when available, and leaves an offer in one of the ways that end it', () => {
      fc.assert(fc.property(fc.array(event, { maxLength: 60, size: 'max' }), (events) => {
        let state: AgentState = STATES.offline;
        for (const one of events) {
          const before: AgentState = state;
          const outcome: StepOutcome<AgentState, AgentCommand> = step(AGENT_RULES, before, one);
          if (outcome.kind !== 'moved') continue;
          ({ state } = outcome);
          if (state.name === 'offered' && before.name !== 'offered') assert.equal(before.name, 'available');
          if (before.name === 'offered' && state.name !== 'offered') {
            assert.ok('offerId' in one ? one.offerId === before.offerId : one.type === 'sign-out');
          }
          if (state.name === 'on-call' && before.name !== 'on-call') assert.equal(before.name, 'offered');
        }
      }), { numRuns: 5_000 });
    });
  });
});
