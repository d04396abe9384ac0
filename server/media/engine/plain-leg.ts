import { randomInt } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import type { MediaTerms, VoiceCodec } from '../../model/media-terms.ts';
import { UdpLink } from '../rtp/udp-link.ts';
import { agreeOnPlain } from '../sdp/agree-plain.ts';
import type { PlainAgreement, PlainWishes } from '../sdp/agree-plain.ts';
import { findAudioSections } from '../sdp/audio-section.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import { offeredFormats, writePlainAnswer, writePlainOffer, writeRefusals } from '../sdp/write-plain.ts';
import type { LocalEnd } from '../sdp/write-plain.ts';
import { SdesSession } from '../srtp/sdes-session.ts';
import { SecureLink } from '../srtp/secure-link.ts';
import type { EngineLeg } from './engine-leg.ts';
import type { EngineSetUp, SdpReply } from './protocol.ts';

/** Where a plain leg is opened, and on what terms. */
export interface PlainLegOptions {
  readonly setUp: Pick<EngineSetUp, 'host' | 'announcedHost' | 'rtpPorts'>;
  readonly terms: MediaTerms;
}

/** A leg on plain RTP, or SRTP with keys in its descriptions, through all its negotiations (RFC 3264). */
export class PlainLeg {
  readonly link: UdpLink | SecureLink;
  readonly #leg: EngineLeg;
  readonly #udp: UdpLink;
  readonly #secure: SecureLink | undefined;
  readonly #sdes = new SdesSession();
  readonly #options: PlainLegOptions;
  #local: LocalEnd;
  #lastSdp: string | undefined;
  /** Codecs of our offer that is not answered yet. */
  #offered: readonly VoiceCodec[] = [];

  private constructor(leg: EngineLeg, udp: UdpLink, secure: SecureLink | undefined, options: PlainLegOptions) {
    this.#leg = leg;
    this.#udp = udp;
    this.#secure = secure;
    this.link = secure ?? udp;
    this.#options = options;
    this.#local = { address: options.setUp.announcedHost, port: udp.port, sessionId: String(randomInt(1, 2 ** 47)), version: 1 };
  }

  /**
   * Opens the ports of a leg.
   * @throws AppError `media.no-port` when the range is full, `media.srtp-needs-tls` when the terms cannot be kept.
   */
  static async open(leg: EngineLeg, options: PlainLegOptions): Promise<PlainLeg> {
    const { setUp: { host, rtpPorts }, terms } = options;
    if (terms.srtp === 'required' && !terms.isSignallingSecure) {
      throw new AppError({ code: 'media.srtp-needs-tls', category: 'config', message: 'SRTP is required on this trunk, and its keys need signalling over TLS' });
    }
    const secure = mayEncrypt(terms) ? new SecureLink(leg) : undefined;
    const udp = await UdpLink.open(host, rtpPorts, secure ?? leg);
    secure?.carryOver(udp);
    leg.attach(secure ?? udp);
    return new PlainLeg(leg, udp, secure, options);
  }

  /** What can be agreed on with an offer; nothing is opened or changed. */
  static consider(offer: SessionDescription, options: PlainLegOptions, prefer: VoiceCodec | undefined): ReturnType<typeof agreeOnPlain> {
    return agreeOnPlain(offer, wishesFor(options, prefer));
  }

  /** Takes what was agreed on and writes the answer. */
  answer(offer: SessionDescription, agreed: PlainAgreement): string {
    const crypto = agreed.crypto === undefined ? undefined : this.#sdes.answer(agreed.crypto);
    if (crypto === undefined) this.#sdes.clear();
    this.#take(agreed);
    return this.#write((local) => writePlainAnswer(offer, agreed, local, crypto));
  }

  /** Answers a new offer on the open leg: hold, refresh, another address, port or codec. */
  reoffer(offer: SessionDescription): SdpReply {
    if (findAudioSections(offer).length === 0) return { kind: 'agreed', sdp: this.#switchOff(offer) };
    const agreed = PlainLeg.consider(offer, this.#options, this.#leg.audio?.codec);
    return agreed.kind === 'unsupported' ? agreed : { kind: 'agreed', sdp: this.answer(offer, agreed) };
  }

  /** Writes an offer of ours, the first one or a new one. @param codecs - best first. */
  offer(codecs: readonly VoiceCodec[]): string {
    const { srtp = 'off', dtmf = 'auto' } = this.#options.terms;
    const crypto = mayEncrypt(this.#options.terms) ? this.#sdes.offer() : [];
    this.#offered = codecs;
    // With encryption optional the profile stays RTP/AVP, so that nobody refuses it (RFC 8643 §3.1).
    return this.#write((local) => writePlainOffer(local, { codecs, dtmf, crypto, protocol: srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP' }));
  }

  /** Takes the answer to our offer. @returns why it cannot be taken; undefined when it was. */
  accept(answer: SessionDescription): string | undefined {
    const { terms } = this.#options;
    const agreed = agreeOnPlain(answer, { ...wishesFor(this.#options, undefined), offered: offeredFormats(this.#offered, terms.dtmf ?? 'auto') });
    if (agreed.kind === 'unsupported') return agreed.reason;
    if (agreed.crypto === undefined) this.#sdes.clear();
    else if (!this.#sdes.accept(agreed.crypto)) return 'the crypto attribute of the answer is none that was offered';
    this.#take(agreed);
    return undefined;
  }

  #take(agreed: PlainAgreement): void {
    this.#secure?.rekey(this.#sdes.pair);
    this.#udp.connect(agreed.peer);
    this.#leg.agree(agreed.audio);
  }

  /** All audio is off until an offer brings it back (RFC 3264 §8.2). */
  #switchOff(offer: SessionDescription): string {
    const { audio } = this.#leg;
    if (audio !== undefined) this.#leg.agree({ ...audio, peerListens: false, peerSends: false });
    return this.#write((local) => writeRefusals(offer, local));
  }

  /** The version in the origin line grows when the description changed, and only then (RFC 3264 §8). */
  #write(describe: (local: LocalEnd) => string): string {
    let sdp = describe(this.#local);
    if (this.#lastSdp !== undefined && this.#lastSdp !== sdp) {
      this.#local = { ...this.#local, version: this.#local.version + 1 };
      sdp = describe(this.#local);
    }
    this.#lastSdp = sdp;
    return sdp;
  }
}

const mayEncrypt = ({ srtp = 'off', isSignallingSecure }: MediaTerms): boolean => srtp !== 'off' && isSignallingSecure;

function wishesFor({ setUp, terms }: PlainLegOptions, prefer: VoiceCodec | undefined): PlainWishes {
  const { codecs, dtmf } = terms;
  return {
    terms, address: setUp.host,
    ...(prefer === undefined ? {} : { prefer }),
    ...(codecs === undefined ? {} : { codecs }),
    ...(dtmf === undefined ? {} : { dtmf }),
  };
}
