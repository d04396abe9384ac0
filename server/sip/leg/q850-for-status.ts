/**
 * RFC 3398 §8.2.6.1, where the status alone decides; 488 and 606 as "bearer capability not implemented", and a
 * redirection, which we do not follow, as "redirection to new destination".
 */
const CAUSES: Readonly<Record<number, number>> = {
  300: 23, 301: 23, 302: 23, 305: 23, 380: 23,
  400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127,
  415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17,
  488: 65, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127, 600: 17, 603: 21, 604: 1, 606: 65,
};

/**
 * The Q.850 cause that a telephone exchange gives for a final SIP status.
 * @returns 31 (normal, unspecified) for a status without an entry.
 */
export const q850ForStatus = (status: number): number => CAUSES[status] ?? 31;
