import { RTCDtlsTransport } from 'werift';
import type { VoiceCodec } from '../../../model/media-terms.ts';
import type { EdgeLink, EdgeNegotiation, PacketSink, WebRtcEdge } from '../edge.ts';
import { WeriftLink } from './werift-link.ts';

/** How often links are asked whether their browser is still there. */
const WATCH_MS = 5_000;

/** Where the edge is reached. */
export interface WeriftEdgeOptions {
  /** Local address that all sockets are bound to. */
  readonly host: string;
  /** Address that browsers are told. */
  readonly announcedHost: string;
}

/** Ends WebRTC with werift (pure TypeScript), in the thread of the engine. */
export class WeriftEdge implements WebRtcEdge {
  readonly #options: WeriftEdgeOptions;
  readonly #links = new Set<WeriftLink>();
  readonly #watch: NodeJS.Timeout;

  private constructor(options: WeriftEdgeOptions) {
    this.#options = options;
    this.#watch = setInterval(() => { for (const link of this.#links) link.checkConsent(); }, WATCH_MS);
  }

  /** Makes the certificate of this process first, so that no call waits for it. */
  static async start(options: WeriftEdgeOptions): Promise<WeriftEdge> {
    await RTCDtlsTransport.SetupCertificate();
    return new WeriftEdge(options);
  }

  async answer(offer: string, sink: PacketSink, preferences: readonly VoiceCodec[]):
  Promise<EdgeNegotiation<{ readonly link: EdgeLink; readonly sdp: string }>> {
    const link = this.#makeLink(sink, preferences);
    try {
      const answered = await link.reoffer(offer);
      if (answered.kind === 'agreed') return { ...answered, link };
      await link.close();
      return answered;
    } catch (cause) {
      await link.close();
      throw cause;
    }
  }

  async offer(sink: PacketSink, preferences: readonly VoiceCodec[]): Promise<{ readonly link: EdgeLink; readonly sdp: string }> {
    const link = this.#makeLink(sink, preferences);
    try {
      return { link, sdp: await link.makeOffer() };
    } catch (cause) {
      await link.close();
      throw cause;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all([...this.#links].map((link) => link.close()));
  }

  #makeLink(sink: PacketSink, preferences: readonly VoiceCodec[]): WeriftLink {
    const link = new WeriftLink({ ...this.#options, sink, preferences, onClosed: () => this.#links.delete(link) });
    this.#links.add(link);
    return link;
  }
}
