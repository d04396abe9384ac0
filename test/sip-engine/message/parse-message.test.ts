import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { readEssentials } from '../../../server/sip-engine/message/essentials.ts';
import { parseNameAddr, parseVia } from '../../../server/sip-engine/message/header-values.ts';
import { parseMessage, type ParseOutcome } from '../../../server/sip-engine/message/parse-message.ts';
import { parseSipUri } from '../../../server/sip-engine/message/sip-uri.ts';
import { serialize, type SipMessage } from '../../../server/sip-engine/message/sip-message.ts';

const parse = (text: string): ParseOutcome => parseMessage(text, DEFAULT_LIMITS);

const parsed = (text: string): SipMessage => {
  const outcome = parse(text);
  assert.equal(outcome.kind, 'message', JSON.stringify(outcome));
  if (outcome.kind !== 'message') throw new Error('unreachable');
  return outcome.message;
};

const lines = (...all: readonly string[]): string => all.join('\r\n');

const OPTIONS = lines(
  'OPTIONS sip:user@example.com SIP/2.0', 'To: sip:user@example.com', 'From: <sip:caller@example.org>;tag=323',
  'Max-Forwards: 70', 'Call-ID: a.1@example.org', 'CSeq: 60 OPTIONS', 'Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw', '', '',
);

