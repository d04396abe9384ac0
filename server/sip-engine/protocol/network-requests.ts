import { SuccessRetransmitter } from '../dialog/success-retransmitter.ts';
import { isTooShort, MIN_SESSION_S } from '../dialog/session-expires.ts';
import { Dialog, contactUri, dialogId, recordRoutes } from '../dialog/dialog.ts';
import type { Essentials } from '../message/essentials.ts';
import { randomToken } from '../message/random-token.ts';
import { param, splitList, tagOf } from '../message/header-values.ts';
import { respondTo, withTag } from '../message/respond.ts';
import { serialize, type SipRequest } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionUser } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/flow.ts';
import type { ApplicationConnection } from './application-connection.ts';
import { endDialog } from './engine-requests.ts';
import type { ApplicationDialog, EngineContext, InboundRequest } from './engine-context.ts';
import { sipPayload } from './frames-out.ts';
import { forget, giveUp, tellCancelled } from './inbound-endings.ts';
import { isForOthers, passAck, passRequest } from './proxy/pass-in-dialog.ts';
import { loopMarks } from './proxy/route-token.ts';

/** Methods whose Contact moves the peer's target (RFC 3261 §12.2.2, RFC 3311, RFC 6665). */
const REFRESHES_TARGET = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** Option tags that may be required: the engine's own, and those that are an application's to honour. */
const EXTENSIONS = new Set([
  '100rel', 'timer', 'replaces', 'norefersub', 'path', 'outbound', 'gruu', 'tdialog', 'join', 'from-change',
  'histinfo', 'eventlist', 'pref', 'privacy', 'nosub', 'explicitsub', 'multiple-refer', 'siprec', 'uui', 'trickle-ice',
]);

/** Takes the requests of the network to the applications. */
export class NetworkRequests implements TransactionUser {
  readonly #context: EngineContext;
  readonly #byTransaction = new WeakMap<ServerTransaction, InboundRequest>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  onRequest(transaction: ServerTransaction): void {
    const { signer, counters } = this.#context;
    const marks = loopMarks(transaction.request.headers);
    if (marks.length > 0 && marks.includes(signer.loopMark(transaction.request, transaction.essentials))) {
      counters.add('refused.loop'); // RFC 3261 §16.3, item 4
      return refuse(transaction, 482);
    }
    if (this.#isRefusedExtension(transaction) || this.#isRefusedSession(transaction)) return;
    if (transaction.essentials.toTag === undefined) this.#onNewRequest(transaction);
    else this.#onInDialog(transaction, transaction.essentials.toTag);
  }

  /** RFC 3261 §8.2.2.3: an extension that neither the engine nor drachtio-srf's applications can honour. */
  #isRefusedExtension(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    const unknown = request.headers.all('require').flatMap(splitList).filter((tag) => tag !== '' && !EXTENSIONS.has(tag.toLowerCase()));
    if (unknown.length === 0 || isForOthers(this.#context, request, transaction.essentials)) return false;
    const response = respondTo(request, { status: 420, reason: 'Bad Extension', toTag: randomToken() });
    response.headers.add('Unsupported', unknown.join(', '));
    transaction.respond(response);
    this.#context.counters.add('refused.extension');
    return true;
  }

  /** RFC 4028 §9: a session may not have to be refreshed all the time. */
  #isRefusedSession(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if ((request.method !== 'INVITE' && request.method !== 'UPDATE') || !isTooShort(request.headers)) return false;
    const response = respondTo(request, { status: 422, reason: 'Session Interval Too Small', toTag: randomToken() });
    response.headers.add('Min-SE', String(MIN_SESSION_S));
    transaction.respond(response);
    this.#context.counters.add('refused.session-interval');
    return true;
  }

