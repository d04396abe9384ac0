import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SipCredentials } from '../access/ports.ts';
import type { TrunkTable } from '../call/find-trunk.ts';
import type { InboundLeg } from '../call/ports.ts';
import type { Config } from '../config.ts';
import type { SpeechSynthesizer } from '../ivr/ports.ts';
import { openSpeech } from '../media/speech/open-speech.ts';
import type { SpeechService } from '../media/speech/service-engine.ts';
import { WorkerMedia } from '../media/worker-media.ts';
import type { DrachtioAddress } from '../sip/drachtio/connection.ts';
import { SipApplication } from '../sip/sip-application.ts';
import type { SipEngine } from '../sip-engine/sip-engine.ts';
import type { EdgeOptions } from './edge-options.ts';
import { openSipServer, type SipServerOptions } from './sip-server.ts';
import { readTrunkPassword } from './trunk-password.ts';

const PROMPTS_DIRECTORY = fileURLToPath(new URL('../../ivr-flows/prompts', import.meta.url));

/** Starts the media worker and the speech port. @throws AppError when the worker cannot start. */
export async function openMedia({ config, scope, onFault }: EdgeOptions): Promise<{ readonly media: WorkerMedia; readonly speech: SpeechSynthesizer }> {
  const report = ({ code, message }: { readonly code: string; readonly message: string }): void => onFault(message, code);
  const media = await WorkerMedia.start({
    host: config.ALLO_MEDIA_HOST,
    ...(config.ALLO_MEDIA_EXTERNAL_ADDRESS === undefined ? {} : { announcedHost: config.ALLO_MEDIA_EXTERNAL_ADDRESS }),
    rtpPorts: { min: config.ALLO_RTP_PORT_MIN, max: config.ALLO_RTP_PORT_MAX },
    promptsDirectory: PROMPTS_DIRECTORY,
    mediaTimeoutMs: config.ALLO_MEDIA_TIMEOUT_MS, idleTimeoutMs: config.ALLO_MEDIA_IDLE_TIMEOUT_MS,
    onFault: report,
  });
  scope.onClose(() => media.close());
  const speech = openSpeech({
    directory: join(config.ALLO_DATA_DIR, 'speech'), timeoutMs: config.ALLO_SPEECH_TIMEOUT_MS, onFault: report, ...speechServiceOf(config),
  });
  return { media, speech };
}

function speechServiceOf({ ALLO_SPEECH_URL: url, ALLO_SPEECH_BODY: body, ALLO_SPEECH_AUTHORIZATION: authorization }: Config): { readonly service?: SpeechService } {
  return url === undefined ? {} : { service: { url, body, ...(authorization === undefined ? {} : { authorization }) } };
}

/** What the SIP side needs of the calls. */
export interface SipEdgeOptions extends SipServerOptions {
  /** Says which trunk a call came by. */
  readonly trunks: TrunkTable;
  readonly credentials: SipCredentials;
  readonly onInbound: (leg: InboundLeg) => void;
}

/**
 * Starts the SIP application, on the embedded server or on the drachtio-server that the configuration names.
 * @returns no engine for the latter: it owns the sockets.
 * @throws AppError when a port is taken, or the drachtio-server is not there or does not take the secret.
 */
export async function openSip(options: SipEdgeOptions): Promise<{ readonly engine?: SipEngine; readonly sip: SipApplication }> {
  const { config, scope, clock, log, onFault, trunks, peers, credentials, onInbound } = options;
  const elsewhere = drachtioElsewhere(config);
  const embedded = elsewhere ? undefined : await openSipServer(options);
  const sip = await SipApplication.connect({
    drachtio: elsewhere ?? { secret: embedded?.secret ?? '', attach: (server) => embedded?.engine.attach(server) },
    realm: config.ALLO_SIP_DOMAIN, credentials, clock, logger: log, onInbound,
    admit: (invite) => {
      const trunk = trunks.find(invite);
      return trunk ? { kind: 'trunk', trunkId: trunk.trunkId } : { kind: 'hostile' };
    },
    trunks: peers, trunkPassword: (trunkId) => readTrunkPassword(config.ALLO_DATA_DIR, trunkId),
    onFault: (cause) => onFault(cause, 'sip'),
  });
  scope.onClose(() => sip.close());
  return { sip, ...(embedded ? { engine: embedded.engine } : {}) };
}

const DRACHTIO_ADMIN_PORT = 9022;

/** Where the drachtio-server is that the configuration names; nothing without one. */
function drachtioElsewhere(config: Config): DrachtioAddress | undefined {
  if (config.ALLO_DRACHTIO_URL === undefined) return undefined;
  const { hostname, port, password } = new URL(config.ALLO_DRACHTIO_URL);
  return {
    host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? DRACHTIO_ADMIN_PORT : Number(port),
    secret: config.ALLO_DRACHTIO_SECRET ?? decodeURIComponent(password),
  };
}
