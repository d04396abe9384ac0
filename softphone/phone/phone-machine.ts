import { go, type Rules, type Step } from '../../server/base/machine.ts';

/** A call that rings at this softphone. */
export interface IncomingCall {
  /** Which INVITE: the SIP Call-ID. */
  readonly inviteId: string;
  /** Ties the call to the screen pop (`X-Allo-Call`, `X-Allo-Offer`); absent for other callers. */
  readonly callId?: string;
  readonly offerId?: string;
  readonly number: string;
  readonly name?: string;
}

/** Who is at the other end. */
export type Party =
  | { readonly direction: 'incoming'; readonly call: IncomingCall }
  | { readonly direction: 'outgoing'; readonly target: string };

/** How a call ended, as this softphone saw it. */
export type PhoneEnding = 'hung-up' | 'remote-hung-up' | 'rejected' | 'cancelled' | 'failed';

/** A softphone with one line; see {@link PHONE_RULES}. `at` and `since` are epoch milliseconds. */
export type PhoneState =
  | { readonly name: 'disconnected'; readonly reason: string; readonly attempt: number }
  | { readonly name: 'registering'; readonly attempt: number }
  | { readonly name: 'registered' }
  | { readonly name: 'ringing'; readonly call: IncomingCall; readonly ringingAt: number }
  | { readonly name: 'dialling'; readonly target: string; readonly since: number }
  | { readonly name: 'answering'; readonly call: IncomingCall; readonly since: number }
  /** `online` is the registration: a call outlives the loss of its signalling for a while. */
  | { readonly name: 'in-call'; readonly party: Party; readonly since: number; readonly online: boolean; readonly attempt: number }
  | { readonly name: 'ended'; readonly how: PhoneEnding; readonly reason: string; readonly at: number; readonly online: boolean };

export type PhoneStateName = PhoneState['name'];

/** What can happen to a softphone. Time arrives on the event. */
export type PhoneEvent =
  /** The page wants the phone, or a retry is due. */
  | { readonly type: 'connect'; readonly at: number }
  /** The page lets the phone go (sign-out). */
  | { readonly type: 'disconnect'; readonly at: number }
  | { readonly type: 'registered'; readonly at: number }
  | { readonly type: 'connection-lost'; readonly at: number; readonly reason: string }
  | { readonly type: 'invite'; readonly at: number; readonly call: IncomingCall }
  /** The caller gave up, or the centre took the offer back, before the answer. */
  | { readonly type: 'cancelled'; readonly at: number }
  | { readonly type: 'answer'; readonly at: number }
  | { readonly type: 'reject'; readonly at: number }
  | { readonly type: 'dial'; readonly at: number; readonly target: string }
  | { readonly type: 'established'; readonly at: number }
  /** The call could not be made or kept: no microphone, refused by the far end, media failed. */
  | { readonly type: 'call-failed'; readonly at: number; readonly reason: string }
  | { readonly type: 'hang-up'; readonly at: number }
  | { readonly type: 'remote-hung-up'; readonly at: number }
  /** How the last call ended was shown for long enough. */
  | { readonly type: 'settle'; readonly at: number };

/** What the runner must do after a transition. */
export type PhoneCommand =
  | { readonly type: 'register' }
  | { readonly type: 'unregister' }
  | { readonly type: 'retry-later'; readonly attempt: number }
  | { readonly type: 'start-ring' }
  | { readonly type: 'stop-ring' }
  | { readonly type: 'accept' }
  /** 603: the agent does not want it. */
  | { readonly type: 'decline' }
  /** 486 to a second INVITE: one call at a time. */
  | { readonly type: 'refuse-busy'; readonly inviteId: string }
  | { readonly type: 'place'; readonly target: string }
  /** CANCEL or BYE, whichever the call needs. */
  | { readonly type: 'release' }
  | { readonly type: 'settle-later' };

type PhoneStep = Step<PhoneState, PhoneCommand>;
type In<N extends PhoneStateName> = Extract<PhoneState, { name: N }>;
type Ev<T extends PhoneEvent['type']> = Extract<PhoneEvent, { type: T }>;

const SIGNED_OUT = 'signed-out';
const off = (): PhoneState => ({ name: 'disconnected', reason: SIGNED_OUT, attempt: 0 });

const register = (attempt: number): PhoneStep => go({ name: 'registering', attempt }, { type: 'register' });

const lose = (attempt: number, reason: string, ...first: readonly PhoneCommand[]): PhoneStep =>
  go({ name: 'disconnected', reason, attempt: attempt + 1 }, ...first, { type: 'retry-later', attempt: attempt + 1 });

const ring = (_: PhoneState, event: Ev<'invite'>): PhoneStep =>
  go({ name: 'ringing', call: event.call, ringingAt: event.at }, { type: 'start-ring' });

const refuseBusy = (state: PhoneState, event: Ev<'invite'>): PhoneStep =>
  go(state, { type: 'refuse-busy', inviteId: event.call.inviteId });

const place = (_: PhoneState, event: Ev<'dial'>): PhoneStep =>
  go({ name: 'dialling', target: event.target, since: event.at }, { type: 'place', target: event.target });

const end = (how: PhoneEnding, ...commands: readonly PhoneCommand[]) =>
  (state: PhoneState, event: { at: number; reason?: string }): PhoneStep =>
    go(
      { name: 'ended', how, reason: event.reason ?? how, at: event.at, online: state.name === 'in-call' ? state.online : true },
      ...commands,
      { type: 'settle-later' },
    );

const endCall = end('remote-hung-up');
const releaseCall = end('hung-up', { type: 'release' });
const failCall = end('failed', { type: 'release' });

