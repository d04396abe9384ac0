import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const ms = z.coerce.number().int().min(0).max(3_600_000);
const host = z.string().min(1).max(255);

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

function isAdminUrl(text: string): boolean {
  const url = urlOf(text);
  return url?.protocol === 'tcp:' && url.hostname !== '' && url.username === '' && ['', '/'].includes(url.pathname) && url.search === '' && url.hash === '';
}

const isWebSocketUrl = (text: string): boolean => ['ws:', 'wss:'].includes(urlOf(text)?.protocol ?? '');

/** Every variable: its form, its default, its reason. Read once, here. */
const KEYS = {
  /** Ledger, database, secrets. */
  ALLO_DATA_DIR: z.string().min(1).default('data'),
  /** Loopback: browsers give the microphone to `localhost` and to https only, and the demonstration has known names. */
  ALLO_HTTP_HOST: host.default('127.0.0.1'),
  ALLO_HTTP_PORT: port.default(8080),
  /** All interfaces: trunks are recognised by their address, strangers get 403. */
  ALLO_SIP_HOST: host.default('0.0.0.0'),
  ALLO_SIP_PORT: port.default(5060),
  /** `tcp://[:secret@]host[:port]` of a drachtio-server's admin port; it owns all SIP sockets then, and ours stay closed. Port 9022 when absent. */
  ALLO_DRACHTIO_URL: z.string().refine(isAdminUrl, 'must be tcp://[:secret@]host[:port]').optional(),
  /** The secret of that server, where it should not stand in a URL. */
  ALLO_DRACHTIO_SECRET: z.string().min(1).max(256).optional(),
  /** Where browsers reach SIP over WebSocket: `/sip` of our own server when absent, so needed beside ALLO_DRACHTIO_URL. */
  ALLO_SIP_WS_URL: z.string().refine(isWebSocketUrl, 'must be ws://… or wss://…').optional(),
  /** Realm of digest and domain of the softphones; never looked up. */
  ALLO_SIP_DOMAIN: z.string().regex(/^[a-z0-9.-]{1,253}$/i, 'is a domain name').default('allo.local'),
  /** Address that media binds to and announces: set it to the machine's own to serve telephones elsewhere. */
  ALLO_MEDIA_HOST: host.default('127.0.0.1'),
  /** RTP ports, two per trunk leg; outside the usual ephemeral range (32768-60999 on Linux). */
  ALLO_RTP_PORT_MIN: port.default(20_000),
  ALLO_RTP_PORT_MAX: port.default(29_999),
  /** Milliseconds. A caller hears nothing new for this long at most; DESIGN invariant 4. */
  ALLO_LOOKUP_DEADLINE_MS: ms.default(150),
  /** Milliseconds. The caller hears music meanwhile; the pop goes without the file after that. */
  ALLO_FILE_DEADLINE_MS: ms.default(500),
  /** Milliseconds that a ring waits for the browser to show the pop. */
  ALLO_POP_ACK_TIMEOUT_MS: ms.default(250),
  /** Calls in progress above which new ones get 503: a node that answers badly serves nobody. */
  ALLO_MAX_CALLS: z.coerce.number().int().min(1).max(100_000).default(500),
  /** Milliseconds that Ctrl-C waits for calls in progress. */
  ALLO_DRAIN_LIMIT_MS: ms.default(30_000),
  /** Milliseconds that an agent stays signed in without a browser: a reload is not a sign-out. */
  ALLO_AGENT_GRACE_MS: ms.default(15_000),
  /** Master key of the recordings, 32 bytes in base64; a file in the data directory when absent, which protects a stolen backup of the recordings only. */
  ALLO_RECORDING_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64').optional(),
  /** Zone of spoken dates and of the day that figures count. */
  ALLO_TIME_ZONE: z.string().refine(isTimeZone, 'is an IANA time zone').default('Africa/Algiers'),
  /** Password of the demonstration users, for the first start; generated in the data directory when absent. */
  ALLO_DEMO_PASSWORD: z.string().min(8).max(256).optional(),
  ALLO_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
} as const;

