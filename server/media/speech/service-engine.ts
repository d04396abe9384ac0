import type { ReadableStream } from 'node:stream/web';
import type { Sound } from '../../../ivr-flows/wav.ts';
import type { Language } from '../../model/language.ts';
import { decodeAudio } from './decode-audio.ts';
import { MAX_SPEECH_BYTES, speechFault, type SpeechEngine } from './speech-engine.ts';

/** How a text-to-speech service is reached. */
export interface SpeechService {
  /** `http:` or `https:`; `{language}` in it becomes `fr`, `ar` or `en`, for services with a voice per path. */
  readonly url: string;
  /** `json`: an object of `text` and `language`; `text`: the text alone, its language in Content-Language. Default `json`. */
  readonly body?: 'json' | 'text';
  /** Value of the Authorization header (RFC 9110 §11.6.2). */
  readonly authorization?: string;
}

/**
 * Speaks with a service: one POST for each text, answered with 200 and WAV or PCM.
 * @remarks Redirections are not followed: the text, which may name a customer, goes where it was told to go.
 */
export class ServiceEngine implements SpeechEngine {
  readonly id: string;
  readonly #service: SpeechService;

  constructor(service: SpeechService) {
    this.id = `service ${service.url}`;
    this.#service = service;
  }

  async speak(text: string, language: Language, signal: AbortSignal): Promise<Sound> {
    const response = await this.#post(text, language, signal);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw speechFault(`the speech service answered ${response.status}`);
    }
    return decodeAudio(await readBounded(response), response.headers.get('content-type') ?? '');
  }

  async #post(text: string, language: Language, signal: AbortSignal): Promise<Response> {
    const { url, body = 'json', authorization } = this.#service;
    try {
      return await fetch(url.replaceAll('{language}', language), {
        method: 'POST', signal, redirect: 'manual',
        headers: {
          accept: 'audio/wav, audio/l16;q=0.5',
          // Texts are kept once they are spoken, so the next request may be far away.
          connection: 'close',
          ...(body === 'json' ? { 'content-type': 'application/json' } : { 'content-type': 'text/plain; charset=utf-8', 'content-language': language }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: body === 'json' ? JSON.stringify({ text, language }) : text,
      });
    } catch (cause) {
      throw speechFault(signal.aborted ? 'the speech service did not answer in time' : 'the speech service cannot be reached', { cause });
    }
  }
}

/** Reads a body as long as it is bearable; leaving the loop closes the connection. */
async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    // What a body is read in is bytes, which its type leaves open.
    const body: ReadableStream<Uint8Array> | null = response.body;
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_SPEECH_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw speechFault('the speech service broke off its answer', { cause });
  }
  if (bytes > MAX_SPEECH_BYTES) throw speechFault(`the speech service answered more than ${MAX_SPEECH_BYTES} bytes`);
  return Buffer.concat(chunks);
}
