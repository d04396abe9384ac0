import assert from 'node:assert/strict';
import { step } from '../../server/base/machine.ts';
import { PHONE_AT_REST, PHONE_RULES, type IncomingCall, type PhoneEvent, type PhoneState, type PhoneStateName } from '../../softphone/phone/phone-machine.ts';

const CALL: IncomingCall = { inviteId: 'invite-1', callId: 'call-1', offerId: 'offer-1', number: '+213550123456', name: 'Carol' };
const SECOND: IncomingCall = { inviteId: 'invite-2', number: '+213550999999' };
const AT = 1_000;

const STATES: { readonly [N in PhoneStateName]: Extract<PhoneState, { name: N }> } = {
  disconnected: { name: 'disconnected', reason: 'connection-lost', attempt: 2 },
  registering: { name: 'registering', attempt: 2 },
  registered: { name: 'registered' },
  ringing: { name: 'ringing', call: CALL, ringingAt: 500 },
  dialling: { name: 'dialling', target: 'sip:1000@allo.invalid', since: 500 },
  answering: { name: 'answering', call: CALL, since: 500 },
  'in-call': { name: 'in-call', party: { direction: 'incoming', call: CALL }, since: 500, online: true, attempt: 0 },
  ended: { name: 'ended', how: 'hung-up', reason: 'hung-up', at: 500, online: true },
};

const EVENTS: { readonly [T in PhoneEvent['type']]: Extract<PhoneEvent, { type: T }> } = {
  connect: { type: 'connect', at: AT },
  disconnect: { type: 'disconnect', at: AT },
  registered: { type: 'registered', at: AT },
  'connection-lost': { type: 'connection-lost', at: AT, reason: 'unreachable' },
  invite: { type: 'invite', at: AT, call: SECOND },
  cancelled: { type: 'cancelled', at: AT },
  answer: { type: 'answer', at: AT },
  reject: { type: 'reject', at: AT },
  dial: { type: 'dial', at: AT, target: 'sip:1000@allo.invalid' },
  established: { type: 'established', at: AT },
  'call-failed': { type: 'call-failed', at: AT, reason: 'media-failed' },
  'hang-up': { type: 'hang-up', at: AT },
  'remote-hung-up': { type: 'remote-hung-up', at: AT },
  settle: { type: 'settle', at: AT },
};

/** `-` is ignored, `!` refused; else the state that follows and the commands, in order. */
type Expected = { readonly [T in PhoneEvent['type']]: string };

const OFF = 'disconnected unregister';
const LOST = 'disconnected retry-later';

const TABLE: { readonly [N in PhoneStateName]: Expected } = {
  disconnected: {
    connect: 'registering register', disconnect: OFF, registered: '-', 'connection-lost': '-', invite: 'disconnected refuse-busy', cancelled: '-',
    answer: '!', reject: '-', dial: '!', established: '-', 'call-failed': '-', 'hang-up': '-', 'remote-hung-up': '-', settle: '-',
  },
  registering: {
    connect: '-', disconnect: OFF, registered: 'registered', 'connection-lost': LOST, invite: 'ringing start-ring', cancelled: '-',
    answer: '!', reject: '-', dial: '!', established: '-', 'call-failed': '-', 'hang-up': '-', 'remote-hung-up': '-', settle: '-',
  },
  registered: {
    connect: '-', disconnect: OFF, registered: '-', 'connection-lost': LOST, invite: 'ringing start-ring', cancelled: '-',
    answer: '!', reject: '-', dial: 'dialling place', established: '-', 'call-failed': '-', 'hang-up': '-', 'remote-hung-up': '-', settle: '-',
  },
  ringing: {
    connect: '-', disconnect: 'disconnected stop-ring decline unregister', registered: '-', 'connection-lost': 'disconnected stop-ring retry-later',
    invite: 'ringing refuse-busy', cancelled: 'ended stop-ring settle-later', answer: 'answering stop-ring accept', reject: 'ended stop-ring decline settle-later',
    dial: '!', established: '-', 'call-failed': 'ended stop-ring decline settle-later', 'hang-up': 'ended stop-ring decline settle-later',
    'remote-hung-up': 'ended stop-ring settle-later', settle: '-',
  },
  dialling: {
    connect: '-', disconnect: 'disconnected release unregister', registered: '-', 'connection-lost': 'disconnected release retry-later',
    invite: 'dialling refuse-busy', cancelled: '-', answer: '!', reject: '-', dial: '!', established: 'in-call',
    'call-failed': 'ended release settle-later', 'hang-up': 'ended release settle-later', 'remote-hung-up': 'ended settle-later', settle: '-',
  },
  answering: {
    connect: '-', disconnect: 'disconnected release unregister', registered: '-', 'connection-lost': 'disconnected release retry-later',
    invite: 'answering refuse-busy', cancelled: 'ended settle-later', answer: '-', reject: 'ended release settle-later', dial: '!', established: 'in-call',
    'call-failed': 'ended release settle-later', 'hang-up': 'ended release settle-later', 'remote-hung-up': 'ended settle-later', settle: '-',
  },
  'in-call': {
    connect: 'in-call', disconnect: 'disconnected release unregister', registered: 'in-call', 'connection-lost': 'in-call retry-later',
    invite: 'in-call refuse-busy', cancelled: '-', answer: '-', reject: '!', dial: '!', established: '-',
    'call-failed': 'ended release settle-later', 'hang-up': 'ended release settle-later', 'remote-hung-up': 'ended settle-later', settle: '-',
  },
  ended: {
    connect: '-', disconnect: OFF, registered: 'ended', 'connection-lost': LOST, invite: 'ringing start-ring', cancelled: '-',
    answer: '!', reject: '-', dial: 'dialling place', established: '-', 'call-failed': '-', 'hang-up': '-', 'remote-hung-up': '-', settle: 'registered',
  },
};