describe('parseMessage', () => {
  describe('given well-formed messages', () => {
    it('reads a request', () => {
      const message = parsed(OPTIONS);
      assert.equal(message.kind, 'request');
      assert.deepEqual([message.kind === 'request' && message.method, message.kind === 'request' && message.uri], ['OPTIONS', 'sip:user@example.com']);
      assert.equal(message.headers.get('call-id'), 'a.1@example.org');
    });

    it('reads a response, also without a reason phrase (RFC 4475 §3.1.1.13)', () => {
      const message = parsed(lines('SIP/2.0 100 ', 'Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe', 'Call-ID: x', '', ''));
      assert.deepEqual([message.kind === 'response' && message.status, message.kind === 'response' && message.reason], [100, '']);
    });

    it('expands every compact form (RFC 3261 §7.3.3)', () => {
      const forms = { v: 'Via', f: 'From', t: 'To', i: 'Call-ID', m: 'Contact', c: 'Content-Type', e: 'Content-Encoding', k: 'Supported', s: 'Subject', r: 'Refer-To', b: 'Referred-By', o: 'Event', u: 'Allow-Events', x: 'Session-Expires', a: 'Accept-Contact', j: 'Reject-Contact', d: 'Request-Disposition', y: 'Identity' };
      for (const [compact, label] of Object.entries(forms)) {
        const message = parsed(lines('OPTIONS sip:a@b SIP/2.0', `${compact}: value`, '', ''));
        assert.equal(message.headers.list[0]?.name.label, label);
        assert.equal(message.headers.get(label.toLowerCase()), 'value');
      }
    });

    it('compares names without case and keeps the spelling of unknown ones (RFC 3261 §7.3.1)', () => {
      const message = parsed(lines('OPTIONS sip:a@b SIP/2.0', 'cALL-iD: 1', 'X-Allo: 2', '', ''));
      assert.equal(message.headers.get('call-id'), '1');
      assert.match(serialize(message), /\r\nCall-ID: 1\r\nX-Allo: 2\r\n/);
    });

    it('unfolds continued lines into one space (RFC 3261 §7.3.1)', () => {
      const message = parsed(lines('OPTIONS sip:a@b SIP/2.0', 'Subject: I know', '\tyou are  there', '  and so on', 'To: x', '', ''));
      assert.equal(message.headers.get('subject'), 'I know you are  there and so on');
      assert.equal(message.headers.get('to'), 'x');
    });

    it('takes the body that Content-Length announces and leaves the rest (RFC 3261 §18.3)', () => {
      assert.equal(parsed(lines('OPTIONS sip:a@b SIP/2.0', 'l: 3', '', 'abcdef')).body, 'abc');
      assert.equal(parsed(lines('OPTIONS sip:a@b SIP/2.0', '', 'abcdef')).body, 'abcdef');
    });

    it('ignores line ends before the start line (RFC 3261 §7.5)', () => {
      assert.equal(parsed(`\r\n\r\n${OPTIONS}`).kind, 'request');
    });
  });

  describe('given the torture tests of RFC 4475', () => {
    it('§3.1.1.1 reads a short tortuous INVITE', () => {
      const message = parsed(lines(
        'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0', 'TO :', ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>', '  ;', '  tag = 98asjd8', 'MaX-fOrWaRdS: 0068',
        'Call-ID: wsinv.ndaksdj@192.0.2.1', 'Content-Length   : 150', 'cseq: 0009', '  INVITE',
        'Via  : SIP  /   2.0', ' /UDP', '    192.0.2.2;branch=390skdjuw', 's :', 'NewFangledHeader:   newfangled value',
        ' continued newfangled value', 'UnknownHeaderWithUnusualValue: ;;,,;;,;', 'Content-Type: application/sdp',
        'Route:', ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>', 'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
        '  branch  =   z9hG4bK9ikj8  ,', ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=', ' z9hG4bK30239', 'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
        '      newvalue ;', '  secondparam ; q = 0.33', '', 'v'.repeat(150),
      ));
      assert.ok(message.kind === 'request');
      assert.equal(message.headers.get('newfangledheader'), 'newfangled value continued newfangled value');
      const checked = readEssentials(message);
      assert.ok(checked.kind === 'ok', JSON.stringify(checked));
      const { essentials } = checked;
      assert.deepEqual(
        [essentials.fromTag, essentials.toTag, essentials.cseq, essentials.via.branch, essentials.via.host],
        ['98asjd8', '1918181833n', { number: 9, method: 'INVITE' }, '390skdjuw', '192.0.2.2'],
      );
    });

    it('§3.1.1.2 takes a wide range of characters in a method and a header name', () => {
      const method = "!interesting-Method0123456789_*+`.%indeed'~";
      const message = parsed(lines(`${method} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0`,
        "extensionHeader-!.%*+_`'~: \u00ef\u00bb\u00bf\u00e5\u00a4\u00a7\u00e5\u0081\u009c\u00e9\u009b\u00bb", '', ''));
      assert.equal(message.kind === 'request' && message.method, method);
      assert.equal(message.headers.list.length, 1);
    });

    it('§3.1.1.6 reads a display name without space before the bracket', () => {
      const message = parsed(OPTIONS.replace('<sip:caller@example.org>;tag=323', 'caller<sip:caller@example.com>;tag=323'));
      assert.deepEqual(parseNameAddr(message.headers.get('from') ?? ''), { displayName: 'caller', uri: 'sip:caller@example.com', params: ';tag=323' });
    });

    it('§3.1.1.7 reads long values', () => {
      const long = `${'amazinglylong'.repeat(60)}`;
      const message = parsed(OPTIONS.replace('To: sip:user@example.com', `To: "I have a user name of ${long}" <sip:user@example.com:6000;unknownparam1=${long}>`));
      assert.equal(readEssentials(message).kind, 'ok');
    });

    it('§3.1.1.8 leaves extra octets after the body of a datagram', () => {
      const message = parsed(`${OPTIONS.slice(0, -2)}Content-Length: 0\r\n\r\nINVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\n\r\n`);
      assert.deepEqual([message.kind === 'request' && message.method, message.body], ['OPTIONS', '']);
    });

    it('§3.1.1.9 reads parameters in the user part as part of the user', () => {
      assert.deepEqual(parseSipUri('sip:user;par=u%40example.net@example.com'), { scheme: 'sip', user: 'user;par=u%40example.net', host: 'example.com', params: new Map() });
    });

    it('§3.1.1.10 reads varied and unknown transports', () => {
      for (const transport of ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']) assert.equal(parseVia(`SIP/2.0/${transport} t1.example.com;branch=z9hG4bK1`)?.transport, transport);
    });

    it('§3.1.1.12 keeps an unusual reason phrase byte for byte', () => {
      const reason = '= 2**3 * 5**2 \u00d0\u00bd\u00d0\u00be';
      const message = parsed(lines(`SIP/2.0 200 ${reason}`, 'Call-ID: x', '', ''));
      assert.equal(message.kind === 'response' && message.reason, reason);
    });

    const refused: readonly (readonly [string, string, string])[] = [
      ['§3.1.2.2 a Content-Length larger than the body', lines('INVITE sip:u@example.com SIP/2.0', 'Content-Length: 9999', '', 'v=0'), 'bad-content-length'],
      ['§3.1.2.3 a negative Content-Length', lines('INVITE sip:u@example.com SIP/2.0', 'Content-Length: -999', '', ''), 'bad-content-length'],
      ['§3.1.2.7 a Request-URI in angle brackets', lines('INVITE <sip:user@example.com> SIP/2.0', '', ''), 'bad-start-line'],
      ['§3.1.2.8 white space inside the Request-URI', lines('INVITE sip:user@example.com; lr SIP/2.0', '', ''), 'bad-start-line'],
      ['a Request-URI that is not ASCII', lines('INVITE sip:user\u00e2\u0080\u0083@example.com SIP/2.0', '', ''), 'bad-start-line'],
      ['§3.1.2.9 several spaces in the request line', lines('INVITE  sip:user@example.com  SIP/2.0', '', ''), 'bad-start-line'],
      ['§3.1.2.10 a space after the version', lines('OPTIONS sip:remote-target@example.com SIP/2.0  ', '', ''), 'bad-start-line'],
      ['§3.1.2.16 an unknown protocol version', lines('OPTIONS sip:t@example.com SIP/7.0', '', ''), 'bad-version'],
      ['an unknown version in a response', lines('SIP/3.0 200 OK', '', ''), 'bad-version'],
      ['§3.1.2.19 an overlarge status code', lines('SIP/2.0 4294967301 better not', '', ''), 'bad-start-line'],
      ['§3.3.8 a second From', lines('OPTIONS sip:u@example.com SIP/2.0', 'From: <sip:a@b>', 'f: <sip:c@d>', '', ''), 'repeated-header'],
      ['§3.3.9 two different Content-Lengths', lines('OPTIONS sip:u@example.com SIP/2.0', 'Content-Length: 8', 'l: 1', '', 'abcdefgh'), 'repeated-header'],
    ];
    for (const [what, text, fault] of refused) {
      it(`refuses ${what}`, () => {
        const outcome = parse(text);
        assert.deepEqual([outcome.kind, outcome.kind === 'malformed' && outcome.fault], ['malformed', fault]);
      });
    }

    it('§3.1.2.4 and §3.1.2.17 refuse sequence numbers and methods that do not fit', () => {
      for (const cseq of ['36893488147419103232 OPTIONS', '60 REGISTER', 'OPTIONS', '']) {
        const checked = readEssentials(parsed(OPTIONS.replace('60 OPTIONS', cseq)));
        assert.equal(checked.kind, 'bad', cseq);
      }
    });

    it('§3.3.1 refuses a request without the mandatory headers', () => {
      for (const name of ['Call-ID', 'From', 'To', 'CSeq', 'Via']) {
        const without = OPTIONS.replace(new RegExp(`\r\n${name}: [^\r\n]*`), '');
        assert.equal(readEssentials(parsed(without)).kind, 'bad', name);
      }
    });
  });

  describe('given addresses that are none', () => {
    const withHeader = (name: string, value: string): SipMessage => parsed(
      name === 'Contact' ? OPTIONS.replace('Max-Forwards', `Contact: ${value}\r\nMax-Forwards`) : OPTIONS.replace(new RegExp(`\r\n${name}: [^\r\n]*`), `\r\n${name}: ${value}`),
    );
    const cases: readonly (readonly [string, string, string, string])[] = [
      ['a bracket that never closes', 'To', `<${' '.repeat(3_000)}x`, 'Bad To'],
      ['a bracket that never closes', 'From', '<sip:carol@a;tag=1', 'Bad From'],
      ['a bracket that never closes in its second value', 'Contact', `<sip:carol@a>, <${' '.repeat(3_000)}x`, 'Bad Contact'],
      ['more than any address needs', 'To', `<sip:a@b>;a${' '.repeat(3_000)}y`, 'Bad To'],
      ['many values', 'Contact', Array.from({ length: 1_000 }, () => '<sip:a>').join(','), 'Bad Contact'],
      ['a bar, which would move the facts that an application reads', 'Call-ID', 'x;from-tag=1|2', 'Bad Call-ID'],
      ['a bar in its tag', 'From', '<sip:carol@a>;tag=1|2', 'Bad From'],
    ];
    for (const [what, name, value, reason] of cases) {
      it(`refuses a ${name} with ${what}`, () => {
        assert.deepEqual(readEssentials(withHeader(name, value)), { kind: 'bad', status: 400, reason });
      });
    }

    it('takes a star as Contact (RFC 3261 §10.2.2)', () => {
      assert.equal(readEssentials(withHeader('Contact', '*')).kind, 'ok');
    });
  });

  describe('given attempts to break out of a line', () => {
    for (const [what, text] of [['a bare line feed', 'Subject: a\nEvil: 1'], ['a bare carriage return', 'Subject: a\rEvil: 1'], ['a NUL', 'Subject: a\0b'], ['a bell', 'Subject: \u0007']] as const) {
      it(`refuses ${what} in a header`, () => {
        const outcome = parse(lines('OPTIONS sip:a@b SIP/2.0', text, '', ''));
        assert.deepEqual([outcome.kind, outcome.kind === 'malformed' && outcome.fault], ['malformed', 'bad-character']);
      });
    }
  });

  describe('given too much of anything', () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ['message', `OPTIONS sip:a@b SIP/2.0\r\n\r\n${'x'.repeat(70_000)}`, 'too-large'],
      ['line', lines('OPTIONS sip:a@b SIP/2.0', `Subject: ${'x'.repeat(9_000)}`, '', ''), 'line-too-long'],
      ['folded line', lines('OPTIONS sip:a@b SIP/2.0', 'Subject: x', ...Array.from({ length: 300 }, () => ` ${'x'.repeat(40)}`), '', ''), 'line-too-long'],
      ['headers', lines('OPTIONS sip:a@b SIP/2.0', ...Array.from({ length: 201 }, (_, i) => `X-${i}: 1`), '', ''), 'too-many-headers'],
      ['URI', lines(`OPTIONS sip:${'a'.repeat(3_000)}@b SIP/2.0`, '', ''), 'uri-too-long'],
    ];
    for (const [what, text, fault] of cases) {
      it(`refuses the ${what} by name`, () => {
        const outcome = parse(text);
        assert.deepEqual([outcome.kind, outcome.kind === 'malformed' && outcome.fault], ['malformed', fault]);
      });
    }
  });

  describe('as a property', () => {
    const INVITE = lines('INVITE sip:1000@centre.example SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc', 'From: "Carol" <sip:+213550000001@carrier.example>;tag=1',
      'To: <sip:1000@centre.example>', 'Call-ID: abc@192.0.2.1', 'CSeq: 1 INVITE', 'Max-Forwards: 70', 'Contact: <sip:carol@192.0.2.1>', 'Content-Type: application/sdp', 'Content-Length: 3', '', 'v=0');

    it('never throws, whatever bytes arrive in a real message', () => {
      fc.assert(fc.property(
        fc.array(fc.tuple(fc.nat(INVITE.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 8 }),
        (edits) => {
          let text = INVITE;
          for (const [at, removed, inserted] of edits) text = text.slice(0, at) + inserted + text.slice(at + removed);
          const outcome = parse(text);
          if (outcome.kind === 'message') readEssentials(outcome.message);
        },
      ), { numRuns: 5_000 });
    });

    it('is its own inverse: what is parsed, written and parsed again is the same', () => {
      fc.assert(fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^X-[A-Za-z0-9-]{1,12}$/), fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/)), { maxLength: 20 }),
        fc.string({ maxLength: 50 }).map((body) => Buffer.from(body, 'utf8').toString('latin1')),
        (headers, body) => {
          const text = `OPTIONS sip:a@b SIP/2.0\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
          const first = parsed(text);
          assert.equal(first.body, body);
          assert.deepEqual(first.headers.list.map(({ name, value }) => [name.label, value]), headers);
          assert.equal(serialize(parsed(serialize(first))), serialize(first));
        },
      ), { numRuns: 500 });
    });

    it('costs time in proportion to the length, up to the largest message', () => {
      const slow = lines('OPTIONS sip:a@b SIP/2.0', ...Array.from({ length: 199 }, (_, i) => `X-${i}: ${'a; b, "c" <d> '.repeat(20)}`), '', '');
      const started = process.hrtime.bigint();
      for (let i = 0; i < 20; i += 1) parsed(slow);
      const ms = Number(process.hrtime.bigint() - started) / 1e6 / 20;
      assert.ok(ms < 20, `${ms} ms for ${slow.length} bytes`);
    });
  });
});
