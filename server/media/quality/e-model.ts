import { DEFAULT_PARAMETERS } from './transmission-parameters.ts';
import type { TransmissionParameters } from './transmission-parameters.ts';

/** A rating with the impairments that it is made of, each in points of R. */
export interface TransmissionRating {
  /** The rating factor: 93.2 at best for narrow band, 50 is poor. */
  readonly r: number;
  /** Basic signal-to-noise ratio. */
  readonly ro: number;
  /** What comes with the voice: loudness, sidetone, quantizing. */
  readonly is: number;
  /** Talker echo, listener echo and absolute delay. */
  readonly id: number;
  /** Codec and packet loss. */
  readonly ieEff: number;
}

/**
 * Rates a narrow-band connection: R = Ro − Is − Id − Ie,eff + A.
 * @remarks ITU-T G.107 (06/2015) equation 7-1. With the defaults R is 93.2, as its clause 7.7 says
 *   (Ro − Is alone are 93.36; the listener echo takes the rest). The 94.2 of older texts comes from
 *   the first edition (12/1998).
 * @param given - what differs from {@link DEFAULT_PARAMETERS}.
 */
export function rateTransmission(given: Partial<TransmissionParameters> = {}): TransmissionRating {
  const p: TransmissionParameters = { ...DEFAULT_PARAMETERS, ...given };
  const no = noisePower(p);
  const ro = 15 - 1.5 * (p.slr + no);
  const ist = sidetoneImpairment(p);
  const is = loudnessImpairment(p, no) + ist + quantizingImpairment(p, ro);
  const id = delayImpairment(p, { no, ro, ist });
  const ieEff = equipmentImpairment(p);
  return { r: ro - is - id - ieEff + p.a, ro, is, id, ieEff };
}

/**
 * Mean opinion score of conversations with a rating, estimated (MOS-CQE): 1 to 4.5.
 * @remarks ITU-T G.107 (06/2015) annex B, equation B-4. Between R = 0 and 6.5 the polynomial of
 *   the annex falls below 1, which is no score: it is held at 1.
 */
export function mosOf(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

const log10Sum = (...decibels: readonly number[]): number => 10 * Math.log10(decibels.reduce((sum, db) => sum + 10 ** (db / 10), 0));

/** (1 + x^n)^(1/n), which runs from 1 into x: the bends of the model's curves. */
const bend = (x: number, n: number): number => (1 + x ** n) ** (1 / n);

/** Clause 7.2, equations 7-3 to 7-7: all noise at the 0 dBr point, dBm0p. */
function noisePower(p: TransmissionParameters): number {
  const olr = p.slr + p.rlr;
  const sendRoom = p.ps - p.slr - p.ds - 100 + 0.004 * (p.ps - olr - p.ds - 14) ** 2;
  const effectiveRoom = p.pr + 10 * Math.log10(1 + 10 ** ((10 - (p.stmr + p.dr)) / 10));
  const receiveRoom = p.rlr - 121 + effectiveRoom + 0.008 * (effectiveRoom - 35) ** 2;
  return log10Sum(p.nc, sendRoom, receiveRoom, p.nfor + p.rlr);
}

/** Clause 7.3, equations 7-9 and 7-10: too loud a connection. */
function loudnessImpairment(p: TransmissionParameters, no: number): number {
  const xolr = p.slr + p.rlr + 0.2 * (64 + no - p.rlr);
  return 20 * (bend(xolr / 8, 8) - xolr / 8);
}

/** Clause 7.3, equations 7-11 and 7-12: sidetone that is too loud or too soft. */
function sidetoneImpairment(p: TransmissionParameters): number {
  const stmro = -10 * Math.log10(10 ** (-p.stmr / 10) + Math.exp(-p.t / 4) * 10 ** (-p.telr / 10));
  return 12 * bend((stmro - 13) / 6, 8) - 28 * bend((stmro + 1) / 19.4, 35) - 13 * bend((stmro - 3) / 33, 13) + 29;
}

/** Clause 7.3, equations 7-13 to 7-17. */
function quantizingImpairment(p: TransmissionParameters, ro: number): number {
  const q = 37 - 15 * Math.log10(p.qdu);
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2;
  const y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  return 15 * Math.log10(1 + 10 ** y + 10 ** z);
}

/** Clause 7.4, equation 7-18: Id = Idte + Idle + Idd. */
function delayImpairment(p: TransmissionParameters, { no, ro, ist }: { readonly no: number; readonly ro: number; readonly ist: number }): number {
  const echo = talkerEcho(p, no, ist);
  // Faint sidetone does not mask the talker's echo, so both count (7-24).
  const idte = p.stmr > 20 ? Math.hypot(echo, ist) : echo;
  return idte + listenerEcho(p, ro) + absoluteDelay(p);
}

/** Equations 7-19 to 7-23. */
function talkerEcho(p: TransmissionParameters, no: number, ist: number): number {
  if (p.t < 1) return 0;
  const terv = p.telr - 40 * Math.log10((1 + p.t / 10) / (1 + p.t / 150)) + 6 * Math.exp(-0.3 * p.t ** 2);
  const re = 80 + 2.5 * ((p.stmr < 9 ? terv + ist / 2 : terv) - 14); // Loud sidetone masks echo.
  const half = (-1.5 * (no - p.rlr) - re) / 2;
  return (half + Math.sqrt(half ** 2 + 100) - 1) * (1 - Math.exp(-p.t));
}

/** Equations 7-25 and 7-26. */
function listenerEcho(p: TransmissionParameters, ro: number): number {
  const half = (ro - 10.5 * (p.wepl + 7) * (p.tr + 1) ** -0.25) / 2;
  return half + Math.sqrt(half ** 2 + 169);
}

/** Equations 7-27 and 7-28: a delay that hampers the talk although no echo is heard. */
function absoluteDelay(p: TransmissionParameters): number {
  if (p.ta <= p.mT) return 0;
  const x = Math.log2(p.ta / p.mT);
  const n = 6 * p.sT;
  return 25 * (bend(x, n) - 3 * bend(x / 3, n) + 2);
}

/** Clause 7.5, equation 7-29: Ie,eff of the codec under loss. */
function equipmentImpairment(p: TransmissionParameters): number {
  if (p.ppl <= 0) return p.ie;
  return p.ie + (95 - p.ie) * (p.ppl / (p.ppl / p.burstR + p.bpl));
}
