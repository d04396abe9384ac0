import type { User } from '../model/centre.ts';

/** What a person needs to know after the start. */
export interface BannerFacts {
  readonly httpUrl: string;
  readonly sipHost: string;
  readonly sipPort: number;
  /** Numbers that can be dialled. */
  readonly numbers: readonly string[];
  readonly users: readonly User[];
  /** Of the demonstration users. */
  readonly password: string;
  readonly dataDirectory: string;
}

/** Says where to go, how to sign in, and what to dial. */
export function banner(facts: BannerFacts): string {
  const names = (role: User['role']): string => facts.users.filter((user) => user.role === role).map(({ username }) => username).join(', ');
  const dialHost = facts.sipHost === '0.0.0.0' || facts.sipHost === '::' ? '127.0.0.1' : facts.sipHost;
  const dial = facts.numbers.map((number) => `sip:${number}@${dialHost}:${facts.sipPort}`).join(', ');
  const [number = '1000'] = facts.numbers;
  return [
    '',
    '  Allo is ready.',
    '',
    `  Desks      ${facts.httpUrl}`,
    `  Call us    ${facts.httpUrl}/call-us   (from any browser, no sign-in)`,
    `  Dial       ${dial}   (UDP and TCP)`,
    '',
    `  Sign in    agents ${names('agent')} · supervisor ${names('supervisor')} · administrator ${names('administrator')}`,
    `  Password   ${facts.password}`,
    '',
    `  Try        npm run call -- --from +213550000001 --to ${number} --press 0 --for 20${facts.sipPort === 5060 ? '' : ` --server 127.0.0.1:${facts.sipPort}`}`,
    `  Data       ${facts.dataDirectory}`,
    '  Stop       Ctrl-C (running calls end first; twice stops at once)',
    '',
  ].join('\n');
}
