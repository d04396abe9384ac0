import { serialize } from '../message/sip-message.ts';
import { respondTo } from '../message/respond.ts';
import type { ApplicationConnection } from './application-connection.ts';
import type { ApplicationFrame } from './application-frame.ts';
import { endOf } from './call-records.ts';
import type { EngineContext } from './engine-context.ts';
import { nokPayload, okPayload, proxiedPayload } from './frames-out.ts';
import { ProxiedRequest } from './proxy/proxied-request.ts';

/**
 * Proxies a request of the network as an application ordered, and tells the application of the responses.
 * @remarks RFC 3261 §16.3, item 5: no option of Proxy-Require is supported.
 */
export function proxy(context: EngineContext, application: ApplicationConnection, frame: Extract<ApplicationFrame, { verb: 'proxy' }>): void {
  const inbound = context.inbound.get(frame.transactionId);
  if (inbound?.application !== application || inbound.transaction.hasFinalResponse) {
    application.send(nokPayload(frame.id, 'proxy of an unknown transaction'));
    return;
  }
  const { transaction, id } = inbound;
  context.inbound.delete(id);
  const unsupported = transaction.request.headers.all('proxy-require').join(', ');
  if (unsupported !== '') {
    const response = respondTo(transaction.request, { status: 420, toTag: inbound.localTag });
    response.headers.add('Unsupported', unsupported);
    transaction.respond(response);
    application.send(nokPayload(frame.id, 'Proxy-Require is not supported'));
    return;
  }
  new ProxiedRequest(context, transaction, frame.order, {
    onResponse: (response, flow) => application.send(proxiedPayload(
      frame.id, { source: 'network', flow, transactionId: id, dialogId: '' }, serialize(response),
    )),
    onDone: (final) => {
      application.send(okPayload(frame.id, 'done'));
      if (final === undefined || transaction.method !== 'INVITE') return;
      if (final.status < 300) context.records.start('application', 'proxy-uas', final);
      else context.records.stop('application', endOf(final.status), final);
    },
  }).begin();
}
