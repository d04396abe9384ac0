import type { Brand } from '../base/brand.ts';

/** A telephone number in the international form of ITU-T E.164: `+` and at most 15 digits. */
export type E164 = Brand<string, 'E164'>;

/**
 * Who the network says is calling. Anonymous and unparsable are normal outcomes:
 * the call goes on without a look-up.
 */
export type CallingNumber =
  | { readonly kind: 'e164'; readonly number: E164; readonly source: 'asserted' | 'from' }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'unparsable'; readonly raw: string };

/** Checks the form only; whether the number is in use is not asked. */
export const isE164 = (value: string): value is E164 => /^\+[1-9]\d{3,14}$/.test(value);

/** The number to show or log, or what is known instead of one. */
export const describeCallingNumber = (calling: CallingNumber): string =>
  calling.kind === 'e164' ? calling.number : calling.kind === 'anonymous' ? 'anonymous' : calling.raw;
