import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { Transport } from '../../transport/flow.ts';

/** What is known of a request outside a dialog before any application has it. */
export interface RequestFacts {
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  /** The values of From and To, as they stand in the message. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly transport: Transport;
  readonly sourceAddress: string;
  readonly sourcePort: number;
}

/**
 * Says which applications may get a request outside a dialog: those that carry the tag (`new Srf(tag)`).
 * @returns undefined for any application.
 * @remarks The part of drachtio-server's request handler that answers `route` with a tag, without HTTP.
 *   Called for every such request, so it has to answer at once.
 */
export type ChooseTag = (facts: RequestFacts) => string | undefined;

/** The facts of a request, as text: inside the engine there is one character per byte. */
export function factsOf({ method, request, essentials, flow }: ServerTransaction): RequestFacts {
  return {
    method,
    uri: request.uri,
    from: asText(essentials.from),
    to: asText(essentials.to),
    callId: asText(essentials.callId),
    transport: flow.transport,
    sourceAddress: flow.remoteAddress,
    sourcePort: flow.remotePort,
  };
}

const asText = (binary: string): string => Buffer.from(binary, 'latin1').toString('utf8');
