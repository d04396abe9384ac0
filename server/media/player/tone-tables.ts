import type { AudioSource } from '../../model/audio.ts';

/** The names of tones that a leg can hear. */
export type ToneName = Extract<AudioSource, { kind: 'tone' }>['name'];

/** A stretch of a tone's period. */
export interface ToneSegment {
  readonly lengthMs: number;
  /** Hertz, whole, of tones that sound together; none in a silence. */
  readonly frequencies: readonly number[];
  /** Hertz by which the tone swells and fades (`f1×f2` in ITU-T E.180). */
  readonly modulation?: number;
}

/** One period of each tone; a period of a single segment is continuous. */
export type ToneTable = Readonly<Record<ToneName, readonly ToneSegment[]>>;

const on = (lengthMs: number, ...frequencies: readonly number[]): ToneSegment => ({ lengthMs, frequencies });
const off = (lengthMs: number): ToneSegment => ({ lengthMs, frequencies: [] });
const swelling = (lengthMs: number, frequency: number, modulation: number): ToneSegment => ({ lengthMs, frequencies: [frequency], modulation });
/** A second of a continuous tone: whole hertz make it join to itself. */
const SECOND_MS = 1_000;

/** @remarks ITU-T E.180, special information tone: three tones of 330 ms, rising, and a second of silence. */
const SPECIAL_INFORMATION = [on(330, 950), on(330, 1_400), on(330, 1_800), off(1_000)];

/**
 * Tones by ISO 3166 country.
 * @remarks ITU-T E.180 Supplement 2 (various tones used in national networks), but:
 *   - DZ: the supplement lists busy (450 Hz) and the cadence of ringing, whose 25 or 50 Hz a telephone
 *     channel does not carry, so it has the frequency of busy here; dial and congestion, which it does not
 *     list, follow E.180 itself (continuous, and the quicker cadence);
 *   - GB: as British Telecom's SIN 350 has them, where the supplement gives several;
 *   - US: congestion is what is called reorder there.
 */
const TABLES: ReadonlyMap<string, ToneTable> = new Map<string, ToneTable>([
  ['DZ', {
    dial: [on(SECOND_MS, 450)],
    ringback: [on(1_500, 450), off(3_500)],
    busy: [on(500, 450), off(500)],
    congestion: [on(250, 450), off(250)],
    'special-information': SPECIAL_INFORMATION,
  }],
  ['FR', {
    dial: [on(SECOND_MS, 440)],
    ringback: [on(1_500, 440), off(3_500)],
    busy: [on(500, 440), off(500)],
    congestion: [on(250, 440), off(250)],
    'special-information': SPECIAL_INFORMATION,
  }],
  ['GB', {
    dial: [on(SECOND_MS, 350, 440)],
    ringback: [on(400, 400, 450), off(200), on(400, 400, 450), off(2_000)],
    busy: [on(375, 400), off(375)],
    congestion: [on(400, 400), off(350), on(225, 400), off(525)],
    'special-information': SPECIAL_INFORMATION,
  }],
  ['US', {
    dial: [on(SECOND_MS, 350, 440)],
    ringback: [on(2_000, 440, 480), off(4_000)],
    busy: [on(500, 480, 620), off(500)],
    congestion: [on(250, 480, 620), off(250)],
    'special-information': SPECIAL_INFORMATION,
  }],
  ['IN', {
    dial: [swelling(SECOND_MS, 400, 25)],
    ringback: [swelling(400, 400, 25), off(200), swelling(400, 400, 25), off(2_000)],
    busy: [on(750, 400), off(750)],
    congestion: [on(250, 400), off(250)],
    'special-information': SPECIAL_INFORMATION,
  }],
]);

/** Whose tones are heard where no country, or one without a table, is named: 440 Hz is understood all over Europe and the Maghreb. */
export const DEFAULT_TONE_COUNTRY = 'FR';

/** The country whose table serves this one: itself, or the default. @param country - ISO 3166 code, in any case. */
export function toneCountry(country: string = DEFAULT_TONE_COUNTRY): string {
  const code = country.toUpperCase();
  return TABLES.has(code) ? code : DEFAULT_TONE_COUNTRY;
}

/** One period of a tone as a country has it; see {@link toneCountry}. */
export const toneSegments = (name: ToneName, country?: string): readonly ToneSegment[] => TABLES.get(toneCountry(country))?.[name] ?? [];
