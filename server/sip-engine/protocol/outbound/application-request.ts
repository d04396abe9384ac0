import type { SipRequest } from '../../message/sip-message.ts';
import type { ApplicationConnection } from '../application-connection.ts';
import type { ApplicationFrame } from '../application-frame.ts';
import { nokPayload } from '../frames-out.ts';

/** A request as an application wrote it. */
export interface ApplicationRequest {
  readonly application: ApplicationConnection;
  readonly frame: Extract<ApplicationFrame, { verb: 'sip' }>;
  readonly draft: SipRequest;
}

/** Tells the application why its request does not leave. */
export const refuseRequest = ({ application, frame }: ApplicationRequest, reason: string): void => application.send(nokPayload(frame.id, reason));
