import type { AgentDesk, DeskReply } from '../call/desk.ts';
import { asId, type CallId, type UserId } from '../model/ids.ts';
import type { ClientFrame } from '../wire/frames.ts';

/** A frame that asks the desk for something, and is answered `done` or `refused`. */
export type CommandFrame = Exclude<ClientFrame, { type: 'follow' | 'resync' | 'ping' | 'pop-shown' }>;

/** Asks the desk for what a frame wants, in the name of the agent whose browser sent it. */
export function carryOut(desk: AgentDesk, agentId: UserId, frame: CommandFrame): Promise<DeskReply> {
  switch (frame.type) {
    case 'go-available':
      return desk.goAvailable(agentId);
    case 'go-on-break':
      return desk.goOnBreak(agentId, frame.reason);
    case 'hold':
      return desk.hold(agentId, asId<CallId>(frame.callId), frame.on);
    case 'send-digit':
      return desk.sendDigit(agentId, asId<CallId>(frame.callId), frame.digit);
    case 'complete-wrap-up':
      return desk.completeWrapUp(agentId, asId<CallId>(frame.callId), { disposition: frame.disposition, note: frame.note });
  }
}
