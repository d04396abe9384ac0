import type { BreakReason } from '../model/agent-machine.ts';
import type { Digit } from '../model/digit.ts';
import type { CallId, UserId } from '../model/ids.ts';

/** How a request of an agent went; `refused` has a stable code and a sentence for her. */
export type DeskReply = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/**
 * What an agent can ask of the centre from her browser, apart from what her softphone does
 * by SIP (answer, reject, hang up). Implemented in `server/call`, driven by `server/ws`.
 * Nothing here rejects: what is not possible is a reply.
 */
export interface AgentDesk {
  /** Her first browser connected. Not said for a reload or a second tab: what she chose for after the call still holds. */
  signIn(agentId: UserId): Promise<DeskReply>;
  /** Her last browser is gone for longer than the grace period, or she signed out. */
  signOut(agentId: UserId): Promise<DeskReply>;
  goAvailable(agentId: UserId): Promise<DeskReply>;
  goOnBreak(agentId: UserId, reason: BreakReason): Promise<DeskReply>;
  /** Puts the customer on hold with music, or takes her back. */
  hold(agentId: UserId, callId: CallId, on: boolean): Promise<DeskReply>;
  /** Sends a key to the far end (a voice server that asks for one). */
  sendDigit(agentId: UserId, callId: CallId, digit: Digit): Promise<DeskReply>;
  /** Files the wrap-up: reason code and note; back to what she chose. */
  completeWrapUp(agentId: UserId, callId: CallId, wrapUp: { readonly disposition: string; readonly note: string }): Promise<DeskReply>;
}
