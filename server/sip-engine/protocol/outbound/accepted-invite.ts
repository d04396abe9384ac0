import type { AcceptedInvite } from '../../dialog/dialog.ts';
import type { Header, SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';

/**
 * What the ACK of an INVITE needs, and the ACK itself once the application has sent it.
 * @remarks RFC 3261 §13.2.2.4.
 */
export class Acceptance implements AcceptedInvite {
  readonly sequence: number;
  /** The ACK for a 2xx carries the credentials of its INVITE. */
  readonly credentials: readonly Header[];
  #ack: { text: string; flow: Flow } | undefined;

  constructor(invite: SipRequest, sequence: number) {
    this.sequence = sequence;
    this.credentials = invite.headers.list.filter(({ name }) => name.key === 'authorization' || name.key === 'proxy-authorization');
  }

  acknowledgedWith(text: string, flow: Flow): void {
    this.#ack = { text, flow };
  }

  /** The 2xx came again: so does its ACK, when there was one. */
  repeat(): void {
    this.#ack?.flow.send(this.#ack.text);
  }
}
