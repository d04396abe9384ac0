import type { Logger } from 'pino';
import type { AgentInvitation, InvitationOutcome } from '../../call/ports.ts';
import type { SipDialog, SipStack } from '../drachtio/messages.ts';
import { isWebSocket } from '../drachtio/web-socket.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { formatFrom } from '../headers/display-name.ts';
import { sipUri, type SipUri } from '../headers/request-uri.ts';
import { askForSessionTimer } from '../headers/session-timer.ts';
import type { HeaderFields } from '../headers/sip-headers.ts';
import { AgentSipLeg } from '../leg/agent-sip-leg.ts';
import type { Binding, Bindings, Flow } from '../registrar/bindings.ts';
import { Settlement } from '../settlement.ts';
import { ring, type Ringing, type RingOutcome } from './ring.ts';

/** What an {@link AgentRinger} works with. */
export interface AgentRingerOptions {
  readonly realm: string;
  readonly bindings: Bindings;
  /** The stack to send with; nothing while the SIP server is out of reach. */
  readonly stack: () => SipStack | undefined;
  /** Hears of each answered leg, in the turn of the loop in which it is made. */
  readonly onLeg: (leg: AgentSipLeg) => void;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
}

/** Why ringing stopped before a final response. */
type Stop = 'timeout' | 'rescinded' | 'signalling-lost';

const MAX_ATTEMPTS = 3;
/** Busy here, temporarily unavailable, busy everywhere, decline: she will not take it (RFC 3261 §21.4, §21.6). */
const REJECTIONS: ReadonlySet<number> = new Set([480, 486, 600, 603]);
/** The softphone behind this contact is gone: timeout, not found, gone, flow failed (RFC 5626 §11.5), no route. */
const DEAD_CONTACT: ReadonlySet<number> = new Set([404, 408, 410, 430, 503]);

/**
 * Rings an agent's softphone.
 * @remarks One contact at a time, the newest first, the next only when it cannot be reached. Not all at once: the
 *   offer names one set of media ports, and two tabs that answer would fight over it. The newest tab is the one she
 *   opened last, and the browser's tabs elect one leader among themselves that registers.
 */
export class AgentRinger {
  readonly #options: AgentRingerOptions;
  readonly #ringing = new Set<Settlement<Stop>>();

  constructor(options: AgentRingerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async invite(invitation: AgentInvitation, signal: AbortSignal): Promise<InvitationOutcome> {
    if (signal.aborted) return { kind: 'rescinded' };
    const contacts = this.#options.bindings.listByAgent(invitation.agentId).slice(0, MAX_ATTEMPTS);
    if (contacts.length === 0) return { kind: 'failed', reason: 'not-registered' };
    const stop = new Settlement<Stop>();
    const onAbort = (): void => stop.settle('rescinded');
    const timer = setTimeout(() => stop.settle('timeout'), invitation.ringTimeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#ringing.add(stop);
    try {
      return await this.#ringInTurn(contacts, invitation, stop.promise);
    } catch (cause) {
      this.#options.onFault(cause);
      return { kind: 'failed', reason: 'fault' };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#ringing.delete(stop);
    }
  }

  /** Ends every ringing as failed: the SIP server is out of reach. */
  lose(): void {
    for (const stop of this.#ringing) stop.settle('signalling-lost');
  }

  async #ringInTurn(contacts: readonly Binding[], invitation: AgentInvitation, stopped: Promise<Stop>): Promise<InvitationOutcome> {
    let outcome: InvitationOutcome = { kind: 'failed', reason: 'not-registered' };
    for (const contact of contacts) {
      const stack = this.#options.stack();
      if (stack === undefined) return { kind: 'failed', reason: 'signalling-lost' };
      const result = await this.#ringContact(stack, contact, { invitation, stopped });
      if (typeof result === 'string') return stoppedAs(result);
      if (result.kind === 'answered') return result;
      outcome = outcomeOf(result);
      if (outcome.kind === 'rejected') return outcome;
      if (result.kind === 'unsent' || DEAD_CONTACT.has(result.sipStatus)) this.#options.bindings.remove(contact);
      this.#options.logger?.warn({ agentId: invitation.agentId, legId: invitation.legId, outcome }, 'softphone not reached');
    }
    return outcome;
  }

  async #ringContact(
    stack: SipStack, contact: Binding, { invitation, stopped }: { readonly invitation: AgentInvitation; readonly stopped: Promise<Stop> },
  ): Promise<RingOutcome<AgentSipLeg> | Stop> {
    const hasSessionTimer = !isWebSocket(contact.flow.protocol); // SIP.js knows none.
    const ringing = ring<AgentSipLeg>(stack, {
      uri: contact.contactUri,
      ...(contact.path === undefined ? { proxy: nextHop(contact.flow) } : {}),
      sdpOffer: invitation.sdpOffer,
      // RFC 3327 §5.3: the path is the route to the contact, and its first hop the next.
      headers: { ...this.#headers(invitation), Route: contact.path?.join(', '), ...(hasSessionTimer ? askForSessionTimer() : {}) },
      adopt: (dialog) => this.#adopt(dialog, invitation, hasSessionTimer),
    });
    const result = await Promise.race([ringing.outcome, stopped]);
    if (typeof result === 'string') giveUp(ringing, result);
    return result;
  }

  #adopt(dialog: SipDialog, { legId, callId }: AgentInvitation, hasSessionTimer: boolean): AgentSipLeg {
    const { onFault, logger } = this.#options;
    const leg = new AgentSipLeg(dialog, { legId, onFault, hasSessionTimer, logger: logger?.child({ callId, sipCallId: dialog.sip.callId }) });
    this.#options.onLeg(leg);
    return leg;
  }

  #headers(invitation: AgentInvitation): HeaderFields {
    const from = { user: invitation.callerNumber, host: this.#options.realm, ...(invitation.callerName === undefined ? {} : { name: invitation.callerName }) };
    return { From: formatFrom(from), Allow: ALLOW, 'X-Allo-Call': invitation.callId, 'X-Allo-Offer': invitation.offerId };
  }
}

/** Cancels; an answer that came in the same turn of the loop is hung up again. */
function giveUp(ringing: Ringing<AgentSipLeg>, stop: Stop): void {
  const because = stop === 'timeout' ? { reason: 'no-answer', sipStatus: 408 } : { reason: stop, sipStatus: 487 };
  ringing.cancel(because);
  void ringing.outcome.then((late) => (late.kind === 'answered' ? late.leg.hangUp({ result: 'system', ...because }) : undefined));
}

const stoppedAs = (stop: Stop): InvitationOutcome =>
  (stop === 'signalling-lost' ? { kind: 'failed', reason: stop } : { kind: stop });

function outcomeOf(result: Exclude<RingOutcome<AgentSipLeg>, { kind: 'answered' }>): InvitationOutcome {
  if (result.kind === 'unsent') return { kind: 'failed', reason: 'unreachable' };
  if (REJECTIONS.has(result.sipStatus)) return { kind: 'rejected', sipStatus: result.sipStatus };
  return { kind: 'failed', sipStatus: result.sipStatus, reason: `sip-${result.sipStatus}` };
}

/** The flow as a next hop (RFC 5626 §5.3); an IPv6 address in brackets. @throws AppError `sip.unsafe-uri`. */
export function nextHop(flow: Flow): SipUri {
  const host = flow.address.includes(':') && !flow.address.startsWith('[') ? `[${flow.address}]` : flow.address;
  return sipUri(`sip:${host}:${flow.port};transport=${flow.protocol}`);
}
