import { isIP, isIPv6 } from 'node:net';
import { readFormats } from './audio-formats.ts';
import type { AudioFormats } from './audio-formats.ts';
import { attributeValues, findAttribute } from './session-description.ts';
import type { SdpMedia, SessionDescription } from './session-description.ts';

/** Which way media flows, seen from whoever wrote the description (RFC 3264 §5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An address and a UDP port. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/** The audio section of a description, in terms of what Allo can do with it. */
export interface AudioSection {
  /** Its place among the media sections. */
  readonly index: number;
  readonly media: SdpMedia;
  readonly formats: AudioFormats;
  readonly direction: Direction;
  /** `c=0.0.0.0`, the old hold: the writer wants to hear nothing for now (RFC 3264 §8.4). */
  readonly isNowhere: boolean;
  /** Absent for an address that is no address here: nowhere, a name, or a multicast group. */
  readonly rtp?: MediaAddress;
  readonly rtcp?: MediaAddress;
  readonly rtcpMux: boolean;
  /** Values of `a=crypto` (RFC 4568). */
  readonly crypto: readonly string[];
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** The audio sections that are switched on, in order. */
export function findAudioSections(session: SessionDescription): readonly AudioSection[] {
  return session.media.flatMap((media, index) => (media.kind === 'audio' && media.port !== 0 ? [readSection(session, media, index)] : []));
}

/** The first audio section that is switched on; undefined when there is none. */
export const findAudio = (session: SessionDescription): AudioSection | undefined => findAudioSections(session)[0];

function readSection(session: SessionDescription, media: SdpMedia, index: number): AudioSection {
  const rtp = readRtpAddress(media);
  const rtcpMux = findAttribute(media.attributes, 'rtcp-mux') !== undefined;
  const rtcp = rtp === undefined ? undefined : readRtcpAddress(media, rtp, rtcpMux);
  return {
    index, media, rtcpMux,
    formats: readFormats(media),
    direction: readDirection(session, media),
    isNowhere: media.address === '0.0.0.0' || media.address === '::',
    crypto: attributeValues(media.attributes, 'crypto'),
    ...(rtp === undefined ? {} : { rtp }),
    ...(rtcp === undefined ? {} : { rtcp }),
  };
}

function readDirection(session: SessionDescription, media: SdpMedia): Direction {
  for (const attributes of [media.attributes, session.attributes]) {
    const found = DIRECTIONS.find((direction) => findAttribute(attributes, direction) !== undefined);
    if (found !== undefined) return found;
  }
  return 'sendrecv';
}

/** Whether packets can be sent to an address as to one receiver: not nowhere, not to a group (RFC 5771, RFC 4291 §2.7). */
function isUnicast(address: string): boolean {
  if (isIPv6(address)) return address !== '::' && !/^ff/i.test(address);
  return isIP(address) === 4 && address !== '0.0.0.0' && Number(address.split('.', 1)[0]) < 224;
}

function readRtpAddress(media: SdpMedia): MediaAddress | undefined {
  return media.address === undefined || !isUnicast(media.address) ? undefined : { address: media.address, port: media.port };
}

/** @remarks RFC 3605: `a=rtcp:port [IN IP4 address]`; without it the next port (RFC 3550 §11). */
function readRtcpAddress(media: SdpMedia, rtp: MediaAddress, mux: boolean): MediaAddress | undefined {
  if (mux) return rtp;
  const [port, , , address] = (findAttribute(media.attributes, 'rtcp') ?? String(rtp.port + 1)).split(' ');
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return undefined;
  return { address: address !== undefined && isUnicast(address) ? address : rtp.address, port: number };
}

/** The direction that answers an offer, when we would send and receive (RFC 3264 §6.1). */
export function answerDirection(offered: Direction): Direction {
  if (offered === 'sendonly') return 'recvonly';
  return offered === 'recvonly' ? 'sendonly' : offered;
}

/** Whether the writer of this section wants to hear us now. */
export const wantsToHear = ({ direction, isNowhere }: AudioSection): boolean =>
  !isNowhere && (direction === 'sendrecv' || direction === 'recvonly');

/** Whether the writer of this section will send. */
export const willSend = ({ direction }: AudioSection): boolean => direction === 'sendrecv' || direction === 'sendonly';

/** Whether the section asks for WebRTC: DTLS-SRTP with ICE. */
export const isWebRtc = ({ media }: AudioSection): boolean => /^UDP\/TLS\/RTP\/SAVPF?$/i.test(media.protocol);

/** Whether the section asks for RTP without encryption, or with it where both sides can (RFC 8643). */
export const isPlainRtp = ({ media }: AudioSection): boolean => /^RTP\/AVPF?$/i.test(media.protocol);

/** Whether the section asks for SRTP with keys in the description (RFC 4568). */
export const isSecureRtp = ({ media }: AudioSection): boolean => /^RTP\/SAVPF?$/i.test(media.protocol);
