import type { Brand } from '../base/brand.ts';

/** A company that uses Allo; nothing crosses from one tenant to another (invariant 6). */
export type TenantId = Brand<string, 'TenantId'>;
/** One call and its interaction, from the INVITE to the last wrap-up: the same id everywhere. */
export type CallId = Brand<string, 'CallId'>;
/** One SIP/media leg of a call. */
export type LegId = Brand<string, 'LegId'>;
/** A person who signs in: agent, supervisor or administrator. */
export type UserId = Brand<string, 'UserId'>;
export type QueueId = Brand<string, 'QueueId'>;
export type TrunkId = Brand<string, 'TrunkId'>;
export type CustomerId = Brand<string, 'CustomerId'>;
/** One offer of one call to one agent (a reservation). */
export type OfferId = Brand<string, 'OfferId'>;
/** One recording: a UUID, which also names its file. */
export type RecordingId = Brand<string, 'RecordingId'>;

/**
 * Marks a string that is known to be an id (a parsed column, a new id, a test literal).
 * @returns the same string, typed by the variable that it is assigned to.
 */
// A cast because brands have no runtime form.
export const asId = <Id extends Brand<string, string>>(value: string): Id => value as Id;
