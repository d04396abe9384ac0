const EVERY_MS = 80;
/** What counts as silence and as full, decibels below full scale. */
const FLOOR_DB = -60;

/**
 * Measures how loud a stream is, a dozen times a second.
 * @param onLevel - gets 0 (silence) to 1 (full scale), on a decibel scale.
 * @returns a function that stops; the stream itself is left alone.
 */
export function watchLevel(stream: MediaStream, onLevel: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    context.close().catch((cause: unknown) => console.warn('level meter', cause));
  };
}

/** The loudness of some samples (-1 to 1) on a decibel scale: 0 at the floor, 1 at full scale. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}
