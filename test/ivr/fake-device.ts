import type { IvrDevice } from '../../server/ivr/ports.ts';
import type { AudioSource, Playback } from '../../server/model/audio.ts';
import type { Digit } from '../../server/model/digit.ts';

/** How long the fake plays each source, in milliseconds. */
export const SOURCE_MS = 1_000;

/** A caller's end that plays in (fake) time and notes what was heard. */
export class FakeDevice implements IvrDevice {
  /** One entry per `play`: what it began with, as `id` or `id@language`. */
  readonly heard: string[] = [];
  stopped = 0;
  /** What the next playbacks do instead of finishing. */
  behaviour: 'finish' | 'fail' | 'hang' | 'throw' = 'finish';
  readonly #listeners = new Set<(digit: Digit) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  play(sources: readonly AudioSource[]): Playback {
    if (this.behaviour === 'throw') throw new Error('the media worker is gone');
    this.heard.push(sources.map(describe).join(' '));
    let settle: (how: 'finished' | 'stopped' | 'failed') => void = () => undefined;
    const done = new Promise<'finished' | 'stopped' | 'failed'>((resolve) => { settle = resolve; });
    const how = this.behaviour === 'fail' ? 'failed' : 'finished';
    const timer = this.behaviour === 'hang' ? undefined : setTimeout(() => settle(how), sources.length * SOURCE_MS);
    return { done, stop: () => { clearTimeout(timer); this.stopped += 1; settle('stopped'); } };
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  press(...digits: readonly Digit[]): void {
    for (const digit of digits) for (const listener of this.#listeners) listener(digit);
  }
}

function describe(source: AudioSource): string {
  return source.kind === 'prompt' ? `${source.id}@${source.language}` : source.kind === 'file' ? `file:${source.path}` : source.kind;
}
