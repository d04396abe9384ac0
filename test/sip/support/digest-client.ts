import { digestResponse, type DigestAlgorithm } from '../../../server/sip/digest/response.ts';

/** What a client puts into its Authorization header. */
export interface DigestAnswer {
  readonly challenge: string;
  readonly username: string;
  readonly password: string;
  readonly method?: string;
  readonly uri?: string;
  readonly nc?: number;
}

/** Answers one digest challenge as a client does (RFC 7616 §3.4). */
export function answerChallenge(answer: DigestAnswer): string {
  const param = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(answer.challenge)?.[1] ?? '';
  const input = {
    algorithm: param('algorithm') as DigestAlgorithm, // Ours are the only challenges answered here.
    username: answer.username, realm: param('realm'), password: answer.password, method: answer.method ?? 'REGISTER',
    uri: answer.uri ?? 'sip:allo', nonce: param('nonce'), nc: (answer.nc ?? 1).toString(16).padStart(8, '0'), cnonce: 'c0ffee',
  };
  return `Digest username="${input.username}", realm="${input.realm}", nonce="${input.nonce}", uri="${input.uri}", `
    + `response="${digestResponse(input)}", algorithm=${input.algorithm}, cnonce="${input.cnonce}", qop=auth, nc=${input.nc}`;
}