  onAck(request: SipRequest, essentials: Essentials, flow: Flow): void {
    const dialog = this.#findDialog(essentials, essentials.toTag ?? '');
    if (dialog === undefined && passAck(this.#context, request, essentials)) return;
    const awaited = dialog?.awaitedAck;
    if (dialog === undefined || awaited === undefined || awaited.sequence !== essentials.cseq.number) {
      this.#context.counters.add(dialog === undefined ? 'dropped.stray-ack' : 'absorbed.retransmission');
      return;
    }
    awaited.settle();
    dialog.awaitedAck = undefined;
    dialog.owner.send(sipPayload({ source: 'network', flow, transactionId: randomToken(), dialogId: dialog.id }, serialize(request)));
  }

  /** RFC 3261 §9.2: 200 to the CANCEL; 487 to the INVITE, unless it has its final response already. */
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (invite === undefined) {
      this.#context.counters.add('refused.cancel-without-invite');
      refuse(cancel, 481);
      return;
    }
    const inbound = this.#inboundOf(invite);
    cancel.respond(respondTo(cancel.request, { status: 200, toTag: inbound?.localTag ?? randomToken() }));
    this.#context.proxied.get(invite)?.cancel(); // §16.10
    if (inbound === undefined || invite.hasFinalResponse) return;
    giveUp(this.#context, inbound, 487);
    inbound.application.send(sipPayload(
      { source: 'network', flow: cancel.flow, transactionId: inbound.id, dialogId: inbound.dialog?.id ?? '' },
      serialize(cancel.request),
    ));
  }

  #onNewRequest(transaction: ServerTransaction): void {
    const { counters, applications } = this.#context;
    const { request } = transaction;
    if (request.method === 'INVITE') {
      transaction.respond(respondTo(request, { status: 100 }));
      if (!request.headers.has('contact')) {
        counters.add('refused.no-contact');
        refuse(transaction, 400, 'Missing Contact');
        return;
      }
      if (this.#isMerged(transaction.essentials)) {
        counters.add('refused.merged');
        refuse(transaction, 482);
        return;
      }
    }
    const replaced = request.method === 'INVITE' ? this.#replaced(request) : undefined;
    if (replaced?.state === 'confirmed' && /;\s*early-only\b/i.test(request.headers.get('replaces') ?? '')) return refuse(transaction, 486, 'Busy Here');
    // RFC 3891 §3: only the application that has the dialog can replace it.
    const selection = replaced?.owner.isOpen === true && replaced.owner.routes.has('invite')
      ? { kind: 'application', application: replaced.owner } as const : applications.select(request.method);
    if (selection.kind === 'application') {
      if (request.method === 'INVITE') this.#context.records.attempt('network', request);
      this.#handOver(transaction, selection.application, undefined);
    } else {
      counters.add(`refused.${selection.kind}`);
      if (selection.kind === 'no-route') refuse(transaction, 404, 'Not Found');
      else refuse(transaction, 503);
    }
  }

  /**
   * Whether the same call is here already by another way (two proxies, a loop): two would take each
   * other's CANCEL and BYE, for applications tell them apart by Call-ID and From tag.
   * @remarks RFC 3261 §8.2.2.2.
   */
  #isMerged({ callId, fromTag }: Essentials): boolean {
    return this.#context.inbound.hasInvite(callId) || this.#context.dialogs.findById(dialogId(callId, fromTag)) !== undefined;
  }

