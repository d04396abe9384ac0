import { dialogId } from '../../dialog/dialog.ts';
import type { Essentials } from '../../message/essentials.ts';
import { param } from '../../message/header-values.ts';
import { respondTo } from '../../message/respond.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { Selection } from '../application-server.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { factsOf } from './choose-tag.ts';
import { handOver } from './hand-over.ts';
import { refuse } from './refuse.ts';

/**
 * Takes a request without a To tag to the application that asked for its method.
 * @remarks RFC 3261 §8.2 and §12.1.1.
 */
export function takeNewRequest(context: EngineContext, transaction: ServerTransaction): void {
  const { counters } = context;
  const { request } = transaction;
  if (request.method === 'INVITE') {
    transaction.respond(respondTo(request, { status: 100 }));
    if (!request.headers.has('contact')) {
      counters.add('refused.no-contact');
      refuse(transaction, 400, 'Missing Contact');
      return;
    }
  }
  if (isMerged(context, request.method, transaction.essentials)) {
    counters.add('refused.merged');
    refuse(transaction, 482);
    return;
  }
  const replaced = request.method === 'INVITE' ? dialogToReplace(context, request) : undefined;
  if (replaced?.state === 'confirmed' && /;\s*early-only\b/i.test(request.headers.get('replaces') ?? '')) {
    refuse(transaction, 486, 'Busy Here');
    return;
  }
  const selection = select(context, transaction, replaced);
  if (request.method === 'INVITE') context.records.attempt('network', request);
  if (selection.kind === 'application') return handOver(context, transaction, selection.application, undefined);
  counters.add(`refused.${selection.kind}`);
  const refusal = selection.kind === 'no-route' ? refuse(transaction, 404, 'Not Found') : refuse(transaction, 503);
  if (request.method === 'INVITE') context.records.stop('application', 'call-rejected', refusal);
}

/** RFC 3891 §3: only the application that has a dialog can replace it; else the tag decides. */
function select({ applications, chooseTag }: EngineContext, transaction: ServerTransaction, replaced: ApplicationDialog | undefined): Selection {
  if (replaced?.owner.isOpen === true && replaced.owner.routes.has('invite')) return { kind: 'application', application: replaced.owner };
  if (chooseTag === undefined) return applications.select(transaction.method);
  try {
    return applications.select(transaction.method, chooseTag(factsOf(transaction)));
  } catch (cause) {
    refuse(transaction, 500);
    throw cause; // Whoever set the engine up hears of the fault.
  }
}

/**
 * Whether the same request is here already by another way (two proxies, a loop). Of calls there may
 * be only one with a Call-ID: two would take each other's CANCEL and BYE, for applications tell them
 * apart by Call-ID and From tag.
 * @remarks RFC 3261 §8.2.2.2.
 */
function isMerged({ inbound, dialogs }: EngineContext, method: string, essentials: Essentials): boolean {
  const { callId, fromTag } = essentials;
  if (method !== 'INVITE') return inbound.hasSame(essentials);
  return inbound.hasInvite(callId) || dialogs.findById(dialogId(callId, fromTag)) !== undefined;
}

/** RFC 3891 §3: the dialog that an INVITE wants to replace, when it is one of ours. */
function dialogToReplace(context: EngineContext, { headers }: SipRequest): ApplicationDialog | undefined {
  const value = headers.get('replaces');
  if (value === undefined) return undefined;
  const at = value.indexOf(';');
  const params = at < 0 ? '' : value.slice(at);
  return context.dialogs.findByTags({
    callId: (at < 0 ? value : value.slice(0, at)).trim(), localTag: param(params, 'to-tag') ?? '', remoteTag: param(params, 'from-tag') ?? '',
  });
}
