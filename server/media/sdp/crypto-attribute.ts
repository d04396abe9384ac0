import { MASTER_LENGTHS } from '../srtp/packet-cipher.ts';
import type { MasterKey, SrtpProfile } from '../srtp/packet-cipher.ts';

/** The suites of RFC 4568 and RFC 7714 that are spoken, in the order of our own offers. */
export const CRYPTO_SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_32'] as const satisfies readonly SrtpProfile[];

/** One key of a crypto attribute. */
export interface InlineKey {
  readonly master: MasterKey;
  /** What packets that are encrypted with it carry to say so (RFC 3711 §3.1). */
  readonly mki?: Buffer;
}

/** An `a=crypto` line that can be used. */
export interface CryptoAttribute {
  readonly tag: number;
  readonly suite: SrtpProfile;
  /** One, or several that are told apart by their MKI. */
  readonly keys: readonly [InlineKey, ...(readonly InlineKey[])];
}

const MAX_KEYS = 8;
/** A key that may serve for less than this is of no use: 2²⁰ packets are five hours. */
const MIN_LIFETIME = 2 ** 20;
/** RFC 3711 §3.1 leaves the length open; no sender uses more than four bytes. */
const MAX_MKI_BYTES = 8;

const ATTRIBUTE = /^(\d{1,9})\s+(\S+)\s+(\S+)(?:\s+(.*))?$/;
const INLINE = /^inline:([A-Za-z0-9+/]+={0,2})((?:\|[^|;]{1,64}){0,2})$/i;

/**
 * Reads the value of `a=crypto`.
 * @remarks RFC 4568 §6, §9.1. A line with a session parameter that we do not know is not to be used (§6.3.7), nor one
 *   that asks for less than encryption and authentication.
 * @returns undefined when it is malformed, or asks for what we do not have.
 */
export function parseCrypto(value: string): CryptoAttribute | undefined {
  const [, tag, name, parameters, session = ''] = ATTRIBUTE.exec(value) ?? [];
  const suite = CRYPTO_SUITES.find((known) => known === name?.toUpperCase());
  if (tag === undefined || parameters === undefined || suite === undefined || !session.split(/\s+/).every(isHarmless)) return undefined;
  const inline = parameters.split(';');
  if (inline.length > MAX_KEYS) return undefined;
  const keys = inline.map((parameter) => parseInline(parameter, suite));
  const known = keys.filter((key) => key !== undefined);
  const [first, ...others] = known;
  if (first === undefined || known.length !== keys.length || !canTellApart(known)) return undefined;
  return { tag: Number(tag), suite, keys: [first, ...others] };
}

/** The order of forward error correction and the size of the replay window change nothing here (§6.3.4, §6.3.6); `-` says that a parameter may be ignored. */
const isHarmless = (parameter: string): boolean => parameter === '' || parameter.startsWith('-') || /^(?:FEC_ORDER|WSH)=/i.test(parameter);

function parseInline(parameter: string, suite: SrtpProfile): InlineKey | undefined {
  const [, encoded, rest = ''] = INLINE.exec(parameter) ?? [];
  const lengths = MASTER_LENGTHS[suite];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (bytes.length !== lengths.key + lengths.salt) return undefined;
  const master = { key: bytes.subarray(0, lengths.key), salt: bytes.subarray(lengths.key) };
  const [lifetime, mki] = splitRest(rest.split('|').slice(1));
  if (lifetime !== undefined && !(parseLifetime(lifetime) >= MIN_LIFETIME)) return undefined;
  if (mki === undefined) return { master };
  const identifier = parseMki(mki);
  return identifier === undefined ? undefined : { master, mki: identifier };
}

/** Either part may be absent; only the MKI has a colon. */
function splitRest([first, second]: readonly string[]): readonly [string | undefined, string | undefined] {
  return first?.includes(':') === true ? [second, first] : [first, second];
}

const parseLifetime = (text: string): number => {
  const [, exponent] = /^2\^(\d{1,2})$/.exec(text) ?? [];
  if (exponent !== undefined) return 2 ** Number(exponent);
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
};

/** `value:length`, the value in decimal digits, the length in bytes. */
function parseMki(text: string): Buffer | undefined {
  const [, value, length] = /^(\d{1,19}):(\d{1,3})$/.exec(text) ?? [];
  const bytes = Number(length);
  if (value === undefined || bytes < 1 || bytes > MAX_MKI_BYTES || BigInt(value) >= 1n << BigInt(8 * bytes)) return undefined;
  return Buffer.from(BigInt(value).toString(16).padStart(2 * bytes, '0'), 'hex');
}

/** Several keys need an MKI each, all of one length (RFC 4568 §6.1). */
function canTellApart(keys: readonly InlineKey[]): boolean {
  const names = keys.map(({ mki }) => mki?.toString('hex'));
  return keys.length === 1 || (names.every((name) => name !== undefined && name.length === names[0]?.length) && new Set(names).size === keys.length);
}

/** Writes the value of `a=crypto` for one key without MKI (RFC 4568 §6.1); its lifetime is the suite's, 2⁴⁸ packets. */
export const formatCrypto = (tag: number, suite: SrtpProfile, { key, salt }: MasterKey): string =>
  `${tag} ${suite} inline:${Buffer.concat([key, salt]).toString('base64')}`;
