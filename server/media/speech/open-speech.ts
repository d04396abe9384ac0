import type { SpeechSynthesizer } from '../../ivr/ports.ts';
import { EspeakEngine } from './espeak-engine.ts';
import { KeptSpeech, type KeptSpeechOptions } from './kept-speech.ts';
import { ServiceEngine, type SpeechService } from './service-engine.ts';

/** How a node speaks free text. */
export interface SpeechOptions extends Omit<KeptSpeechOptions, 'engine'> {
  /** A text-to-speech service; espeak-ng on this machine without one. */
  readonly service?: SpeechService;
}

/** Opens the speech port. Nothing is tried yet: an engine that is not there is a fault of the first text. */
export function openSpeech({ service, ...options }: SpeechOptions): SpeechSynthesizer {
  return new KeptSpeech({ ...options, engine: service ? new ServiceEngine(service) : new EspeakEngine() });
}
