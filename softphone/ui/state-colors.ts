import type { AgentStateName } from '../../server/model/agent-machine.ts';
import type { PhoneStateName } from '../phone/phone-machine.ts';
import type { ChurnLight, Tier } from '../../server/model/value.ts';

/** The colour of each agent state, the same on every desk; never the only sign of it. */
export const STATE_COLORS: Readonly<Record<AgentStateName, string>> = {
  offline: 'gray', available: 'green', 'on-break': 'yellow', offered: 'orange', 'on-call': 'blue', 'wrap-up': 'grape',
};

/** The colour of each state of the softphone. */
export const PHONE_COLORS: Readonly<Record<PhoneStateName, string>> = {
  disconnected: 'red', registering: 'yellow', registered: 'green', ringing: 'orange', dialling: 'orange', answering: 'orange', 'in-call': 'blue', ended: 'gray',
};

/** The colour of each value tier. */
export const TIER_COLORS: Readonly<Record<Tier, string>> = { platinum: 'violet', gold: 'yellow', silver: 'gray', bronze: 'orange' };

/** The colour of each churn light. */
export const CHURN_COLORS: Readonly<Record<ChurnLight, string>> = { green: 'green', amber: 'yellow', red: 'red' };
