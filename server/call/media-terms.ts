import type { Trunk } from '../model/centre.ts';
import type { MediaTerms } from '../model/media-terms.ts';
import type { InviteFacts } from './ports.ts';

/** On what terms the media of a caller are agreed on: her trunk's, and whether her INVITE came over TLS. */
export const mediaTermsFor = (trunk: Trunk, invite: InviteFacts): MediaTerms =>
  ({ ...trunk.media, isSignallingSecure: /^(?:tls|wss)$/i.test(invite.transport) });
