import { allowsMethod } from '../message/allows-method.ts';
import { parseNameAddr, splitList } from '../message/header-values.ts';
import { followRoutes, type RouteOut } from '../message/route-set.ts';
import type { Header, Headers } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import { OfferAnswer } from './offer-answer.ts';
import type { Session } from './session.ts';

/** What identifies a dialog (RFC 3261 §12). */
export interface DialogIdentity {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** A 2xx that we sent and repeat until it is acknowledged. */
export interface AwaitedAck {
  /** The CSeq number that the ACK must carry. */
  readonly sequence: number;
  /** Stops repeating: the ACK is there, or nobody wants it any more. */
  settle(): void;
  /** Whether it answered the first INVITE of the call: then a BYE of ours has to wait for the ACK (RFC 3261 §15). */
  readonly beginsCall: boolean;
  /** Sends a request when it is settled, or when no ACK came in time. */
  whenSettled(method: 'BYE' | 'INVITE', send: () => void): void;
}

/** An INVITE of ours that was answered with 2xx. */
export interface AcceptedInvite {
  readonly sequence: number;
  /** Headers of the INVITE that its ACK must repeat (credentials, RFC 3261 §13.2.2.4). */
  readonly credentials: readonly Header[];
  /** Keeps the ACK, to be sent again whenever the 2xx is. */
  acknowledgedWith(text: string, flow: Flow): void;
}

/** A reliable provisional response of the peer, waiting for our PRACK. */
export interface UnacknowledgedProvisional<Owner> {
  readonly rseq: number;
  readonly dialog: Dialog<Owner>;
}

/** What a dialog is made with. */
export interface DialogOptions<Owner> extends DialogIdentity {
  /** The id that the application knows it by: Call-ID and From tag of the first request, as drachtio-server does. */
  readonly id: string;
  /** INVITE or SUBSCRIBE. */
  readonly method: string;
  /** The Event of a SUBSCRIBE. */
  readonly event?: string | undefined;
  /** From value of the requests that we send, with our tag. */
  readonly local: string;
  /** To value of the requests that we send, with the peer's tag. */
  readonly remote: string;
  readonly localSequence: number;
  readonly remoteSequence: number;
  /** Route values, nearest hop first. */
  readonly routeSet: readonly string[];
  /** The peer's Contact URI; absent when it sent none. */
  readonly remoteTarget: string | undefined;
  readonly flow: Flow;
  readonly owner: Owner;
  /** Whether the request that began it was ours. */
  readonly ownsCallId: boolean;
}

/**
 * One dialog: the numbers, routes and addresses that requests in it need.
 * @remarks RFC 3261 §12. It keeps no message, so that a thousand calls cost kilobytes each.
 */
export class Dialog<Owner = unknown> implements DialogIdentity {
  readonly id: string;
  readonly method: string;
  readonly event: string | undefined;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: string;
  readonly remote: string;
  readonly ownsCallId: boolean;
  owner: Owner;
  state: 'early' | 'confirmed' | 'ended' = 'early';
  localSequence: number;
  remoteSequence: number;
  routeSet: readonly string[];
  remoteTarget: string | undefined;
  /** Where the peer's last request or response came from: the way back to a browser or through NAT. */
  flow: Flow;
  /** An INVITE of the peer that we have not answered: a second one gets 500. */
  hasServerInvite = false;
  /** An INVITE of ours without a final response: the peer's gets 491. */
  hasClientInvite = false;
  /** An UPDATE of the peer that we have not answered: a second one gets 500 (RFC 3311 §5.2). */
  hasServerUpdate = false;
  readonly offers = new OfferAnswer();
  /** Our reliable provisional responses to the peer's INVITE. */
  reliable: { acknowledge(rack: string): boolean } | undefined;
  /** The peer's last RSeq: what comes again or out of order is dropped (RFC 3262 §4). */
  remoteRSeq: number | undefined;
  /** Reliable provisional responses that the application has not acknowledged; shared by the forks of an INVITE. */
  unacknowledged: UnacknowledgedProvisional<Owner>[] | undefined;
  /** Whether the peer takes UPDATE, as far as it has said (RFC 3311 §5.1). */
  takesUpdate = false;
  /** The session, when it has to be refreshed (RFC 4028). */
  session: Session | undefined;
  /** Runs until the session is refreshed or expires. */
  sessionTimer: NodeJS.Timeout | undefined;
  /** Set while the engine refreshes the session with a re-INVITE: what the application sends meanwhile, to be sent then. */
  afterRefresh: (() => void)[] | undefined;
  /** Our 2xx to the peer's INVITE, until its ACK. */
  awaitedAck: AwaitedAck | undefined;
  /** The peer's 2xx to our INVITE, until the application acknowledges it. */
  acceptedInvite: AcceptedInvite | undefined;

  constructor(options: DialogOptions<Owner>) {
    this.id = options.id;
    this.method = options.method;
    this.event = options.event;
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.remoteTag = options.remoteTag;
    this.local = options.local;
    this.remote = options.remote;
    this.owner = options.owner;
    this.ownsCallId = options.ownsCallId;
    this.localSequence = options.localSequence;
    this.remoteSequence = options.remoteSequence;
    this.routeSet = options.routeSet;
    this.remoteTarget = options.remoteTarget;
    this.flow = options.flow;
  }

  /** Takes the Contact of a target refresh request or response (RFC 3261 §12.2). */
  refreshTarget(headers: Headers, flow: Flow): void {
    const contact = contactUri(headers);
    if (contact !== undefined) this.remoteTarget = contact;
    this.flow = flow;
    this.learnMethods(headers);
  }

  /** Takes note of what the peer says that it takes. */
  learnMethods(headers: Headers): void {
    this.takesUpdate = allowsMethod(headers, 'UPDATE') ?? this.takesUpdate;
  }
}

/** The id that applications know a dialog by, as drachtio-server makes it. @param fromTag - of the request that begins it. */
export const dialogId = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`;

/** @returns the URI of the first Contact; undefined when there is none that parses. */
export function contactUri(headers: Headers): string | undefined {
  const line = headers.get('contact');
  if (line === undefined) return undefined;
  return parseNameAddr(splitList(line)[0] ?? '')?.uri;
}

/** @returns every Record-Route value in the order of the message. */
export const recordRoutes = (headers: Headers): string[] => headers.all('record-route').flatMap(splitList);

/**
 * How a request in a dialog leaves.
 * @param target - overrides the remote target, for a request whose application named its own URI.
 */
export const routeOut = (dialog: Dialog, target = dialog.remoteTarget): RouteOut => followRoutes(target ?? fallbackTarget(dialog.flow), dialog.routeSet);

/** A peer without Contact is answered where it sent from. */
function fallbackTarget(flow: Flow): string {
  const host = flow.remoteAddress.includes(':') ? `[${flow.remoteAddress}]` : flow.remoteAddress;
  return `sip:${host}:${flow.remotePort}${flow.transport === 'udp' ? '' : `;transport=${flow.transport}`}`;
}
