import type { Dialog } from '../../dialog/dialog.ts';
import type { ReliableProvisionals } from '../../dialog/reliable-provisionals.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationConnection } from '../application-connection.ts';

/** A dialog whose requests go to and come from one application. */
export type ApplicationDialog = Dialog<ApplicationConnection>;

/** A request from the network that an application has to answer. */
export interface InboundRequest {
  /** The transaction id that the application answers with. */
  readonly id: string;
  readonly transaction: ServerTransaction;
  readonly application: ApplicationConnection;
  /** The tag that our responses carry. */
  readonly localTag: string;
  /** The dialog that the request came in, or has begun. */
  dialog: ApplicationDialog | undefined;
  readonly isInDialog: boolean;
  /** Its reliable provisional responses, once there was one. */
  reliable?: ReliableProvisionals;
}
