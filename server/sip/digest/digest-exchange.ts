import type { HeaderFields } from '../headers/sip-headers.ts';
import { isChallenge, protectionSpace, readChallenges, type Challenged, type DigestChallenge } from './challenge.ts';
import type { DigestAccount } from './digest-account.ts';

/** What a 401 or 407 came to. */
export type ChallengeTaken =
  /** Send the request again, with what `authorize` gives. */
  | 'answerable'
  /** The answer to the last challenge was wrong, or it was one challenge too many. */
  | 'refused'
  /** Nothing that we know how to answer, or may. */
  | 'unsupported';

/** Which challenges one exchange answers; default all, and the known ones before anybody asks. */
export interface DigestExchangeOptions {
  /** @param from - the address that the challenge came from. */
  readonly accepts?: (challenge: DigestChallenge, from: string | undefined) => boolean;
  /** Whether the first request carries the credentials that were asked for before. */
  readonly isProactive?: boolean;
}

/** One realm on the way, another behind it, and a stale nonce of each: more is a quarrel. */
const MAX_ROUNDS = 4;

/**
 * One request with all its repetitions, as one account answers them.
 * @remarks RFC 3261 §22.3, RFC 7616 §3.3: a challenge that was answered and comes again says that the password is
 *   wrong, unless it says stale with another nonce; so each nonce is answered once. A nonce kept from an earlier
 *   request does not count, as a far end that started anew does not know it and does not call it stale.
 */
export class DigestExchange {
  readonly #account: DigestAccount;
  readonly #options: DigestExchangeOptions;
  /** The nonces answered in this exchange, by what they protect. */
  readonly #answered = new Map<string, string>();
  #rounds = 0;

  constructor(account: DigestAccount, options: DigestExchangeOptions = {}) {
    this.#account = account;
    this.#options = options;
  }

  /** The headers that prove who we are in the next repetition. */
  authorize(method: string, uri: string): HeaderFields {
    const { isProactive = true } = this.#options;
    return this.#account.authorize(method, uri, (challenge) => isProactive || this.#answered.has(protectionSpace(challenge)));
  }

  /** Takes the challenges of a response. */
  take(response: Omit<Challenged, 'status'>): ChallengeTaken {
    const { accepts = () => true } = this.#options;
    const challenges = readChallenges(response).filter((challenge) => accepts(challenge, response.source_address));
    if (challenges.length === 0) return 'unsupported';
    this.#rounds += 1;
    const wrong = challenges.filter((challenge) => this.#isRepeated(challenge));
    for (const challenge of wrong) this.#account.forget(challenge);
    if (wrong.length > 0 || this.#rounds > MAX_ROUNDS) return 'refused';
    for (const challenge of challenges) {
      this.#account.keep(challenge);
      this.#answered.set(protectionSpace(challenge), challenge.nonce);
    }
    return 'answerable';
  }

  #isRepeated(challenge: DigestChallenge): boolean {
    const nonce = this.#answered.get(protectionSpace(challenge));
    return nonce !== undefined && !(challenge.isStale && challenge.nonce !== nonce);
  }
}

/** How an exchange ended: the last result, and why its challenge was not answered, if it was one. */
export interface Answered<R> {
  readonly result: R;
  readonly unanswered?: Exclude<ChallengeTaken, 'answerable'>;
}

/**
 * Makes attempts until one is not challenged any more.
 * @param exchange - absent for who has no account: the first challenge stands.
 * @param attempt - sends the request with what {@link DigestExchange.authorize} gives, each time anew.
 * @param challengeIn - the response in a result that may ask who we are.
 * @throws what `attempt` throws.
 */
export async function answerChallenges<R>(
  exchange: DigestExchange | undefined, attempt: () => Promise<R>, challengeIn: (result: R) => Challenged | undefined,
): Promise<Answered<R>> {
  for (;;) {
    const result = await attempt();
    const response = challengeIn(result);
    if (response === undefined || !isChallenge(response)) return { result };
    const taken = exchange?.take(response) ?? 'refused';
    if (taken !== 'answerable') return { result, unanswered: taken };
  }
}
