/** Methods that this application serves, for Allow headers (RFC 3261 §20.5). */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER';

/** Body types that it reads, for Accept headers (RFC 3261 §20.1). */
export const ACCEPT = 'application/sdp, application/dtmf-relay, application/dtmf';
