/** G.711 is sampled at 8 kHz. */
export const SAMPLE_RATE = 8_000;
/** Everything that is mixed or played moves in frames of 20 ms. */
export const FRAME_MS = 20;
export const FRAMES_PER_SECOND = 1_000 / FRAME_MS;
/** Samples in one frame: 160. */
export const FRAME_SAMPLES = (SAMPLE_RATE * FRAME_MS) / 1_000;
/** Samples in one millisecond at 8 kHz. */
export const SAMPLES_PER_MS = SAMPLE_RATE / 1_000;

/** Cuts a sum of samples to what 16 bits hold. */
export const clip16 = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);
