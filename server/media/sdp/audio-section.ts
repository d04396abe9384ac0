import { isIP } from 'node:net';
import { findAttribute } from './session-description.ts';
import type { SdpMedia, SessionDescription } from './session-description.ts';
import type { G711Name } from '../codec/g711.ts';

/** Which way media flows, seen from whoever wrote the description (RFC 3264 §5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An address and a UDP port. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/** A G.711 format that a description lists, in its order of preference. */
export interface AudioFormat {
  readonly codec: G711Name;
  readonly payloadType: number;
}

/** The audio section of a description, in terms of what Allo can do with it. */
export interface AudioSection {
  /** Its place among the media sections. */
  readonly index: number;
  readonly media: SdpMedia;
  readonly formats: readonly AudioFormat[];
  readonly telephoneEventPayloadType?: number;
  readonly direction: Direction;
  /** Absent when the writer wants no media for now: `c=0.0.0.0`, the old hold (RFC 3264 §8.4). */
  readonly rtp?: MediaAddress;
  readonly rtcp?: MediaAddress;
  readonly rtcpMux: boolean;
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
/** Formats that need no `rtpmap` (RFC 3551 table 4). */
const STATIC_FORMATS: Readonly<Record<string, string>> = { '0': 'PCMU/8000', '8': 'PCMA/8000' };

/**
 * Finds the first audio section that is switched on.
 * @returns undefined when there is none.
 */
export function findAudio(session: SessionDescription): AudioSection | undefined {
  const index = session.media.findIndex((media) => media.kind === 'audio' && media.port !== 0);
  const media = session.media[index];
  if (media === undefined) return undefined;
  const names = formatNames(media);
  const event = names.find(([, name]) => name === 'TELEPHONE-EVENT/8000');
  const rtp = readRtpAddress(media);
  const rtcpMux = findAttribute(media.attributes, 'rtcp-mux') !== undefined;
  const rtcp = rtp === undefined ? undefined : readRtcpAddress(media, rtp, rtcpMux);
  return {
    index, media, rtcpMux,
    formats: names.flatMap(([payloadType, name]) => {
      const codec = name === 'PCMA/8000' ? 'PCMA' : name === 'PCMU/8000' ? 'PCMU' : undefined;
      return codec === undefined ? [] : [{ codec, payloadType }];
    }),
    direction: readDirection(session, media),
    ...(event === undefined ? {} : { telephoneEventPayloadType: event[0] }),
    ...(rtp === undefined ? {} : { rtp }),
    ...(rtcp === undefined ? {} : { rtcp }),
  };
}

/** Payload types of the section with the upper-case `encoding/rate` of each, in order. */
function formatNames(media: SdpMedia): (readonly [number, string])[] {
  const maps = new Map<string, string>(Object.entries(STATIC_FORMATS));
  for (const { name, value } of media.attributes) {
    const [payloadType, encoding] = name === 'rtpmap' && value !== undefined ? value.trim().split(/\s+/) : [];
    if (payloadType === undefined || encoding === undefined) continue;
    maps.set(payloadType, encoding.toUpperCase().replace(/\/1$/, ''));
  }
  return media.formats.flatMap((format) => {
    const name = maps.get(format);
    const payloadType = Number(format);
    return name === undefined || !/^\d{1,3}$/.test(format) || payloadType > 127 ? [] : [[payloadType, name] as const];
  });
}

function readDirection(session: SessionDescription, media: SdpMedia): Direction {
  for (const attributes of [media.attributes, session.attributes]) {
    const found = DIRECTIONS.find((direction) => findAttribute(attributes, direction) !== undefined);
    if (found !== undefined) return found;
  }
  return 'sendrecv';
}

const isNowhere = (address: string): boolean => address === '0.0.0.0' || address === '::';

function readRtpAddress(media: SdpMedia): MediaAddress | undefined {
  if (media.address === undefined || isIP(media.address) === 0 || isNowhere(media.address)) return undefined;
  return { address: media.address, port: media.port };
}

/** @remarks RFC 3605: `a=rtcp:port [IN IP4 address]`; without it the next port (RFC 3550 §11). */
function readRtcpAddress(media: SdpMedia, rtp: MediaAddress, mux: boolean): MediaAddress | undefined {
  if (mux) return rtp;
  const [port, , , address] = (findAttribute(media.attributes, 'rtcp') ?? String(rtp.port + 1)).split(' ');
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return undefined;
  return { address: address !== undefined && isIP(address) !== 0 ? address : rtp.address, port: number };
}

/** The direction that answers an offer, when we would send and receive (RFC 3264 §6.1). */
export function answerDirection(offered: Direction): Direction {
  if (offered === 'sendonly') return 'recvonly';
  return offered === 'recvonly' ? 'sendonly' : offered;
}

/** Whether the writer of this section wants to hear us now. */
export const wantsToHear = (audio: AudioSection): boolean =>
  audio.rtp !== undefined && (audio.direction === 'sendrecv' || audio.direction === 'recvonly');

/** Whether the writer of this section will send. */
export const willSend = (audio: AudioSection): boolean =>
  audio.direction === 'sendrecv' || audio.direction === 'sendonly';

/** Whether the section asks for WebRTC: DTLS-SRTP with ICE. */
export const isWebRtc = (audio: AudioSection): boolean => /^UDP\/TLS\/RTP\/SAVPF?$/.test(audio.media.protocol);

/** Whether the section asks for plain RTP. */
export const isPlainRtp = (audio: AudioSection): boolean => /^RTP\/AVPF?$/.test(audio.media.protocol);
