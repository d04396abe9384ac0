import { cpus } from 'node:os';
import { DEFAULT_LIMITS } from '../../server/sip-engine/guard/limits.ts';
import { readEssentials } from '../../server/sip-engine/message/essentials.ts';
import { parseNameAddr } from '../../server/sip-engine/message/header-values.ts';
import { parseMessage } from '../../server/sip-engine/message/parse-message.ts';
import { parseSipUri } from '../../server/sip-engine/message/sip-uri.ts';

const ROUNDS = 7;

/** An INVITE of 715 bytes, as a carrier sends it. */
function makeInvite(): string {
  const body = [
    'v=0', 'o=carrier 2890844526 2890844526 IN IP4 198.51.100.7', 's=-', 'c=IN IP4 198.51.100.7', 't=0 0',
    'm=audio 49170 RTP/AVP 8 0 101', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000', '',
  ].join('\r\n');
  const head = (subject: string): string => [
    'INVITE sip:+213550000001@centre.example.com:5060 SIP/2.0',
    'Via: SIP/2.0/UDP 198.51.100.7:5060;rport;branch=z9hG4bK-524287-1---0f3eb40b11f97a9c',
    'Max-Forwards: 70',
    'From: "Carol" <sip:+213661000002@carrier.example.com>;tag=5e00e125',
    'To: <sip:+213550000001@centre.example.com>',
    'Call-ID: wSSsR1c-lUjKuRhxr0iEKA@198.51.100.7',
    'CSeq: 1 INVITE',
    'Contact: <sip:carrier@198.51.100.7:5060>',
    'Content-Type: application/sdp',
    `Subject: ${subject}`,
    `Content-Length: ${body.length}`,
    '', '',
  ].join('\r\n');
  return head('x'.repeat(715 - head('').length - body.length)) + body;
}

/** A well-formed message of about `bytes` with as many headers as the limits allow. */
function makeLong(bytes: number): string {
  const lines = Math.min(180, Math.ceil(bytes / 300));
  const value = '"a, b" <sip:c@d.example;x=1>;y="z"; '.repeat(Math.ceil((bytes - 600) / lines / 36)).slice(0, Math.max(1, Math.floor((bytes - 600) / lines) - 12));
  const extra = Array.from({ length: lines }, (_, i) => `X-H${i}: ${value}\r\n`).join('');
  return makeInvite().replace('Max-Forwards', `${extra}Max-Forwards`);
}

/** Everything that transactions and dialogs read of a request. */
function parseAll(text: string): number {
  const outcome = parseMessage(text, DEFAULT_LIMITS);
  if (outcome.kind !== 'message' || outcome.message.kind !== 'request') throw new Error('the sample must parse');
  const { message } = outcome;
  const checked = readEssentials(message);
  if (checked.kind !== 'ok') throw new Error(checked.reason);
  const contact = parseNameAddr(message.headers.get('contact') ?? '');
  return (parseSipUri(message.uri)?.host.length ?? 0) + (contact?.uri.length ?? 0);
}

/** @returns the median of the rounds, in microseconds per message. */
function measure(text: string, times: number): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const from = process.hrtime.bigint();
    for (let i = 0; i < times; i += 1) parseAll(text);
    return Number(process.hrtime.bigint() - from) / 1000 / times;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
}

/** `tsx test/bench/sip-parse.ts`: what the parser costs, and that it grows with the length only. */
function runBench(): void {
  const processors = cpus();
  console.log(`machine: ${processors.length} × ${processors[0]?.model ?? 'unknown'}, Node ${process.version}`);
  const invite = makeInvite();
  measure(invite, 20_000);
  console.log(`structured parse of an INVITE of ${invite.length} bytes: ${measure(invite, 20_000).toFixed(2)} µs (aim: 12)`);
  for (const bytes of [2_048, 4_096, 8_192, 16_384, 32_768, 65_000]) {
    const text = makeLong(bytes);
    const us = measure(text, Math.ceil(4_000_000 / bytes));
    console.log(`${text.length} bytes: ${us.toFixed(1)} µs, ${(us * 1000 / text.length).toFixed(1)} ns per byte`);
  }
}

runBench();
