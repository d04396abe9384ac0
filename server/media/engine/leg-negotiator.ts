import { randomInt } from 'node:crypto';
import type { G711Name } from '../codec/g711.ts';
import type { EdgeLink, WebRtcEdge } from '../edge/edge.ts';
import { UdpLink } from '../rtp/udp-link.ts';
import { findAudio, isWebRtc } from '../sdp/audio-section.ts';
import { agreeOnPlain, writePlainAnswer, writePlainOffer } from '../sdp/negotiate-plain.ts';
import type { LocalEnd } from '../sdp/negotiate-plain.ts';
import { parseSdp } from '../sdp/session-description.ts';
import type { EngineLeg } from './engine-leg.ts';
import type { EngineSetUp, SdpReply } from './protocol.ts';

/** A leg with its link and what negotiating it again needs. */
export type ConnectedLeg =
  | { readonly kind: 'rtp'; readonly leg: EngineLeg; readonly link: UdpLink; local: LocalEnd }
  | { readonly kind: 'webrtc'; readonly leg: EngineLeg; readonly link: EdgeLink };

/** An offer that was answered, with the leg it opened. */
export type AnsweredLeg =
  | { readonly kind: 'agreed'; readonly sdp: string; readonly connected: ConnectedLeg }
  | { readonly kind: 'unsupported'; readonly reason: string };

const PREFERRED: readonly G711Name[] = ['PCMA', 'PCMU'];

/** What a negotiator works with. */
export interface LegNegotiatorOptions {
  readonly setUp: Pick<EngineSetUp, 'host' | 'announcedHost' | 'rtpPorts'>;
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

  /**
   * Answers an offer; nothing is opened when it cannot be agreed to.
   * @param preferred - codec that the call speaks already.
   */
  async answer(leg: EngineLeg, offer: string, preferred: G711Name | undefined): Promise<AnsweredLeg> {
    const parsed = parseSdp(offer);
    if (parsed.kind === 'malformed') return malformed('offer', parsed.reason);
    const section = findAudio(parsed.session);
    if (section !== undefined && isWebRtc(section)) return this.#answerBrowser(leg, offer, preferred);
    const agreed = agreeOnPlain(section, preferred);
    if (agreed.kind === 'unsupported') return agreed;
    const connected = await this.#openPlain(leg);
    connected.link.connect(agreed.peer);
    leg.agree(agreed.audio);
    return { kind: 'agreed', sdp: writePlainAnswer(parsed.session, agreed, connected.local), connected };
  }

  /** Makes an offer. @param preferred - codec that is named first. */
  async offer(leg: EngineLeg, kind: 'rtp' | 'webrtc', preferred: G711Name | undefined): Promise<{ readonly sdp: string; readonly connected: ConnectedLeg }> {
    if (kind === 'webrtc') {
      const { link, sdp } = await this.#edge.offer(leg, preferences(preferred));
      leg.attach(link);
      return { sdp, connected: { kind, leg, link } };
    }
    const connected = await this.#openPlain(leg);
    return { sdp: writePlainOffer(connected.local, preferred ?? 'PCMA'), connected };
  }

  /** Takes the answer to our offer. */
  async acceptAnswer(connected: ConnectedLeg, sdp: string): Promise<SdpReply> {
    if (connected.kind === 'webrtc') {
      const accepted = await connected.link.acceptAnswer(sdp);
      if (accepted.kind === 'unsupported') return accepted;
      connected.leg.agree(accepted.audio);
      return { kind: 'agreed', sdp };
    }
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return malformed('answer', parsed.reason);
    const agreed = agreeOnPlain(findAudio(parsed.session));
    if (agreed.kind === 'unsupported') return agreed;
    connected.link.connect(agreed.peer);
    connected.leg.agree(agreed.audio);
    return { kind: 'agreed', sdp };
  }

  /** Answers a new offer on an open leg. */
  async reoffer(connected: ConnectedLeg, sdp: string): Promise<SdpReply> {
    const { leg } = connected;
    if (connected.kind === 'webrtc') {
      const answered = await connected.link.reoffer(sdp);
      if (answered.kind === 'unsupported') return answered;
      leg.agree(answered.audio);
      return { kind: 'agreed', sdp: answered.sdp };
    }
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return malformed('offer', parsed.reason);
    const agreed = agreeOnPlain(findAudio(parsed.session), leg.audio?.codec);
    if (agreed.kind === 'unsupported') return agreed;
    connected.link.connect(agreed.peer);
    leg.agree(agreed.audio);
    connected.local = { ...connected.local, version: connected.local.version + 1 };
    return { kind: 'agreed', sdp: writePlainAnswer(parsed.session, agreed, connected.local) };
  }

  async #answerBrowser(leg: EngineLeg, offer: string, preferred: G711Name | undefined): Promise<AnsweredLeg> {
    const answered = await this.#edge.answer(offer, leg, preferences(preferred));
    if (answered.kind === 'unsupported') return answered;
    leg.attach(answered.link);
    leg.agree(answered.audio);
    return { kind: 'agreed', sdp: answered.sdp, connected: { kind: 'webrtc', leg, link: answered.link } };
  }

  async #openPlain(leg: EngineLeg): Promise<Extract<ConnectedLeg, { kind: 'rtp' }>> {
    const { host, announcedHost, rtpPorts } = this.#setUp;
    const link = await UdpLink.open(host, rtpPorts, leg);
    leg.attach(link);
    return { kind: 'rtp', leg, link, local: { address: announcedHost, port: link.port, sessionId: String(randomInt(1, 2 ** 47)), version: 1 } };
  }
}

const malformed = (what: 'offer' | 'answer', reason: string): { readonly kind: 'unsupported'; readonly reason: string } =>
  ({ kind: 'unsupported', reason: `the ${what} is malformed: ${reason}` });

const preferences = (first: G711Name | undefined): readonly G711Name[] =>
  (first === undefined ? PREFERRED : [first, ...PREFERRED.filter((name) => name !== first)]);