const talk = (party: Party) => (event: { at: number }): PhoneStep =>
  go({ name: 'in-call', party, since: event.at, online: true, attempt: 0 });

/** The call goes on by its media while the registration is tried again behind it. */
const talkOffline = (state: In<'in-call'>): PhoneStep =>
  state.online
    ? go({ ...state, online: false, attempt: 1 }, { type: 'retry-later', attempt: 1 })
    : go({ ...state, attempt: state.attempt + 1 }, { type: 'retry-later', attempt: state.attempt + 1 });

const backToRest = (state: In<'ended'>): PhoneStep =>
  state.online ? go({ name: 'registered' }) : register(1);

/**
 * A softphone with one line.
 *
 *   disconnected -> registering -> registered -> ringing -> answering -> in-call -> ended -> registered
 *        ^               |             |            +-- cancelled, rejected --------^
 *        +--- lost ------+             +-> dialling -------------------> in-call
 *
 * A second INVITE gets 486 whatever the phone does. Losing the signalling ends what is not
 * answered yet; an answered call goes on by its media, and the phone registers again behind it.
 */
export const PHONE_RULES: Rules<PhoneState, PhoneEvent, PhoneCommand> = {
  disconnected: {
    connect: (state) => register(state.attempt),
    disconnect: () => go(off(), { type: 'unregister' }),
    registered: 'ignore', 'connection-lost': 'ignore', invite: refuseBusy, cancelled: 'ignore',
    answer: 'refuse', reject: 'ignore', dial: 'refuse', established: 'ignore', 'call-failed': 'ignore',
    'hang-up': 'ignore', 'remote-hung-up': 'ignore', settle: 'ignore',
  },
  registering: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'unregister' }),
    registered: () => go({ name: 'registered' }),
    'connection-lost': (state, event) => lose(state.attempt, event.reason),
    // The registrar may ring us before its own 200 arrives.
    invite: ring,
    cancelled: 'ignore', answer: 'refuse', reject: 'ignore', dial: 'refuse', established: 'ignore',
    'call-failed': 'ignore', 'hang-up': 'ignore', 'remote-hung-up': 'ignore', settle: 'ignore',
  },
  registered: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'unregister' }),
    registered: 'ignore',
    'connection-lost': (_, event) => lose(0, event.reason),
    invite: ring,
    cancelled: 'ignore', answer: 'refuse', reject: 'ignore', dial: place, established: 'ignore',
    'call-failed': 'ignore', 'hang-up': 'ignore', 'remote-hung-up': 'ignore', settle: 'ignore',
  },
  ringing: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'stop-ring' }, { type: 'decline' }, { type: 'unregister' }),
    registered: 'ignore',
    'connection-lost': (_, event) => lose(0, event.reason, { type: 'stop-ring' }),
    invite: refuseBusy,
    cancelled: end('cancelled', { type: 'stop-ring' }),
    answer: (state, event) => go({ name: 'answering', call: state.call, since: event.at }, { type: 'stop-ring' }, { type: 'accept' }),
    reject: end('rejected', { type: 'stop-ring' }, { type: 'decline' }),
    dial: 'refuse', established: 'ignore', 'call-failed': end('failed', { type: 'stop-ring' }, { type: 'decline' }),
    'hang-up': end('rejected', { type: 'stop-ring' }, { type: 'decline' }),
    'remote-hung-up': end('cancelled', { type: 'stop-ring' }), settle: 'ignore',
  },
  dialling: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'release' }, { type: 'unregister' }),
    registered: 'ignore',
    'connection-lost': (_, event) => lose(0, event.reason, { type: 'release' }),
    invite: refuseBusy, cancelled: 'ignore', answer: 'refuse', reject: 'ignore', dial: 'refuse',
    established: (state, event) => talk({ direction: 'outgoing', target: state.target })(event),
    'call-failed': failCall,
    'hang-up': releaseCall,
    'remote-hung-up': endCall,
    settle: 'ignore',
  },
  answering: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'release' }, { type: 'unregister' }),
    registered: 'ignore',
    'connection-lost': (_, event) => lose(0, event.reason, { type: 'release' }),
    invite: refuseBusy,
    cancelled: end('cancelled'),
    answer: 'ignore', reject: releaseCall, dial: 'refuse',
    established: (state, event) => talk({ direction: 'incoming', call: state.call })(event),
    'call-failed': failCall,
    'hang-up': releaseCall,
    'remote-hung-up': endCall,
    settle: 'ignore',
  },
  'in-call': {
    connect: (state) => (state.online ? go(state) : go(state, { type: 'register' })),
    disconnect: () => go(off(), { type: 'release' }, { type: 'unregister' }),
    registered: (state) => go({ ...state, online: true, attempt: 0 }),
    'connection-lost': talkOffline,
    invite: refuseBusy, cancelled: 'ignore', answer: 'ignore', reject: 'refuse', dial: 'refuse', established: 'ignore',
    'call-failed': failCall,
    'hang-up': releaseCall,
    'remote-hung-up': endCall,
    settle: 'ignore',
  },
  ended: {
    connect: 'ignore',
    disconnect: () => go(off(), { type: 'unregister' }),
    registered: (state) => go({ ...state, online: true }),
    'connection-lost': (_, event) => lose(0, event.reason),
    invite: ring, cancelled: 'ignore', answer: 'refuse', reject: 'ignore', dial: place, established: 'ignore',
    'call-failed': 'ignore', 'hang-up': 'ignore', 'remote-hung-up': 'ignore',
    settle: backToRest,
  },
};

/** Where every softphone starts. */
export const PHONE_AT_REST: PhoneState = { name: 'disconnected', reason: 'not-started', attempt: 0 };
