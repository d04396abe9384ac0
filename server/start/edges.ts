import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SipCredentials } from '../access/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { Clock } from '../base/time.ts';
import type { TrunkTable } from '../call/find-trunk.ts';
import type { InboundLeg } from '../call/ports.ts';
import type { Config } from '../config.ts';
import { EspeakSynthesizer } from '../media/speech/espeak-synthesizer.ts';
import { WorkerMedia } from '../media/worker-media.ts';
import { SipApplication } from '../sip/sip-application.ts';
import { SipEngine, type SipEngineOptions } from '../sip-engine/sip-engine.ts';
import type { FaultReport } from './fault-log.ts';
import type { Logger } from 'pino';

const PROMPTS_DIRECTORY = fileURLToPath(new URL('../../ivr-flows/prompts', import.meta.url));

/** What every edge is opened with. */
export interface EdgeOptions {
  readonly config: Config;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFault: FaultReport;
}

/** Starts the media worker and the speech port. @throws AppError when the worker cannot start. */
export async function openMedia({ config, scope, onFault }: EdgeOptions): Promise<{ readonly media: WorkerMedia; readonly speech: EspeakSynthesizer }> {
  const report = ({ code, message }: { readonly code: string; readonly message: string }): void => onFault(message, code);
  const media = await WorkerMedia.start({
    host: config.ALLO_MEDIA_HOST,
    rtpPorts: { min: config.ALLO_RTP_PORT_MIN, max: config.ALLO_RTP_PORT_MAX },
    promptsDirectory: PROMPTS_DIRECTORY,
    onFault: report,
  });
  scope.onClose(() => media.close());
  return { media, speech: new EspeakSynthesizer({ directory: join(config.ALLO_DATA_DIR, 'speech'), onFault: report }) };
}

/** What the SIP side needs of the calls. */
export interface SipEdgeOptions extends EdgeOptions {
  readonly trunks: TrunkTable;
  readonly credentials: SipCredentials;
  readonly onInbound: (leg: InboundLeg) => void;
  readonly timers?: SipEngineOptions['timers'];
}

/** Starts the embedded SIP server and the application on it. @throws AppError when a port is taken. */
export async function openSip(options: SipEdgeOptions): Promise<{ readonly engine: SipEngine; readonly sip: SipApplication }> {
  const { config, scope, clock, log, onFault, trunks, credentials, onInbound, timers } = options;
  const secret = randomBytes(24).toString('base64url');
  const engine = await SipEngine.start({
    listeners: (['udp', 'tcp'] as const).map((transport) => ({ transport, host: config.ALLO_SIP_HOST, port: config.ALLO_SIP_PORT })),
    adminPort: 0, secret,
    onFault: ({ code, message }) => onFault(message, code),
    ...(timers ? { timers } : {}),
  });
  scope.onClose(() => engine.close());
  const sip = await SipApplication.connect({
    drachtio: { host: '127.0.0.1', port: engine.adminPort, secret },
    realm: config.ALLO_SIP_DOMAIN, credentials, clock, logger: log, onInbound,
    admit: (invite) => (trunks.find(invite) ? { kind: 'trunk' } : { kind: 'hostile' }),
    onFault: (cause) => onFault(cause, 'sip'),
  });
  scope.onClose(() => sip.close());
  return { engine, sip };
}
