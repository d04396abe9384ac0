import type { Milliseconds } from '../base/time.ts';

/**
 * Where the delay of one leg comes from, from the peer's mouth to our mixer. The delay of a call
 * from mouth to ear is the sum of its two legs'.
 */
export interface DelayBudget {
  /** Until a packet is full at the peer. */
  readonly encodingMs: Milliseconds;
  /** Half the round trip; absent until the peer has answered a report of ours. */
  readonly propagationMs?: Milliseconds;
  /** How late our own frames leave. */
  readonly transmitQueueMs: Milliseconds;
  /** The jitter buffer; 0 while packets are passed on as they come. */
  readonly receiveBufferMs: Milliseconds;
  readonly decodingMs: Milliseconds;
}

/** What one leg's voice is like as it reaches us, for a period or for the whole leg. */
export interface VoiceQuality {
  readonly kind: 'period' | 'final';
  /** How long it was measured. */
  readonly durationMs: Milliseconds;
  readonly packets: number;
  /** Packets that the network lost. */
  readonly lost: number;
  /** How much longer the runs of lost packets were than those of random loss; 1 for random loss. */
  readonly burstRatio: number;
  /** Packets that came too late to be heard. */
  readonly late: number;
  readonly duplicates: number;
  /** Interarrival jitter, mean (RFC 3550 §6.4.1). */
  readonly jitterMs: Milliseconds;
  readonly roundTripMs?: Milliseconds;
  /** Voice that was made up for what was lost or late. */
  readonly concealedMs: Milliseconds;
  readonly delay: DelayBudget;
  /** Sum of {@link delay}. */
  readonly oneWayMs: Milliseconds;
  /** By the E-model (ITU-T G.107); absent when nothing was to be heard. */
  readonly rating?: { readonly r: number; readonly mos: number };
  /** What the peer says of the voice that it receives from us; absent without RTCP. */
  readonly peer?: { readonly lostPercent: number; readonly jitterMs: Milliseconds };
}

/** Something is wrong with what can be heard, or right again. */
export interface AudioProblem {
  readonly kind:
    /** Somebody should hear this leg, and nothing comes. */
    | 'no-packets'
    /** Packets come, and there is no sound at all in them: a muted microphone, or a broken one. */
    | 'digital-silence'
    /** The peer reports that it receives nothing of what we send. */
    | 'peer-hears-nothing';
  readonly state: 'began' | 'ended';
}
