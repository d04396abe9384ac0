import { withDeadline } from '../../base/deadline.ts';
import type { Milliseconds } from '../../base/time.ts';
import type { CallHost } from '../call-host.ts';
import type { CallServices } from '../call-services.ts';
import type { ConnectedAgent } from '../offer-call.ts';
import { ConversationRecording, type ConversationRecordingOptions } from './conversation-recording.ts';
import { onKeySequence } from './key-sequence.ts';

/** The end of a call waits this long for a slow disk; the file is finished all the same, or closed at the next start. */
const END_LIMIT_MS: Milliseconds = 5_000;

/**
 * Records a conversation as its policy says, and as desks, supervisors and the agent's telephone
 * ask, from its beginning on.
 * @returns what ends it; the call is not over before the recording is whole. Never throws.
 */
export function recordConversation(
  options: ConversationRecordingOptions, agent: ConnectedAgent, { host, services }: { readonly host: CallHost; readonly services: CallServices },
): () => void {
  const { call, policy } = options;
  const recording = new ConversationRecording(options);
  host.setRecording(call, recording);
  void recording.begin();
  const stopListening = policy.agentKeys === undefined ? () => undefined : agent.media.onDigit(
    onKeySequence(policy.agentKeys, services.clock, () => void recording.toggle({ userId: agent.agentId, language: call.language, by: 'keys' })),
  );
  return () => {
    stopListening();
    host.setRecording(call, undefined);
    const ended = recording.end();
    call.scope.onClose(() => withDeadline(END_LIMIT_MS, () => ended));
  };
}
