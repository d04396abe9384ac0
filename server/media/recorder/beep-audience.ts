import type { RecordingBeep } from '../../model/recording-policy.ts';
import { Beeper } from './beeper.ts';
import type { RecordedLeg } from './recorded-leg.ts';

/** Everybody in a recorded conversation: the customer and those whom she hears. They hear the tone. */
export class BeepAudience {
  readonly #leg: RecordedLeg;
  readonly #beeper: Beeper;
  readonly #members = new Set<RecordedLeg>();

  constructor(leg: RecordedLeg, beep: RecordingBeep) {
    this.#leg = leg;
    this.#beeper = new Beeper(beep);
  }

  /** One tick. @param isRecording - false while the recording is paused: then nobody is warned. */
  tick(isRecording: boolean): void {
    if (isRecording) this.#beeper.advance();
    else this.#beeper.rest();
    this.#admit(this.#leg);
    for (const [speaker, { target }] of this.#leg.heard) if (target > 0) this.#admit(speaker);
    for (const member of this.#members) if (!this.#belongs(member)) this.#dismiss(member);
  }

  close(): void {
    for (const member of this.#members) this.#dismiss(member);
  }

  #belongs(member: RecordedLeg): boolean {
    return member === this.#leg || (this.#leg.heard.get(member)?.target ?? 0) > 0;
  }

  #admit(leg: RecordedLeg): void {
    if (this.#members.has(leg)) return;
    this.#members.add(leg);
    leg.setBeeper(this.#beeper);
  }

  #dismiss(leg: RecordedLeg): void {
    this.#members.delete(leg);
    leg.setBeeper(undefined);
  }
}
