import { OFFER } from '../../../calls/sipp-scenario.ts';
import { handMade, headerOf, toTagOf, type RequestParts } from '../../../sip-engine/support/udp-peer.ts';

/** The offer of the probe: that of SIPp's calls. */
const SDP = `${OFFER.replaceAll('[local_ip]', '127.0.0.1').replaceAll('[media_ip]', '127.0.0.1').replace('[media_port]', '40002').replaceAll('\n', '\r\n')}\r\n`;

/** One call that measures how long it waits: rung, answered, hung up at once. It sends nothing twice. */
export class ProbeCall {
  readonly callId: string;
  /** Milliseconds from the INVITE. */
  ringingMs: number | undefined;
  answeredMs: number | undefined;
  hasEnded = false;
  readonly #port: number;
  readonly #send: (text: string) => void;
  #sentAt = 0;

  /** @param port - of the socket that it sends from. */
  constructor(callId: string, port: number, send: (text: string) => void) {
    this.callId = callId;
    this.#port = port;
    this.#send = send;
  }

  invite(): void {
    const text = this.#write('INVITE', {
      headers: [`Contact: <sip:carol@127.0.0.1:${this.#port}>`, 'Content-Type: application/sdp'], body: SDP,
    });
    this.#sentAt = performance.now();
    this.#send(text);
  }

  /** A response of the call. @param at - when it came, by `performance.now`. */
  receive(text: string, at: number): void {
    if (text.startsWith('SIP/2.0 180')) this.ringingMs ??= at - this.#sentAt;
    if (!text.startsWith('SIP/2.0 200')) return;
    if (headerOf(text, 'CSeq').endsWith('BYE')) {
      this.hasEnded = true;
    } else if (this.answeredMs === undefined) {
      this.answeredMs = at - this.#sentAt;
      const inDialog = { uri: /<([^>]+)>/.exec(headerOf(text, 'Contact'))?.[1] ?? '', toTag: toTagOf(text) };
      this.#send(this.#write('ACK', inDialog));
      this.#send(this.#write('BYE', { ...inDialog, sequence: 2 }));
    }
  }

  #write(method: string, more: Partial<RequestParts>): string {
    return handMade({ method, port: this.#port, branch: `z9hG4bK-${this.callId}-${method}`, callId: this.callId, ...more });
  }
}
