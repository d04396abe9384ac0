import { identifyCaller } from '../crm/identify-caller.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import type { EntryPoint, Queue } from '../model/centre.ts';
import { Q850, type Termination } from '../model/termination.ts';
import { answerCall } from './answer-call.ts';
import { loadFileInTime } from './build-screen-pop.ts';
import type { CallHost } from './call-host.ts';
import type { CallServices } from './call-services.ts';
import type { LiveCall } from './live-call.ts';
import type { MediaLeg } from './ports.ts';
import { queueCall } from './queue-call.ts';
import { prepareRecording } from './recording/prepare-recording.ts';
import { recordConversation } from './recording/record-conversation.ts';
import { Conversation } from './talk.ts';

/**
 * One admitted call, from the answer to the last goodbye, top to bottom: identify while
 * answering, ask what it is about, wait in value order, talk. Stages return values and never
 * call the next one; their order is known here only.
 * @returns how the call ended. Never rejects.
 */
export async function runInboundCall(call: LiveCall, entryPoint: EntryPoint, host: CallHost, services: CallServices): Promise<Termination> {
  try {
    const identified = identify(call, services);
    const answer = await answerCall(call, services);
    const match = await identified;
    if (answer.kind === 'over') return answer.termination;

    const request = await askWhatFor(call, { entryPoint, media: answer.media, match }, services);
    if (request.kind === 'over') return request.termination;

    return await serve(call, { caller: answer.media, match, queue: request.queue }, { host, services });
  } catch (cause) {
    services.onFault(cause, 'running a call');
    return { result: 'failed', reason: 'internal-error', sipStatus: 500, q850: Q850.temporaryFailure };
  }
}

/** Looks the caller up while she is being answered; the call never waits longer than the deadline. */
async function identify(call: LiveCall, services: CallServices): Promise<CallerMatch> {
  const from = services.clock();
  const { tenantId, calling } = call;
  const match = await identifyCaller(services.directory, { tenantId, calling }, services.limits.lookUpDeadlineMs);
  await call.note({ type: 'caller.identified', match, tookMs: services.clock() - from });
  return match;
}

interface Answered {
  readonly entryPoint: EntryPoint;
  readonly media: MediaLeg;
  readonly match: CallerMatch;
}

type Request = { readonly kind: 'queue'; readonly queue: Queue } | { readonly kind: 'over'; readonly termination: Termination };

/** Runs the flow of the number dialled; a fault in it still leads to a person. */
async function askWhatFor(call: LiveCall, { entryPoint, media, match }: Answered, services: CallServices): Promise<Request> {
  const facts: Promise<unknown>[] = [];
  const outcome = await services.runIvr({
    tenantId: call.tenantId,
    flowId: entryPoint.flowId,
    device: media,
    match,
    onEntered: ({ flowId, version, language }) => {
      facts.push(call.note({ type: 'ivr.entered', flowId, flowVersion: version, language }));
    },
    onStep: ({ nodeId, input }) => {
      facts.push(call.note({ type: 'ivr.stepped', nodeId, ...(input === undefined ? {} : { input }) }));
    },
  }, call.gone);
  await Promise.all(facts);
  call.language = outcome.language;
  call.ivrPath = outcome.path;
  if ('intent' in outcome) call.intent = outcome.intent;
  const gone = outcome.kind === 'caller-gone' ? await call.terminationOfCaller() : undefined;
  if (call.state.name === 'in-ivr') {
    await call.note({
      type: 'ivr.finished', outcome: outcome.kind, language: outcome.language,
      ...(call.intent === undefined ? {} : { intent: call.intent }),
    });
  }
  if (gone) return { kind: 'over', termination: gone };
  if (outcome.kind === 'failed') services.onFault(outcome.cause, 'running a flow');
  if (outcome.kind === 'goodbye') return over({ result: 'system', reason: 'flow-goodbye', q850: Q850.normalClearing });
  const key = outcome.kind === 'queue' ? outcome.queueKey : outcome.kind === 'failed' ? outcome.fallbackQueueKey : '';
  const queue = [...services.queues.values()].find((one) => one.tenantId === call.tenantId && one.key === key);
  if (!queue) return over({ result: 'failed', reason: `no-queue: ${key}`, q850: Q850.temporaryFailure });
  return { kind: 'queue', queue };
}

const over = (termination: Termination): Request => ({ kind: 'over', termination });

interface ToServe {
  readonly caller: MediaLeg;
  readonly match: CallerMatch;
  readonly queue: Queue;
}

/** Waits for an agent and talks; a customer whose agent is lost goes back to her old place in the queue. */
async function serve(call: LiveCall, { caller, match, queue }: ToServe, { host, services }: { host: CallHost; services: CallServices }): Promise<Termination> {
  const file = loadFileInTime(services.directory, call, match, { deadlineMs: services.limits.fileDeadlineMs, onFault: services.onFault });
  const recordable = await prepareRecording({ call, caller, match, file, queue }, services);
  let enqueuedAt: Parameters<typeof queueCall>[0]['enqueuedAt'];
  for (;;) {
    const waited = await queueCall({
      call, caller, match, file, queue, host, ...(enqueuedAt === undefined ? {} : { enqueuedAt }),
    }, services);
    if (waited.kind === 'over') return waited.termination;
    enqueuedAt = waited.enqueuedAt;

    const conversation = new Conversation(call, caller, waited.agent, services);
    host.setConversation(call, conversation);
    const endRecording = recordConversation(recordable, waited.agent, { host, services });
    const talked = await conversation.run(match).finally(async () => {
      endRecording();
      host.setConversation(call, undefined);
      const { agentId } = waited.agent;
      await services.roster.post(agentId, { type: 'call-ended', at: services.clock(), callId: call.callId, wrapUpMs: queue.policy.wrapUpMs });
    });
    if (talked.kind === 'over') return talked.termination;
  }
}
