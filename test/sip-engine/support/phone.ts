import { sdp } from './harness.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from './udp-peer.ts';

/** What an answer has besides what it repeats of its request. */
export interface AnswerParts {
  /** Put on a To without one. */
  readonly tag?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

let calls = 0;

/** A telephone that speaks SIP by hand over UDP, with one call at a time. */
export class Phone {
  readonly callId: string;
  /** The port that its Contact names; another one when it has moved. */
  contactPort: number;
  readonly #peer: UdpPeer;
  readonly #server: number;
  #requests = 0;

  private constructor(peer: UdpPeer, server: number) {
    calls += 1;
    this.callId = `phone-${calls}`;
    this.#peer = peer;
    this.contactPort = peer.port;
    this.#server = server;
  }

  /** @param server - the UDP port of the engine. */
  static async open(server: number): Promise<Phone> {
    return new Phone(await UdpPeer.open(), server);
  }

  get port(): number {
    return this.#peer.port;
  }

  get contact(): string {
    return `Contact: <sip:phone@127.0.0.1:${this.contactPort}>`;
  }

  /** What arrived and was not asked for. */
  get received(): string[] {
    return this.#peer.received;
  }

  /** Sends a request of its call. @returns it, for its branch. */
  request(parts: Partial<RequestParts> & { method: string }): string {
    this.#requests += 1;
    const text = handMade({
      port: this.port, branch: `z9hG4bK-${this.callId}-${this.#requests}`, callId: this.callId, ...parts,
      headers: [this.contact, ...(parts.body === undefined ? [] : ['Content-Type: application/sdp']), ...(parts.headers ?? [])],
    });
    this.send(text);
    return text;
  }

  /** Sends a request in the dialog of an INVITE that arrived here. @param tag - ours in that dialog. */
  requestIn(invite: string, tag: string, parts: { readonly method: string; readonly sequence: number; readonly body?: string; readonly headers?: readonly string[] }): void {
    const { method, sequence, body = '', headers = [] } = parts;
    this.send([
      `${method} sip:engine@127.0.0.1 SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK-${this.callId}-in-${sequence}-${method}`,
      `From: ${headerOf(invite, 'To')};tag=${tag}`, `To: ${headerOf(invite, 'From')}`, `Call-ID: ${headerOf(invite, 'Call-ID')}`,
      `CSeq: ${sequence} ${method}`, 'Max-Forwards: 70', this.contact, ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']), `Content-Length: ${body.length}`, '', body,
    ].join('\r\n'));
  }

  /** Cancels an INVITE that {@link request} sent. */
  cancel(invite: string): void {
    this.request({ method: 'CANCEL', branch: branchOf(invite), uri: /^INVITE (\S+)/.exec(invite)?.[1] ?? '', sequence: Number.parseInt(headerOf(invite, 'CSeq'), 10) });
  }

  /** Acknowledges the refusal of an INVITE that {@link request} sent. */
  acknowledgeRefusal(invite: string, toTag: string): void {
    this.request({ method: 'ACK', branch: branchOf(invite), sequence: Number.parseInt(headerOf(invite, 'CSeq'), 10), toTag });
  }

  send(text: string): void {
    this.#peer.send(text, this.#server);
  }

  next(start: string, deadlineMs?: number): Promise<string> {
    return this.#peer.next(start, deadlineMs);
  }

  /** Answers a request that arrived. @param line - `200 OK`. */
  answer(request: string, line: string, { tag = '', headers = [], body = '' }: AnswerParts = {}): void {
    const to = headerOf(request, 'To');
    const vias = request.split('\r\n').filter((one) => /^(?:Via|Record-Route):/i.test(one));
    this.send([
      `SIP/2.0 ${line}`, ...vias, ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`),
      `To: ${to}${tag === '' || to.includes(';tag=') ? '' : `;tag=${tag}`}`, this.contact, ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']), `Content-Length: ${body.length}`, '', body,
    ].join('\r\n'));
  }

  /** Calls, is answered, and acknowledges. @returns the tag of the engine. */
  async call(parts: { readonly headers?: readonly string[]; readonly body?: string } = {}): Promise<string> {
    this.request({ method: 'INVITE', body: sdp(4_000), ...parts });
    const tag = toTagOf(await this.next('SIP/2.0 200'));
    this.request({ method: 'ACK', toTag: tag });
    return tag;
  }

  async hangUp(toTag: string, sequence: number): Promise<void> {
    this.request({ method: 'BYE', sequence, toTag });
    for (;;) {
      const ok = await this.next('SIP/2.0 200');
      if (headerOf(ok, 'CSeq').endsWith('BYE')) return;
    }
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}

const branchOf = (request: string): string => /branch=([^;\r]+)/.exec(headerOf(request, 'Via'))?.[1] ?? '';
