import { likeliest, type CallerMatch } from '../model/caller-match.ts';
import type { Queue } from '../model/centre.ts';
import type { CustomerFile } from '../model/customer-file.ts';
import type { QueueEntry } from '../model/routing.ts';
import { Q850, type Termination } from '../model/termination.ts';
import type { EpochMs } from '../base/time.ts';
import type { WaitingCall } from '../routing/dispatcher.ts';
import { headStartOf, queueKey } from '../routing/head-start.ts';
import type { CallHost } from './call-host.ts';
import type { CallServices } from './call-services.ts';
import type { LiveCall } from './live-call.ts';
import { offerCall, type ConnectedAgent } from './offer-call.ts';
import type { MediaLeg } from './ports.ts';

export interface QueueRequest {
  readonly call: LiveCall;
  readonly caller: MediaLeg;
  readonly match: CallerMatch;
  readonly file: Promise<CustomerFile | undefined>;
  readonly queue: Queue;
  /** A caller who comes back after losing an agent keeps the place of the first time. */
  readonly enqueuedAt?: EpochMs;
  readonly host: CallHost;
}

/** How the wait ended. */
export type QueueResult =
  | { readonly kind: 'connected'; readonly agent: ConnectedAgent; readonly enqueuedAt: EpochMs }
  | { readonly kind: 'over'; readonly termination: Termination };

/**
 * Lets a caller wait with music until an agent has accepted, in the order of the key.
 * @returns `over` when the caller gave up, or the call could not be kept. Never rejects.
 */
export async function queueCall(request: QueueRequest, services: CallServices): Promise<QueueResult> {
  const { call, caller, queue } = request;
  const entry = entryFor(request, services);
  await call.note({ type: 'queue.entered', queueId: queue.queueId, enqueuedAt: entry.enqueuedAt, key: entry.key, headStart: entry.headStart });
  const music = caller.play([{ kind: 'music' }], { loop: true });
  let waiting: WaitingCall | undefined;
  try {
    waiting = await services.enterQueue(entry);
    const agent = await untilAccepted(waiting, { request, enqueuedAt: entry.enqueuedAt }, services);
    await call.note({ type: 'queue.left', queueId: queue.queueId, exit: 'answered' });
    return { kind: 'connected', agent, enqueuedAt: entry.enqueuedAt };
  } catch (cause) {
    if (!call.gone.aborted) services.onFault(cause, 'waiting in a queue');
    const termination: Termination = call.gone.aborted
      ? await call.terminationOfCaller()
      : { result: 'failed', reason: 'queue-fault', sipStatus: 500, q850: Q850.temporaryFailure };
    await waiting?.leave().catch((fault: unknown) => services.onFault(fault, 'leaving a queue'));
    // Whom we hung up on, or the network did, has not given up: figures of patience must not count her.
    await call.note({ type: 'queue.left', queueId: queue.queueId, exit: termination.result === 'caller' ? 'abandoned' : 'system' });
    return { kind: 'over', termination };
  } finally {
    music.stop();
  }
}

/** @throws the reason of `call.gone` when the caller gives up; what the dispatcher throws. */
async function untilAccepted(
  waiting: WaitingCall,
  { request, enqueuedAt }: { readonly request: QueueRequest; readonly enqueuedAt: EpochMs },
  services: CallServices,
): Promise<ConnectedAgent> {
  const { call, match, queue, host } = request;
  const file = await request.file;
  for (;;) {
    const offer = await waiting.nextOffer(call.gone);
    const context = { call, match, file, queue, enqueuedAt, withdrawn: host.openOffer(offer.offerId) };
    const result = await offerCall(offer, context, services).finally(() => host.closeOffer(offer.offerId));
    try {
      await waiting.settle(offer.offerId, result.outcome);
    } catch (cause) {
      if (result.outcome === 'accepted') await release(result.agent, call, services);
      throw cause;
    }
    if (result.outcome === 'accepted') return result.agent;
  }
}

/** An agent who has answered a call that cannot be given to her is free again, at once. */
async function release({ agentId, leg, media }: ConnectedAgent, call: LiveCall, services: CallServices): Promise<void> {
  await leg.hangUp({ result: 'failed', reason: 'queue-fault', q850: Q850.temporaryFailure });
  await media.close();
  await services.roster.post(agentId, { type: 'call-ended', at: services.clock(), callId: call.callId, wrapUpMs: 0 });
}

function entryFor({ call, match, queue, enqueuedAt: earlier }: QueueRequest, { clock }: CallServices): QueueEntry {
  const enqueuedAt = earlier ?? clock();
  const customer = likeliest(match);
  const headStart = headStartOf(customer, queue.policy);
  return {
    tenantId: call.tenantId,
    callId: call.callId,
    queueId: queue.queueId,
    enqueuedAt,
    key: queueKey(enqueuedAt, headStart),
    headStart,
    ...(queue.requiredSkill === undefined ? {} : { requiredSkill: queue.requiredSkill }),
    language: call.language,
    ...(customer ? { customerId: customer.customerId, tier: customer.tier } : {}),
    declines: [],
  };
}
