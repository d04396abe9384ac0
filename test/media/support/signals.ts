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

/** The largest step between two samples: a click is a step that the signal itself does not make. */
export function largestStep(samples: Int16Array): number {
  let largest = 0;
  for (let i = 1; i < samples.length; i += 1) largest = Math.max(largest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
  return largest;
}

/** A voice: harmonics of a pitch that falls, under a formant that moves, with some breath. */
export function makeVoice(lengthMs: number): Int16Array {
  let phase = 0;
  let noise = 1;
  return Int16Array.from({ length: lengthMs * 8 }, (_, i) => {
    const seconds = i / 8_000;
    const pitch = 140 - 20 * Math.sin(2 * Math.PI * seconds);
    phase += pitch / 8_000;
    const formant = 700 + 300 * Math.sin(4 * Math.PI * seconds);
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
    let sum = (noise / 0xffff_ffff - 0.5) * 0.1;
    for (let k = 1; k * pitch < 3_400; k += 1) sum += Math.sin(2 * Math.PI * k * phase) / (1 + (Math.abs(k * pitch - formant) / 250) ** 2) / 2;
    return Math.round(6_000 * sum * (0.75 + 0.25 * Math.sin(6 * Math.PI * seconds)));
  });
}
