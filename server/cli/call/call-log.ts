import type { Termination } from '../../model/termination.ts';
import type { DialOutcome } from '../../sip/outbound/sip-caller.ts';

/** Prints what happens, each line with the seconds since the call began. */
export class CallLog {
  readonly #print: (line: string) => void;
  #startedAt = performance.now();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** The call begins now: the INVITE leaves. */
  start(): void {
    this.#startedAt = performance.now();
  }

  /** Milliseconds since the call began. */
  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  say(line: string): void {
    this.#print(`[${(this.elapsedMs / 1000).toFixed(2).padStart(6)} s] ${line}`);
  }
}

const CAUSES: Readonly<Record<number, string>> = {
  1: 'unallocated number', 16: 'normal clearing', 17: 'user busy', 18: 'no user responding', 19: 'no answer', 21: 'call rejected',
  31: 'normal, unspecified', 41: 'temporary failure', 65: 'bearer capability not implemented', 102: 'recovery on timer expiry', 127: 'interworking',
};

const STATUSES: Readonly<Record<number, string>> = {
  400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 408: 'Request Timeout', 480: 'Temporarily Unavailable', 486: 'Busy Here',
  487: 'Request Terminated', 488: 'Not Acceptable Here', 500: 'Server Internal Error', 503: 'Service Unavailable', 603: 'Decline',
};

const cause = (q850: number): string => `Q.850 ${q850}${CAUSES[q850] === undefined ? '' : ` ${CAUSES[q850]}`}`;

const listed = (parts: readonly (string | undefined)[]): string => {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
};

/** Says why a call was not answered. */
export function describeRefusal(outcome: Exclude<DialOutcome, { kind: 'answered' }>): string {
  if (outcome.kind === 'unsent') return `not sent: ${outcome.reason}`;
  const name = STATUSES[outcome.sipStatus];
  const facts = listed([outcome.q850 === undefined ? undefined : cause(outcome.q850), outcome.text]);
  return `refused with ${outcome.sipStatus}${name === undefined ? '' : ` ${name}`}${facts}`;
}

/** Says how an answered call ended, seen from the caller. */
export function describeEnd({ result, reason, sipStatus, q850 }: Termination): string {
  const facts = listed([sipStatus === undefined ? undefined : `SIP ${sipStatus}`, q850 === undefined ? undefined : cause(q850)]);
  if (result === 'agent') return `ended by the far end${facts}`;
  if (result === 'caller') return `ended by us: ${reason}${facts}`;
  return `failed: ${reason}${facts}`;
}
