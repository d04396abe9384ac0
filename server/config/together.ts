import { isAdminUrl } from './fields.ts';
import type { Values } from './keys.ts';
import { isSecure, sayPlace, sipPlaces, wantSamePort, type SipPlace } from './sip-places.ts';

/** The variables that are set, none of them empty. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the listeners of our own SIP server are made with. */
const OF_OUR_SERVER = [
  'ALLO_SIP_LISTEN', 'ALLO_SIP_TLS_CERT', 'ALLO_SIP_TLS_KEY', 'ALLO_SIP_TLS_CLIENT_CA', 'ALLO_SIP_TLS_CLIENT_CERTIFICATE',
  'ALLO_SIP_TLS_CARRIER_CA', 'ALLO_SIP_TLS_CARRIER_CHECK', 'ALLO_SIP_EXTERNAL_ADDRESS', 'ALLO_SIP_EXTERNAL_PORTS',
  'ALLO_SIP_LOCAL_NETWORKS', 'ALLO_SIP_TRUSTED_NETWORKS',
] as const;

/**
 * Checks what variables say together, each of which is well by itself.
 * @param values - those that could be read.
 * @returns one line per fault.
 */
export function faultsTogether(env: Environment, values: Partial<Values>): string[] {
  const ofSip = env['ALLO_DRACHTIO_URL'] === undefined
    ? [...listenFaults(env, values), ...sipTlsFaults(env, values), ...natFaults(env, values)]
    : OF_OUR_SERVER.filter((key) => env[key] !== undefined).map((key) => `${key}: is of no use beside ALLO_DRACHTIO_URL: that server owns the SIP sockets`);
  return [...edgeFault(env), ...drachtioFaults(env), ...ofSip, ...pairFaults(env, 'ALLO_SIP_TLS'), ...pairFaults(env, 'ALLO_HTTP_TLS'), ...rtpFaults(values), ...speechFaults(env)];
}

function edgeFault({ ALLO_WEBRTC_EDGE: edge }: Environment): string[] {
  if (edge === undefined || edge === 'werift') return [];
  return [edge === 'mediasoup'
    ? 'ALLO_WEBRTC_EDGE=mediasoup: the mediasoup edge is not supported yet; unset it to use werift'
    : `ALLO_WEBRTC_EDGE=${edge}: must be werift (or, later, mediasoup)`];
}

/** A drachtio-server, its secret, and where browsers reach it. */
function drachtioFaults({ ALLO_DRACHTIO_URL: url, ALLO_DRACHTIO_SECRET: secret, ALLO_SIP_WS_URL: wsUrl }: Environment): string[] {
  if (url === undefined) return secret === undefined ? [] : ['ALLO_DRACHTIO_SECRET: is of no use without ALLO_DRACHTIO_URL'];
  return [
    ...(secret !== undefined || !isAdminUrl(url) || new URL(url).password !== '' ? [] : ['ALLO_DRACHTIO_SECRET: must be set, or stand in ALLO_DRACHTIO_URL']),
    ...(wsUrl === undefined ? ['ALLO_SIP_WS_URL: must be set beside ALLO_DRACHTIO_URL: browsers connect to that server, wss://host:port'] : []),
  ];
}

/** One form of saying where, and no port of the system twice. */
function listenFaults(env: Environment, values: Partial<Values>): string[] {
  const faults: string[] = [];
  const shortForm = ['ALLO_SIP_HOST', 'ALLO_SIP_PORT'].filter((key) => env[key] !== undefined);
  if (env['ALLO_SIP_LISTEN'] !== undefined && shortForm.length > 0) {
    faults.push(`ALLO_SIP_LISTEN: stands in the place of ${shortForm.join(' and ')}; unset one or the other`);
  }
  const places = sipPlaces(values);
  const key = env['ALLO_SIP_LISTEN'] === undefined ? 'ALLO_SIP_PORT' : 'ALLO_SIP_LISTEN';
  places.forEach((place, index) => {
    const other = places.slice(0, index).find((earlier) => isUdp(earlier) === isUdp(place) && wantSamePort(earlier, place));
    if (other !== undefined) faults.push(`${key}: ${sayPlace(other)} and ${sayPlace(place)} want the same ${isUdp(place) ? 'UDP' : 'TCP'} port`);
  });
  const { ALLO_HTTP_HOST: host, ALLO_HTTP_PORT: port } = values;
  const taken = host === undefined || port === undefined ? undefined : places.find((place) => !isUdp(place) && wantSamePort(place, { host, port }));
  if (taken !== undefined) faults.push(`${key}: ${sayPlace(taken)} wants the port of ALLO_HTTP_PORT`);
  return faults;
}

