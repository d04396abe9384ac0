import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One element of a SIPp scenario. */
export type SippStep = string;

/** What Carol's telephone offers: both laws of G.711, and keys (RFC 4733). */
export const OFFER = `v=0
o=carol 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15`;

/** An offer that no call centre takes: G.729 alone. */
const G729_OFFER = `v=0
o=carol 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 18
a=rtpmap:18 G729/8000`;

interface Request {
  readonly method: string;
  readonly cseq: number;
  /** Header lines of its own. */
  readonly headers?: readonly string[];
  readonly body?: { readonly type: string; readonly text: string };
  /** Attributes of the `<send>` element. */
  readonly attributes?: string;
  readonly branch?: string;
  readonly inDialog?: boolean;
}

function send({ method, cseq, headers = [], body, attributes = '', branch = '[branch]', inDialog = false }: Request): SippStep {
  const lines = [
    `${method} ${inDialog ? '[next_url]' : 'sip:[service]@[remote_ip]:[remote_port]'} SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
    'Max-Forwards: 70',
    'From: "Carol" <sip:[from]@[local_ip]:[local_port]>;tag=[pid]carol[call_number]',
    `To: <sip:[service]@[remote_ip]:[remote_port]>${inDialog ? '[peer_tag_param]' : ''}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:carol@[local_ip]:[local_port];transport=[transport]>',
    ...(inDialog ? ['[routes]'] : []),
    ...headers,
    ...(body ? [`Content-Type: ${body.type}`] : []),
    'Content-Length: [len]',
    '',
    ...(body ? [body.text] : []),
  ];
  return `<send ${attributes}><![CDATA[\n${lines.join('\n')}\n]]></send>`;
}

/** The INVITE of Carol: with an offer, with one that nobody takes, or with none. */
export const invite = (options: { readonly offer?: 'g711' | 'g729' | 'none'; readonly attributes?: string; readonly headers?: readonly string[]; readonly branch?: string } = {}): SippStep => send({
  method: 'INVITE', cseq: 1, attributes: options.attributes ?? 'retrans="500" start_txn="invite"',
  ...(options.headers ? { headers: options.headers } : {}),
  ...(options.branch === undefined ? {} : { branch: options.branch }),
  ...(options.offer === 'none' ? {} : { body: { type: 'application/sdp', text: options.offer === 'g729' ? G729_OFFER : OFFER } }),
});

/** The ACK of a 200: a transaction of its own (RFC 3261 §13.2.2.4), with the answer after a late offer. */
export const ack = (options: { readonly answer?: boolean } = {}): SippStep => send({
  method: 'ACK', cseq: 1, inDialog: true, attributes: 'ack_txn="invite"',
  ...(options.answer === true ? { body: { type: 'application/sdp', text: OFFER } } : {}),
});

/** The ACK of a final answer that is not 200, within the INVITE's transaction (RFC 3261 §17.1.1.3). */
export const ackRefusal = (branch: string): SippStep => send({ method: 'ACK', cseq: 1, branch, attributes: 'ack_txn="invite"' }).replace(
  '<sip:[service]@[remote_ip]:[remote_port]>\n', '<sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]\n',
);

/** CANCEL of the INVITE that had this branch (RFC 3261 §9.1). */
export const cancel = (branch: string): SippStep => send({ method: 'CANCEL', cseq: 1, branch, attributes: 'retrans="500" start_txn="cancel"' });

/** A key by SIP INFO, and its 200. */
export const press = (key: string, cseq: number): SippStep => [
  send({
    method: 'INFO', cseq, inDialog: true, attributes: 'retrans="500" start_txn="info"',
    body: { type: 'application/dtmf-relay', text: `Signal=${key}\nDuration=160` },
  }),
  '<recv response="200" response_txn="info"/>',
].join('\n');

/** Carol hangs up. */
export const bye = (cseq: number): SippStep => [
  send({ method: 'BYE', cseq, inDialog: true, attributes: 'retrans="500" start_txn="bye"' }),
  '<recv response="200" response_txn="bye"/>',
].join('\n');

/** 100 may come, then the answer. */
export const answered = (): SippStep => '<recv response="100" optional="true" response_txn="invite"/>\n<recv response="200" rrs="true" response_txn="invite"/>';

export const refused = (status: number): SippStep => `<recv response="100" optional="true" response_txn="invite"/>\n<recv response="${status}" rrs="true" response_txn="invite"/>`;

export const pause = (milliseconds: number): SippStep => `<pause milliseconds="${milliseconds}"/>`;

/** The other side hangs up, within the time; Carol says 200. */
export const hungUp = (timeoutMs: number): SippStep => `<recv request="BYE" timeout="${timeoutMs}"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`;

/** Writes the steps as a scenario file for SIPp; `remove` deletes it. */
export async function writeScenario(name: string, steps: readonly SippStep[]): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-scenario-'));
  const path = join(directory, `${name}.xml`);
  await writeFile(path, `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`);
  return { path, remove: () => rm(directory, { recursive: true }) };
}
