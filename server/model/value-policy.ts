import type { EpochMs } from '../base/time.ts';
import type { CaseSummary, Contract, Money } from './customer-file.ts';
import type { Tier } from './value.ts';

/** What the value of a customer is worked out from. */
export interface ValueFacts {
  readonly contracts: readonly Contract[];
  readonly cases: readonly CaseSummary[];
}

/** The declared, versioned formula: every figure that decides a tier, in one place. */
export interface ValuePolicy {
  readonly version: number;
  /** Premiums are compared in this currency; contracts in others count as contracts only. */
  readonly currency: string;
  /** Yearly premium of the active contracts, in the smallest unit, that earns all premium points. */
  readonly fullPremiumMinor: number;
  readonly premiumPoints: number;
  readonly pointsPerContract: number;
  readonly contractPoints: number;
  readonly pointsPerYear: number;
  readonly tenurePoints: number;
  /** Earned when no claim was opened within `claimWindowMs`; each claim takes `pointsPerClaim` of it, and no more. */
  readonly claimFreePoints: number;
  readonly pointsPerClaim: number;
  readonly claimWindowMs: number;
  /** Least score of each tier but bronze, which has the rest. */
  readonly thresholds: { readonly platinum: number; readonly gold: number; readonly silver: number };
}

/** A score and where it comes from. */
export interface ValueAssessment {
  /** 0 to 100, an integer. */
  readonly score: number;
  readonly tier: Tier;
  readonly parts: readonly { readonly reason: 'premium' | 'contracts' | 'tenure' | 'claims'; readonly points: number; readonly because: string }[];
  readonly policyVersion: number;
}

const YEAR_MS = 365.25 * 24 * 3_600_000;

/**
 * The formula of the demonstration centre, an insurer billing in Algerian dinars.
 * @remarks Ours, declared, and not the business's: DOMAIN gives the inputs and no formula.
 *   The greatest parts sum to 100.
 */
export const DEMONSTRATION_VALUE_POLICY: ValuePolicy = {
  version: 1,
  currency: 'DZD',
  fullPremiumMinor: 30_000_000,
  premiumPoints: 50,
  pointsPerContract: 5,
  contractPoints: 20,
  pointsPerYear: 2,
  tenurePoints: 20,
  claimFreePoints: 10,
  pointsPerClaim: 5,
  claimWindowMs: 3 * YEAR_MS,
  thresholds: { platinum: 75, gold: 50, silver: 25 },
};

/**
 * What a customer is worth to the company, by the declared formula. Pure.
 * @returns a score that never falls when a premium rises, a contract is added or time passes
 *   without a claim. Without an active contract the premium and contract parts are 0.
 */
export function valueOf(facts: ValueFacts, now: EpochMs, policy: ValuePolicy): ValueAssessment {
  const active = facts.contracts.filter(({ status }) => status === 'active');
  const parts = [premiumPart(active, policy), contractsPart(active, policy), tenurePart(facts.contracts, now, policy), claimsPart(facts, now, policy)];
  const sum = parts.reduce((total, part) => total + part.points, 0);
  const score = Math.max(0, Math.min(100, Math.round(sum)));
  return { score, tier: tierOf(score, policy), parts, policyVersion: policy.version };
}

/** The tier that a score earns. */
export function tierOf(score: number, { thresholds }: ValuePolicy): Tier {
  if (score >= thresholds.platinum) return 'platinum';
  if (score >= thresholds.gold) return 'gold';
  return score >= thresholds.silver ? 'silver' : 'bronze';
}

/** The assessment in one sentence, for the file of the customer (`tierReason`) and the supervisor. */
export function explainValue(assessment: ValueAssessment): string {
  const parts = assessment.parts.map(({ because, points }) => `${because} (${Math.round(points)})`).join(', ');
  return `${assessment.tier}, ${assessment.score} of 100: ${parts}; value policy ${assessment.policyVersion}`;
}

type Part = ValueAssessment['parts'][number];

function premiumPart(active: readonly Contract[], policy: ValuePolicy): Part {
  const minor = active.filter(({ premium }) => premium.currency === policy.currency).reduce((sum, { premium }) => sum + premium.minor, 0);
  const share = policy.fullPremiumMinor > 0 ? Math.max(0, Math.min(1, minor / policy.fullPremiumMinor)) : 0;
  return { reason: 'premium', points: share * policy.premiumPoints, because: `premiums of ${spell({ minor, currency: policy.currency })} a year` };
}

function contractsPart(active: readonly Contract[], policy: ValuePolicy): Part {
  const points = Math.min(policy.contractPoints, active.length * policy.pointsPerContract);
  return { reason: 'contracts', points, because: `${active.length} active ${active.length === 1 ? 'contract' : 'contracts'}` };
}

/** From the first contract ever, whether or not it still runs. */
function tenurePart(contracts: readonly Contract[], now: EpochMs, policy: ValuePolicy): Part {
  const since = contracts.reduce((first, { startedAt }) => Math.min(first, startedAt), Number(now));
  const years = Math.floor((now - since) / YEAR_MS);
  const points = Math.min(policy.tenurePoints, years * policy.pointsPerYear);
  return { reason: 'tenure', points, because: `customer for ${years} ${years === 1 ? 'year' : 'years'}` };
}

/** A customer who never had a contract is not rewarded for never having claimed. */
function claimsPart({ contracts, cases }: ValueFacts, now: EpochMs, policy: ValuePolicy): Part {
  if (contracts.length === 0) return { reason: 'claims', points: 0, because: 'no contract to claim on' };
  const claims = cases.filter(({ kind, openedAt }) => kind === 'claim' && openedAt > now - policy.claimWindowMs).length;
  const points = Math.max(0, policy.claimFreePoints - claims * policy.pointsPerClaim);
  const years = Math.round(policy.claimWindowMs / YEAR_MS);
  const because = claims === 0 ? `no claim in ${years} years` : `${claims} ${claims === 1 ? 'claim' : 'claims'} in ${years} years`;
  return { reason: 'claims', points, because };
}

const spell = ({ minor, currency }: Money): string => `${Math.round(minor / 100)} ${currency}`;
