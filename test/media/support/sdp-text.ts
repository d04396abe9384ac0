import { findAudio } from '../../../server/media/sdp/audio-section.ts';
import type { AudioSection } from '../../../server/media/sdp/audio-section.ts';
import { agreeOnPlain } from '../../../server/media/sdp/agree-plain.ts';
import type { PlainAgreement, PlainNegotiation, PlainWishes } from '../../../server/media/sdp/agree-plain.ts';
import { parseSdp } from '../../../server/media/sdp/session-description.ts';
import type { SessionDescription } from '../../../server/media/sdp/session-description.ts';
import { writePlainAnswer } from '../../../server/media/sdp/write-plain.ts';

export const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'] as const;
/** Our own end in descriptions of tests. */
export const LOCAL = { address: '198.51.100.7', port: 30_000, sessionId: '77', version: 1 } as const;

/** A description with these lines after its head. */
export const sdp = (...lines: readonly string[]): string => [...HEAD, ...lines, ''].join('\r\n');

/** @throws Error when the text is malformed. */
export function parse(text: string): SessionDescription {
  const parsed = parseSdp(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.reason);
  return parsed.session;
}

/** @throws Error when the text is malformed or has no audio. */
export function audioOf(text: string): AudioSection {
  const audio = findAudio(parse(text));
  if (audio === undefined) throw new Error('no audio');
  return audio;
}

type Wishes = Partial<PlainWishes>;

/** What can be agreed on with an offer, without a trunk's terms unless given. */
export const agree = (text: string, wishes: Wishes = {}): PlainNegotiation =>
  agreeOnPlain(parse(text), { terms: { isSignallingSecure: false }, address: LOCAL.address, ...wishes });

/** @throws Error with the reason when nothing can be agreed on. */
export function agreed(text: string, wishes: Wishes = {}): PlainAgreement {
  const negotiation = agree(text, wishes);
  if (negotiation.kind === 'unsupported') throw new Error(negotiation.reason);
  return negotiation;
}

/** The answer to an offer, or why there is none. */
export function answerTo(text: string, wishes: Wishes = {}): string {
  const negotiation = agree(text, wishes);
  return negotiation.kind === 'agreed' ? writePlainAnswer(parse(text), negotiation, LOCAL) : `unsupported: ${negotiation.reason}`;
}
