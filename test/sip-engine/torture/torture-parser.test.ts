import assert from 'node:assert/strict';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { readEssentials, type Essentials } from '../../../server/sip-engine/message/essentials.ts';
import { parseNameAddr, parseVia, splitList } from '../../../server/sip-engine/message/header-values.ts';
import { parseMessage } from '../../../server/sip-engine/message/parse-message.ts';
import { parseSipUri } from '../../../server/sip-engine/message/sip-uri.ts';
import { serialize, type SipMessage } from '../../../server/sip-engine/message/sip-message.ts';
import { RFC_4475, RFC_5118 } from './expectations.ts';
import { readVectors, type Vector } from './read-vectors.ts';

const rfc4475 = readVectors('rfc4475.txt');
const rfc5118 = readVectors('rfc5118.txt');

function verdictOn({ text }: Vector): string {
  const outcome = parseMessage(text, DEFAULT_LIMITS);
  if (outcome.kind === 'malformed') return outcome.fault;
  const checked = readEssentials(outcome.message);
  return checked.kind === 'bad' ? checked.reason : 'well-formed';
}

function read(vectors: readonly Vector[], name: string): { message: SipMessage; essentials: Essentials } {
  const outcome = parseMessage(vectors.find((vector) => vector.name === name)?.text ?? '', DEFAULT_LIMITS);
  assert.ok(outcome.kind === 'message', name);
  const checked = readEssentials(outcome.message);
  assert.ok(checked.kind === 'ok', name);
  return { message: outcome.message, essentials: checked.essentials };
}

const vias = (message: SipMessage): (ReturnType<typeof parseVia>)[] => message.headers.all('via').flatMap(splitList).map(parseVia);

