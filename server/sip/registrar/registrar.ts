import type { SipCredential, SipCredentials } from '../../access/ports.ts';
import { epochMs, type Clock } from '../../base/time.ts';
import { DigestAuthenticator } from '../digest/authenticator.ts';
import type { DigestAlgorithm } from '../digest/response.ts';
import type { SipRequest } from '../drachtio/messages.ts';
import { isWebSocket } from '../drachtio/web-socket.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import type { Binding, Bindings, Flow } from './bindings.ts';
import { readContacts, type ContactRequest } from './contacts.ts';
import { readExtensions, type RegisterExtensions } from './extensions.ts';
import { contactRow, extensionHeaders, extensionRefusal, refusal, type RegistrarReply } from './registrar-reply.ts';

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

/** What tells an older REGISTER from a newer one. */
type RequestOrder = Pick<Binding, 'callId' | 'cseq'>;

/** A REGISTER that was understood, from somebody who proved who she is. */
interface Registration extends RequestOrder {
  readonly request: SipRequest;
  readonly credential: SipCredential;
  readonly extensions: Extract<RegisterExtensions, { kind: 'known' }>;
}

/** An older request must not undo a newer one (§10.3 steps 6 and 7). */
const isOlder = ({ callId, cseq }: RequestOrder, known: Binding | undefined): boolean => known !== undefined && known.callId === callId && cseq <= known.cseq;

/**
 * The registrar of one realm: softphones and call-us pages register here over their WebSocket.
 * @remarks RFC 3261 §10.3, RFC 7118 §6, RFC 3327 §5.3, RFC 5626 §6. A contact is reached through the flow that it
 *   registered by, as the address in a browser's Contact leads nowhere, or along its Path.
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
    const proof = await this.#authenticator.authenticate({ method: 'REGISTER', uri: request.uri, authorization: request.get('Authorization'), algorithm });
    if (proof.kind === 'misdirected') return refusal(400);
    if (proof.kind === 'challenge') {
      const headers = sipHeaders({ 'WWW-Authenticate': proof.challenge });
      return { status: 401, content: { headers }, outcome: proof.because === 'wrong' ? 'denied' : 'challenged' };
    }
    const { username } = proof.credential;
    if (parseAddress(parseNameAddr(request.get('To') ?? '').uri).user !== username) return refusal(403);
    return this.#apply(request, proof.credential);
  }

  #apply(request: SipRequest, credential: SipCredential): RegistrarReply {
    const asked = readContacts(request.get('Contact'), request.get('Expires'));
    const wantsFlow = asked.kind === 'update' && asked.contacts.some(({ regId }) => regId !== undefined);
    const extensions = readExtensions(request, wantsFlow);
    if (extensions.kind !== 'known') return extensionRefusal(extensions);
    const order = { callId: request.get('Call-ID') ?? '', cseq: Number.parseInt(request.get('CSeq') ?? '', 10) };
    switch (asked.kind) {
      case 'malformed':
        return refusal(400);
      case 'query':
        return this.#listed(credential.username, 'listed');
      case 'remove-all':
        return this.#removeAll(credential.username, order);
      case 'update':
        return this.#update({ request, credential, extensions, ...order }, asked.contacts);
    }
  }

  /** All or nothing (§10.3 step 6). */
  #removeAll(username: string, order: RequestOrder): RegistrarReply {
    const bindings = this.#bindings.listByUsername(username);
    if (bindings.some((binding) => isOlder(order, binding))) return refusal(500);
    for (const binding of bindings) this.#bindings.remove(binding);
    return this.#listed(username, 'unregistered');
  }

  /** All or nothing (§10.3 step 7): what could refuse one contact is looked at before any is changed. */
  #update(registration: Registration, contacts: readonly ContactRequest[]): RegistrarReply {
    const { credential: { username }, extensions } = registration;
    if (contacts.some(({ expiresS = DEFAULT_EXPIRES_S }) => expiresS > 0 && expiresS < MIN_EXPIRES_S)) {
      return refusal(423, { 'Min-Expires': String(MIN_EXPIRES_S) });
    }
    if (contacts.some((contact) => isOlder(registration, this.#find(username, contact)))) return refusal(500);
    const more = contacts.filter((contact) => contact.expiresS !== 0 && this.#find(username, contact) === undefined).length;
    if (!this.#bindings.hasRoomFor(more)) return refusal(503, { 'Retry-After': String(FULL_RETRY_AFTER_S) });
    for (const contact of contacts) {
      const known = contact.expiresS === 0 ? this.#find(username, contact) : undefined;
      if (known) this.#bindings.remove(known);
      if (contact.expiresS !== 0) this.#bindings.put(this.#binding(registration, contact));
    }
    return this.#listed(username, contacts.every(({ expiresS }) => expiresS === 0) ? 'unregistered' : 'registered', extensionHeaders(extensions));
  }

  /** By the device's name if it has one (RFC 5626 §6), else by URI (RFC 3261 §10.3 step 7). */
  #find(username: string, { uri, instanceId, regId }: ContactRequest): Binding | undefined {
    return this.#bindings.findInstance({ username, ...(instanceId === undefined ? {} : { instanceId }), ...(regId === undefined ? {} : { regId }) })
      ?? this.#bindings.find(username, uri);
  }

  #binding({ request, credential, extensions: { path }, callId, cseq }: Registration, contact: ContactRequest): Binding {
    const now = this.#clock();
    const { uri, expiresS = DEFAULT_EXPIRES_S, instanceId, regId } = contact;
    const wanted = now + Math.min(expiresS, MAX_EXPIRES_S) * 1000;
    return {
      username: credential.username,
      principal: credential.principal,
      contactUri: uri,
      flow: flowOf(request),
      // A credential that ends takes its registration with it.
      expiresAt: epochMs(Math.min(wanted, credential.expiresAt)),
      registeredAt: now,
      callId,
      cseq,
      ...(path.length === 0 ? {} : { path }),
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(regId === undefined ? {} : { regId }),
    };
  }

  #listed(username: string, outcome: RegistrarReply['outcome'], headers: HeaderFields = {}): RegistrarReply {
    const rows = this.#bindings.listByUsername(username).map((binding) => contactRow(binding, this.#clock()));
    return { status: 200, content: { headers: sipHeaders({ Contact: rows.length > 0 ? rows.join(', ') : undefined, ...headers }) }, outcome };
  }
}

/**
 * What to ask a client for: SHA-256, but MD5 of a browser, as SIP.js knows no other.
 * @remarks RFC 8760 §2.3 would have both, each on a row of its own, as RFC 3261 §7.3.1 does not let challenges share
 *   one. drachtio-srf joins rows of one name with commas, and SIP.js cannot read them joined; so the transport decides.
 */
const algorithmFor = (protocol: string): DigestAlgorithm => (isWebSocket(protocol) ? 'MD5' : 'SHA-256');

/** The connection that a request came by. */
export function flowOf(request: SipRequest): Flow {
  return { address: request.source_address, port: request.source_port, protocol: request.protocol.toLowerCase() };
}
