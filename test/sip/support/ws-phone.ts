import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { withDeadline } from '../../../server/base/deadline.ts';
import { answerChallenge } from './digest-client.ts';

/** A SIP message as text, with its start line and headers found. */
export interface WireMessage {
  readonly start: string;
  /** 0 for a request. */
  readonly status: number;
  /** Empty for a response. */
  readonly method: string;
  readonly body: string;
  /** All of it before the body, as it came. */
  readonly head: string;
  /** First value by lower-case name. */
  get(name: string): string;
  all(name: string): readonly string[];
}

/** Takes a SIP message apart, as much as tests need. */
export function readMessage(text: string): WireMessage {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [start = '', ...rows] = head.split('\r\n');
  const headers = rows.map((row) => [row.slice(0, row.indexOf(':')).trim().toLowerCase(), row.slice(row.indexOf(':') + 1).trim()] as const);
  const all = (name: string): readonly string[] => headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
  return {
    start,
    status: Number(/^SIP\/2\.0 (\d{3})/.exec(start)?.[1] ?? 0),
    method: start.startsWith('SIP/2.0') ? '' : start.split(' ')[0] ?? '',
    head,
    body: rest.join('\r\n\r\n'),
    all,
    get: (name) => all(name)[0] ?? '',
  };
}

const token = (): string => randomBytes(6).toString('hex');

/** A browser's SIP over WebSocket (RFC 7118), by hand: every message is the test's. */
export class WsPhone {
  readonly contact = `sip:${token()}@${token()}.invalid;transport=ws`;
  readonly #socket: WebSocket;
  readonly #username: string;
  readonly #realm: string;
  readonly #inbox: WireMessage[] = [];
  readonly #waiting: { matches: (message: WireMessage) => boolean; take: (message: WireMessage) => void }[] = [];
  #cseq = 0;

  private constructor(socket: WebSocket, username: string, realm: string) {
    this.#socket = socket;
    this.#realm = realm;
    this.#username = username;
    // Text frames: ws hands over a Buffer.
    socket.on('message', (data: Buffer) => this.#receive(data.toString('utf8')));
  }

  static async open(url: string, username: string, realm = 'allo'): Promise<WsPhone> {
    const socket = new WebSocket(url, 'sip');
    const phone = new WsPhone(socket, username, realm);
    await new Promise<void>((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
    return phone;
  }

  /** Waits for the next message that fits, however long ago it came. */
  async next(matches: (message: WireMessage) => boolean, withinMs = 3_000): Promise<WireMessage> {
    const index = this.#inbox.findIndex(matches);
    const [found] = index < 0 ? [] : this.#inbox.splice(index, 1);
    if (found) return found;
    return withDeadline(withinMs, () => new Promise<WireMessage>((take) => { this.#waiting.push({ matches, take }); }));
  }

  request(method: string, withinMs?: number): Promise<WireMessage> {
    return this.next((message) => message.method === method, withinMs);
  }

  /** Waits for a final response to a method. */
  final(method: string): Promise<WireMessage> {
    return this.next((message) => message.status >= 200 && message.get('cseq').endsWith(method));
  }

  /** Registers with digest; `expires=0` unregisters. @returns the last response. */
  async register(password: string, expires = 300): Promise<WireMessage> {
    const callId = token();
    const send = (authorization?: string): void => this.send('REGISTER', {
      uri: `sip:${this.#realm}`, callId, to: `<sip:${this.#username}@${this.#realm}>`,
      headers: [`Contact: <${this.contact}>;expires=${expires}`, ...(authorization === undefined ? [] : [`Authorization: ${authorization}`])],
    });
    send();
    const first = await this.final('REGISTER');
    if (first.status !== 401) return first;
    send(answerChallenge({ challenge: first.all('www-authenticate').at(-1) ?? '', username: this.#username, password, uri: `sip:${this.#realm}` }));
    return this.final('REGISTER');
  }

  /** Sends a request outside or inside of a dialog; the caller says which by its tags. */
  send(method: string, of: { uri: string; callId: string; to: string; from?: string; cseq?: number; headers?: readonly string[]; body?: string }): void {
    this.#cseq += 1;
    const body = of.body ?? '';
    this.#write([
      `${method} ${of.uri} SIP/2.0`, `Via: SIP/2.0/WS ${token()}.invalid;branch=z9hG4bK${token()}`, 'Max-Forwards: 70',
      `From: ${of.from ?? `<sip:${this.#username}@${this.#realm}>;tag=${token()}`}`, `To: ${of.to}`, `Call-ID: ${of.callId}`,
      `CSeq: ${of.cseq ?? this.#cseq} ${method}`, ...(of.headers ?? []), `Content-Length: ${Buffer.byteLength(body)}`,
    ], body);
  }

  /** Sends a request within the dialog of an INVITE that was answered here. */
  sendInDialog(method: string, invite: WireMessage, of: { headers?: readonly string[]; body?: string } = {}): void {
    const target = /<([^>]+)>/.exec(invite.get('contact'))?.[1] ?? '';
    this.send(method, { uri: target, callId: invite.get('call-id'), from: `${invite.get('to')};tag=phone`, to: invite.get('from'), ...of });
  }

  /** Answers a request. */
  respond(to: WireMessage, status: number, of: { headers?: readonly string[]; sdp?: string } = {}): void {
    const body = of.sdp ?? '';
    const toHeader = to.get('to');
    this.#write([
      `SIP/2.0 ${status} ${status < 300 ? 'OK' : 'No'}`, ...to.all('via').map((via) => `Via: ${via}`), ...to.all('record-route').map((route) => `Record-Route: ${route}`),
      `From: ${to.get('from')}`, `To: ${toHeader.includes('tag=') ? toHeader : `${toHeader};tag=phone`}`, `Call-ID: ${to.get('call-id')}`, `CSeq: ${to.get('cseq')}`,
      `Contact: <${this.contact}>`, ...(of.headers ?? []), ...(body === '' ? [] : ['Content-Type: application/sdp']), `Content-Length: ${Buffer.byteLength(body)}`,
    ], body);
  }

  /** Closes the connection as a closed tab does. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => { this.#socket.once('close', () => resolve()); });
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    await closed;
  }

  #write(rows: readonly string[], body: string): void {
    this.#socket.send(`${rows.join('\r\n')}\r\n\r\n${body}`);
  }

  #receive(text: string): void {
    if (text.trim() === '') return; // keep-alive
    const message = readMessage(text);
    const index = this.#waiting.findIndex(({ matches }) => matches(message));
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (waiting) waiting.take(message);
    else this.#inbox.push(message);
  }
}
