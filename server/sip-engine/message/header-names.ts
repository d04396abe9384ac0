/** How a header is compared (`key`, lower case) and written (`label`). */
export interface HeaderName {
  readonly key: string;
  readonly label: string;
  /** A bit of its own for a header that may stand only once in a message; 0 for the others. */
  readonly onceBit: number;
  /** Whether the name is of the registry, and so known to be a token. */
  readonly isRegistered: boolean;
}

const LABELS = [
  'Accept', 'Accept-Contact', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Allow-Events',
  'Authentication-Info', 'Authorization', 'Call-ID', 'Call-Info', 'Contact', 'Content-Disposition',
  'Content-Encoding', 'Content-Language', 'Content-Length', 'Content-Type', 'CSeq', 'Date', 'Diversion',
  'Error-Info', 'Event', 'Expires', 'From', 'Geolocation', 'History-Info', 'Identity', 'In-Reply-To', 'Join',
  'Max-Forwards', 'MIME-Version', 'Min-Expires', 'Min-SE', 'Organization', 'P-Access-Network-Info',
  'P-Asserted-Identity', 'P-Called-Party-ID', 'P-Charging-Vector', 'P-Preferred-Identity', 'Path', 'Priority',
  'Privacy', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Require', 'RAck', 'Reason', 'Record-Route',
  'Refer-Sub', 'Refer-To', 'Referred-By', 'Reject-Contact', 'Remote-Party-ID', 'Replaces', 'Reply-To',
  'Request-Disposition', 'Require', 'Retry-After', 'Route', 'RSeq', 'Server', 'Service-Route', 'Session-Expires',
  'SIP-ETag', 'SIP-If-Match', 'Subject', 'Subscription-State', 'Supported', 'Target-Dialog', 'Timestamp', 'To',
  'Unsupported', 'User-Agent', 'Via', 'Warning', 'WWW-Authenticate',
] as const;

/** RFC 3261 §7.3.3 and the IANA registry of compact forms. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact', b: 'Referred-By', c: 'Content-Type', d: 'Request-Disposition', e: 'Content-Encoding',
  f: 'From', i: 'Call-ID', j: 'Reject-Contact', k: 'Supported', l: 'Content-Length', m: 'Contact', o: 'Event',
  r: 'Refer-To', s: 'Subject', t: 'To', u: 'Allow-Events', v: 'Via', x: 'Session-Expires', y: 'Identity',
};

/** RFC 3261 §7.3.1, RFC 4475 §3.3.8: a second one makes a message malformed. */
const ONCE = ['call-id', 'cseq', 'from', 'to', 'max-forwards', 'content-length', 'content-type'];

/** Spelling → name; filled with the usual spellings, so that most look-ups need no lower-casing. */
const KNOWN = new Map<string, HeaderName>();
for (const label of LABELS) {
  const key = label.toLowerCase();
  const name: HeaderName = { key, label, onceBit: ONCE.includes(key) ? 1 << ONCE.indexOf(key) : 0, isRegistered: true };
  KNOWN.set(label, name);
  KNOWN.set(name.key, name);
}
for (const [letter, label] of Object.entries(COMPACT)) {
  const name = KNOWN.get(label);
  if (name === undefined) continue;
  KNOWN.set(letter, name);
  KNOWN.set(letter.toUpperCase(), name);
}

/**
 * Finds the name behind a spelling, compact forms included.
 * @returns a shared object for the registered headers; a new one, spelled as given, for others.
 * @remarks RFC 3261 §7.3.1: names compare without case.
 */
export function headerName(spelling: string): HeaderName {
  const exact = KNOWN.get(spelling);
  if (exact !== undefined) return exact;
  const key = spelling.toLowerCase();
  return KNOWN.get(key) ?? { key, label: spelling, onceBit: 0, isRegistered: false };
}