/** Keys whose values are not repeated: terminals and journals keep what they are told. */
const SECRETS: ReadonlySet<string> = new Set(['ALLO_DEMO_PASSWORD', 'ALLO_DRACHTIO_SECRET', 'ALLO_DRACHTIO_URL', 'ALLO_RECORDING_KEY']);

/** Production variables whose side is not built yet: named, never ignored. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  ALLO_DATABASE_URL: 'MySQL and MariaDB are not supported yet; unset it to use SQLite in the data directory',
  ALLO_REDIS_URL: 'Redis is not supported yet; unset it to run as one node with state in memory',
  ALLO_MEDIA_NODES: 'media on other machines is not supported yet; unset it to use the media worker in this process',
};

type Values = { readonly [K in keyof typeof KEYS]: z.infer<(typeof KEYS)[K]> };

/** The configuration of one node; see the keys above for units and reasons. */
export type Config = Values;

/** What the environment says: the values that are good, and every fault in one line each. */
export interface ConfigReading {
  readonly values: Partial<Config>;
  readonly faults: readonly string[];
}

/**
 * Reads the environment once and checks all of it, so that every fault is reported together.
 * @param env - the process environment; unknown `ALLO_` names are faults, for they are typing errors.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigReading {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(KEYS)) {
    // An empty variable is an unset one: `KEY= npm start` and compose files make them.
    const parsed = schema.safeParse(env[key] === '' ? undefined : env[key]);
    if (parsed.success) values[key] = parsed.data;
    else faults.push(`${SECRETS.has(key) ? key : `${key}=${env[key] ?? ''}`}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  }
  for (const [key, sentence] of Object.entries(NOT_BUILT)) if (env[key]) faults.push(`${key}: ${sentence}`);
  faults.push(...edgeFault(env['ALLO_WEBRTC_EDGE']), ...drachtioFaults(env), ...unknownKeys(env));
  // A cast because the loop above fills exactly the keys of `KEYS`, which TypeScript cannot follow.
  const typed = values as Partial<Config>;
  const { ALLO_RTP_PORT_MIN: min, ALLO_RTP_PORT_MAX: max } = typed;
  if (min !== undefined && max !== undefined && max - min < 4) faults.push(`ALLO_RTP_PORT_MAX=${max}: must be at least 4 above ALLO_RTP_PORT_MIN=${min}`);
  if (typed.ALLO_DATA_DIR !== undefined) values['ALLO_DATA_DIR'] = resolve(typed.ALLO_DATA_DIR);
  return { values: Object.freeze(typed), faults };
}

function edgeFault(edge: string | undefined): string[] {
  if (!edge || edge === 'werift') return [];
  return [edge === 'mediasoup'
    ? 'ALLO_WEBRTC_EDGE=mediasoup: the mediasoup edge is not supported yet; unset it to use werift'
    : `ALLO_WEBRTC_EDGE=${edge}: must be werift (or, later, mediasoup)`];
}

/** What belongs together: a drachtio-server, its secret, and where browsers reach it. */
function drachtioFaults(env: Readonly<Record<string, string | undefined>>): string[] {
  const { ALLO_DRACHTIO_URL: url, ALLO_DRACHTIO_SECRET: secret, ALLO_SIP_WS_URL: wsUrl } = env;
  if (!url) return secret ? ['ALLO_DRACHTIO_SECRET: is of no use without ALLO_DRACHTIO_URL'] : [];
  return [
    ...(secret || !isAdminUrl(url) || new URL(url).password !== '' ? [] : ['ALLO_DRACHTIO_SECRET: must be set, or stand in ALLO_DRACHTIO_URL']),
    ...(wsUrl ? [] : ['ALLO_SIP_WS_URL: must be set beside ALLO_DRACHTIO_URL: browsers connect to that server, wss://host:port']),
  ];
}

function unknownKeys(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([...Object.keys(KEYS), ...Object.keys(NOT_BUILT), 'ALLO_WEBRTC_EDGE']);
  return Object.keys(env).filter((key) => key.startsWith('ALLO_') && !known.has(key)).map((key) => `${key}: there is no such variable`);
}

/** Whether every key has its value: a reading without faults is a configuration. */
export function isComplete(reading: ConfigReading): reading is { readonly values: Config; readonly faults: readonly [] } {
  return reading.faults.length === 0;
}