  #onInDialog(transaction: ServerTransaction, localTag: string): void {
    const { request, essentials } = transaction;
    const dialog = this.#findDialog(essentials, localTag) ?? this.#fromEarlyNotify(transaction, localTag);
    if (dialog === undefined) {
      if (passRequest(this.#context, transaction)) return;
      this.#context.counters.add('refused.no-dialog');
      refuse(transaction, 481);
      return;
    }
    if (essentials.cseq.number <= dialog.remoteSequence) {
      this.#context.counters.add('refused.old-sequence');
      refuse(transaction, 500, 'CSeq Out Of Order'); // RFC 3261 §12.2.2
      return;
    }
    dialog.remoteSequence = essentials.cseq.number;
    if (request.method === 'INVITE') {
      if (dialog.hasClientInvite) return refuse(transaction, 491); // §14.2
      if (dialog.hasServerInvite) return refuseForNow(transaction);
      transaction.respond(respondTo(request, { status: 100 }));
      dialog.hasServerInvite = true;
    }
    if (request.method === 'PRACK' && !this.#onPrack(transaction, dialog)) return;
    if (REFRESHES_TARGET.has(request.method)) dialog.refreshTarget(request.headers, transaction.flow);
    else if (transaction.flow.reliable) dialog.flow = transaction.flow;
    if (request.method === 'BYE') {
      const wasEarly = dialog.state === 'early';
      this.#onBye(dialog);
      if (dialog.method === 'INVITE' && !wasEarly) this.#context.records.stop('network', 'normal-release', request);
      if (wasEarly) {
        // The application has no dialog yet that could take the BYE; it has heard a CANCEL instead.
        transaction.respond(respondTo(request, { status: 200 }));
        return;
      }
    }
    if (dialog.owner.isOpen) this.#handOver(transaction, dialog.owner, dialog);
    else if (request.method === 'BYE') transaction.respond(respondTo(request, { status: 200 }));
    else refuse(transaction, 503);
  }

  /**
   * A PRACK is answered here, and the application hears of it; unless it asked for PRACK and there
   * is an offer in it that it has to answer.
   * @returns whether the application is to answer.
   * @remarks RFC 3262 §3 and §5.
   */
  #onPrack(transaction: ServerTransaction, dialog: ApplicationDialog): boolean {
    const { request, flow } = transaction;
    const { owner } = dialog;
    const facts = { source: 'network', flow, transactionId: randomToken(), dialogId: dialog.id } as const;
    const isForApplication = request.body !== '' && owner.routes.has('prack');
    if (dialog.reliable?.acknowledge(request.headers.get('rack') ?? '') !== true) {
      this.#context.counters.add('refused.prack');
      refuse(transaction, 481);
      return false;
    }
    if (isForApplication) return true;
    transaction.respond(respondTo(request, { status: 200 }));
    owner.send(sipPayload(facts, serialize(request)));
    return false;
  }

  /** RFC 3261 §15.1.2: the dialog is over, and requests still pending in it get 487. */
  #onBye(dialog: ApplicationDialog): void {
    this.#context.dialogs.remove(dialog);
    dialog.awaitedAck?.settle();
    dialog.awaitedAck = undefined;
    if (!dialog.hasServerInvite) return;
    for (const inbound of this.#context.inbound.list()) {
      if (inbound.dialog === dialog && inbound.transaction.method === 'INVITE') {
        tellCancelled(this.#context, inbound);
        giveUp(this.#context, inbound, 487);
      }
    }
  }

  /** Gives a request to an application and keeps it until it is answered. */
  #handOver(transaction: ServerTransaction, application: ApplicationConnection, dialog: ApplicationDialog | undefined): void {
    const inbound: InboundRequest = {
      id: randomToken(),
      transaction, application, dialog,
      localTag: dialog?.localTag ?? randomToken(),
      isInDialog: dialog !== undefined,
    };
    this.#context.inbound.add(inbound);
    this.#byTransaction.set(transaction, inbound);
    transaction.user = {
      onTimeout: () => this.#onUnanswered(inbound),
      onTransportFailed: () => this.#onPeerGone(inbound),
    };
    application.send(sipPayload(
      { source: 'network', flow: transaction.flow, transactionId: inbound.id, dialogId: dialog?.id ?? '' },
      serialize(transaction.request),
    ));
  }

  /** The application never answered, or the caller never acknowledged a refusal. */
  #onUnanswered(inbound: InboundRequest): void {
    if (this.#context.inbound.has(inbound.id)) this.#context.counters.add('ended.unanswered');
    tellCancelled(this.#context, inbound);
    if (inbound.transaction.method === 'INVITE') giveUp(this.#context, inbound, 408);
    else forget(this.#context, inbound);
  }

  /** A caller whose connection is gone will never get the answer. */
  #onPeerGone(inbound: InboundRequest): void {
    tellCancelled(this.#context, inbound);
    forget(this.#context, inbound);
  }

  /** The application is gone: what it left is answered and hung up. */
  applicationGone(application: ApplicationConnection): void {
    for (const inbound of this.#context.inbound.list()) {
      if (inbound.application === application) giveUp(this.#context, inbound, 503);
    }
    for (const outbound of [...this.#context.outbound.values()]) {
      if (outbound.application === application) outbound.abandon();
    }
    for (const dialog of this.#context.dialogs.ownedBy(application)) {
      if (dialog.state === 'confirmed') endDialog(this.#context, dialog, 'application disconnected');
    }
  }

  /** RFC 6665 §4.1.2.4: a NOTIFY may come before the 2xx to the SUBSCRIBE that it answers. */
  #fromEarlyNotify({ method, request, essentials, flow }: ServerTransaction, localTag: string): ApplicationDialog | undefined {
    if (method !== 'NOTIFY') return undefined;
    for (const outbound of this.#context.outbound.values()) {
      const { headers } = outbound.request;
      if (outbound.request.method !== 'SUBSCRIBE' || headers.get('call-id') !== essentials.callId || tagOf(headers.get('from') ?? '') !== localTag) continue;
      return outbound.growFromNotify(request, essentials.fromTag, flow);
    }
    return undefined;
  }

  /** RFC 3891 §3: the dialog that an INVITE wants to replace, when it is one of ours. */
  #replaced({ headers }: SipRequest): ApplicationDialog | undefined {
    const value = headers.get('replaces');
    if (value === undefined) return undefined;
    const at = value.indexOf(';');
    const params = at < 0 ? '' : value.slice(at);
    return this.#context.dialogs.findByTags({
      callId: (at < 0 ? value : value.slice(0, at)).trim(), localTag: param(params, 'to-tag') ?? '', remoteTag: param(params, 'from-tag') ?? '',
    });
  }

  #findDialog(essentials: Essentials, localTag: string): ApplicationDialog | undefined {
    return this.#context.dialogs.findByTags({ callId: essentials.callId, localTag, remoteTag: essentials.fromTag });
  }

  #inboundOf(transaction: ServerTransaction): InboundRequest | undefined {
    const inbound = this.#byTransaction.get(transaction);
    return inbound !== undefined && this.#context.inbound.has(inbound.id) ? inbound : undefined;
  }
}

const refuse = (transaction: ServerTransaction, status: number, reason?: string): void => {
  transaction.respond(respondTo(transaction.request, { status, reason, toTag: randomToken() }));
};

/** A second INVITE before the first is answered (RFC 3261 §14.2). */
function refuseForNow(transaction: ServerTransaction): void {
  const response = respondTo(transaction.request, { status: 500 });
  response.headers.add('Retry-After', String(1 + Math.floor(Math.random() * 10)));
  transaction.respond(response);
}

/**
 * Begins the dialog of a request that is being answered.
 * @remarks RFC 3261 §12.1.1.
 */
export function dialogOf(inbound: InboundRequest): ApplicationDialog {
  const { essentials, request, flow } = inbound.transaction;
  return new Dialog<ApplicationConnection>({
    id: dialogId(essentials.callId, essentials.fromTag),
    method: request.method,
    callId: essentials.callId,
    localTag: inbound.localTag,
    remoteTag: essentials.fromTag,
    local: withTag(essentials.to, inbound.localTag),
    remote: essentials.from,
    localSequence: 0,
    remoteSequence: essentials.cseq.number,
    routeSet: recordRoutes(request.headers),
    remoteTarget: contactUri(request.headers),
    flow,
    owner: inbound.application,
  });
}

/** Repeats the 2xx until its ACK; without one, hangs up and tells the application. */
export function awaitAck(context: EngineContext, dialog: ApplicationDialog, transaction: ServerTransaction): void {
  dialog.awaitedAck?.settle();
  const retransmitter = new SuccessRetransmitter(
    context.timers,
    () => transaction.resendSuccess(),
    () => {
      context.counters.add('ended.ack-timeout');
      endDialog(context, dialog, 'ACK timeout');
    },
  );
  dialog.awaitedAck = {
    sequence: transaction.essentials.cseq.number,
    settle: () => {
      retransmitter.stop();
      transaction.acknowledged();
    },
  };
}
