import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSipp, startSipp, type SippOptions, type SippProcess, type SippResult } from '../../support/sipp.ts';

/** One step of a SIPp scenario, as XML. */
export type Step = string;

/** The offer that scenarios make, and its answer. */
export const SIPP_SDP = [
  'v=0', 'o=carol 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 8 101', 'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000', '',
].join('\n');

const message = (start: string, rows: readonly string[], body = ''): string =>
  `<![CDATA[\n${[start, ...rows, `Content-Length: ${body === '' ? '0' : '[len]'}`, '', body].join('\n')}\n]]>`;

const ROWS = (method: string, cseq: number, toTag: boolean): readonly string[] => [
  'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]', 'Max-Forwards: 70',
  'From: "Carol" <sip:0555000111@carrier.example>;tag=[call_number]', `To: <sip:[service]@[remote_ip]:[remote_port]>${toTag ? '[peer_tag_param]' : ''}`,
  'Call-ID: [call_id]', `CSeq: ${cseq} ${method}`, 'Contact: <sip:carol@[local_ip]:[local_port];transport=[transport]>',
];

const SDP_TYPE = 'Content-Type: application/sdp';

/** Sends INVITE; without SDP it is a late offer. */
export const invite = (of: { sdp?: string | undefined; headers?: readonly string[]; cseq?: number } = { sdp: SIPP_SDP }): Step => {
  const isAgain = of.cseq !== undefined;
  const rows = [...ROWS('INVITE', of.cseq ?? 1, isAgain), ...(of.headers ?? []), ...(of.sdp === undefined ? [] : [SDP_TYPE])];
  return `<send retrans="500">${message(`INVITE ${isAgain ? '[next_url]' : 'sip:[service]@[remote_ip]:[remote_port]'} SIP/2.0`, rows, of.sdp)}</send>`;
};

/** Receives a response; a pattern is checked against the whole message. */
export const expect = (status: number, pattern?: string): Step =>
  `<recv response="${status}" rrs="true"${status >= 200 ? ' rtd="true"' : ''}>${check(pattern)}</recv>`;

/** Receives a response that may or may not come. */
export const maybe = (status: number): Step => `<recv response="${status}" optional="true"/>`;

/** Receives a request. */
export const expectRequest = (method: string, pattern?: string): Step => `<recv request="${method}" rrs="true">${check(pattern)}</recv>`;

/** Receives an INVITE and keeps who is calling, for {@link byeFromCallee}. */
export const expectInviteToHangUp = (): Step =>
  '<recv request="INVITE" rrs="true"><action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/></action></recv>';

const check = (pattern: string | undefined): string =>
  (pattern === undefined ? '' : `<action><ereg regexp="${pattern.replaceAll('"', '&quot;')}" search_in="msg" check_it="true" assign_to="1"/><log message="[$1]"/></action>`);

/** Sends the ACK of a 200. */
export const ack = (of: { sdp?: string; cseq?: number } = {}): Step =>
  `<send>${message('ACK [next_url] SIP/2.0', [...ROWS('ACK', of.cseq ?? 1, true), ...(of.sdp === undefined ? [] : [SDP_TYPE])], of.sdp)}</send>`;

/** Sends the ACK of a refusal: same branch as the INVITE (RFC 3261 §17.1.1.3). */
export const ackRefusal = (): Step =>
  `<send>${message('ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0', ROWS('ACK', 1, true).map((row) => row.replace('[branch]', '[branch-2]')))}</send>`;

/** Sends a request within the dialog. */
export const inDialog = (method: string, cseq: number, of: { headers?: readonly string[]; body?: string } = {}): Step =>
  `<send retrans="500">${message(`${method} [next_url] SIP/2.0`, [...ROWS(method, cseq, true), ...(of.headers ?? [])], of.body)}</send>`;

/** Cancels the INVITE sent before. */
export const cancel = (): Step =>
  `<send retrans="500">${message('CANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0', ROWS('CANCEL', 1, false).map((row) => row.replace('[branch]', '[branch-2]')))}</send>`;

/** Answers the request received last. */
export const reply = (status: number, of: { sdp?: string; headers?: readonly string[] } = {}): Step => `<send>${message(
  `SIP/2.0 ${status} OK`,
  ['[last_Via:]', '[last_From:]', '[last_To:];tag=sipp[call_number]', '[last_Call-ID:]', '[last_CSeq:]', 'Contact: <sip:[local_ip]:[local_port]>',
    ...(of.headers ?? []), ...(of.sdp === undefined ? [] : [SDP_TYPE])],
  of.sdp)}</send>`;

/** Answers a request within the dialog: To has its tag. */
export const replyInDialog = (status: number, of: { sdp?: string; headers?: readonly string[] } = {}): Step => `<send>${message(
  `SIP/2.0 ${status} OK`,
  ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]', ...(of.headers ?? []), ...(of.sdp === undefined ? [] : ['Contact: <sip:[local_ip]:[local_port]>', SDP_TYPE])],
  of.sdp)}</send>`;

export const pause = (ms: number): Step => `<pause milliseconds="${ms}"/>`;

async function withFile<T>(steps: readonly Step[], use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-scenario-'));
  const path = join(directory, 'scenario.xml');
  await writeFile(path, `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="allo">\n${steps.join('\n')}\n</scenario>\n`);
  try {
    return await use(path);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Runs a caller to its end. */
export const call = (steps: readonly Step[], options: Omit<SippOptions, 'scenario'>): Promise<SippResult> =>
  withFile(steps, (scenario) => runSipp({ args: ['-s', '1000'], ...options, scenario }));

/** Starts a telephone that waits for calls. */
export const waitForCalls = (steps: readonly Step[], options: Omit<SippOptions, 'scenario'> = {}): Promise<SippProcess> =>
  withFile(steps, (scenario) => startSipp({ ...options, scenario }));

/** Sends the ACK of a refused re-INVITE: the branch of that INVITE, the tag of the dialog. */
export const ackInDialogRefusal = (cseq: number): Step =>
  `<send>${message('ACK [next_url] SIP/2.0', ROWS('ACK', cseq, true).map((row) => row.replace('[branch]', '[branch-3]')))}</send>`;

/** Hangs up from the side that was called: From and To of the INVITE the other way round. */
export const byeFromCallee = (headers: readonly string[]): Step => `<send retrans="500">${message('BYE [next_url] SIP/2.0', [
  'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]', 'Max-Forwards: 70', 'From: <sip:1000@[local_ip]:[local_port]>;tag=sipp[call_number]',
  'To: [$caller]', 'Call-ID: [call_id]', 'CSeq: 1 BYE', ...headers])}</send>`;
