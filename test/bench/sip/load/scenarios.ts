import { hungUp, OFFER, type SippStep } from '../../../calls/sipp-scenario.ts';

const VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
const FROM = 'From: "Carol" <sip:carol@[local_ip]:[local_port]>;tag=[pid]c[call_number]';
const COMMON = [FROM, 'Call-ID: [call_id]', 'Max-Forwards: 70', 'Contact: <sip:carol@[local_ip]:[local_port]>'];

const send = (attributes: string, lines: readonly string[]): SippStep => `<send ${attributes}><![CDATA[\n${lines.join('\n')}\n]]></send>`;

const inDialog = (method: string, cseq: number, attributes: string): SippStep => send(attributes, [
  `${method} [next_url] SIP/2.0`, VIA, ...COMMON, 'To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]', `CSeq: ${cseq} ${method}`, '[routes]',
  'Content-Length: 0', '',
]);

/** A call that is rung, answered, and hung up by the caller, after the steps between. */
const call = (...between: readonly SippStep[]): readonly SippStep[] => [
  send('retrans="500"', [
    'INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0', VIA, ...COMMON, 'To: <sip:[service]@[remote_ip]:[remote_port]>', 'CSeq: 1 INVITE',
    'Content-Type: application/sdp', 'Content-Length: [len]', '', OFFER,
  ]),
  '<recv response="100" optional="true"/>',
  '<recv response="180" optional="true"/>',
  '<recv response="200" rrs="true"/>',
  inDialog('ACK', 1, ''),
  ...between,
  inDialog('BYE', 2, 'retrans="500"'),
  '<recv response="200"/>',
];

/** A call that is hung up at once. */
export const CALL = call();

/** A call that is held for as long as `-d` says. */
export const HELD_CALL = call('<pause/>');

/** One OPTIONS. */
export const SINGLE_OPTIONS: readonly SippStep[] = [
  send('retrans="500"', [
    'OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0', VIA, ...COMMON, 'To: <sip:[remote_ip]:[remote_port]>', 'CSeq: 1 OPTIONS', 'Content-Length: 0', '',
  ]),
  '<recv response="200"/>',
];

/** The far end of a bridged call, for SIPp as the callee. */
export const CALLEE: readonly SippStep[] = [
  '<recv request="INVITE"/>',
  ...[180, 200].map((status) => `<send ${status === 200 ? 'retrans="500"' : ''}><![CDATA[
SIP/2.0 ${status} OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]callee[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

${OFFER}
]]></send>`),
  '<recv request="ACK"/>',
  hungUp(60_000),
];
