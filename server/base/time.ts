import type { Brand } from './brand.ts';

/** Milliseconds since 1970-01-01T00:00:00Z, by the wall clock of the node that wrote it. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** A length of time in milliseconds. */
export type Milliseconds = number;

/** Reads the wall clock; injected wherever time matters, so that tests can fake it. */
export type Clock = () => EpochMs;

/** The real wall clock (`Date.now`, which sinon fakes). */
// A cast because a number becomes an instant only here, at the clock.
export const systemClock: Clock = () => Date.now() as EpochMs;

/** Marks a number that is known to be an instant (a parsed column, a test literal). */
// A cast because brands have no runtime form.
export const epochMs = (value: number): EpochMs => value as EpochMs;
