import type { QueueId, TenantId, TrunkId, UserId } from './ids.ts';
import type { Language } from './language.ts';
import type { TrunkMedia } from './media-terms.ts';
import type { Tier } from './value.ts';

/** What a person may do (DOMAIN, Roles). */
export const ROLES = ['agent', 'supervisor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** A signed-in person as the pages and the router know them. */
export interface User {
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly languages: readonly Language[];
  /** Skill name to level, 1 to 100. */
  readonly skills: Readonly<Record<string, number>>;
  readonly queueIds: readonly QueueId[];
}

/**
 * A SIP interconnection that calls may come from.
 * `addresses` are CIDR blocks (`127.0.0.0/8`, `::1/128`); `web` trunks admit the *call us* page.
 */
export interface Trunk {
  readonly trunkId: TrunkId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly kind: 'sip' | 'web';
  readonly addresses: readonly string[];
  /** ISO 3166 region for national numbers, for instance `DZ`. */
  readonly region: string;
  /** Whether P-Asserted-Identity from here is believed (RFC 3325). */
  readonly trustsAssertedIdentity: boolean;
  /** Absent: calls only come in. */
  readonly peer?: TrunkPeer;
  /** How voice and keys travel; absent: as for most. */
  readonly media?: TrunkMedia;
}

/** The far end of a SIP trunk: where calls leave to, where we register, how its health is watched. */
export interface TrunkPeer {
  /** SIP URIs, best first: `sip:gw1.carrier.example;transport=tcp`. A later one is used while those before cannot be reached. */
  readonly targets: readonly string[];
  /** Host of the Request-URI, From and To; default: the host of the target. */
  readonly domain?: string;
  /** Our account there, for digest. Its password is no part of the set-up that is stored and shown. */
  readonly username?: string;
  /** Seconds that a registration is asked for; absent: the far end knows us by our address. */
  readonly registerExpiresS?: number;
  /** Milliseconds between two OPTIONS to each target; absent: their health is not watched. */
  readonly optionsIntervalMs?: number;
  /** Numbers that this tenant may show here, E.164; the first when a call names none. */
  readonly callerIds: readonly string[];
  /** What stands in From: the number shown, or the account, as some carriers want it. */
  readonly fromUser: 'caller-id' | 'account';
  /** The header that says the number shown to a far end which trusts us (RFC 3325 §9). */
  readonly identityHeader: 'none' | 'p-asserted-identity' | 'p-preferred-identity';
  /** Whether E.164 numbers keep their plus sign here. */
  readonly numberFormat: 'plus' | 'digits';
}

/** A number that can be dialled, and the flow that answers it. */
export interface EntryPoint {
  readonly tenantId: TenantId;
  /** As dialled: the user part of the Request-URI, for instance `1000`. */
  readonly number: string;
  readonly name: string;
  readonly flowId: string;
}

/** A line of waiting callers and how it is served. */
export interface Queue {
  readonly queueId: QueueId;
  readonly tenantId: TenantId;
  /** Stable name that flows use: `sales`, `claims`, `service`. */
  readonly key: string;
  readonly name: string;
  readonly requiredSkill?: string;
  readonly policy: QueuePolicy;
}

/** The declared, versioned rules of one queue. */
export interface QueuePolicy {
  readonly version: number;
  /** Head start by value tier, milliseconds, each within 0..maxHeadStartMs; unknown callers have 0. */
  readonly headStartMsByTier: Readonly<Record<Tier, number>>;
  /** Added when the churn light is red, milliseconds. */
  readonly churnHeadStartMs: number;
  /** Nobody is overtaken by a caller who arrived more than this later (invariant 3). */
  readonly maxHeadStartMs: number;
  /** How long one agent's softphone rings before RONA, milliseconds. */
  readonly ringTimeoutMs: number;
  /** How long a call is not offered again to an agent who declined it, milliseconds. */
  readonly declineBackoffMs: number;
  /** How long after-call work may take before the agent is made available, milliseconds. */
  readonly wrapUpMs: number;
  /** The target T of "X % answered within T", milliseconds, and X as a fraction. */
  readonly serviceLevelThresholdMs: number;
  readonly serviceLevelTarget: number;
}

/** A wrap-up code that an agent can choose. */
export interface Disposition {
  readonly code: string;
  readonly label: Readonly<Record<Language, string>>;
}
