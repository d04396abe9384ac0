import type { Request } from 'express';
import type { SipCredential } from '../access/ports.ts';
import type { SipAccess } from '../wire/api.ts';

/** Where the SIP engine takes WebSocket upgrades (RFC 7118). */
export const SIP_PATH = '/sip';

/**
 * Says fresh credentials as the softphone needs them. It connects to the host that it came
 * from, so that a proxy or another port needs no setting, unless the SIP server is another.
 * @param of - the number to call, for guests; the WebSocket of another SIP server.
 */
export function toSipAccess(
  request: Request, credential: SipCredential, { dial, webSocketUrl }: { readonly dial?: string; readonly webSocketUrl?: string | undefined } = {},
): SipAccess {
  const { username, password, realm, expiresAt } = credential;
  return {
    webSocketUrl: webSocketUrl ?? `${request.secure ? 'wss' : 'ws'}://${request.host}${SIP_PATH}`,
    aor: `sip:${username}@${realm}`,
    username,
    password,
    expiresAt,
    ...(dial === undefined ? {} : { dial: `sip:${dial}@${realm}` }),
  };
}
