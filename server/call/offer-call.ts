import type { CallerMatch } from '../model/caller-match.ts';
import { likeliest } from '../model/caller-match.ts';
import type { CustomerFile } from '../model/customer-file.ts';
import type { AgentEvent } from '../model/agent-machine.ts';
import { asId, type LegId } from '../model/ids.ts';
import { describeCallingNumber } from '../model/phone-number.ts';
import { Q850 } from '../model/termination.ts';
import type { Offer, OfferOutcome } from '../model/routing.ts';
import type { Queue } from '../model/centre.ts';
import type { EpochMs } from '../base/time.ts';
import { newId } from '../base/new-id.ts';
import { buildScreenPop } from './build-screen-pop.ts';
import type { CallServices } from './call-services.ts';
import type { LiveCall } from './live-call.ts';
import type { AgentLeg, InvitationOutcome, MediaLeg } from './ports.ts';

/** What an offer needs to know of the call and of its stay in the queue. */
export interface OfferContext {
  readonly call: LiveCall;
  readonly match: CallerMatch;
  readonly file: CustomerFile | undefined;
  readonly queue: Queue;
  readonly enqueuedAt: EpochMs;
  /** Fires when the agent leaves while it rings. */
  readonly withdrawn: AbortSignal;
}

/** The agent's side of a call that was accepted. */
export interface ConnectedAgent {
  readonly agentId: Offer['agentId'];
  readonly leg: AgentLeg;
  readonly media: MediaLeg;
}

/** How one offer ended; only `accepted` has an agent. */
export type OfferResult =
  | { readonly outcome: 'accepted'; readonly agent: ConnectedAgent }
  | { readonly outcome: Exclude<OfferOutcome, 'accepted'> };

/**
 * Offers a call to one agent: the pop first, then the ring (invariant 4).
 * @returns once the agent answered, declined, let it ring out, could not be reached, or the
 *   caller gave up. The agent's machine has moved on by then. Never rejects.
 */
export async function offerCall(offer: Offer, context: OfferContext, services: CallServices): Promise<OfferResult> {
  const { call } = context;
  const { agentId, offerId } = offer;
  await call.note({ type: 'offer.made', offerId, agentId, receipt: offer.receipt });
  const taken = await services.roster.post(agentId, { type: 'offer', at: services.clock(), callId: call.callId, offerId });
  const rung = taken === 'moved'
    ? await popAndRing(offer, context, services)
    : { outcome: 'failed' } as const;
  const result = await tellAgent(rung, offer, services);
  if (result.outcome !== 'accepted') services.screens.retract(agentId, offerId);
  await call.note({ type: 'offer.ended', offerId, agentId, outcome: result.outcome });
  return result;
}

/** Moves the agent's machine on. An agent who signed out as she answered is nobody to talk to: the next one is. */
async function tellAgent(rung: OfferResult, offer: Offer, services: CallServices): Promise<OfferResult> {
  const told = await services.roster.post(offer.agentId, agentEventFor(rung.outcome, offer, services.clock()));
  if (rung.outcome !== 'accepted' || told === 'moved') return rung;
  await rung.agent.leg.hangUp({ result: 'failed', reason: 'agent-signed-out', q850: Q850.temporaryFailure });
  await rung.agent.media.close();
  return { outcome: 'failed' };
}

async function popAndRing(offer: Offer, context: OfferContext, services: CallServices): Promise<OfferResult> {
  const { call, queue, withdrawn } = context;
  const stop = AbortSignal.any([call.gone, withdrawn]);
  const legId = asId<LegId>(newId());
  let media: MediaLeg | undefined;
  try {
    const [shown, offered] = await Promise.all([
      sendPop(offer, context, services),
      services.media.offerLeg({ callId: call.callId, legId, kind: 'webrtc' }),
    ]);
    media = offered.leg;
    await call.note({ type: 'pop.sent', offerId: offer.offerId, agentId: offer.agentId, acked: shown });
    const customer = likeliest(context.match);
    const invited = await services.signalling.inviteAgent({
      agentId: offer.agentId, callId: call.callId, offerId: offer.offerId, legId,
      sdpOffer: offered.sdp,
      callerNumber: describeCallingNumber(call.calling),
      ...(customer ? { callerName: customer.displayName } : {}),
      ringTimeoutMs: queue.policy.ringTimeoutMs,
    }, stop);
    return await conclude(invited, { offer, media, withdrawn });
  } catch (cause) {
    services.onFault(cause, 'offering a call');
    await media?.close();
    return { outcome: 'failed' };
  }
}

async function sendPop(offer: Offer, context: OfferContext, services: CallServices): Promise<boolean> {
  const pop = buildScreenPop({ ...context, offer, clock: services.clock });
  return await services.screens.pop(offer.agentId, pop, services.limits.popAckTimeoutMs) === 'shown';
}

interface Conclusion {
  readonly offer: Offer;
  readonly media: MediaLeg;
  readonly withdrawn: AbortSignal;
}

async function conclude(invited: InvitationOutcome, { offer, media, withdrawn }: Conclusion): Promise<OfferResult> {
  if (invited.kind !== 'answered') {
    await media.close();
    // An agent who left is a failure of the offer; a caller who left rescinds it.
    return { outcome: invited.kind === 'rescinded' && withdrawn.aborted ? 'failed' : invited.kind };
  }
  const negotiated = await media.acceptAnswer(invited.sdpAnswer);
  if (negotiated.kind === 'unsupported') {
    await invited.leg.hangUp({ result: 'failed', reason: `agent-media: ${negotiated.reason}`, q850: Q850.bearerNotImplemented });
    await media.close();
    return { outcome: 'failed' };
  }
  return { outcome: 'accepted', agent: { agentId: offer.agentId, leg: invited.leg, media } };
}

function agentEventFor(outcome: OfferOutcome, offer: Offer, at: EpochMs): AgentEvent {
  const type = ({
    accepted: 'answer', rejected: 'reject', timeout: 'no-answer', rescinded: 'rescind', failed: 'offer-failed',
  } as const)[outcome];
  return { type, at, offerId: offer.offerId };
}
