import { serialize, type SipMessage } from '../message/sip-message.ts';
import type { ApplicationServer } from './application-server.ts';
import { recordPayload } from './frames-out.ts';

/** Whose part the engine plays in a call, in the words of drachtio-server. */
export type CallRole = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas';

/** Why a call ended, in the words of drachtio-server. */
export type CallEnd = 'normal-release' | 'call-rejected' | 'call-canceled' | 'session-expired' | 'ack-timeout' | 'system-initiated-termination';

/** Who made the message of a record. */
export type RecordSource = 'network' | 'application';

/** Tells the application that asked for them (`srf.on('cdr:…')`) of calls as they begin, are answered and end. */
export class CallRecords {
  readonly #applications: ApplicationServer;

  constructor(applications: ApplicationServer) {
    this.#applications = applications;
  }

  attempt(source: RecordSource, invite: SipMessage): void {
    this.#send('cdr:attempt', [source], invite);
  }

  start(source: RecordSource, role: CallRole, success: SipMessage): void {
    this.#send('cdr:start', [source, role], success);
  }

  /** @param last - the BYE, or the final response that ended the attempt. */
  stop(source: RecordSource, reason: CallEnd, last: SipMessage): void {
    this.#send('cdr:stop', [source, reason], last);
  }

  #send(event: string, [source = '', ...rest]: readonly string[], message: SipMessage): void {
    const listener = this.#applications.listener(event);
    listener?.send(recordPayload(event, { source, rest }, serialize(message)));
  }
}

/** The reason for a final response that is no success. */
export const endOf = (status: number): CallEnd => (status === 487 ? 'call-canceled' : 'call-rejected');
