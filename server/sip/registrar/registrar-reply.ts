import type { EpochMs } from '../../base/time.ts';
import type { ResponseContent } from '../drachtio/messages.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import type { Binding } from './bindings.ts';
import { REGISTRAR_SUPPORTS, type RegisterExtensions } from './extensions.ts';

/** How a REGISTER is answered, and what it came to. */
export interface RegistrarReply {
  readonly status: number;
  readonly content: ResponseContent;
  readonly outcome: 'registered' | 'unregistered' | 'listed' | 'challenged' | 'denied' | 'refused';
}

/** One contact of the 200: how long it is kept, and its device. */
export function contactRow(binding: Binding, now: EpochMs): string {
  const { contactUri, expiresAt, instanceId, regId } = binding;
  const device = instanceId === undefined ? '' : `;+sip.instance="<${instanceId}>"${regId === undefined ? '' : `;reg-id=${regId}`}`;
  return `<${contactUri}>;expires=${Math.max(0, Math.ceil((expiresAt - now) / 1000))}${device}`;
}

/** An answer that changes nothing. */
export const refusal = (status: number, headers: HeaderFields = {}): RegistrarReply => ({ status, content: { headers: sipHeaders(headers) }, outcome: 'refused' });

/** Why the extensions of a request cannot be granted: 420, 439 or 400. */
export function extensionRefusal(extensions: Exclude<RegisterExtensions, { kind: 'known' }>): RegistrarReply {
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
export function extensionHeaders({ path, tellsPath, usesOutbound }: Extract<RegisterExtensions, { kind: 'known' }>): HeaderFields {
  return {
    Supported: REGISTRAR_SUPPORTS,
    Path: tellsPath && path.length > 0 ? path.join(', ') : undefined,
    Require: usesOutbound ? 'outbound' : undefined,
  };
}
