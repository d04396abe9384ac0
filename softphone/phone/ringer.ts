/** Two tones and a pause, as a telephone rings on this side of the Mediterranean (440 Hz, 1.5 s on, 3.5 s off). */
const TONE_HZ = 440;
const ON_S = 1.5;
const PERIOD_S = 5;
const RINGS_AHEAD = 24;
const LOUDNESS = 0.12;

/** The ring tone of the softphone, made by WebAudio: no file to load, nothing to wait for. */
export class Ringer {
  #context: AudioContext | undefined;
  #oscillator: OscillatorNode | undefined;

  /**
   * Starts to ring; a second start changes nothing.
   * @returns whether it can be heard: a browser keeps a page silent until somebody touched it.
   */
  async start(): Promise<boolean> {
    if (this.#oscillator) return true;
    const context = (this.#context ??= new AudioContext());
    const gain = context.createGain();
    const oscillator = context.createOscillator();
    this.#oscillator = oscillator;
    oscillator.frequency.value = TONE_HZ;
    gain.gain.value = 0;
    for (let ring = 0; ring < RINGS_AHEAD; ring += 1) {
      const at = context.currentTime + ring * PERIOD_S;
      gain.gain.setTargetAtTime(LOUDNESS, at, 0.02);
      gain.gain.setTargetAtTime(0, at + ON_S, 0.05);
    }
    oscillator.connect(gain).connect(context.destination);
    oscillator.start();
    if (context.state === 'running') return true;
    // `resume` stays pending while the page may not sound, so it is not waited for without limit.
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    return this.#isRunning();
  }

  /** Falls silent; idempotent. */
  stop(): void {
    this.#oscillator?.stop();
    this.#oscillator?.disconnect();
    this.#oscillator = undefined;
  }

  #isRunning(): boolean {
    return this.#context?.state === 'running';
  }
}
