import type { RequestHandler } from 'express';

/** A `Host` header that may stand in a policy: a name or an address, and a port. */
const PLAIN_HOST = /^[\w.-]+(:\d{1,5})?$|^\[[\da-fA-F:.]+\](:\d{1,5})?$/;

/**
 * Sets what a browser may do with our pages.
 * @remarks CSP level 3; `ws:` and `wss:` to this host are named because older browsers do not
 *   count them as `'self'`. A SIP server elsewhere is named, too. Styles may be inline: the component library sets them on elements.
 */
export const setSecurityHeaders = (sipWebSocketUrl?: string): RequestHandler => (request, response, next) => {
  response.set({
    'Content-Security-Policy': contentSecurityPolicy(request.headers.host, request.secure, sipWebSocketUrl),
    'Permissions-Policy': 'microphone=(self), speaker-selection=(self), camera=(), geolocation=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
  });
  if (request.secure) response.set('Strict-Transport-Security', 'max-age=31536000');
  next();
};

function contentSecurityPolicy(host: string | undefined, isSecure: boolean, sipWebSocketUrl: string | undefined): string {
  const sip = sipWebSocketUrl === undefined ? '' : ` ${new URL(sipWebSocketUrl).origin}`;
  const sockets = !host || !PLAIN_HOST.test(host) ? '' : isSecure ? ` wss://${host}` : ` ws://${host} wss://${host}`;
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob: data:",
    "worker-src 'self' blob:",
    `connect-src 'self'${sockets}${sip}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
}
