import { z } from 'zod';
import { address, adminUrl, host, listOf, ms, networks, origins, path, port, serviceUrl, timeZone, webSocketUrl } from './fields.ts';
import { readExternalPort, readSipPlace } from './sip-places.ts';

/** Every variable: its form, its default, its reason. Read once, at the start. */
export const KEYS = {
  /** Ledger, database, secrets. */
  ALLO_DATA_DIR: path.prefault('data'),

  /** Loopback: browsers give the microphone to `localhost` and to https only, and the demonstration has known names. */
  ALLO_HTTP_HOST: host.default('127.0.0.1'),
  ALLO_HTTP_PORT: port.default(8080),
  /** PEM files of the certificate, with its chain, and of its key: pages, `/ws` and `/sip` are served with TLS then, and nothing without. */
  ALLO_HTTP_TLS_CERT: path.optional(),
  ALLO_HTTP_TLS_KEY: path.optional(),
  /** Networks of proxies that are believed about the scheme, host and address of a browser; the SIP guard leaves them alone. None by default: anybody can write such headers. */
  ALLO_HTTP_TRUSTED_PROXIES: networks.optional(),
  /** Further origins of our pages: behind a proxy that rewrites Host, or when browsers open SIP on another port (ALLO_SIP_WS_URL). */
  ALLO_HTTP_ORIGINS: origins.optional(),

  /** Listeners, `transport:address:port` each: `udp:0.0.0.0:5060, tls:[::]:5061`. In the place of the two below. */
  ALLO_SIP_LISTEN: listOf(readSipPlace, 'must be transport:address:port, like udp:0.0.0.0:5060 or tls:[::]:5061, with udp, tcp, tls, ws or wss and a numeric address').optional(),
  /** UDP and TCP on one address, all interfaces: trunks are recognised by their address, strangers get 403. */
  ALLO_SIP_HOST: host.default('0.0.0.0'),
  ALLO_SIP_PORT: port.default(5060),
  /** PEM files of the certificate, with its chain, and of its key, for `tls` and `wss` listeners, and for carriers that ask for one. */
  ALLO_SIP_TLS_CERT: path.optional(),
  ALLO_SIP_TLS_KEY: path.optional(),
  /** PEM file of the authorities of clients; `tls` listeners ask for a certificate then. */
  ALLO_SIP_TLS_CLIENT_CA: path.optional(),
  /** Whether a client may do without: `required` (as when it is not set) or `optional`. */
  ALLO_SIP_TLS_CLIENT_CERTIFICATE: z.enum(['optional', 'required']).optional(),
  /** PEM file of authorities that carriers' certificates may come from, besides the well-known ones. */
  ALLO_SIP_TLS_CARRIER_CA: path.optional(),
  /** How they are checked: `sip` by domain without wildcards (RFC 5922), `web` with wildcards as browsers do, `none` not at all. */
  ALLO_SIP_TLS_CARRIER_CHECK: z.enum(['sip', 'web', 'none']).default('sip'),
  /** Our address as peers outside the local networks see it, when a NAT translates it: it stands in Via and Contact. */
  ALLO_SIP_EXTERNAL_ADDRESS: address.optional(),
  /** `outside:inside`, for ports that the NAT shows under another number. */
  ALLO_SIP_EXTERNAL_PORTS: listOf(readExternalPort, 'must be outside:inside, like 5080:5060').optional(),
  /** Networks that see our own address; the private ones when absent. */
  ALLO_SIP_LOCAL_NETWORKS: networks.optional(),
  /** Networks that the guard never limits or bans, besides this machine and the trunks' addresses: carriers known by registration, monitors. They may not call for it. */
  ALLO_SIP_TRUSTED_NETWORKS: networks.optional(),
  /** `tcp://[:secret@]host[:port]` of a drachtio-server's admin port; it owns all SIP sockets then, and ours stay closed. Port 9022 when absent. */
  ALLO_DRACHTIO_URL: adminUrl.optional(),
  /** The secret of that server, where it should not stand in a URL. */
  ALLO_DRACHTIO_SECRET: z.string().min(1).max(256).optional(),
  /** Where browsers reach SIP over WebSocket: `/sip` of our own server when absent, so needed beside ALLO_DRACHTIO_URL. */
  ALLO_SIP_WS_URL: webSocketUrl.optional(),
  /** Realm of digest and domain of the softphones; never looked up. */
  ALLO_SIP_DOMAIN: z.string().regex(/^[a-z0-9.-]{1,253}$/i, 'is a domain name').default('allo.local'),

  /** Address that media binds to and announces: set it to the machine's own to serve telephones elsewhere. */
  ALLO_MEDIA_HOST: host.default('127.0.0.1'),
  /** The address that media announces to everybody instead: for a NAT that passes every port, as before a cloud machine, with all browsers and telephones outside. */
  ALLO_MEDIA_EXTERNAL_ADDRESS: address.optional(),
  /** RTP ports, two per trunk leg; outside the usual ephemeral range (32768-60999 on Linux). */
  ALLO_RTP_PORT_MIN: port.default(20_000),
  ALLO_RTP_PORT_MAX: port.default(29_999),

  /** Milliseconds. Voice that somebody hears, and that stopped for so long, has failed: its leg ends as `media-timeout`. */
  ALLO_MEDIA_TIMEOUT_MS: ms.default(60_000),
  /** Milliseconds. The same in the menu and in queues, where nobody hears the caller: who vanished without hanging up goes. */
  ALLO_MEDIA_IDLE_TIMEOUT_MS: ms.default(60_000),

  /** A text-to-speech service for free text, `{language}` in it replaced; espeak-ng of this machine when absent. */
  ALLO_SPEECH_URL: serviceUrl.optional(),
  /** What it is sent: an object with `text` and `language`, or the text alone. */
  ALLO_SPEECH_BODY: z.enum(['json', 'text']).default('json'),
  /** Its Authorization header. */
  ALLO_SPEECH_AUTHORIZATION: z.string().min(1).max(4_096).optional(),
  /** Milliseconds. A caller waits for a sentence so long; then she hears what is recorded. */
  ALLO_SPEECH_TIMEOUT_MS: ms.default(3_000),

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
  ALLO_TIME_ZONE: timeZone.default('Africa/Algiers'),
  /** Password of the demonstration users, for the first start; generated in the data directory when absent. */
  ALLO_DEMO_PASSWORD: z.string().min(8).max(256).optional(),
  ALLO_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
} as const;

/** The values of all variables. */
export type Values = { readonly [K in keyof typeof KEYS]: z.infer<(typeof KEYS)[K]> };

/** Keys whose values are not repeated: terminals and journals keep what they are told. */
export const SECRETS: ReadonlySet<string> = new Set(['ALLO_DEMO_PASSWORD', 'ALLO_DRACHTIO_SECRET', 'ALLO_DRACHTIO_URL', 'ALLO_RECORDING_KEY', 'ALLO_SPEECH_AUTHORIZATION']);

/** Production variables whose side is not built yet: named, never ignored. */
export const NOT_BUILT: Readonly<Record<string, string>> = {
  ALLO_DATABASE_URL: 'MySQL and MariaDB are not supported yet; unset it to use SQLite in the data directory',
  ALLO_REDIS_URL: 'Redis is not supported yet; unset it to run as one node with state in memory',
  ALLO_MEDIA_NODES: 'media on other machines is not supported yet; unset it to use the media worker in this process',
};