const take = (state: PhoneState, event: PhoneEvent): PhoneState => {
  const outcome = step(PHONE_RULES, state, event);
  return outcome.kind === 'moved' ? outcome.state : state;
};

function told(state: PhoneState, event: PhoneEvent): string {
  const outcome = step(PHONE_RULES, state, event);
  if (outcome.kind === 'ignored') return '-';
  if (outcome.kind === 'refused') return '!';
  return [outcome.state.name, ...outcome.commands.map((command) => command.type)].join(' ');
}

describe('the softphone machine', () => {
  for (const name of Object.keys(TABLE) as PhoneStateName[]) {
    describe(`given it is ${name}`, () => {
      for (const type of Object.keys(EVENTS) as PhoneEvent['type'][]) {
        const expected = TABLE[name][type];
        it(`${expected === '-' ? 'ignores' : expected === '!' ? 'refuses' : `goes to "${expected}" on`} ${type}`, () => {
          assert.equal(told(STATES[name], EVENTS[type]), expected);
        });
      }
    });
  }

  describe('given a call that rings', () => {
    it('keeps the tie to the screen pop through the answer', () => {
      const inCall = [EVENTS.answer, EVENTS.established].reduce(take, STATES.ringing);
      assert.deepEqual(inCall, { name: 'in-call', party: { direction: 'incoming', call: CALL }, since: AT, online: true, attempt: 0 });
    });

    it('gives 486 to the second INVITE and to no other', () => {
      const outcome = step(PHONE_RULES, STATES.ringing, EVENTS.invite);
      assert.deepEqual(outcome.kind === 'moved' && outcome.commands, [{ type: 'refuse-busy', inviteId: 'invite-2' }]);
    });
  });

  describe('given a call whose signalling is lost', () => {
    const offline = take(STATES['in-call'], EVENTS['connection-lost']);

    it('goes on, and registers again behind it', () => {
      assert.equal(offline.name === 'in-call' && offline.online, false);
      assert.equal(told(offline, EVENTS.connect), 'in-call register');
      assert.equal(take(offline, EVENTS.registered).name, 'in-call');
    });

    it('counts each failed attempt, so that the waits grow', () => {
      const again = take(take(offline, EVENTS.connect), EVENTS['connection-lost']);
      assert.equal(again.name === 'in-call' && again.attempt, 2);
    });

    it('registers first when the call is over before it came back', () => {
      assert.equal(told(take(offline, EVENTS['hang-up']), EVENTS.settle), 'registering register');
    });
  });

  it('counts attempts while it cannot connect, and forgets them once registered', () => {
    let state: PhoneState = take(PHONE_AT_REST, EVENTS.connect);
    state = take(state, EVENTS['connection-lost']);
    assert.equal(state.name === 'disconnected' && state.attempt, 1);
    state = take(take(state, EVENTS.connect), EVENTS['connection-lost']);
    assert.equal(state.name === 'disconnected' && state.attempt, 2);
    state = take(take(take(state, EVENTS.connect), EVENTS.registered), EVENTS['connection-lost']);
    assert.equal(state.name === 'disconnected' && state.attempt, 1);
  });
});
