import { parseArgs } from 'node:util';
import { describeError } from '../../base/app-error.ts';
import { parsePressPlan, type PressStep } from './press-plan.ts';

/** A call as asked for on the command line. */
export interface CallRequest {
  readonly from: string;
  readonly to: string;
  readonly server: { readonly host: string; readonly port: number };
  /** Seconds after the answer before the first key. */
  readonly waitS: number;
  readonly press: readonly PressStep[];
  /** WAV file to speak with. */
  readonly playPath?: string;
  /** WAV file to write what is heard to. */
  readonly recordPath?: string;
  /** Seconds of conversation before we hang up. */
  readonly forS: number;
}

/** What the command line says. */
export type Arguments =
  | { readonly kind: 'call'; readonly request: CallRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/** How the command is used. */
export const USAGE = `Places a telephone call from the command line and says what it heard.

  npm run call -- --from +213550000001 --to 1000 [options]

  --from NUMBER      the calling number (From and P-Asserted-Identity), or "anonymous"
  --to NUMBER        the number to dial
  --server HOST:PORT the SIP server to call by UDP; default 127.0.0.1:5060
  --wait SECONDS     wait after the answer before the first key; default 2
  --press KEYS       keys to press, one second apart: 1,2 or w3,2 (w3 waits three seconds) or 12#
  --play FILE        WAV file to speak with (mono, 8 kHz: 16-bit PCM, A-law or mu-law)
  --record FILE      WAV file to write what is heard to
  --for SECONDS      hang up after so long; default 20, at most 3600
  --help             this text

Exit code: 0 the call was answered, 1 it was not, 2 the command line is wrong. Ctrl-C hangs up.`;

const OPTIONS = {
  from: { type: 'string' }, to: { type: 'string' }, server: { type: 'string', default: '127.0.0.1:5060' },
  wait: { type: 'string', default: '2' }, press: { type: 'string' }, play: { type: 'string' }, record: { type: 'string' },
  for: { type: 'string', default: '20' }, help: { type: 'boolean', default: false },
} as const;

const MAX_CALL_S = 3_600;

/**
 * Reads the command line; all problems are reported together.
 * @param argv - the arguments behind the program's name.
 */
export function parseCallArguments(argv: readonly string[]): Arguments {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }));
  } catch (cause) {
    return { kind: 'wrong', problems: [describeError(cause).replace(/^\w+: /, '')] };
  }
  if (values.help) return { kind: 'help' };
  const problems: string[] = [];
  const need = <T>(value: T | undefined, problem: string): T | undefined => {
    if (value === undefined) problems.push(problem);
    return value;
  };
  const from = need(matching(values.from, /^(\+?\d{1,20}|anonymous)$/), '--from must be a number such as +213550000001, or "anonymous"');
  const to = need(matching(values.to, /^[+*#\w.-]{1,64}$/), '--to must be the number to dial, such as 1000');
  const server = need(parseServer(values.server), '--server must be host:port, such as 127.0.0.1:5060');
  const waitS = need(secondsUpTo(values.wait, 600), '--wait must be a number of seconds, at most 600');
  const forS = need(secondsUpTo(values.for, MAX_CALL_S), `--for must be a number of seconds, at most ${MAX_CALL_S}`);
  const press = need(values.press === undefined ? [] : parsePressPlan(values.press), '--press must be keys and waits such as 1,2 or w3,2 or 12#');
  if (from === undefined || to === undefined || server === undefined || waitS === undefined || forS === undefined || press === undefined) {
    return { kind: 'wrong', problems };
  }
  const files = { ...(values.play === undefined ? {} : { playPath: values.play }), ...(values.record === undefined ? {} : { recordPath: values.record }) };
  return { kind: 'call', request: { from, to, server, waitS, forS, press, ...files } };
}

const matching = (value: string | undefined, pattern: RegExp): string | undefined => (value !== undefined && pattern.test(value) ? value : undefined);

function secondsUpTo(text: string, most: number): number | undefined {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : undefined;
  return seconds !== undefined && seconds <= most ? seconds : undefined;
}

function parseServer(text: string): CallRequest['server'] | undefined {
  const parts = /^(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(parts?.[2] ?? 5060);
  const host = parts?.[1]?.replace(/^\[|\]$/g, '');
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
