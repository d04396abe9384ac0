import { isTooShort, MIN_SESSION_S } from '../../dialog/session-expires.ts';
import { splitList } from '../../message/header-values.ts';
import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { EngineContext } from '../engine-context.ts';
import { isForOthers } from '../proxy/pass-in-dialog.ts';
import { loopMarks } from '../proxy/route-token.ts';
import { refuse } from './refuse.ts';

/** Option tags that may be required: the engine's own, and those that are an application's to honour. */
const EXTENSIONS = new Set([
  '100rel', 'timer', 'replaces', 'norefersub', 'path', 'outbound', 'gruu', 'tdialog', 'join', 'from-change',
  'histinfo', 'eventlist', 'pref', 'privacy', 'nosub', 'explicitsub', 'multiple-refer', 'siprec', 'uui', 'trickle-ice',
]);

/**
 * Refuses what no application need look at, inside and outside dialogs.
 * @returns whether the request has been answered.
 */
export function refuseUnacceptable(context: EngineContext, transaction: ServerTransaction): boolean {
  return refuseLoop(context, transaction) || refuseExtension(context, transaction) || refuseSession(context, transaction);
}

/** RFC 3261 §16.3, item 4. */
function refuseLoop({ signer, counters }: EngineContext, transaction: ServerTransaction): boolean {
  const marks = loopMarks(transaction.request.headers);
  if (marks.length === 0 || !marks.includes(signer.loopMark(transaction.request, transaction.essentials))) return false;
  counters.add('refused.loop');
  refuse(transaction, 482);
  return true;
}

/** RFC 3261 §8.2.2.3: an extension that neither the engine nor drachtio-srf's applications can honour. */
function refuseExtension(context: EngineContext, transaction: ServerTransaction): boolean {
  const { request } = transaction;
  const unknown = request.headers.all('require').flatMap(splitList).filter((tag) => tag !== '' && !EXTENSIONS.has(tag.toLowerCase()));
  if (unknown.length === 0 || isForOthers(context, request, transaction.essentials)) return false;
  const response = respondTo(request, { status: 420, reason: 'Bad Extension', toTag: randomToken() });
  response.headers.add('Unsupported', unknown.join(', '));
  transaction.respond(response);
  context.counters.add('refused.extension');
  return true;
}

/** RFC 4028 §9: a session may not have to be refreshed all the time. */
function refuseSession(context: EngineContext, transaction: ServerTransaction): boolean {
  const { request } = transaction;
  if ((request.method !== 'INVITE' && request.method !== 'UPDATE') || !isTooShort(request.headers)) return false;
  const response = respondTo(request, { status: 422, reason: 'Session Interval Too Small', toTag: randomToken() });
  response.headers.add('Min-SE', String(MIN_SESSION_S));
  transaction.respond(response);
  context.counters.add('refused.session-interval');
  return true;
}
