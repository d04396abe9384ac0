import { param, splitList } from '../../message/header-values.ts';
import { Headers, type SipResponse } from '../../message/sip-message.ts';

const CHALLENGES = new Set(['www-authenticate', 'proxy-authenticate']);

/**
 * Puts of several challenges the one last that drachtio-srf's digest client can answer, so that it does not take a
 * SHA-256 challenge for one of MD5; and leaves out the others where it would mix them up.
 * @remarks RFC 8760 §2.4: a server lists the same challenge once per algorithm, and a client uses
 *   the first that it supports. A challenge that stands alone stays, whatever its algorithm. Applications with a
 *   client of their own see all of them and answer the strongest.
 */
export function withAnswerableChallenge(response: SipResponse): SipResponse {
  if (response.status !== 401 && response.status !== 407) return response;
  const lines = response.headers.list.filter(({ name }) => CHALLENGES.has(name.key)).flatMap(({ name, value }) => (
    challengesOf(value).map((one) => ({ name, value: one }))
  ));
  if (lines.length < 2) return response;
  const chosen = lines.find(({ value }) => isMd5(value)) ?? lines[0];
  if (chosen === undefined) return response;
  const others = response.headers.list.filter(({ name }) => name.key !== chosen.name.key);
  const weaker = lines.filter((line) => line !== chosen && line.name.key === chosen.name.key);
  const readsTheSame = asReadByClient([...weaker, chosen].map(({ value }) => value)) === asReadByClient([chosen.value]);
  return { ...response, headers: new Headers([...others, ...(readsTheSame ? weaker : []), chosen]) };
}

/** What drachtio-srf's client (`lib/digest-client.js`) makes of challenges: rows joined by commas, the last of each parameter stands. */
function asReadByClient(challenges: readonly string[]): string {
  const params = challenges.join(',').replace(/^\s*digest\s+/i, '').split(',')
    .map((part) => /^\s*([a-zA-Z0-9]+)="?(.*?)"?\s*$/.exec(part)).filter((found) => found !== null)
    .map(([, name = '', value = '']) => [name, value] as const);
  const { realm, nonce, qop, opaque } = Object.fromEntries(params);
  return JSON.stringify([realm, nonce, qop, opaque]);
}

/** A line may hold several: a new one begins where a part starts with the word Digest. */
function challengesOf(line: string): string[] {
  const challenges: string[] = [];
  for (const part of splitList(line)) {
    const last = challenges.length - 1;
    if (/^[A-Za-z]+\s/.test(part) || last < 0) challenges.push(part);
    else challenges[last] = `${challenges[last] ?? ''}, ${part}`;
  }
  return challenges;
}

function isMd5(challenge: string): boolean {
  const params = splitList(challenge.replace(/^\s*digest\s+/i, '')).map((part) => `;${part}`).join('');
  return (param(params, 'algorithm') ?? 'MD5').toUpperCase() === 'MD5';
}
