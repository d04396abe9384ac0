const DAY_MS = 86_400_000;
/** Africa/Algiers is UTC+1 all year. */
const ZONE_MS = 3_600_000;

/** Instants relative to the seeding day, so that due dates and history look fresh at every first start. */
export class Calendar {
  readonly #midnight: number;
  readonly now: number;

  constructor(now: number) {
    this.now = now;
    this.#midnight = Math.floor((now + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
  }

  /** @param days - from today, negative for the past. @param minutes - since midnight. */
  at(days: number, minutes = 0): number {
    return this.#midnight + days * DAY_MS + minutes * 60_000;
  }

  /** The calendar year of an instant. */
  year(instant: number): number {
    return new Date(instant + ZONE_MS).getUTCFullYear();
  }
}
