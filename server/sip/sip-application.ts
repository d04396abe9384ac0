import type { Logger } from 'pino';
import type { SipCredentials, SipPrincipal } from '../access/ports.ts';
import { newId } from '../base/new-id.ts';
import type { Clock } from '../base/time.ts';
import type {
  AgentInvitation, InboundLeg, InvitationOutcome, InviteFacts, OutboundCall, OutboundOutcome, OutboundSignalling, Signalling,
} from '../call/ports.ts';
import type { Trunk } from '../model/centre.ts';
import { asId, type LegId, type TrunkId, type UserId } from '../model/ids.ts';
import { DrachtioConnection, type DrachtioAddress } from './drachtio/connection.ts';
import type { SipRequest, SipResponse, SipStack } from './drachtio/messages.ts';
import { ACCEPT, ALLOW } from './headers/capabilities.ts';
import { parseNameAddr } from './headers/name-addr.ts';
import { sipHeaders } from './headers/sip-headers.ts';
import { parseAddress } from './headers/sip-uri.ts';
import { readInvite } from './invite-facts.ts';
import type { AgentSipLeg } from './leg/agent-sip-leg.ts';
import { InboundSipLeg } from './leg/inbound-sip-leg.ts';
import { AgentRinger } from './outbound/agent-ringer.ts';
import { TrunkDialler } from './outbound/trunk-dialler.ts';
import { Bindings } from './registrar/bindings.ts';
import { flowOf, Registrar } from './registrar/registrar.ts';
import type { RegistrarReply } from './registrar/registrar-reply.ts';
import { emptyTally, type SipCounters, type SipTally } from './sip-counters.ts';
import type { TrunkStatus } from './trunk/sip-trunk.ts';
import { SipTrunks } from './trunk/sip-trunks.ts';

/** Whether the sender of an INVITE may call here at all. */
export type Admission =
  /** `trunkId` says whose account proves who we are when the trunk asks within the call. */
  | { readonly kind: 'trunk'; readonly trunkId?: TrunkId }
  /** 403 and counted; the call layer never hears of it. */
  | { readonly kind: 'hostile' };

/** What a {@link SipApplication} works with. */
export interface SipApplicationOptions {
  readonly drachtio: DrachtioAddress;
  /** The realm of digest authentication, and the host of our From headers. */
  readonly realm: string;
  readonly credentials: SipCredentials;
  readonly admit: (facts: InviteFacts) => Admission;
  /** Those with a far end are registered, watched and called through; default none. */
  readonly trunks?: readonly Trunk[];
  /** The password of a trunk's account at its far end. */
  readonly trunkPassword?: (trunkId: TrunkId) => string | undefined;
  /** The call layer takes over; nothing is waited for. */
  readonly onInbound: (leg: InboundLeg) => void;
  readonly onFault: (cause: unknown) => void;
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** Methods that get here only outside of a dialog that we know. */
const STRAY_METHODS = ['bye', 'info', 'update', 'message', 'subscribe', 'notify', 'refer', 'publish', 'prack'] as const;

/** SIP as calls need it: callers' legs, agents' softphones, registrations, trunks. */
export class SipApplication implements Signalling, OutboundSignalling {
  readonly #options: SipApplicationOptions;
  readonly #bindings: Bindings;
  readonly #registrar: Registrar;
  readonly #ringer: AgentRinger;
  readonly #trunks: SipTrunks;
  readonly #dialler: TrunkDialler;
  readonly #legs = new Set<InboundSipLeg | AgentSipLeg>();
  readonly #tally: SipTally = emptyTally();
  #connection: DrachtioConnection | undefined;

  private constructor(options: SipApplicationOptions) {
    this.#options = options;
    this.#bindings = new Bindings({ clock: options.clock });
    this.#registrar = new Registrar({ ...options, bindings: this.#bindings });
    const sending = { stack: () => this.#connection?.stack, onFault: options.onFault, logger: options.logger };
    const onLeg = (leg: AgentSipLeg): void => this.#keep(leg);
    this.#ringer = new AgentRinger({ ...sending, realm: options.realm, bindings: this.#bindings, onLeg });
    this.#trunks = new SipTrunks({
      ...sending, trunks: options.trunks ?? [], passwordOf: options.trunkPassword ?? (() => undefined), realm: options.realm, clock: options.clock,
    });
    this.#dialler = new TrunkDialler({ ...sending, trunks: this.#trunks, onLeg });
  }

