/** How much may pass: so many per second on average, so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a {@link Guard} lets pass; a source is an IPv4 address or the /64 of an IPv6 address. Times in milliseconds. */
export interface GuardOptions {
  /**
   * Networks (CIDR, or single addresses) that are never limited or banned: the machine itself, the
   * trunks, a reverse proxy in front of the WebSockets, load generators.
   */
  readonly trusted: readonly string[];
  /** Messages of a source before they are even parsed, of whatever kind. */
  readonly messages: Rate;
  /** Requests of a source outside its dialogs. */
  readonly requests: Rate;
  /** New calls of a source. */
  readonly calls: Rate;
  /** How much more a source may that has proved that it is where it says (see {@link Guard}). */
  readonly provenFactor: number;
  /** New calls of all unproven UDP sources together: their addresses may be forged. */
  readonly unprovenCalls: Rate;
  /** Requests of all unproven UDP sources together. */
  readonly unprovenRequests: Rate;
  /** Answers to an unproven UDP source: so many bytes for nothing … */
  readonly answerBytes: number;
  /** … and so many for each byte that came from it (RFC 9000 §8 allows three). */
  readonly answerFactor: number;
  /** Refused credentials (401 or 407 to a request that carried some, 403) within `window` that ban a source. */
  readonly failedAuthentications: number;
  /** Different users refused or not found within `window` that ban a source. */
  readonly failedUsers: number;
  /** Different users challenged within `window` who never answered the challenge. */
  readonly unansweredChallenges: number;
  readonly windowMs: number;
  /** First ban; each further one of the same source is twice as long. */
  readonly banMs: number;
  readonly longestBanMs: number;
  /** Parts of User-Agent values, in lower case, that ban at once. */
  readonly scanners: readonly string[];
  /** Sources and bans that are remembered. */
  readonly sources: number;
  readonly bans: number;
}

/** Tools that look for SIP servers to abuse; who needs one of them names its network as trusted. */
const SCANNERS = [
  'friendly-scanner', 'friendly-request', 'sipvicious', 'svmap', 'svwar', 'svcrack', 'svcrash', 'sipcli', 'sip-scan', 'sipscan',
  'sipptk', 'siparmyknife', 'sivus', 'smap', 'sundayddr', 'iwar', 'vaxsipuseragent', 'vaxipuseragent', 'pplsip', 'nmap',
  'gulp', 'siprogue', 'warvox', 'scamper', 'masscan', 'zgrab', 'sip_audit', 'ozeki-scan', 'sipbomber', 'inviteflood',
] as const;

/**
 * Defaults for a centre on the open Internet with some hundred phones behind one address.
 * @remarks 500 requests at once let an office register after a power cut; 100 per second are more
 *   than it needs afterwards. A human caller makes one call; a trunk belongs into `trusted`.
 */
export const DEFAULT_GUARD: GuardOptions = {
  trusted: ['127.0.0.0/8', '::1/128'],
  messages: { perSecond: 2_000, burst: 5_000 },
  requests: { perSecond: 100, burst: 500 },
  calls: { perSecond: 10, burst: 40 },
  provenFactor: 10,
  unprovenCalls: { perSecond: 200, burst: 400 },
  unprovenRequests: { perSecond: 1_000, burst: 2_000 },
  answerBytes: 4_096,
  answerFactor: 3,
  failedAuthentications: 30,
  failedUsers: 15,
  unansweredChallenges: 200,
  windowMs: 10 * 60_000,
  banMs: 10 * 60_000,
  longestBanMs: 24 * 60 * 60_000,
  scanners: SCANNERS,
  sources: 50_000,
  bans: 20_000,
};
