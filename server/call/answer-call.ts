import type { MediaTerms } from '../model/media-terms.ts';
import { Q850, type Termination } from '../model/termination.ts';
import type { CallServices } from './call-services.ts';
import type { LiveCall } from './live-call.ts';
import type { MediaLeg } from './ports.ts';

/** The caller answered, with media; or the call is over. */
export type AnswerResult =
  | { readonly kind: 'answered'; readonly media: MediaLeg }
  | { readonly kind: 'over'; readonly termination: Termination };

/** Opens the caller's media and answers with 200: an early offer is answered, a late one made. Never rejects. */
export async function answerCall(call: LiveCall, services: CallServices): Promise<AnswerResult> {
  try {
    return await (call.leg.invite.sdp === undefined ? answerWithOffer(call, services) : answerOffer(call, call.leg.invite.sdp, services));
  } catch (cause) {
    services.onFault(cause, 'answering a call');
    await call.leg.refuse({ status: 500, q850: Q850.temporaryFailure });
    return { kind: 'over', termination: { result: 'failed', reason: 'answer-fault', sipStatus: 500, q850: Q850.temporaryFailure } };
  }
}

async function answerOffer(call: LiveCall, offer: string, services: CallServices): Promise<AnswerResult> {
  const negotiated = await services.media.answerLeg({ callId: call.callId, legId: call.leg.legId, offer, ...termsOf(call) });
  if (negotiated.kind === 'unsupported') return notAcceptable(call, negotiated.reason);
  const { leg: media, sdp } = negotiated;
  call.scope.onClose(() => media.close());
  const answer = await call.leg.answer(sdp);
  if (answer.kind === 'gone') return { kind: 'over', termination: await call.terminationOfCaller() };
  return answered(call, media, services);
}

/** RFC 3264 §4, RFC 3261 §13.2.1: no offer in the INVITE, so ours goes into the 200 and the answer comes in the ACK. */
async function answerWithOffer(call: LiveCall, services: CallServices): Promise<AnswerResult> {
  const { leg: media, sdp } = await services.media.offerLeg({ callId: call.callId, legId: call.leg.legId, kind: 'rtp', ...termsOf(call) });
  call.scope.onClose(() => media.close());
  const answer = await call.leg.answer(sdp);
  if (answer.kind === 'gone') return { kind: 'over', termination: await call.terminationOfCaller() };
  const accepted = answer.ackSdp === undefined
    ? { kind: 'unsupported', reason: 'the ACK carried no answer' } as const
    : await media.acceptAnswer(answer.ackSdp);
  if (accepted.kind === 'unsupported') {
    const termination: Termination = { result: 'failed', reason: `no-media: ${accepted.reason}`, q850: Q850.bearerNotImplemented };
    await call.leg.hangUp(termination);
    return { kind: 'over', termination };
  }
  return answered(call, media, services);
}

const termsOf = ({ mediaTerms }: LiveCall): { readonly terms?: MediaTerms } => (mediaTerms === undefined ? {} : { terms: mediaTerms });

async function answered(call: LiveCall, media: MediaLeg, services: CallServices): Promise<AnswerResult> {
  // Whoever cannot be heard or hear is not kept waiting: in the menu, in the queue, in the conversation.
  void media.failed.then(({ reason }) => call.leg.hangUp({ result: 'failed', reason, q850: Q850.temporaryFailure }))
    .catch((cause: unknown) => services.onFault(cause, 'ending a call without media'));
  call.leg.onReoffer(async (sdp) => {
    const again = await media.reoffer(sdp);
    return again.kind === 'agreed' ? again.sdp : undefined;
  });
  call.scope.onClose(call.leg.onDigit((digit) => media.takeInfoKey(digit)));
  await call.note({ type: 'call.answered', legId: call.leg.legId });
  return { kind: 'answered', media };
}

async function notAcceptable(call: LiveCall, reason: string): Promise<AnswerResult> {
  await call.leg.refuse({ status: 488, q850: Q850.bearerNotImplemented });
  return {
    kind: 'over',
    termination: { result: 'refused', reason: `no-codec: ${reason}`, sipStatus: 488, q850: Q850.bearerNotImplemented },
  };
}
