/** A row for each block and in it a column for each frequency: what a bank writes its measurements to. */
export interface SpectrumRow {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * Measures a few frequencies in a block of samples, with phase: how far the phase moves from block to block says how
 * far a tone is from its nominal frequency, much finer than the block's length could.
 * @remarks Goertzel, American Mathematical Monthly 65 (1958).
 */
export class GoertzelBank {
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;

  constructor(frequencies: readonly number[], sampleRate: number) {
    const steps = frequencies.map((frequency) => (2 * Math.PI * frequency) / sampleRate);
    this.#cosines = Float64Array.from(steps, Math.cos);
    this.#sines = Float64Array.from(steps, Math.sin);
  }

  /** Measures one block into `into`. A tone of amplitude A over N samples has a modulus of about A·N/2. */
  measure(samples: Int16Array, into: SpectrumRow): void {
    for (let k = 0; k < this.#cosines.length; k += 1) {
      const cosine = this.#cosines[k] as number; // Both arrays have a place for each frequency.
      const coefficient = 2 * cosine;
      let before = 0;
      let last = 0;
      for (let i = 0; i < samples.length; i += 1) {
        const now = (samples[i] as number) + coefficient * last - before; // Within the block.
        before = last;
        last = now;
      }
      into.re[k] = last - before * cosine;
      into.im[k] = before * (this.#sines[k] as number);
    }
  }
}
