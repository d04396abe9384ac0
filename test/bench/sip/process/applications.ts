import type { Server } from 'node:net';
import { systemClock } from '../../../../server/base/time.ts';
import { SipApplication } from '../../../../server/sip/sip-application.ts';
import { ALICE, FakeCredentials } from '../../../sip/support/fake-credentials.ts';
import { attachSrf, connectSrf, type Srf, type SrfDialog } from '../../../sip-engine/support/srf.ts';
import { usernameOf, type ApplicationSettings } from './server-messages.ts';

/** Of engine and applications. */
export const SECRET = 'bench';

const ANSWER = 'v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

/** A call or a dialog that fails is counted by the caller; here it must not end the run. */
const report = (cause: unknown): void => console.error(cause);

/** How an application gets at the engine: over loopback, or within the process as in `npm start`. */
export type Seam = { readonly adminPort: number } | { attach(server: Server): void };

/** Connects an application to the engine. @throws Error when the engine is not there. */
export async function startApplication(settings: ApplicationSettings, seam: Seam): Promise<void> {
  switch (settings.kind) {
    case 'uas':
      return serveAnswers(await srfOver(seam));
    case 'b2bua':
      return serveBridges(await srfOver(seam), settings.target);
    case 'registrar':
      return serveRegistrations(settings.users, seam);
  }
}

const srfOver = (seam: Seam): Promise<Srf> => ('attach' in seam ? attachSrf(seam, SECRET) : connectSrf(seam.adminPort, SECRET));

function serveAnswers(srf: Srf): void {
  srf.invite((request, response) => {
    response.send(180);
    srf.createUAS(request, response, { localSdp: ANSWER }).catch(report);
  });
  srf.use('options', (_, response) => response.send(200));
}

function serveBridges(srf: Srf, target: string): void {
  const endWith = (one: SrfDialog, other: SrfDialog): void => {
    one.on('destroy', () => void other.destroy().catch(report));
  };
  srf.invite((request, response) => {
    srf.createB2BUA(request, response, target, {}).then(({ uas, uac }) => {
      endWith(uas, uac);
      endWith(uac, uas);
    }).catch(report);
  });
}

/** The application as `server/allo.ts` joins it, registrar and digest included, with credentials that the load knows. */
async function serveRegistrations(users: number, seam: Seam): Promise<void> {
  const credentials = new FakeCredentials();
  for (let n = 0; n < users; n += 1) credentials.add(usernameOf(n), ALICE);
  await SipApplication.connect({
    drachtio: { secret: SECRET, ...('attach' in seam ? { attach: (server: Server) => seam.attach(server) } : { host: '127.0.0.1', port: seam.adminPort }) },
    realm: 'allo', credentials, clock: systemClock,
    admit: () => ({ kind: 'hostile' }), onInbound: () => undefined, onFault: report,
  });
}
