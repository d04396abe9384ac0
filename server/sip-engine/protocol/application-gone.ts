import type { ApplicationConnection } from './application-connection.ts';
import type { EngineContext } from './engine-context.ts';
import { endDialog } from './engine-requests.ts';
import { giveUp } from './inbound/inbound-endings.ts';

/** Answers and hangs up what an application leaves behind that is gone. */
export function applicationGone(context: EngineContext, application: ApplicationConnection): void {
  for (const inbound of context.inbound.list()) {
    if (inbound.application === application) giveUp(context, inbound, 503);
  }
  for (const outbound of [...context.outbound.values()]) {
    if (outbound.application === application) outbound.abandon();
  }
  for (const dialog of context.dialogs.ownedBy(application)) {
    if (dialog.state !== 'confirmed') continue;
    const end = (): void => endDialog(context, dialog, 'application disconnected');
    if (dialog.awaitedAck?.beginsCall === true) dialog.awaitedAck.whenSettled('BYE', end);
    else end();
  }
}
