import { asId, type LegId } from '../../model/ids.ts';
import { newId } from '../../base/new-id.ts';
import type { Termination } from '../../model/termination.ts';
import { DrachtioConnection, type DrachtioAddress } from '../drachtio/connection.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { formatFrom } from '../headers/display-name.ts';
import { parseReason } from '../headers/reason.ts';
import { sipUri, userPart } from '../headers/request-uri.ts';
import type { HeaderFields } from '../headers/sip-headers.ts';
import { SipLeg } from '../leg/sip-leg.ts';
import { ring, type Ringing } from './ring.ts';

/** A call to place. */
export interface DialRequest {
  /** The number dialled: user part of the Request-URI. */
  readonly to: string;
  /** Host and port of the SIP server called. */
  readonly server: { readonly host: string; readonly port: number };
  /** The calling number, for From and P-Asserted-Identity (RFC 3325 §9.1), or `anonymous`. */
  readonly from: string;
  readonly sdpOffer: string;
  /** Hears of 180 and 183. */
  readonly onProvisional: (status: number) => void;
}

/** How a call that we placed was taken. */
export type DialOutcome =
  | { readonly kind: 'answered'; readonly leg: CallerLeg; readonly sdpAnswer: string }
  | { readonly kind: 'refused'; readonly sipStatus: number; readonly q850?: number; readonly text?: string }
  /** It could not be sent at all. */
  | { readonly kind: 'unsent'; readonly reason: string };

/** Our end of a call that was answered. */
export interface CallerLeg {
  readonly ended: Promise<Termination>;
  hangUp(termination: Termination): Promise<void>;
}

/** A call under way. */
export interface Dialling {
  readonly outcome: Promise<DialOutcome>;
  cancel(): void;
}

/** A telephone for the command line: places calls through a drachtio server. */
export class SipCaller {
  readonly #onFault: (cause: unknown) => void;
  readonly #legs = new Set<SipLeg>();
  #connection: DrachtioConnection | undefined;

  private constructor(onFault: (cause: unknown) => void) {
    this.#onFault = onFault;
  }

  /** @throws AppError `sip.server-unreachable`, `sip.secret-refused`. */
  static async connect(address: DrachtioAddress, onFault: (cause: unknown) => void): Promise<SipCaller> {
    const caller = new SipCaller(onFault);
    caller.#connection = await DrachtioConnection.connect({
      address,
      serve: (stack) => stack.use('invite', (_, response) => response.send(480)),
      onLost: () => {
        for (const leg of caller.#legs) leg.tell({ type: 'signalling-lost' });
      },
      onFault,
    });
    return caller;
  }

  /** Sends the INVITE. Nothing rejects. @throws AppError `sip.unsafe-uri`, `sip.unsafe-header` for a host that is none. */
  dial(request: DialRequest): Dialling {
    const stack = this.#connection?.stack;
    if (stack === undefined) return { outcome: Promise.resolve({ kind: 'unsent', reason: 'not connected' }), cancel: () => undefined };
    const host = uriHost(request.server.host);
    const ringing = ring<SipLeg>(stack, {
      uri: sipUri(`sip:${userPart(request.to)}@${host}:${request.server.port}`),
      sdpOffer: request.sdpOffer,
      headers: { ...identityHeaders(request.from, host), Allow: ALLOW },
      onProvisional: (status) => request.onProvisional(status),
      adopt: (dialog) => {
        const leg = new SipLeg({ legId: asId<LegId>(newId()), farEnd: 'agent', initial: { name: 'confirmed' }, onFault: this.#onFault });
        leg.attach(dialog, false);
        this.#legs.add(leg);
        void leg.ended.then(() => this.#legs.delete(leg));
        return leg;
      },
    });
    return { outcome: outcomeOf(ringing), cancel: () => ringing.cancel({ reason: 'caller-gave-up' }) };
  }

  async close(): Promise<void> {
    for (const leg of [...this.#legs]) await leg.post({ type: 'hang-up', termination: { result: 'caller', reason: 'closed', q850: 16 } });
    await this.#connection?.close();
  }
}

async function outcomeOf(ringing: Ringing<SipLeg>): Promise<DialOutcome> {
  const outcome = await ringing.outcome;
  switch (outcome.kind) {
    case 'answered': {
      const { leg, sdpAnswer } = outcome;
      return { kind: 'answered', sdpAnswer, leg: { ended: leg.ended, hangUp: (termination) => leg.post({ type: 'hang-up', termination }) } };
    }
    case 'refused': {
      const { q850, text } = parseReason(outcome.reasonHeader);
      return { kind: 'refused', sipStatus: outcome.sipStatus, ...(q850 === undefined ? {} : { q850 }), ...(text === undefined ? {} : { text }) };
    }
    case 'unsent':
      return outcome;
  }
}

/** RFC 3325 §9.1; for a caller who hides her number RFC 3323 §4.1. */
function identityHeaders(from: string, host: string): HeaderFields {
  if (from === 'anonymous') return { From: '"Anonymous" <sip:anonymous@anonymous.invalid>', Privacy: 'id' };
  const identity = formatFrom({ user: from, host });
  return { From: identity, 'P-Asserted-Identity': identity };
}

const uriHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
