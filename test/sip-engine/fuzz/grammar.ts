import fc from 'fast-check';

const oneOf = (...all: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...all);

/** What hurts parsers: delimiters, control characters, UTF-8, numbers at their limits, long runs. */
export const nasty: fc.Arbitrary<string> = oneOf(
  '', ' ', '\t', '\r\n', '\r', '\n', '\r\n ', '\0', '\x7f', '"', '\\', '\\"', '<', '>', '<<', ';', ';;', ',', ',,', ':', '::', '=', '@', '@@', '?', '&', '%', '%00',
  '%0d%0a', '[', ']', '[::1', '|', '#', '\u00c3\u00a0', '\u00e2\u0080\u0083', '\u00ff\u00fe', '-1', '0', '2147483648', '99999999999999999999', '4294967297', 'NaN',
  ' '.repeat(300), '\t'.repeat(300), '<'.repeat(200), '"'.repeat(201), ';a=b'.repeat(100), '('.repeat(200), '\r\n '.repeat(50), 'sip:'.repeat(100), ','.repeat(300),
);

const token = oneOf('INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'INFO', 'PRACK', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'MESSAGE', 'invite', 'X-y!', '*');
const host = oneOf('a.example', '192.0.2.1', '[2001:db8::1]', '[::ffff:1.2.3.4]', 'localhost', '', '2001:db8::1', '1.2.3', 'x'.repeat(300));
const user = oneOf('', 'carol@', '+213550000001@', 'a%00b@', 'u;p=1@', 'x?y@', 'a:b@', '@@');
const param = fc.tuple(oneOf(';tag=', ';branch=z9hG4bK', ';rport', ';received=', ';lr', ';q=', ';expires=', ';x="', ';', ' ; tag = '), fc.oneof(nasty, oneOf('1', 'a', 'abc"', '5060'))).map(([a, b]) => a + b);
const params = fc.array(param, { maxLength: 3 }).map((all) => all.join(''));
const uri = fc.tuple(oneOf('sip:', 'sips:', 'tel:', 'urn:', 'SIP:', '', 'x:'), user, host, oneOf('', ':5060', ':0', ':99999', ':x'), params, oneOf('', '', '', '?a=b', '?')).map((all) => all.join(''));
const address = fc.oneof(
  fc.tuple(oneOf('', '"Carol" ', '"a\\"b" ', 'Carol ', '"open ', 'a;b '), uri, params).map(([name, inner, outer]) => `${name}<${inner}>${outer}`),
  fc.tuple(uri, params).map(([inner, outer]) => inner + outer),
  oneOf('*', '<', '<sip:a@b'), nasty,
);
const via = fc.tuple(oneOf('SIP/2.0/UDP ', 'SIP / 2.0 / TCP  ', 'SIP/2.0/', 'SIP/3.0/UDP ', ''), host, oneOf('', ':5060', ' : 5060', ':x'), params).map((all) => all.join(''));
const list = (one: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => all.join(', '));
const number = oneOf('1', '0', '70', '2147483647', '2147483648', '-1', '', '1e9', '007', '99999999999999999999');

const header = fc.tuple(
  fc.oneof(
    fc.tuple(oneOf('Via', 'v', 'VIA '), list(via)),
    fc.tuple(oneOf('From', 'f', 'To', 't', 'From\t'), address),
    fc.tuple(oneOf('Contact', 'm', 'Route', 'Record-Route', 'Refer-To', 'P-Asserted-Identity'), list(address)),
    fc.tuple(oneOf('CSeq', 'Max-Forwards', 'Content-Length', 'l', 'Expires', 'RSeq', 'Min-SE'), fc.oneof(number, fc.tuple(number, token).map((all) => all.join(' ')))),
    fc.tuple(oneOf('Call-ID', 'i', 'User-Agent', 'Authorization', 'Require', 'X-A', 'Subject', 'Content-Type', 'Session-Expires', 'Replaces'), nasty),
    fc.tuple(nasty, nasty),
  ),
  oneOf(': ', ':', ' : ', '', ':\r\n '),
).map(([[name, value], separator]) => name + separator + value);

const startLine = fc.oneof(
  fc.tuple(token, oneOf(' ', '  ', '\t'), uri, oneOf(' SIP/2.0', ' SIP/7.0', ' HTTP/1.1', '', ' SIP/2.0 ')).map((all) => all.join('')),
  fc.tuple(oneOf('SIP/2.0 ', 'SIP/3.0 ', 'SIP/2.0'), oneOf('100', '180', '200', '404', '699', '700', '4294967301', 'x'), oneOf('', ' ', ' OK', ' \u00d0\u00bd')).map((all) => all.join('')),
  nasty,
);

/** A request that is right in its mandatory headers, so that what follows is reached too. */
const sound = fc.tuple(token, fc.nat(20_000), list(via), address).map(([method, id, rest, contact]) => [
  `${method} sip:1000@centre.example SIP/2.0`, `Via: SIP/2.0/UDP 198.51.100.7:5060;rport;branch=z9hG4bK${id}, ${rest}`, `From: <sip:c@d.example>;tag=${id}`,
  'To: <sip:1000@centre.example>', `Call-ID: ${id}`, `CSeq: 1 ${method}`, `Contact: ${contact}`,
].join('\r\n'));

const wild = fc.tuple(
  oneOf('', '', '', '\r\n', '\r\n\r\n\r\n'), fc.oneof(startLine, sound), fc.array(header, { maxLength: 8 }), oneOf('\r\n\r\n', '\r\n\r\n', '\r\n', ''), nasty,
).map(([before, first, headers, end, body]) => before + [first, ...headers].join('\r\n') + end + body);

const goodHost = oneOf('a.example', '192.0.2.1', '[2001:db8::1]', '[::ffff:1.2.3.4]');
const goodUri = fc.tuple(oneOf('sip:', 'sips:', 'SIP:'), oneOf('', 'carol@', '%00@', 'u;p=1@', 'x?y@', 'a:b@'), goodHost, oneOf('', ':5060', ':65535'), oneOf('', ';lr', ';transport=tcp', ';x=a%3bb')).map((all) => all.join(''));
const goodAddress = fc.tuple(oneOf('', '"Carol" ', '"a\\"<b" ', 'Carol ', '"\u00c3\u00a0" '), goodUri, oneOf('', ';tag=1', '; tag = "x"', ';q=0.1;a')).map(([name, inner, outer]) => `${name}<${inner}>${outer}`);
const goodHeader = fc.oneof(
  fc.tuple(oneOf('Contact', 'm', 'Route', 'Record-Route', 'Refer-To', 'P-Asserted-Identity'), list(goodAddress)),
  fc.tuple(oneOf('X-A', 'Subject', 's', 'Supported', 'User-Agent', 'Authorization'), oneOf('', 'a, b', '"x\r\n y"', '\u00c3\u00a0', ';;,,', 'Digest username="x"')),
).map(([name, value]) => `${name}: ${value}`);

/** Well-formed, or nearly: these get through to the transactions. */
const gentle = fc.tuple(token, fc.nat(1_000_000), goodUri, goodAddress, fc.tuple(goodAddress, fc.array(goodHeader, { maxLength: 8 }), nasty)).map(
  ([method, id, target, from, [to, headers, body]]) => [
    `${method} ${target} SIP/2.0`, `Via: SIP/2.0/UDP 198.51.100.7:5060;rport;branch=z9hG4bK${id}`, `From: ${from}`, `t: ${to}`,
    `Call-ID: ${id}`, `CSeq: ${id} ${method}`, ...headers, `l: ${body.length}`, '', body,
  ].join('\r\n'),
);

/** Messages after the grammar of RFC 3261 §25, with whatever the network adds to it. */
export const message: fc.Arbitrary<string> = fc.oneof(wild, gentle);

/** One change of a text; places are fractions of its length. */
export interface Edit {
  readonly kind: 'insert' | 'delete' | 'repeat' | 'truncate' | 'flip';
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

const KINDS: readonly Edit['kind'][] = ['insert', 'insert', 'insert', 'delete', 'delete', 'repeat', 'truncate', 'flip'];

/** Changes of a real message. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.nat(9_999), length: fc.nat(60), text: nasty,
  }),
  { minLength: 1, maxLength: 4 },
);

const MOST_BYTES = 70_000;

/** Makes the changes, one after the other. */
export function mutate(text: string, changes: readonly Edit[]): string {
  let changed = text;
  for (const { kind, at, length, text: inserted } of changes) {
    const place = Math.floor((changed.length * at) / 10_000);
    const before = changed.slice(0, place);
    if (kind === 'insert') changed = before + inserted + changed.slice(place);
    else if (kind === 'delete') changed = before + changed.slice(place + length);
    else if (kind === 'truncate') changed = length < 6 ? before : changed;
    else if (kind === 'flip') changed = before + String.fromCharCode((changed.charCodeAt(place) ^ (1 << (length & 7))) & 0xff) + changed.slice(place + 1);
    else changed = before + changed.slice(place, place + length).repeat(1 + length) + changed.slice(place + length);
  }
  return changed.slice(0, MOST_BYTES);
}
