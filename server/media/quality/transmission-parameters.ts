/**
 * What a connection is like, as the E-model asks for it. Names are those of the Recommendation,
 * because its formulas are read with them.
 * @remarks ITU-T G.107 (06/2015) table 3.
 */
export interface TransmissionParameters {
  /** Send loudness rating, dB. */
  readonly slr: number;
  /** Receive loudness rating, dB. */
  readonly rlr: number;
  /** Sidetone masking rating, dB. */
  readonly stmr: number;
  /** D-value of the telephone, send side: how much it favours speech over room noise. */
  readonly ds: number;
  /** D-value of the telephone, receive side. The listener sidetone rating is STMR + Dr. */
  readonly dr: number;
  /** Talker echo loudness rating, dB. */
  readonly telr: number;
  /** Weighted echo path loss, dB. */
  readonly wepl: number;
  /** Quantizing distortion units. */
  readonly qdu: number;
  /** Equipment impairment factor of the codec. */
  readonly ie: number;
  /** Packet-loss robustness factor of the codec. */
  readonly bpl: number;
  /** Packet loss, per cent (0 to 100). */
  readonly ppl: number;
  /** Burst ratio: mean length of the bursts of loss over the one expected of random loss. */
  readonly burstR: number;
  /** Circuit noise referred to the 0 dBr point, dBm0p. */
  readonly nc: number;
  /** Noise floor at the receive side, dBmp. */
  readonly nfor: number;
  /** Room noise at the send side, dB(A). */
  readonly ps: number;
  /** Room noise at the receive side, dB(A). */
  readonly pr: number;
  /** Mean one-way delay of the echo path, ms. */
  readonly t: number;
  /** Round-trip delay in the closed four-wire loop, ms. */
  readonly tr: number;
  /** Absolute one-way delay, ms. */
  readonly ta: number;
  /** Sensitivity to delay (table 1): 1 for the default class of users. */
  readonly sT: number;
  /** Shortest delay that is noticed (table 1), ms: 100 for the default class. */
  readonly mT: number;
  /** Advantage factor: what users forgive for access that nothing else gives. */
  readonly a: number;
}

/**
 * A good connection between two handsets with nothing on the way.
 * @remarks ITU-T G.107 (06/2015) table 3; the delay sensitivity is that of table 1's default class.
 */
export const DEFAULT_PARAMETERS: TransmissionParameters = {
  slr: 8, rlr: 2, stmr: 15, ds: 3, dr: 3, telr: 65, wepl: 110,
  qdu: 1, ie: 0, bpl: 4.3, ppl: 0, burstR: 1,
  nc: -70, nfor: -64, ps: 35, pr: 35,
  t: 0, tr: 0, ta: 0, sT: 1, mT: 100, a: 0,
};
