import type { Clock, Milliseconds } from '../base/time.ts';
import type { Digit } from '../model/digit.ts';
import type { IvrDevice } from '../ivr/ports.ts';
import type { InboundLeg, MediaLeg } from './ports.ts';

/** Some telephones send each key both as RFC 4733 and as SIP INFO, this close together. */
const SAME_PRESS_MS: Milliseconds = 250;

/** The caller's (or an agent's) end of a call: prompts go to the media leg, keys come by RFC 4733 or SIP INFO, each press once. */
export function callerDevice(leg: Pick<InboundLeg, 'onDigit'>, media: MediaLeg, clock: Clock): IvrDevice {
  return {
    play: (sources) => media.play(sources),
    onDigit: (listener) => {
      let last: { digit: Digit; source: 'rtp' | 'info'; at: number } | undefined;
      const hear = (source: 'rtp' | 'info') => (digit: Digit): void => {
        const at = clock();
        const echo = last !== undefined && last.source !== source && last.digit === digit && at - last.at < SAME_PRESS_MS;
        last = echo ? undefined : { digit, source, at };
        if (!echo) listener(digit);
      };
      const stops = [media.onDigit(hear('rtp')), leg.onDigit(hear('info'))];
      return () => stops.forEach((stop) => stop());
    },
  };
}
