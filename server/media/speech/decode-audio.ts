import { decodeWav, type Sound } from '../../../ivr-flows/wav.ts';
import { speechFault } from './speech-engine.ts';

/**
 * Decodes what a speech service sends.
 * @remarks WAV by its first bytes, whatever it is called; else 16-bit PCM of one channel by its media type:
 *   `audio/l16` in network byte order (RFC 2586), `audio/pcm`, which is registered nowhere and used
 *   everywhere, in little-endian order; both with their `rate`.
 * @throws AppError `prompts.wav` for a WAV that cannot be read, `media.speech-failed` for anything else.
 */
export function decodeAudio(bytes: Buffer, contentType: string): Sound {
  if (bytes.toString('latin1', 0, 4) === 'RIFF') return decodeWav(bytes);
  const [mediaType = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim());
  if (mediaType !== 'audio/l16' && mediaType !== 'audio/pcm') throw speechFault(`the speech service answered ${mediaType || 'something unnamed'}, which is no WAV or PCM`);
  const parameter = (name: string): string | undefined => parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  if ((parameter('channels') ?? '1') !== '1') throw speechFault('the speech service answered more channels than one');
  const sampleRate = Number(parameter('rate'));
  if (!Number.isInteger(sampleRate)) throw speechFault(`the speech service answered ${mediaType} without its rate`);
  const read = mediaType === 'audio/l16' ? (at: number) => bytes.readInt16BE(at) : (at: number) => bytes.readInt16LE(at);
  return { sampleRate, samples: Float32Array.from({ length: bytes.length >> 1 }, (_, i) => read(i * 2) / 32_768) };
}