/** A certificate where one is needed, and nothing about certificates where none is. */
function sipTlsFaults(env: Environment, values: Partial<Values>): string[] {
  const faults: string[] = [];
  const places = sipPlaces(values);
  const secure = places.filter(isSecure);
  if (secure.length > 0 && env['ALLO_SIP_TLS_CERT'] === undefined && env['ALLO_SIP_TLS_KEY'] === undefined) {
    faults.push(`ALLO_SIP_TLS_CERT: must be set, with ALLO_SIP_TLS_KEY, for ${secure.map(sayPlace).join(' and ')}`);
  }
  if (env['ALLO_SIP_TLS_CLIENT_CA'] !== undefined && places.length > 0 && !places.some(({ transport }) => transport === 'tls')) {
    faults.push('ALLO_SIP_TLS_CLIENT_CA: is of no use without a tls listener in ALLO_SIP_LISTEN');
  }
  return [...faults, ...withoutFault(env, 'ALLO_SIP_TLS_CLIENT_CERTIFICATE', 'ALLO_SIP_TLS_CLIENT_CA')];
}

/** What peers outside see needs an outside. */
function natFaults(env: Environment, values: Partial<Values>): string[] {
  const places = sipPlaces(values);
  const strange = places.length === 0 ? [] : (values.ALLO_SIP_EXTERNAL_PORTS ?? []).filter(({ inside }) => !places.some(({ port }) => port === inside));
  return [
    ...withoutFault(env, 'ALLO_SIP_EXTERNAL_PORTS', 'ALLO_SIP_EXTERNAL_ADDRESS'),
    ...withoutFault(env, 'ALLO_SIP_LOCAL_NETWORKS', 'ALLO_SIP_EXTERNAL_ADDRESS'),
    ...strange.map(({ inside, outside }) => `ALLO_SIP_EXTERNAL_PORTS: "${outside}:${inside}" names ${inside}, which no listener has`),
  ];
}

function rtpFaults({ ALLO_RTP_PORT_MIN: min, ALLO_RTP_PORT_MAX: max }: Partial<Values>): string[] {
  if (min === undefined || max === undefined || max - min >= 4) return [];
  return [`ALLO_RTP_PORT_MAX=${max}: must be at least 4 above ALLO_RTP_PORT_MIN=${min}`];
}

/** What is said to a service that is not named. */
const speechFaults = (env: Environment): string[] =>
  ['ALLO_SPEECH_BODY', 'ALLO_SPEECH_AUTHORIZATION'].flatMap((key) => withoutFault(env, key, 'ALLO_SPEECH_URL'));

/** A certificate and its key are set together. */
function pairFaults(env: Environment, name: 'ALLO_SIP_TLS' | 'ALLO_HTTP_TLS'): string[] {
  const [missing, ...more] = [`${name}_CERT`, `${name}_KEY`].filter((key) => env[key] === undefined);
  if (missing === undefined || more.length > 0) return [];
  return [`${missing}: must be set beside ${missing.endsWith('KEY') ? `${name}_CERT` : `${name}_KEY`}`];
}

const withoutFault = (env: Environment, key: string, needed: string): string[] =>
  (env[key] !== undefined && env[needed] === undefined ? [`${key}: is of no use without ${needed}`] : []);

const isUdp = ({ transport }: SipPlace): boolean => transport === 'udp';
