import { isIPv6 } from 'node:net';
import type { MediaTerms } from '../../model/media-terms.ts';
import { agreeOnAudio } from './agree-audio.ts';
import type { AgreedAudio, AudioWishes } from './agree-audio.ts';
import { findAudioSections, isPlainRtp, isSecureRtp } from './audio-section.ts';
import type { AudioSection, MediaAddress } from './audio-section.ts';
import { parseCrypto } from './crypto-attribute.ts';
import type { CryptoAttribute } from './crypto-attribute.ts';
import type { SessionDescription } from './session-description.ts';

/** Where a plain peer receives. */
export interface PlainPeer {
  readonly rtp?: MediaAddress;
  readonly rtcp?: MediaAddress;
  readonly rtcpMux: boolean;
}

/** Audio that a leg without WebRTC can speak. */
export interface PlainAgreement {
  readonly kind: 'agreed';
  readonly section: AudioSection;
  readonly audio: AgreedAudio;
  readonly peer: PlainPeer;
  /** The peer's keys; absent when the voice is not encrypted. */
  readonly crypto?: CryptoAttribute;
}

/** Whether audio was agreed, and why not. */
export type PlainNegotiation = PlainAgreement | { readonly kind: 'unsupported'; readonly reason: string };

/** What our end of a leg is like. */
export interface PlainWishes extends AudioWishes {
  readonly terms: Pick<MediaTerms, 'srtp' | 'isSignallingSecure'>;
  /** Our own address: the peer's must be of the same family to be reached. */
  readonly address: string;
}

/**
 * Chooses the audio section that serves best, and what is spoken in it.
 * @remarks RFC 3264 §6. Of several sections an encrypted one comes first where the trunk wants encryption, else the first
 *   in order; all others are refused. Keys are only taken from descriptions that came over TLS (RFC 4568 §7.1).
 */
export function agreeOnPlain(session: SessionDescription, wishes: PlainWishes): PlainNegotiation {
  const sections = findAudioSections(session);
  const tried = sections.map((section) => agreeOnSection(section, wishes));
  const agreed = tried.filter((one) => one.kind === 'agreed');
  const [best] = agreed.toSorted((one, other) => Number(other.crypto !== undefined) - Number(one.crypto !== undefined));
  return best ?? tried[0] ?? { kind: 'unsupported', reason: 'no audio section' };
}

function agreeOnSection(section: AudioSection, wishes: PlainWishes): PlainNegotiation {
  const security = agreeOnSecurity(section, wishes.terms);
  if (security.kind === 'unsupported') return security;
  const { rtp, rtcp, rtcpMux } = section;
  if (rtp !== undefined && isIPv6(rtp.address) !== isIPv6(wishes.address)) {
    return { kind: 'unsupported', reason: `${rtp.address} cannot be reached from ${wishes.address}: another family of addresses` };
  }
  const audio = agreeOnAudio(section, wishes);
  if (audio === undefined) return { kind: 'unsupported', reason: describeNothingInCommon(section, wishes) };
  return {
    kind: 'agreed', section, audio,
    peer: { rtcpMux, ...(rtp === undefined ? {} : { rtp }), ...(rtcp === undefined ? {} : { rtcp }) },
    ...(security.crypto === undefined ? {} : { crypto: security.crypto }),
  };
}

type Security =
  | { readonly kind: 'agreed'; readonly crypto?: CryptoAttribute }
  | { readonly kind: 'unsupported'; readonly reason: string };

function agreeOnSecurity(section: AudioSection, { srtp = 'off', isSignallingSecure }: PlainWishes['terms']): Security {
  const { protocol } = section.media;
  if (!isPlainRtp(section) && !isSecureRtp(section)) return { kind: 'unsupported', reason: `profile ${protocol.slice(0, 40)} is not spoken on this leg` };
  const mayEncrypt = srtp !== 'off' && isSignallingSecure;
  if (srtp === 'required' && !isSignallingSecure) return { kind: 'unsupported', reason: 'SRTP is required here, and its keys need signalling over TLS' };
  const crypto = mayEncrypt ? section.crypto.map(parseCrypto).find((one) => one !== undefined) : undefined;
  if (crypto !== undefined) return { kind: 'agreed', crypto };
  if (isPlainRtp(section) && srtp !== 'required') return { kind: 'agreed' };
  if (mayEncrypt) return { kind: 'unsupported', reason: `${protocol} without a crypto attribute that is understood` };
  const why = srtp === 'off' ? 'SRTP is off here' : 'its keys need signalling over TLS';
  return { kind: 'unsupported', reason: `profile ${protocol} is not spoken: ${why}` };
}

function describeNothingInCommon(section: AudioSection, { codecs }: AudioWishes): string {
  const ours = codecs ?? ['PCMA', 'PCMU', 'G722'];
  return `no codec in common: need one of ${ours.join(', ')}, got ${section.media.formats.join(' ').slice(0, 100)}`;
}
