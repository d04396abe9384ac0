import { clip16 } from '../codec/frame.ts';

/** Zero crossings of the filter on each side; 16 keep aliases some 60 dB down. */
const HALF_WIDTH = 16;

/**
 * Changes the sampling rate of 16-bit audio, for speech engines that do not speak at 8 kHz.
 * @remarks Windowed sinc (Blackman), cut off at 92 % of the lower of the two band limits.
 */
export function resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array {
  if (fromRate === toRate) return samples;
  const ratio = fromRate / toRate;
  const cutoff = 0.92 * Math.min(1, toRate / fromRate);
  const reach = HALF_WIDTH / cutoff;
  const out = new Int16Array(Math.floor(samples.length / ratio));
  for (let i = 0; i < out.length; i += 1) {
    const centre = i * ratio;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let at = first; at <= last; at += 1) sum += (samples[at] ?? 0) * kernel((at - centre) / reach, (at - centre) * cutoff);
    out[i] = Math.round(clip16(sum * cutoff));
  }
  return out;
}

/** @param place - from −1 to 1 within the window. @param phase - in zero crossings. */
function kernel(place: number, phase: number): number {
  const window = 0.42 + 0.5 * Math.cos(Math.PI * place) + 0.08 * Math.cos(2 * Math.PI * place);
  return window * (phase === 0 ? 1 : Math.sin(Math.PI * phase) / (Math.PI * phase));
}
