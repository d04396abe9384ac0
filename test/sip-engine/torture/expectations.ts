/** What our engine does with one test message. */
export interface Expectation {
  /** What the parser says: `well-formed`, or the fault or the reason that it names. */
  readonly parser: string;
  /**
   * What a running engine answers: a final status, or the counter of the silent drop. An INVITE that
   * reaches the application is answered 480 in these tests, every other request 200.
   */
  readonly answer: number | string;
  /** Where TCP differs from UDP: a status, a counter, or `waits` for bytes that never come. */
  readonly overTcp?: number | string;
  /** Why, where the RFC leaves a choice or speaks of another kind of element. */
  readonly because?: string;
}

const toApplication = (answer: number, because?: string): Expectation =>
  ({ parser: 'well-formed', answer, ...(because === undefined ? {} : { because }) });
const refused = (parser: string, answer = 400): Expectation => ({ parser, answer });
const dropped = (parser: string, answer: string): Expectation => ({ parser, answer });

/** Nobody has asked for the method: the engine's own answer. */
const NO_ROUTE = 404;

/** RFC 4475, message by message. */
export const RFC_4475: Readonly<Record<string, Expectation>> = {
  // §3.1.1 valid messages
  wsinv: toApplication(481, 'its To tag names a dialog that we do not have'),
  intmeth: toApplication(NO_ROUTE, 'no application knows the method'),
  esc01: toApplication(480),
  escnull: toApplication(200),
  esc02: toApplication(NO_ROUTE, '% does not escape in a method, so this is no REGISTER'),
  lwsdisp: toApplication(200),
  longreq: toApplication(480),
  dblreq: toApplication(200, 'in a datagram what follows the first message is left; in a stream it is the next one, refused without a Contact'),
  semiuri: toApplication(200),
  transports: toApplication(200),
  mpart01: toApplication(200),
  unreason: dropped('well-formed', 'dropped.stray-response'),
  noreason: dropped('well-formed', 'dropped.stray-response'),
  // §3.1.2 invalid messages
  badinv01: refused('Bad Via'),
  clerr: { parser: 'bad-content-length', answer: 400, overTcp: 'waits', because: 'in a stream the rest may still come, until limits.messageMs' },
  ncl: { parser: 'bad-content-length', answer: 400, overTcp: 'dropped.stream-bad-content-length' },
  scalar02: refused('Bad CSeq'),
  scalarlg: dropped('Bad CSeq', 'malformed.response'),
  quotbal: refused('Bad To'),
  ltgtruri: refused('bad-start-line'),
  lwsruri: refused('bad-start-line'),
  lwsstart: refused('bad-start-line'),
  trws: refused('bad-start-line'),
  escruri: refused('Bad Request-URI'),
  baddate: toApplication(480, 'a Date in another zone than GMT is left alone: nothing depends on it'),
  regbadct: refused('Bad Contact'),
  badaspec: toApplication(200, 'white space around a URI in brackets has one meaning only'),
  baddn: toApplication(200, 'a display name without its quotes has one meaning only, because From and To have one value'),
  badvers: refused('bad-version', 505),
  mismatch01: refused('CSeq Method Mismatch'),
  mismatch02: refused('CSeq Method Mismatch'),
  bigcode: dropped('bad-start-line', 'malformed.bad-start-line'),
  // §3.2 transaction layer semantics
  badbranch: toApplication(200, 'a cookie without more is matched as RFC 2543 does'),
  // §3.3 application layer semantics
  insuf: refused('Bad Call-ID'),
  unkscm: refused('Unsupported URI Scheme', 416),
  novelsc: refused('Unsupported URI Scheme', 416),
  unksm2: toApplication(200, 'the registrar is the application'),
  bext01: toApplication(420, 'extensions that nobody here can honour'),
  invut: toApplication(480, 'which bodies are understood is for the application to say (415)'),
  regaut01: toApplication(200, 'the registrar is the application'),
  multi01: { parser: 'repeated-header', answer: 400, overTcp: 'waits', because: 'its body is two bytes shorter than it says' },
  mcl01: refused('repeated-header'),
  bcast: dropped('well-formed', 'dropped.stray-response'),
  zeromf: { parser: 'well-formed', answer: 483, because: 'behind the engine are B2BUAs; it does as a proxy does (RFC 3261 §16.3)' },
  cparam01: toApplication(200),
  cparam02: toApplication(200),
  regescrt: toApplication(200),
  sdp01: toApplication(480, 'which answers suit the caller is for the application to say (406)'),
  // §3.4 backward compatibility
  inv2543: {
    parser: 'well-formed', answer: 400, overTcp: 'dropped.stream-no-content-length',
    because: 'without a Contact the dialog would have no target, and nobody could hang up (RFC 3261 §8.1.1.8)',
  },
};

/** RFC 5118, message by message. */
export const RFC_5118: Readonly<Record<string, Expectation>> = {
  'ipv6-good': toApplication(200),
  'ipv6-bad': refused('Bad Request-URI'),
  'port-ambiguous': toApplication(200, 'the digits are a part of the address'),
  'port-unambiguous': toApplication(200),
  'via-received-param-with-delim': toApplication(481, 'a BYE for no dialog'),
  'via-received-param-no-delim': toApplication(200),
  'ipv6-in-sdp': toApplication(480),
  'mult-ip-in-header': toApplication(481, 'a BYE for no dialog'),
  'mult-ip-in-sdp': toApplication(480),
  'ipv4-mapped-ipv6': toApplication(480),
  'ipv6-bug-abnf-3-colons': toApplication(200, 'both constructs must be tolerated'),
  'ipv6-correct-abnf-2-colons': toApplication(200),
};
