import type { SipCredential, SipCredentials } from '../../access/ports.ts';
import { epochMs, type Clock, type EpochMs } from '../../base/time.ts';
import { DigestAuthenticator } from '../digest/authenticator.ts';
import type { DigestAlgorithm } from '../digest/response.ts';
import type { ResponseContent, SipRequest } from '../drachtio/messages.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import type { Binding, Bindings, Flow } from './bindings.ts';
import { readContacts, type ContactRequest } from './contacts.ts';

/** How a REGISTER is answered, and what it came to. */
export interface RegistrarReply {
  readonly status: number;
  readonly content: ResponseContent;
  readonly outcome: 'registered' | 'unregistered' | 'listed' | 'challenged' | 'denied' | 'refused';
}

/** What a {@link Registrar} works with. */
export interface RegistrarOptions {
  readonly realm: string;
  readonly credentials: Pick<SipCredentials, 'find'>;
  readonly bindings: Bindings;
  readonly clock: Clock;
}

/** Seconds: shorter ones are refused with 423, longer ones cut (RFC 3261 §10.3 step 7). */
const MIN_EXPIRES_S = 60;
const MAX_EXPIRES_S = 600;
const DEFAULT_EXPIRES_S = 300;
const FULL_RETRY_AFTER_S = 30;

/**
 * The registrar of one realm: softphones and call-us pages register here over their WebSocket.
 * @remarks RFC 3261 §10.3, RFC 7118 §6. A contact is reached through the flow that it registered by, as the
 *   address in a browser's Contact leads nowhere.
 */
export class Registrar {
  readonly #authenticator: DigestAuthenticator;
  readonly #bindings: Bindings;
  readonly #clock: Clock;

  constructor(options: RegistrarOptions) {
    this.#authenticator = new DigestAuthenticator(options);
    this.#bindings = options.bindings;
    this.#clock = options.clock;
  }

  /** @throws what the credential store throws. */
  async register(request: SipRequest): Promise<RegistrarReply> {
    const algorithm = algorithmFor(request.protocol);
    const proof = await this.#authenticator.authenticate({ method: 'REGISTER', authorization: request.get('Authorization'), algorithm });
    if (proof.kind === 'challenge') {
      const headers = { 'WWW-Authenticate': proof.challenge };
      return { status: 401, content: { headers }, outcome: proof.because === 'wrong' ? 'denied' : 'challenged' };
    }
    const { username } = proof.credential;
    if (parseAddress(parseNameAddr(request.get('To') ?? '').uri).user !== username) return refusal(403);
    return this.#apply(request, proof.credential);
  }

  #apply(request: SipRequest, credential: SipCredential): RegistrarReply {
    const asked = readContacts(request.get('Contact'), request.get('Expires'));
    switch (asked.kind) {
      case 'malformed':
        return refusal(400);
      case 'query':
        return this.#listed(credential.username, 'listed');
      case 'remove-all':
        for (const binding of this.#bindings.listByUsername(credential.username)) this.#bindings.remove(binding);
        return this.#listed(credential.username, 'unregistered');
      case 'update':
        return this.#update(request, credential, asked.contacts);
    }
  }

  #update(request: SipRequest, credential: SipCredential, contacts: readonly ContactRequest[]): RegistrarReply {
    if (contacts.some(({ expiresS = DEFAULT_EXPIRES_S }) => expiresS > 0 && expiresS < MIN_EXPIRES_S)) {
      return refusal(423, { 'Min-Expires': String(MIN_EXPIRES_S) });
    }
    const callId = request.get('Call-ID') ?? '';
    const cseq = Number.parseInt(request.get('CSeq') ?? '', 10);
    const isOld = contacts.some(({ uri }) => {
      const known = this.#bindings.find(credential.username, uri);
      return known !== undefined && known.callId === callId && cseq <= known.cseq;
    });
    if (isOld) return refusal(500); // §10.3 step 7: an older request must not undo a newer one.
    for (const { uri, expiresS = DEFAULT_EXPIRES_S } of contacts) {
      const known = this.#bindings.find(credential.username, uri);
      if (expiresS === 0) {
        if (known) this.#bindings.remove(known);
        continue;
      }
      const binding = this.#binding({ request, credential, contactUri: uri, expiresS, callId, cseq });
      if (this.#bindings.put(binding) === 'full') return refusal(503, { 'Retry-After': String(FULL_RETRY_AFTER_S) });
    }
    return this.#listed(credential.username, contacts.every(({ expiresS }) => expiresS === 0) ? 'unregistered' : 'registered');
  }

  #binding(of: {
    readonly request: SipRequest; readonly credential: SipCredential; readonly contactUri: string;
    readonly expiresS: number; readonly callId: string; readonly cseq: number;
  }): Binding {
    const now = this.#clock();
    const wanted = now + Math.min(of.expiresS, MAX_EXPIRES_S) * 1000;
    return {
      username: of.credential.username,
      principal: of.credential.principal,
      contactUri: of.contactUri,
      flow: flowOf(of.request),
      // A credential that ends takes its registration with it.
      expiresAt: epochMs(Math.min(wanted, of.credential.expiresAt)),
      registeredAt: now,
      callId: of.callId,
      cseq: of.cseq,
    };
  }

  #listed(username: string, outcome: RegistrarReply['outcome']): RegistrarReply {
    const rows = this.#bindings.listByUsername(username).map((binding) => contactRow(binding, this.#clock()));
    return { status: 200, content: rows.length > 0 ? { headers: { Contact: rows.join(', ') } } : {}, outcome };
  }
}

/**
 * What to ask a client for: SHA-256, but MD5 of a browser, as SIP.js knows no other.
 * @remarks RFC 8760 §2.3 would have both, each on a row of its own, as RFC 3261 §7.3.1 does not let challenges share
 *   one. drachtio-srf joins rows of one name with commas, and SIP.js cannot read them joined; so the transport decides.
 */
const algorithmFor = (protocol: string): DigestAlgorithm => (/^wss?$/i.test(protocol) ? 'MD5' : 'SHA-256');

/** The connection that a request came by. */
export function flowOf(request: SipRequest): Flow {
  return { address: request.source_address, port: request.source_port, protocol: request.protocol.toLowerCase() };
}

const contactRow = (binding: Binding, now: EpochMs): string =>
  `<${binding.contactUri}>;expires=${Math.max(0, Math.ceil((binding.expiresAt - now) / 1000))}`;

const refusal = (status: number, headers: Record<string, string> = {}): RegistrarReply => ({ status, content: { headers }, outcome: 'refused' });
