import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { withDeadline } from '../../../server/base/deadline.ts';
import { readMessage, type WireMessage } from './ws-phone.ts';

/** A request as a {@link SipPeer} got it, and where it came from. */
export interface PeerRequest extends WireMessage {
  readonly from: RemoteInfo;
}

/** What a peer does with a request by itself; `undefined` leaves it to the test. */
export type PeerScript = (request: PeerRequest) => { readonly status: number; readonly headers?: readonly string[]; readonly sdp?: string; readonly contact?: string } | undefined;

/** A carrier, a PBX or a proxy on UDP, by hand: it answers as its script says. */
export class SipPeer {
  /** Every request, retransmissions too. */
  readonly requests: PeerRequest[] = [];
  script: PeerScript = () => undefined;
  readonly #socket: Socket;
  readonly #inbox: (PeerRequest | WireMessage)[] = [];
  #waiting: { matches: (message: WireMessage) => boolean; take: (message: never) => void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (data, from) => this.#receive(data.toString('utf8'), from));
  }

  /** @param host - its address: `127.0.0.2` is somebody else than `127.0.0.1`. */
  static async open(script?: PeerScript, host = '127.0.0.1'): Promise<SipPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const peer = new SipPeer(socket);
    if (script) peer.script = script;
    return peer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where calls and registrations are sent: `sip:address:port`. */
  get uri(): string {
    return `sip:${this.#socket.address().address}:${this.port}`;
  }

  /** The next request of a method that the script left to the test. */
  request(method: string, withinMs = 3_000): Promise<PeerRequest> {
    return this.next<PeerRequest>((message) => message.method === method, withinMs);
  }

  /** The next final response. */
  final(withinMs = 3_000): Promise<WireMessage> {
    return this.next((message) => message.status >= 200, withinMs);
  }

  /** The next message that fits and that the script left to the test. */
  next<T extends WireMessage>(matches: (message: WireMessage) => boolean, withinMs = 3_000): Promise<T> {
    const index = this.#inbox.findIndex(matches);
    // Casts because what matches a method is a request, and the rest are responses.
    if (index >= 0) return Promise.resolve(this.#inbox.splice(index, 1)[0] as T);
    return withDeadline(withinMs, () => new Promise<T>((take) => { this.#waiting.push({ matches, take: take }); }));
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  respond(to: PeerRequest, status: number, of: { headers?: readonly string[]; sdp?: string; contact?: string } = {}): void {
    const body = of.sdp ?? '';
    const toHeader = to.get('to');
    this.send([
      `SIP/2.0 ${status} Whatever`, ...to.all('via').map((via) => `Via: ${via}`), `From: ${to.get('from')}`,
      `To: ${status === 100 || toHeader.includes('tag=') ? toHeader : `${toHeader};tag=peer`}`, `Call-ID: ${to.get('call-id')}`, `CSeq: ${to.get('cseq')}`,
      ...(to.method === 'INVITE' ? [`Contact: <${of.contact ?? this.uri}>`] : []), ...(of.headers ?? []), ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ], body, to.from.port);
  }

  /** Sends any message. */
  send(rows: readonly string[], body: string, port: number): void {
    this.#socket.send(`${[...rows, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`, port, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(text: string, from: RemoteInfo): void {
    if (text.trim() === '') return; // keep-alive
    const message = { ...readMessage(text), from };
    if (message.method !== '') {
      this.requests.push(message);
      const answer = this.script(message);
      if (answer) return this.respond(message, answer.status, answer);
    }
    const waiting = this.#waiting.find(({ matches }) => matches(message));
    this.#waiting = this.#waiting.filter((one) => one !== waiting);
    if (waiting) waiting.take(message as never);
    else this.#inbox.push(message);
  }
}
