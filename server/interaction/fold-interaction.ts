import { AppError } from '../base/app-error.ts';
import { assertNever } from '../base/assert-never.ts';
import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { CallEvent, CallEventOf } from '../model/events.ts';
import type { Interaction } from '../model/interaction.ts';
import { foldRecording } from './fold-recording.ts';
import type { InteractionRecord } from './ports.ts';

/**
 * Folds one event into the history of its call. Pure, and idempotent by (callId, seq): an event
 * that was folded before changes nothing.
 *
 * Names of queues and agents are not looked up here but by whoever reads the history: the fold
 * stays a function of the ledger alone, a replay gives the same record, and a queue that is
 * renamed is renamed in the past too. The customer's name is in the event and is kept as it was.
 * A fact without its beginning (which a full disk may have swallowed) is taken as far as it goes.
 * @throws AppError `interaction.unfoldable` for an event without the call's first one, and for a
 *   type that this version does not know.
 */
export function foldInteraction(record: InteractionRecord | undefined, event: CallEvent): InteractionRecord {
  if (record && event.seq <= record.lastSeq) return record;
  const { seq, at } = event;
  if (event.type === 'call.received') {
    if (record) throw unfoldable(event, 'the call was received before');
    return { interaction: begin(event), lastSeq: seq, lastAt: at };
  }
  if (!record) throw unfoldable(event, 'the call was never received');
  if (event.tenantId !== record.interaction.tenantId) throw unfoldable(event, 'the call belongs to another tenant');
  return { interaction: apply(record.interaction, event), lastSeq: seq, lastAt: at };
}

function begin(event: CallEventOf<'call.received'>): Interaction {
  const { calling } = event;
  const shown = calling.kind === 'e164' ? calling.number : calling.kind === 'unparsable' ? calling.raw : undefined;
  return {
    interactionId: event.callId, tenantId: event.tenantId, channel: 'voice', direction: 'inbound', startedAt: event.at,
    ...(shown === undefined ? {} : { callingNumber: shown }),
    trunkId: event.trunkId, trunkSequence: event.trunkSequence, sipCallId: event.sipCallId,
    dialled: event.dialled, calling,
    ivrPath: [], queueStays: [], offers: [], holds: [], bridges: [], wrapUps: [],
  };
}

type Later = Exclude<CallEvent, { type: 'call.received' }>;

function apply(call: Interaction, event: Later): Interaction {
  const { at } = event;
  switch (event.type) {
    case 'caller.identified': return identify(call, event);
    case 'call.answered': return { ...call, answeredAt: at };
    case 'ivr.entered': return { ...call, language: event.language };
    case 'ivr.stepped':
      return { ...call, ivrPath: [...call.ivrPath, { at, nodeId: event.nodeId, ...(event.input === undefined ? {} : { input: event.input }) }] };
    case 'ivr.finished': return { ...call, language: event.language, ...(event.intent === undefined ? {} : { intent: event.intent }) };
    case 'queue.entered': {
      const { queueId, enqueuedAt, key, headStart } = event;
      return { ...call, queueStays: [...call.queueStays, { queueId, enteredAt: at, key, enqueuedAt, headStart }] };
    }
    case 'queue.left': return leaveQueue(call, event);
    case 'offer.made':
      return { ...call, offers: [...call.offers, { offerId: event.offerId, agentId: event.agentId, offeredAt: at, receipt: event.receipt }] };
    case 'pop.sent':
      return { ...call, offers: patch(call.offers, ({ offerId }) => offerId === event.offerId, { popSentAt: at, popAcked: event.acked }) };
    case 'offer.ended':
      return { ...call, offers: patch(call.offers, ({ offerId, endedAt }) => offerId === event.offerId && endedAt === undefined, { endedAt: at, outcome: event.outcome }) };
    case 'bridge.started':
      return { ...call, agentId: event.agentId, bridgedAt: call.bridgedAt ?? at, bridges: [...call.bridges ?? [], { agentId: event.agentId, from: at }] };
    case 'bridge.ended': return endBridge(call, event);
    case 'hold.started': return { ...call, holds: [...call.holds, { from: at }] };
    case 'hold.ended': return { ...call, holds: patch(call.holds, ({ to }) => to === undefined, { to: at }) };
    case 'recording.started': case 'recording.paused': case 'recording.resumed': case 'recording.stopped':
      return { ...call, recordings: foldRecording(call.recordings, event) };
    case 'recording.skipped': return { ...call, recordingSkipped: event.reason };
    case 'call.ended':
      return {
        ...call, endedAt: at, termination: event.termination,
        ...(event.lastAliveAt === undefined ? {} : { lastAliveAt: event.lastAliveAt }),
      };
    case 'wrap-up.started':
      return { ...call, wrapUpStartedAt: call.wrapUpStartedAt ?? at, wrapUps: [...call.wrapUps ?? [], { agentId: event.agentId, startedAt: at }] };
    case 'wrap-up.ended': return endWrapUp(call, event);
    default: return unknownEvent(event);
  }
}

