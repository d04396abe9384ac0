import { hostPort, sayPlace, type SipPlace } from '../config/sip-places.ts';
import type { User } from '../model/centre.ts';

/** What a person needs to know after the start. */
export interface BannerFacts {
  readonly httpUrl: string;
  /** Where our own SIP server listens; nowhere when another one owns the sockets. */
  readonly sip: readonly SipPlace[];
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
  return [
    '',
    '  Allo is ready.',
    '',
    `  Desks      ${facts.httpUrl}`,
    `  Call us    ${facts.httpUrl}/call-us   (from any browser, no sign-in)`,
    `  Dial       ${facts.numbers.map((number) => dialled(number, facts.sip)).join(', ')}`,
    `  SIP        ${facts.sip.length === 0 ? 'on the server of ALLO_DRACHTIO_URL' : facts.sip.map(sayPlace).join(', ')}`,
    '',
    `  Sign in    agents ${names('agent')} · supervisor ${names('supervisor')} · administrator ${names('administrator')}`,
    `  Password   ${facts.password}`,
    '',
    ...tryOut(facts),
    `  Data       ${facts.dataDirectory}`,
    '  Stop       Ctrl-C (running calls end first; twice stops at once)',
    '',
  ].join('\n');
}

/** What a telephone on this machine dials: the first listener that telephones use. */
function dialled(number: string, places: readonly SipPlace[]): string {
  const place = ['udp', 'tcp', 'tls'].flatMap((transport) => places.find((one) => one.transport === transport) ?? [])[0];
  if (place === undefined) return number;
  return `sip:${number}@${hostPort(onThisMachine(place))}${place.transport === 'udp' ? '' : `;transport=${place.transport}`}`;
}

/** The command line calls by UDP. */
function tryOut({ sip, numbers: [number = '1000'] }: BannerFacts): string[] {
  const udp = sip.find(({ transport }) => transport === 'udp');
  if (udp === undefined) return [];
  const server = hostPort(onThisMachine(udp));
  return [`  Try        npm run call -- --from +213550000001 --to ${number} --press 0 --for 20${server === '127.0.0.1:5060' ? '' : ` --server ${server}`}`];
}

const onThisMachine = ({ host, port }: SipPlace): { readonly host: string; readonly port: number } =>
  ({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port });
