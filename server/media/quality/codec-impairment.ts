import type { TransmissionParameters } from './transmission-parameters.ts';

/** What a codec costs in the narrow-band E-model. */
export type CodecImpairment = Pick<TransmissionParameters, 'ie' | 'bpl'>;

/**
 * Impairment of G.711 with and without concealment of lost packets.
 * @remarks ITU-T G.113 appendix I, provisional planning values: Ie 0; Bpl 4.3, and 25.1 with the
 *   concealment of G.711 appendix I. G.722 and Opus have no entry, on purpose: they are wide band,
 *   rated on the scale of G.107.1, and G.113 gives Opus no factors there. A number on this scale
 *   would be made up, so a leg that speaks them gets no score.
 */
export const G711_IMPAIRMENT: Readonly<Record<'concealed' | 'bare', CodecImpairment>> = {
  concealed: { ie: 0, bpl: 25.1 },
  bare: { ie: 0, bpl: 4.3 },
};
