import { randomBytes } from 'node:crypto';
import { withDeadline } from '../../../../server/base/deadline.ts';
import { answerChallenge } from '../../../sip/support/digest-client.ts';
import { readMessage, type WireMessage } from '../../../sip/support/ws-phone.ts';
import { passwordOf } from '../process/server-messages.ts';

/** How text leaves. */
export interface Carrier {
  readonly transport: 'UDP' | 'WS';
  /** `host:port` that answers are sent to, or a name that leads nowhere (RFC 7118 §5). */
  readonly sentBy: string;
  send(text: string): void;
}

const ANSWER_WITHIN_MS = 4_000;

const token = (): string => randomBytes(6).toString('hex');

/**
 * A telephone or a tab that registers as SIP.js does: each time it asks for a challenge and answers it.
 * @remarks RFC 3261 §10.2: one Call-ID, rising CSeq, the same contact.
 */
export class Registrant {
  readonly #username: string;
  readonly #carrier: Carrier;
  readonly #callId = token();
  readonly #tag = token();
  #cseq = 0;
  #take: ((response: WireMessage) => void) | undefined;

  constructor(username: string, carrier: Carrier) {
    this.#username = username;
    this.#carrier = carrier;
  }

  /** Text from the other side. */
  receive(text: string): void {
    const response = readMessage(text);
    if (Number.parseInt(response.get('cseq'), 10) === this.#cseq && response.status >= 200) this.#take?.(response);
  }

  /** REGISTER, 401, REGISTER with digest, 200. @throws Error when it goes otherwise, or the one before is not over. */
  async register(): Promise<void> {
    if (this.#take) throw new Error('the registration before is not over');
    try {
      const challenged = await this.#request();
      if (challenged.status !== 401) throw new Error(`no challenge but ${challenged.start}`);
      const challenge = challenged.get('www-authenticate');
      const answered = await this.#request(answerChallenge({ challenge, username: this.#username, password: passwordOf(this.#username) }));
      if (answered.status !== 200) throw new Error(`no 200 but ${answered.start}`);
    } finally {
      this.#take = undefined;
    }
  }

  #request(authorization?: string): Promise<WireMessage> {
    this.#cseq += 1;
    return withDeadline(ANSWER_WITHIN_MS, () => new Promise((resolve) => {
      this.#take = resolve;
      this.#carrier.send(this.#text(authorization));
    }));
  }

  #text(authorization: string | undefined): string {
    const { transport, sentBy } = this.#carrier;
    const address = `sip:${this.#username}@allo`;
    return [
      'REGISTER sip:allo SIP/2.0', `Via: SIP/2.0/${transport} ${sentBy};rport;branch=z9hG4bK${token()}`, 'Max-Forwards: 70',
      `From: <${address}>;tag=${this.#tag}`, `To: <${address}>`, `Call-ID: ${this.#callId}`, `CSeq: ${this.#cseq} REGISTER`,
      `Contact: <sip:${this.#username}@${sentBy};transport=${transport.toLowerCase()}>;expires=300`, 'Supported: path, outbound',
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]), 'Content-Length: 0', '', '',
    ].join('\r\n');
  }
}
