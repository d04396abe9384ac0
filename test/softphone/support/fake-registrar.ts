import { EventEmitter, once } from 'node:events';
import type { WebSocket } from 'ws';

/** An SDP offer as a WebRTC edge makes one; nobody answers at its address. */
const OFFER = [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=msid-semantic: WMS',
  'm=audio 9 UDP/TLS/RTP/SAVPF 0 8 101', 'c=IN IP4 127.0.0.1', 'a=mid:0', 'a=sendrecv', 'a=rtcp-mux',
  'a=ice-ufrag:fake', 'a=ice-pwd:fakefakefakefakefakefake', 'a=setup:actpass',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15', '',
].join('\r\n');

interface SipMessage {
  readonly startLine: string;
  header(name: string): string;
  headers(name: string): readonly string[];
}

/** The far end of one SIP WebSocket: registers whoever asks, rings, and keeps what it hears. */
export class FakeRegistrar extends EventEmitter<{ message: [startLine: string] }> {
  readonly heard: string[] = [];
  readonly #socket: WebSocket;
  #contact = '';
  #serial = 0;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(data.toString('utf8')));
  }

  /** Waits for a message whose first line matches. */
  async hears(pattern: RegExp): Promise<void> {
    while (!this.heard.some((line) => pattern.test(line))) await once(this, 'message');
  }

  /** Rings the registered softphone as the centre would. */
  invite(call: { readonly callId: string; readonly offerId: string; readonly number: string; readonly name: string }): void {
    this.#serial += 1;
    this.#send([
      `INVITE ${this.#contact} SIP/2.0`, `Via: SIP/2.0/WS fake.invalid;branch=z9hG4bK${this.#serial}`, 'Max-Forwards: 70',
      `From: "${call.name}" <sip:${call.number}@allo.invalid>;tag=f${this.#serial}`, `To: <${this.#contact}>`, `Call-ID: fake-${this.#serial}`, 'CSeq: 1 INVITE',
      'Contact: <sip:centre@fake.invalid;transport=ws>', `X-Allo-Call: ${call.callId}`, `X-Allo-Offer: ${call.offerId}`, 'Content-Type: application/sdp',
    ], OFFER);
  }

  #receive(text: string): void {
    if (text.trim() === '') return;
    const message = parse(text);
    if (message.startLine.startsWith('REGISTER')) {
      this.#contact = /<([^>]+)>/.exec(message.header('Contact'))?.[1] ?? '';
      this.#reply(message, ['Contact: ' + (message.header('Contact').includes('expires') ? message.header('Contact') : `${message.header('Contact')};expires=300`)]);
    } else if (/^(BYE|CANCEL)/.test(message.startLine)) this.#reply(message, []);
    else if (/^SIP\/2.0 [2-6]/.test(message.startLine) && message.header('CSeq').endsWith('INVITE')) this.#acknowledge(message);
    this.heard.push(message.startLine);
    this.emit('message', message.startLine);
  }

  #reply(request: SipMessage, extra: readonly string[]): void {
    this.#send([
      'SIP/2.0 200 OK', ...request.headers('Via').map((via) => `Via: ${via}`), `From: ${request.header('From')}`, `To: ${request.header('To')};tag=fake`,
      `Call-ID: ${request.header('Call-ID')}`, `CSeq: ${request.header('CSeq')}`, ...extra,
    ], '');
  }

  /** The ACK of a 2xx is a transaction of its own (RFC 3261 §13.2.2.4). */
  #acknowledge(response: SipMessage): void {
    const isSuccess = response.startLine.startsWith('SIP/2.0 2');
    this.#send([
      `ACK ${this.#contact} SIP/2.0`, `Via: ${response.header('Via')}${isSuccess ? 'ack' : ''}`, 'Max-Forwards: 70', `From: ${response.header('From')}`, `To: ${response.header('To')}`,
      `Call-ID: ${response.header('Call-ID')}`, 'CSeq: 1 ACK',
    ], '');
  }

  #send(lines: readonly string[], body: string): void {
    this.#socket.send([...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
  }
}

function parse(text: string): SipMessage {
  const [startLine = '', ...lines] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
  const headers = (name: string): string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)).map((line) => line.slice(line.indexOf(':') + 1).trim());
  return { startLine, headers, header: (name) => headers(name)[0] ?? '' };
}
