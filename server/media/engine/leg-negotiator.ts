import type { MediaTerms, VoiceCodec } from '../../model/media-terms.ts';
import { isMixable } from '../codec/voice-codec.ts';
import type { EdgeLink, PacketLink, WebRtcEdge } from '../edge/edge.ts';
import { findAudio, isWebRtc } from '../sdp/audio-section.ts';
import { parseSdp } from '../sdp/session-description.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import type { EngineLeg } from './engine-leg.ts';
import { PlainLeg } from './plain-leg.ts';
import type { PlainLegOptions } from './plain-leg.ts';
import type { SdpReply } from './protocol.ts';

/** A leg with its link and what negotiating it again needs. */
export type ConnectedLeg =
  | { readonly kind: 'rtp'; readonly leg: EngineLeg; readonly link: PacketLink; readonly plain: PlainLeg }
  | { readonly kind: 'webrtc'; readonly leg: EngineLeg; readonly link: EdgeLink };

/** An offer that was answered, with the leg it opened. */
export type AnsweredLeg =
  | { readonly kind: 'agreed'; readonly sdp: string; readonly connected: ConnectedLeg }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** How a leg is to be agreed on. */
export interface LegWishes {
  /** Codec that the call speaks already. */
  readonly preferred?: VoiceCodec | undefined;
  readonly terms?: MediaTerms | undefined;
}

const USUAL_CODECS: readonly VoiceCodec[] = ['PCMA', 'PCMU'];
const USUAL_TERMS: MediaTerms = { isSignallingSecure: false };

/** What a negotiator works with. */
export interface LegNegotiatorOptions {
  readonly setUp: PlainLegOptions['setUp'];
  readonly edge: WebRtcEdge;
}

/** Opens links by descriptions: plain RTP itself, WebRTC through the edge (RFC 3264). */
export class LegNegotiator {
  readonly #setUp: LegNegotiatorOptions['setUp'];
  readonly #edge: WebRtcEdge;

  constructor(options: LegNegotiatorOptions) {
    this.#setUp = options.setUp;
    this.#edge = options.edge;
  }

  /** Answers an offer; nothing is opened when it cannot be agreed to. */
  async answer(leg: EngineLeg, offer: string, { preferred, terms }: LegWishes): Promise<AnsweredLeg> {
    const parsed = parseSdp(offer);
    if (parsed.kind === 'malformed') return malformed('offer', parsed.reason);
    const section = findAudio(parsed.session);
    if (section !== undefined && isWebRtc(section)) return this.#answerBrowser(leg, offer, preferred);
    const options = this.#optionsFor(terms);
    const agreed = PlainLeg.consider(parsed.session, options, preferred);
    if (agreed.kind === 'unsupported') return agreed;
    const plain = await PlainLeg.open(leg, options);
    return { kind: 'agreed', sdp: plain.answer(parsed.session, agreed), connected: { kind: 'rtp', leg, link: plain.link, plain } };
  }

  /** Makes an offer. */
  async offer(leg: EngineLeg, kind: 'rtp' | 'webrtc', { preferred, terms }: LegWishes): Promise<{ readonly sdp: string; readonly connected: ConnectedLeg }> {
    const codecs = codecsToOffer(preferred, terms?.codecs);
    if (kind === 'webrtc') {
      const { link, sdp } = await this.#edge.offer(leg, codecs);
      leg.attach(link);
      return { sdp, connected: { kind, leg, link } };
    }
    const plain = await PlainLeg.open(leg, this.#optionsFor(terms));
    return { sdp: plain.offer(codecs), connected: { kind, leg, link: plain.link, plain } };
  }

  /** Makes a new offer on an open leg; {@link acceptAnswer} takes what comes of it. @param codecs - best first. */
  async propose(connected: ConnectedLeg, codecs: readonly VoiceCodec[]): Promise<{ readonly sdp: string }> {
    return { sdp: await (connected.kind === 'webrtc' ? connected.link.propose(codecs) : connected.plain.offer(codecs)) };
  }

  /** Takes the answer to our offer. */
  async acceptAnswer(connected: ConnectedLeg, sdp: string): Promise<SdpReply> {
    if (connected.kind === 'webrtc') {
      const accepted = await connected.link.acceptAnswer(sdp);
      if (accepted.kind === 'unsupported') return accepted;
      connected.leg.agree(accepted.audio);
      return { kind: 'agreed', sdp };
    }
    return withSession('answer', sdp, (session) => {
      const reason = connected.plain.accept(session);
      return reason === undefined ? { kind: 'agreed', sdp } : { kind: 'unsupported', reason };
    });
  }

  /** Answers a new offer on an open leg. */
  async reoffer(connected: ConnectedLeg, sdp: string): Promise<SdpReply> {
    if (connected.kind === 'webrtc') {
      const answered = await connected.link.reoffer(sdp);
      if (answered.kind === 'unsupported') return answered;
      connected.leg.agree(answered.audio);
      return { kind: 'agreed', sdp: answered.sdp };
    }
    return withSession('offer', sdp, (session) => connected.plain.reoffer(session));
  }

  async #answerBrowser(leg: EngineLeg, offer: string, preferred: VoiceCodec | undefined): Promise<AnsweredLeg> {
    const answered = await this.#edge.answer(offer, leg, codecsToOffer(preferred, undefined));
    if (answered.kind === 'unsupported') return answered;
    leg.attach(answered.link);
    leg.agree(answered.audio);
    return { kind: 'agreed', sdp: answered.sdp, connected: { kind: 'webrtc', leg, link: answered.link } };
  }

  #optionsFor(terms: MediaTerms | undefined): PlainLegOptions {
    return { setUp: this.#setUp, terms: terms ?? USUAL_TERMS };
  }
}

function withSession(what: 'offer' | 'answer', sdp: string, negotiate: (session: SessionDescription) => SdpReply): SdpReply {
  const parsed = parseSdp(sdp);
  return parsed.kind === 'malformed' ? malformed(what, parsed.reason) : negotiate(parsed.session);
}

const malformed = (what: 'offer' | 'answer', reason: string): { readonly kind: 'unsupported'; readonly reason: string } =>
  ({ kind: 'unsupported', reason: `the ${what} is malformed: ${reason}` });

/** The codec of the call first, then what the trunk may speak; Opus only where the call speaks it already. */
function codecsToOffer(preferred: VoiceCodec | undefined, allowed: readonly VoiceCodec[] | undefined): readonly VoiceCodec[] {
  const rest = (allowed ?? USUAL_CODECS).filter((codec) => codec !== preferred && isMixable(codec));
  return preferred === undefined || allowed?.includes(preferred) === false ? rest : [preferred, ...rest];
}
