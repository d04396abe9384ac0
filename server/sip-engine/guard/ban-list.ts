import { RecentMap } from './recent-map.ts';

interface Ban {
  until: number;
  /** Bans so far, this one included. */
  strikes: number;
}

/** What a {@link BanList} is made with; times in milliseconds. */
export interface BanTimes {
  readonly banMs: number;
  readonly longestBanMs: number;
  readonly bans: number;
}

/** Sources that are not listened to for a while; each ban of the same source is twice as long as its last. */
export class BanList {
  readonly #times: BanTimes;
  readonly #bans: RecentMap<string, Ban>;

  constructor(times: BanTimes) {
    this.#times = times;
    this.#bans = new RecentMap(times.bans);
  }

  /** Entries that are remembered, expired ones included: they make the next ban longer. */
  get size(): number {
    return this.#bans.size;
  }

  isBanned(source: string, now: number): boolean {
    const ban = this.#bans.get(source);
    return ban !== undefined && now < ban.until;
  }

  ban(source: string, now: number): void {
    const strikes = (this.#bans.get(source)?.strikes ?? 0) + 1;
    const { banMs, longestBanMs } = this.#times;
    this.#bans.set(source, { strikes, until: now + Math.min(longestBanMs, banMs * 2 ** Math.min(20, strikes - 1)) });
  }
}