/** A number that several customers share links to nobody: the candidates stay in `match`. */
function identify(call: Interaction, { match }: CallEventOf<'caller.identified'>): Interaction {
  if (match.kind !== 'one') return { ...call, match };
  const { customerId, displayName } = match.candidate.customer;
  return { ...call, match, customerId, customerName: displayName };
}

function leaveQueue(call: Interaction, { queueId, exit, at }: CallEventOf<'queue.left'>): Interaction {
  const queueStays = patch(call.queueStays, (stay) => stay.queueId === queueId && stay.leftAt === undefined, { leftAt: at, exit });
  return { ...call, queueStays, waitMs: sumOf(queueStays, ({ enteredAt, leftAt }) => lengthOf(enteredAt, leftAt)) };
}

/** A hold does not outlive its conversation. */
function endBridge(call: Interaction, { agentId, endedBy, at }: CallEventOf<'bridge.ended'>): Interaction {
  const bridges = patch(call.bridges ?? [], (bridge) => bridge.agentId === agentId && bridge.to === undefined, { to: at, endedBy });
  return {
    ...call, bridges, bridgeEndedAt: at,
    holds: patch(call.holds, ({ to }) => to === undefined, { to: at }),
    talkMs: sumOf(bridges, ({ from, to }) => lengthOf(from, to)),
  };
}

function endWrapUp(call: Interaction, event: CallEventOf<'wrap-up.ended'>): Interaction {
  const filed = {
    ...(event.disposition === undefined ? {} : { disposition: event.disposition }),
    ...(event.note === undefined ? {} : { note: event.note }),
  };
  const wrapUps = patch(
    call.wrapUps ?? [], (wrapUp) => wrapUp.agentId === event.agentId && wrapUp.endedAt === undefined,
    { endedAt: event.at, how: event.how, ...filed },
  );
  return { ...call, ...filed, wrapUps, wrapUpEndedAt: event.at };
}

/** Changes the last element that fits; a list without one is left as it is. */
function patch<T>(list: readonly T[], fits: (element: T) => boolean, change: Partial<T>): readonly T[] {
  const index = list.findLastIndex(fits);
  return list.map((element, at) => (at === index ? { ...element, ...change } : element));
}

const sumOf = <T>(list: readonly T[], length: (element: T) => Milliseconds): Milliseconds =>
  list.reduce((sum, element) => sum + length(element), 0);

const lengthOf = (from: EpochMs, to: EpochMs | undefined): Milliseconds => (to === undefined ? 0 : Math.max(0, to - from));

/** Compiles only when every type above has its case; runs when a newer program wrote the ledger. */
function unknownEvent(event: never): never {
  const { callId, seq, type } = event as CallEvent;
  if (typeof type === 'string') throw unfoldable({ callId, seq, type }, 'this version does not know the event');
  return assertNever(event);
}

const unfoldable = ({ callId, seq, type }: Pick<CallEvent, 'callId' | 'seq' | 'type'>, why: string): AppError => new AppError({
  code: 'interaction.unfoldable', category: 'bug', message: `${type} cannot be folded into the history: ${why}`,
  details: { callId, seq, type },
});
