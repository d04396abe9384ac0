import { OFFER, type SippStep } from '../../calls/sipp-scenario.ts';

const VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
const FROM = 'From: "Carol" <sip:carol@[local_ip]:[local_port]>;tag=[pid]c[call_number]';
const COMMON = [FROM, 'Call-ID: [call_id]', 'Max-Forwards: 70', 'Contact: <sip:carol@[local_ip]:[local_port]>'];

const send = (attributes: string, lines: readonly string[]): SippStep => `<send ${attributes}><![CDATA[\n${lines.join('\n')}\n]]></send>`;

/**
 * A call that is rung, answered, and hung up by the caller at once.
 * @param stop - which response stops the clock: SIPp starts one clock a command.
 */
const callTimedAt = (stop: 180 | 200): readonly SippStep[] => [
  send('retrans="500" start_rtd="answered"', [
    'INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0', VIA, ...COMMON, 'To: <sip:[service]@[remote_ip]:[remote_port]>', 'CSeq: 1 INVITE',
    'Content-Type: application/sdp', 'Content-Length: [len]', '', OFFER,
  ]),
  '<recv response="100" optional="true"/>',
  `<recv response="180" optional="true" ${stop === 180 ? 'rtd="answered"' : ''}/>`,
  `<recv response="200" rrs="true" ${stop === 200 ? 'rtd="answered"' : ''}/>`,
  send('', ['ACK [next_url] SIP/2.0', VIA, ...COMMON, 'To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]', 'CSeq: 1 ACK', '[routes]', 'Content-Length: 0', '']),
  send('retrans="500"', ['BYE [next_url] SIP/2.0', VIA, ...COMMON, 'To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]', 'CSeq: 2 BYE', '[routes]', 'Content-Length: 0', '']),
  '<recv response="200"/>',
];

export const CALL = callTimedAt(200);
export const CALL_TIMED_AT_RINGING = callTimedAt(180);

/** One OPTIONS. */
export const SINGLE_OPTIONS: readonly SippStep[] = [
  send('retrans="500" start_rtd="answered"', [
    'OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0', VIA, ...COMMON, 'To: <sip:[remote_ip]:[remote_port]>', 'CSeq: 1 OPTIONS', 'Content-Length: 0', '',
  ]),
  '<recv response="200" rtd="answered"/>',
];

const register = (cseq: number, attributes: string, more: readonly string[]): SippStep => send(attributes, [
  'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0', VIA, FROM.replace('carol@', 'bench@'), ...COMMON.slice(1), 'To: <sip:bench@[remote_ip]>', `CSeq: ${cseq} REGISTER`,
  'Expires: 120', ...more, 'Content-Length: 0', '',
]);

/** A registration with digest: challenge and answer. */
export const REGISTRATION: readonly SippStep[] = [
  register(1, 'retrans="500" start_rtd="answered"', []),
  '<recv response="401" auth="true"/>',
  register(2, 'retrans="500"', ['[authentication username=bench password=secret]']),
  '<recv response="200" rtd="answered"/>',
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
  '<recv request="BYE"/>',
  `<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`,
];
