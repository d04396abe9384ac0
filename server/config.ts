import { KEYS, NOT_BUILT, SECRETS, type Values } from './config/keys.ts';
import { faultsTogether, type Environment } from './config/together.ts';

/** The configuration of one node; see {@link KEYS} for units and reasons. */
export type Config = Values;

/** What the environment says: the values that are good, and every fault in one line each. */
export interface ConfigReading {
  readonly values: Partial<Config>;
  readonly faults: readonly string[];
}

/**
 * Reads the environment once and checks all of it, so that every fault is reported together.
 * @param environment - of the process; unknown `ALLO_` names are faults, for they are typing errors.
 */
export function readConfig(environment: Environment): ConfigReading {
  // An empty variable is an unset one: `KEY= npm start` and compose files make them.
  const env: Environment = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const faults: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(KEYS)) {
    const parsed = schema.safeParse(env[key]);
    if (parsed.success) read[key] = parsed.data;
    else faults.push(`${SECRETS.has(key) ? key : `${key}=${inOneLine(env[key])}`}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  }
  // Nobody should try the ports of the short form where the long one was meant.
  if (env['ALLO_SIP_LISTEN'] !== undefined && read['ALLO_SIP_LISTEN'] === undefined) delete read['ALLO_SIP_PORT'];
  // A cast because the loop above fills exactly the keys of `KEYS`, which TypeScript cannot follow.
  const values = read as Partial<Config>;
  for (const [key, sentence] of Object.entries(NOT_BUILT)) if (env[key] !== undefined) faults.push(`${key}: ${sentence}`);
  faults.push(...faultsTogether(env, values), ...unknownKeys(env));
  return { values: Object.freeze(values), faults };
}

/** Lists in compose files come with line ends. */
const inOneLine = (text = ''): string => text.trim().replace(/\s+/g, ' ');

function unknownKeys(env: Environment): string[] {
  const known = new Set([...Object.keys(KEYS), ...Object.keys(NOT_BUILT), 'ALLO_WEBRTC_EDGE']);
  return Object.keys(env).filter((key) => key.startsWith('ALLO_') && !known.has(key)).map((key) => `${key}: there is no such variable`);
}

/** Whether every key has its value: a reading without faults is a configuration. */
export function isComplete(reading: ConfigReading): reading is { readonly values: Config; readonly faults: readonly [] } {
  return reading.faults.length === 0;
}
