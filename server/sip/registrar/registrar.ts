import type { SipCredential, SipCredentials } from '../../access/ports.ts';
import { epochMs, type Clock, type EpochMs } from '../../base/time.ts';
import { DigestAuthenticator } from '../digest/authenticator.ts';
import type { DigestAlgorithm } from '../digest/response.ts';
import type { ResponseContent, SipRequest } from '../drachtio/messages.ts';
import { isWebSocket } from '../drachtio/web-socket.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import type { Binding, Bindings, Flow } from './bindings.ts';
import { readContacts, type ContactRequest } from './contacts.ts';
import { readExtensions, REGISTRAR_SUPPORTS, type RegisterExtensions } from './extensions.ts';

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

/** A REGISTER that was understood, from somebody who proved who she is. */
interface Registration {
  readonly request: SipRequest;
  readonly credential: SipCredential;
  readonly extensions: Extract<RegisterExtensions, { kind: 'known' }>;
  readonly callId: string;
  readonly cseq: number;
}

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
    const proof = await this.#authenticator.authenticate({ method: 'REGISTER', authorization: request.get('Authorization'), algorithm });
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
    switch (asked.kind) {
      case 'malformed':
        return refusal(400);
      case 'query':
        return this.#listed(credential.username, 'listed');
      case 'remove-all':
        for (const binding of this.#bindings.listByUsername(credential.username)) this.#bindings.remove(binding);
        return this.#listed(credential.username, 'unregistered');
      case 'update': {
        const callId = request.get('Call-ID') ?? '';
        const cseq = Number.parseInt(request.get('CSeq') ?? '', 10);
        return this.#update({ request, credential, extensions, callId, cseq }, asked.contacts);
      }
    }
  }

  #update(registration: Registration, contacts: readonly ContactRequest[]): RegistrarReply {
    const { credential: { username }, callId, cseq, extensions } = registration;
    if (contacts.some(({ expiresS = DEFAULT_EXPIRES_S }) => expiresS > 0 && expiresS < MIN_EXPIRES_S)) {
      return refusal(423, { 'Min-Expires': String(MIN_EXPIRES_S) });
    }
    const isOld = contacts.some((contact) => {
      const known = this.#find(username, contact);
      return known !== undefined && known.callId === callId && cseq <= known.cseq;
    });
    if (isOld) return refusal(500); // §10.3 step 7: an older request must not undo a newer one.
    for (const contact of contacts) {
      if (contact.expiresS === 0) {
        const known = this.#find(username, contact);
        if (known) this.#bindings.remove(known);
        continue;
      }
      if (this.#bindings.put(this.#binding(registration, contact)) === 'full') return refusal(503, { 'Retry-After': String(FULL_RETRY_AFTER_S) });
    }
    return this.#listed(username, contacts.every(({ expiresS }) => expiresS === 0) ? 'unregistered' : 'registered', replyHeaders(extensions));
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

function contactRow(binding: Binding, now: EpochMs): string {
  const { contactUri, expiresAt, instanceId, regId } = binding;
  const device = instanceId === undefined ? '' : `;+sip.instance="<${instanceId}>"${regId === undefined ? '' : `;reg-id=${regId}`}`;
  return `<${contactUri}>;expires=${Math.max(0, Math.ceil((expiresAt - now) / 1000))}${device}`;
}

const refusal = (status: number, headers: HeaderFields = {}): RegistrarReply => ({ status, content: { headers: sipHeaders(headers) }, outcome: 'refused' });

function extensionRefusal(extensions: Exclude<RegisterExtensions, { kind: 'known' }>): RegistrarReply {
  switch (extensions.kind) {
    case 'bad-extension':
      return refusal(420, { Unsupported: extensions.unsupported, Supported: REGISTRAR_SUPPORTS });
    case 'first-hop-lacks-outbound':
      return refusal(439);
    case 'malformed':
      return refusal(400);
  }
}

/** RFC 3327 §5.3 (the path, for a client that asks), RFC 5626 §6 (Require says that the flow is kept). */
function replyHeaders({ path, tellsPath, usesOutbound }: Registration['extensions']): HeaderFields {
  return {
    Supported: REGISTRAR_SUPPORTS,
    Path: tellsPath && path.length > 0 ? path.join(', ') : undefined,
    Require: usesOutbound ? 'outbound' : undefined,
  };
}
