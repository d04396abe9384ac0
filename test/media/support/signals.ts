/** Makes a sine (16 bits). @param amplitude - peak, at most 32,767. */
export function makeSine(frequency: number, lengthMs: number, options: { amplitude?: number; sampleRate?: number; startSample?: number } = {}): Int16Array {
  const { amplitude = 8_000, sampleRate = 8_000, startSample = 0 } = options;
  return Int16Array.from({ length: Math.round((lengthMs * sampleRate) / 1_000) },
    (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (i + startSample)) / sampleRate)));
}

/** Joins pieces of audio. */
export function joinSamples(pieces: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