describe('the parser under torture', () => {
  for (const [rfc, vectors, expectations, count] of [['RFC 4475', rfc4475, RFC_4475, 49], ['RFC 5118', rfc5118, RFC_5118, 12]] as const) {
    describe(`given the messages of ${rfc}`, () => {
      it(`has all ${count} of them, each with an expectation`, () => {
        assert.equal(vectors.length, count);
        assert.deepEqual(vectors.map(({ name }) => name), Object.keys(expectations));
      });

      for (const vector of vectors) {
        const parser = expectations[vector.name]?.parser ?? '';
        it(`§${vector.section} ${vector.name}: ${parser}`, () => assert.equal(verdictOn(vector), parser));
      }

      it('writes every well-formed one so that it reads the same', () => {
        for (const vector of vectors.filter(({ name }) => expectations[name]?.parser === 'well-formed')) {
          const { message } = read(vectors, vector.name);
          const again = parseMessage(serialize(message), DEFAULT_LIMITS);
          assert.ok(again.kind === 'message');
          assert.equal(serialize(again.message), serialize(message));
        }
      });
    });
  }

  describe('given what the messages of RFC 4475 are about', () => {
    it('§3.1.1.1 finds every field between the white space', () => {
      const { message, essentials } = read(rfc4475, 'wsinv');
      assert.deepEqual([essentials.fromTag, essentials.toTag, essentials.cseq], ['98asjd8', '1918181833n', { number: 9, method: 'INVITE' }]);
      assert.deepEqual(vias(message).map((via) => [via?.transport, via?.host, via?.branch]),
        [['UDP', '192.0.2.2', '390skdjuw'], ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'], ['UDP', '192.168.255.111', 'z9hG4bK30239']]);
      assert.equal(message.headers.get('newfangledheader'), 'newfangled value continued newfangled value');
      assert.equal(message.headers.get('unknownheaderwithunusualvalue'), ';;,,;;,;');
      assert.equal(message.headers.get('subject'), '');
    });

    it('§3.1.1.2 keeps control characters of quoted pairs, and UTF-8, byte for byte', () => {
      const { message, essentials } = read(rfc4475, 'intmeth');
      assert.equal(parseNameAddr(essentials.to)?.displayName, '"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f"');
      assert.equal(essentials.fromTag, "_token~1'+`*%!-.");
      assert.equal(essentials.callId, "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
      assert.equal(Buffer.from(message.headers.get("extensionheader-!.%*+_`'~") ?? '', 'latin1').toString('utf8'), '\ufeff\u5927\u505c\u96fb');
      assert.equal(parseSipUri(message.kind === 'request' ? message.uri : '')?.host, 'example.com');
    });

    it('§3.1.1.3 and §3.1.1.5 unescape nothing on their own', () => {
      const { message } = read(rfc4475, 'esc01');
      assert.equal(parseSipUri(message.kind === 'request' ? message.uri : '')?.user, 'sips%3Auser%40example.com');
      const { headers } = read(rfc4475, 'esc02').message;
      assert.deepEqual([headers.all('contact').length, headers.get('c%6fntact')], [2, '<sip:alias2@host2.example.com>']);
    });

    it('§3.1.1.6 needs no space before the bracket', () => {
      assert.deepEqual(parseNameAddr(read(rfc4475, 'lwsdisp').essentials.from), { displayName: 'caller', uri: 'sip:caller@example.com', params: ';tag=323' });
    });

    it('§3.1.1.7 has 34 Via values', () => assert.equal(vias(read(rfc4475, 'longreq').message).filter((via) => via !== undefined).length, 34));

    it('§3.1.1.9 takes the parameter of the user for a part of the user', () => {
      const { message } = read(rfc4475, 'semiuri');
      assert.equal(parseSipUri(message.kind === 'request' ? message.uri : '')?.user, 'user;par=u%40example.net');
    });

    it('§3.1.1.10 reads transports that nobody has', () => {
      assert.deepEqual(vias(read(rfc4475, 'transports').message).map((via) => via?.transport), ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
    });

    it('§3.1.1.11 carries a binary body with zeroes', () => {
      const { body } = read(rfc4475, 'mpart01').message;
      assert.deepEqual([body.length, body.includes('\0'), body.startsWith('--7a9c'), body.endsWith('55--\r\n')], [553, true, true, true]);
    });

    it('§3.3.12 and §3.3.13 give an unknown parameter to the header, or to the URI in brackets', () => {
      assert.equal(parseNameAddr(read(rfc4475, 'cparam01').message.headers.get('contact') ?? '')?.params, ';unknownparam');
      assert.equal(parseNameAddr(read(rfc4475, 'cparam02').message.headers.get('contact') ?? '')?.uri, 'sip:+19725552222@gw1.example.net;unknownparam');
    });
  });

  describe('given what the messages of RFC 5118 are about', () => {
    const target = (name: string): ReturnType<typeof parseSipUri> => {
      const { message } = read(rfc5118, name);
      return parseSipUri(message.kind === 'request' ? message.uri : '');
    };

    it('§4.3 and §4.4 read a port outside the brackets only', () => {
      assert.deepEqual([target('port-ambiguous')?.host, target('port-ambiguous')?.port], ['2001:db8::10:5070', undefined]);
      assert.deepEqual([target('port-unambiguous')?.host, target('port-unambiguous')?.port], ['2001:db8::10', 5070]);
    });

    it('§4.5 reads received with and without brackets', () => {
      assert.match(read(rfc5118, 'via-received-param-with-delim').essentials.via.params, /received=\[2001:db8::9:255\]/);
      assert.match(read(rfc5118, 'via-received-param-no-delim').essentials.via.params, /received=2001:db8::9:255/);
    });

    it('§4.7 and §4.9 read addresses of both families side by side', () => {
      assert.deepEqual(vias(read(rfc5118, 'mult-ip-in-header').message).map((via) => [via?.host, via?.port]),
        [['2001:db8::9:1', 6050], ['192.0.2.1', undefined], ['2001:db8::9:255', undefined]]);
      assert.deepEqual(vias(read(rfc5118, 'ipv4-mapped-ipv6').message).map((via) => [via?.host, via?.port]),
        [['::ffff:192.0.2.10', 19_823], ['::ffff:192.0.2.2', undefined]]);
    });
  });
});
