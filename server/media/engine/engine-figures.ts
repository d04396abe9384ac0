import type { LegId } from '../../model/ids.ts';
import type { JitterFigures } from '../jitter/jitter-buffer.ts';
import type { PathFigures } from './leg-reports.ts';
import type { TickerFigures } from './ticker.ts';

/** How one leg does. */
export interface LegFigures {
  readonly legId: LegId;
  readonly kind: 'rtp' | 'webrtc';
  readonly route: 'mix' | 'forward';
  readonly isPlaying: boolean;
  readonly path: PathFigures;
  readonly jitter: JitterFigures;
  /** Packets from addresses that this leg does not listen to, or above its rate. */
  readonly refusedPackets: number;
}

/** How an engine does. */
export interface EngineFigures {
  readonly legs: number;
  /** UDP ports that are open now. */
  readonly ports: number;
  readonly recordings: number;
  readonly cachedBytes: number;
  readonly ticker: TickerFigures;
  readonly perLeg: readonly LegFigures[];
}
