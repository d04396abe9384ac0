import type { AgentDesk } from '../call/desk.ts';

/** A desk whose centre is made a moment later: nobody is signed in before. */
export const lateDesk = (centre: () => AgentDesk): AgentDesk => ({
  signIn: (agentId) => centre().signIn(agentId),
  signOut: (agentId) => centre().signOut(agentId),
  goAvailable: (agentId) => centre().goAvailable(agentId),
  goOnBreak: (agentId, reason) => centre().goOnBreak(agentId, reason),
  hold: (agentId, callId, on) => centre().hold(agentId, callId, on),
  sendDigit: (agentId, callId, digit) => centre().sendDigit(agentId, callId, digit),
  completeWrapUp: (agentId, callId, wrapUp) => centre().completeWrapUp(agentId, callId, wrapUp),
});