  /**
   * Connects to the SIP server and starts to serve.
   * @throws AppError `sip.server-unreachable`, `sip.secret-refused`.
   */
  static async connect(options: SipApplicationOptions): Promise<SipApplication> {
    const application = new SipApplication(options);
    application.#connection = await DrachtioConnection.connect({
      address: options.drachtio,
      serve: (stack) => application.#serve(stack),
      onLost: () => application.#lose(),
      onRestored: () => application.#trunks.wake(),
      onFault: options.onFault,
      logger: options.logger,
    });
    application.#trunks.start();
    return application;
  }

  inviteAgent(invitation: AgentInvitation, signal: AbortSignal): Promise<InvitationOutcome> {
    return this.#ringer.invite(invitation, signal);
  }

  async placeCall(call: OutboundCall, signal: AbortSignal): Promise<OutboundOutcome> {
    this.#tally.placed += 1;
    const outcome = await this.#dialler.place(call, signal);
    if (outcome.kind === 'answered') this.#tally.placedAnswered += 1;
    return outcome;
  }

  /** How each trunk that we call or register through stands: its targets, its registration. */
  trunkStatus(): readonly TrunkStatus[] {
    return this.#trunks.status();
  }

  isRegistered(agentId: UserId): boolean {
    return this.#bindings.listByAgent(agentId).length > 0;
  }

  /** Forgets what was registered with credentials that are no longer good (signed out). */
  dropRegistrations(username: string): void {
    for (const binding of this.#bindings.listByUsername(username)) this.#bindings.remove(binding);
  }

  counters(): SipCounters {
    return { ...this.#tally, reconnects: this.#connection?.reconnects ?? 0, legs: this.#legs.size, bindings: this.#bindings.size };
  }

  /** Hangs up what is left, unregisters and disconnects; idempotent. Draining is the call layer's matter and comes first. */
  async close(): Promise<void> {
    this.#ringer.lose();
    this.#dialler.lose();
    const unregistered = this.#trunks.stop();
    for (const leg of [...this.#legs]) await leg.hangUp({ result: 'system', reason: 'shutting-down', sipStatus: 503 });
    await unregistered;
    await this.#connection?.close();
  }

  #serve(stack: SipStack): void {
    stack.use('invite', (request, response) => this.#guard(response, () => this.#onInvite(stack, request, response)));
    stack.use('register', (request, response) => {
      this.#onRegister(request, response).catch((cause: unknown) => this.#fault(cause, response));
    });
    stack.use('options', (_, response) => response.send(200, { headers: sipHeaders({ Allow: ALLOW, Accept: ACCEPT }) }));
    for (const method of STRAY_METHODS) stack.use(method, (request, response) => this.#onStray(request, response));
  }

  #onInvite(stack: SipStack, request: SipRequest, response: SipResponse): void {
    if (isInDialog(request)) return this.#onStray(request, response);
    this.#tally.invites += 1;
    const trunk = this.#trunks.findByInvite(request);
    const invite = readInvite(request, this.#options.clock(), {
      principal: this.#principalOf(request), trunk: trunk && { trunkId: trunk.trunkId, account: trunk.peer.username ?? '' },
    });
    const admission = this.#options.admit(invite);
    if (admission.kind === 'hostile') {
      this.#tally.hostile += 1;
      return response.send(403);
    }
    if (!request.has('Contact')) { // RFC 3261 §8.1.1.8: without one there is nowhere to send a BYE.
      this.#tally.malformed += 1;
      return response.send(400);
    }
    const account = trunk ?? (admission.trunkId === undefined ? undefined : this.#trunks.find(admission.trunkId));
    const leg = new InboundSipLeg({
      legId: asId<LegId>(newId()), invite, stack, request, response, onFault: this.#options.onFault,
      exchangesIn: (dialog) => account?.exchangesIn(dialog),
      logger: this.#options.logger?.child({ sipCallId: invite.sipCallId }),
    });
    this.#keep(leg);
    this.#options.onInbound(leg);
  }

  /**
   * Who registered over the connection that an INVITE came by.
   * @remarks The contact must be the registered one, too: a proxy in front of us may give the port of a browser that
   *   left to one that comes.
   */
  #principalOf(request: SipRequest): SipPrincipal | undefined {
    const binding = this.#bindings.findByFlow(flowOf(request));
    if (binding === undefined) return undefined;
    const registered = parseAddress(binding.contactUri);
    const now = parseAddress(parseNameAddr(request.get('Contact') ?? '').uri);
    return registered.user === now.user && registered.host === now.host ? binding.principal : undefined;
  }

  async #onRegister(request: SipRequest, response: SipResponse): Promise<void> {
    const reply = await this.#registrar.register(request);
    this.#count(reply.outcome);
    response.send(reply.status, reply.content);
  }

  #count(outcome: RegistrarReply['outcome']): void {
    if (outcome === 'registered' || outcome === 'unregistered' || outcome === 'denied') this.#tally[outcome] += 1;
  }

  #onStray(request: SipRequest, response: SipResponse): void {
    if (isInDialog(request)) {
      this.#tally.outOfDialog += 1;
      return response.send(481);
    }
    this.#tally.unsupported += 1;
    response.send(405, { headers: sipHeaders({ Allow: ALLOW }) });
  }

  #keep(leg: InboundSipLeg | AgentSipLeg): void {
    this.#legs.add(leg);
    void leg.ended.then(() => this.#legs.delete(leg));
  }

  /** No BYE can be sent and none will come: whoever waits is told now. */
  #lose(): void {
    this.#ringer.lose();
    this.#dialler.lose();
    for (const leg of [...this.#legs]) leg.lose();
  }

  #guard(response: SipResponse, handle: () => void): void {
    try {
      handle();
    } catch (cause) {
      this.#fault(cause, response);
    }
  }

  #fault(cause: unknown, response: SipResponse): void {
    this.#options.onFault(cause);
    if (!response.finalResponseSent) response.send(500);
  }
}

/** Whether the sender believes in a dialog with us. Not the library's own look at To: it throws on some, and may take minutes. */
const isInDialog = (request: SipRequest): boolean => parseNameAddr(request.get('To') ?? '').params['tag'] !== undefined;
