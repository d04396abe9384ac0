/** Limits of 16 bits, as all sums of the recommendation have them. */
const saturate = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);

/** Coefficients of the zero section: the last six differences count. */
const ZEROS = 6;
const MAX_SECOND_POLE = 12_288;
/** Steps of the quantizer's scale at its largest: 2⁹ times the smallest. */
const MAX_LOG_SCALE = 18_432;
const SMALLEST_SCALE = 32;

/** Fractions of powers of two: 2048·2^(i/32). */
const SCALE_BY_FRACTION = Int32Array.from({ length: 32 }, (_, i) => Math.round(2_048 * 2 ** (i / 32)));

/** How far the scale moves, by the size of the difference: rows of table 7 (W_L). */
const SCALE_STEPS = Int32Array.of(-60, -30, 58, 172, 334, 538, 1_198, 3_042);
/** Size of the difference by its four bits. */
const SIZE_BY_CODE = Uint8Array.of(0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0);
/** Differences by their four bits, in 1/32,768 of the scale. */
const DIFFERENCE_BY_CODE = Int32Array.of(
  0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200,
  20_456, 12_896, 8_968, 6_288, 4_240, 2_584, 1_200, 0,
);

/**
 * The adaptive predictor and quantizer scale of G.722's lower band, which encoder and decoder keep alike.
 * @remarks ITU-T G.722 §3.5, §3.6 and the computational details of §6.2 (blocks INVQAL, LOGSCL, SCALEL, RECONS, PARREC,
 *   UPPOL1, UPPOL2, UPZERO, FILTEP, FILTEZ, PREDIC), integer for integer.
 */
export class G722LowBand {
  #logScale = 0;
  #scale = SMALLEST_SCALE;
  #prediction = 0;
  #zeroPart = 0;
  readonly #poles = Int32Array.of(0, 0);
  readonly #zeros = new Int32Array(ZEROS);
  /** The latest first. */
  readonly #differences = new Int32Array(ZEROS);
  readonly #partial = Int32Array.of(0, 0);
  readonly #reconstructed = Int32Array.of(0, 0);

  /** What the next sample is likely to be: 15 bits. */
  get prediction(): number { return this.#prediction; }
  /** What the quantizer's steps are multiplied with. */
  get scale(): number { return this.#scale; }

  /** Learns from one code. @param code - the four bits of the code that both sides always have. */
  learn(code: number): void {
    const difference = (this.#scale * (DIFFERENCE_BY_CODE[code] as number)) >> 15; // Four bits are within the table.
    this.#adaptScale(code);
    this.#adaptPredictor(difference);
    this.#predict();
  }

  #adaptScale(code: number): void {
    const step = SCALE_STEPS[SIZE_BY_CODE[code] as number] as number; // Within both tables.
    const moved = ((this.#logScale * 127) >> 7) + step;
    this.#logScale = Math.min(MAX_LOG_SCALE, Math.max(0, moved));
    const fraction = SCALE_BY_FRACTION[(this.#logScale >> 6) & 31] as number;
    const shift = 8 - (this.#logScale >> 11);
    this.#scale = (shift < 0 ? fraction << -shift : fraction >> shift) << 2;
  }

  #adaptPredictor(difference: number): void {
    const partial = saturate(this.#zeroPart + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#partial[1] = this.#partial[0] as number;
    this.#partial[0] = partial;
    this.#reconstructed[1] = this.#reconstructed[0] as number;
    this.#reconstructed[0] = saturate(this.#prediction + difference);
    this.#differences.copyWithin(1, 0);
    this.#differences[0] = difference;
  }

  #adaptPoles(partial: number): void {
    const [first = 0, second = 0] = this.#poles;
    const isSameSign = (partial < 0) === ((this.#partial[0] as number) < 0);
    const isSameAsOlder = (partial < 0) === ((this.#partial[1] as number) < 0);
    const pull = saturate(first << 2);
    const turned = Math.min(32_767, isSameSign ? -pull : pull);
    const freeSecond = (isSameAsOlder ? 128 : -128) + (turned >> 7) + ((second * 32_512) >> 15);
    const nextSecond = Math.min(MAX_SECOND_POLE, Math.max(-MAX_SECOND_POLE, freeSecond));
    const freeFirst = saturate((isSameSign ? 192 : -192) + ((first * 32_640) >> 15));
    const limit = saturate(15_360 - nextSecond);
    this.#poles[0] = Math.min(limit, Math.max(-limit, freeFirst));
    this.#poles[1] = nextSecond;
  }

  #adaptZeros(difference: number): void {
    const gain = difference === 0 ? 0 : 128;
    for (let i = 0; i < ZEROS; i += 1) {
      const isSameSign = (difference < 0) === ((this.#differences[i] as number) < 0);
      this.#zeros[i] = saturate((isSameSign ? gain : -gain) + (((this.#zeros[i] as number) * 32_640) >> 15));
    }
  }

  #predict(): void {
    let poles = 0;
    for (let i = 0; i < 2; i += 1) poles += ((this.#poles[i] as number) * saturate(2 * (this.#reconstructed[i] as number))) >> 15;
    let zeros = 0;
    for (let i = 0; i < ZEROS; i += 1) zeros += ((this.#zeros[i] as number) * saturate(2 * (this.#differences[i] as number))) >> 15;
    this.#zeroPart = saturate(zeros);
    this.#prediction = saturate(saturate(poles) + this.#zeroPart);
  }
}
