import type { MediaLeg } from '../../../server/call/ports.ts';
import type { MixableCodec } from '../../../server/media/codec/voice-codec.ts';
import type { MediaTerms } from '../../../server/model/media-terms.ts';
import { nextCallId, nextLegId } from './media-fixture.ts';
import type { MediaFixture } from './media-fixture.ts';
import { RtpPeer } from './rtp-peer.ts';

/** A telephone and its leg. */
export interface PlainCall {
  readonly peer: RtpPeer;
  readonly leg: MediaLeg;
  /** Our description. */
  readonly sdp: string;
}

/** Opens legs to telephones at plain RTP, and closes them. */
export class PlainCalls {
  readonly #fixture: MediaFixture;
  readonly #closing: (() => Promise<void>)[] = [];

  constructor(fixture: MediaFixture) {
    this.#fixture = fixture;
  }

  /** A telephone without a leg yet. */
  async openPeer(codec: MixableCodec, host?: string): Promise<RtpPeer> {
    const peer = await RtpPeer.open(codec, host);
    this.#closing.unshift(() => peer.close());
    return peer;
  }

  /** Answers the offer of a telephone. @throws Error with the reason when it cannot be agreed to. */
  async answer(peer: RtpPeer, offer: string = peer.sdp(), terms?: MediaTerms): Promise<PlainCall> {
    const answered = await this.#fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer, ...(terms === undefined ? {} : { terms }) });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    return this.#keep(peer, answered.leg, answered.sdp);
  }

  /** Makes an offer to a telephone, which has not answered it yet. */
  async offer(peer: RtpPeer, terms?: MediaTerms): Promise<PlainCall> {
    const { leg, sdp } = await this.#fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'rtp', ...(terms === undefined ? {} : { terms }) });
    return this.#keep(peer, leg, sdp);
  }

  /** Lets both hear each other. */
  bridge(one: MediaLeg, other: MediaLeg): void {
    this.#fixture.media.setHears(one, other, 1);
    this.#fixture.media.setHears(other, one, 1);
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }

  #keep(peer: RtpPeer, leg: MediaLeg, sdp: string): PlainCall {
    this.#closing.unshift(() => leg.close());
    peer.follow(sdp);
    return { peer, leg, sdp };
  }
}

/** Answers a new offer. @throws Error with the reason when it cannot be agreed to. */
export async function reoffer(leg: MediaLeg, offer: string): Promise<string> {
  const answered = await leg.reoffer(offer);
  if (answered.kind !== 'agreed') throw new Error(answered.reason);
  return answered.sdp;
}
