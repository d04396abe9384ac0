import type { OfferId } from '../model/ids.ts';
import type { LiveCall } from './live-call.ts';
import type { ConversationRecording } from './recording/conversation-recording.ts';
import type { Conversation } from './talk.ts';

/** What the centre lends to the story of one call, so that desks and rosters can reach into it. */
export interface CallHost {
  /** A conversation began (or, with nothing, ended): the agent's desk can steer it. */
  setConversation(call: LiveCall, conversation: Conversation | undefined): void;
  /** What the conversation is recorded by (or, with nothing, was): desks and supervisors can steer it. */
  setRecording(call: LiveCall, recording: ConversationRecording | undefined): void;
  /** @returns the signal that ends a ringing offer when its agent leaves. */
  openOffer(offerId: OfferId): AbortSignal;
  /** The offer has ended; its signal is forgotten. */
  closeOffer(offerId: OfferId): void;
}
