import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAllo, type AlloOptions, type RunningAllo } from '../../server/allo.ts';
import { isComplete, readConfig } from '../../server/config.ts';
import type { InteractionList } from '../../server/wire/api.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import { freePort } from './sipp.ts';
import { RobotAgent } from './robot-agent.ts';
import { until } from './until.ts';

export const PASSWORD = 'correct horse battery';

/** A whole Allo in this process, on ports of its own, with an empty data directory. */
export interface RunningCentre {
  readonly allo: RunningAllo;
  readonly baseUrl: string;
  /** `127.0.0.1:port`: where SIPp sends its calls. */
  readonly sipAddress: string;
  readonly dataDirectory: string;
  /** Signs a robot in; it is closed with the centre. */
  signIn(username: string, toneHz?: number): Promise<RobotAgent>;
  /** Every call of the history, newest first, whole. */
  history(): Promise<Interaction[]>;
  /** The call from a number, once it is complete in the history. */
  completed(callingNumber: string): Promise<Interaction>;
  stop(): Promise<void>;
}

/** Starts a centre for a suite; `stop` leaves nothing behind. */
export async function runCentre(env: Readonly<Record<string, string>> = {}, options: AlloOptions = {}): Promise<RunningCentre> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'allo-centre-'));
  const reading = readConfig({
    ALLO_DATA_DIR: dataDirectory, ALLO_HTTP_PORT: '0', ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(await freePort()),
    ALLO_DEMO_PASSWORD: PASSWORD, ALLO_LOG_LEVEL: 'silent', ALLO_DRAIN_LIMIT_MS: '0', ...env,
  });
  if (!isComplete(reading)) throw new Error(reading.faults.join('\n'));
  const allo = await startAllo(reading.values, options);
  const baseUrl = allo.httpUrl;
  const robots: RobotAgent[] = [];
  let reader: RobotAgent | undefined;

  const signIn = async (username: string, toneHz?: number): Promise<RobotAgent> => {
    const robot = await RobotAgent.signIn(baseUrl, { username, password: PASSWORD }, toneHz);
    robots.push(robot);
    return robot;
  };
  const history = async (): Promise<Interaction[]> => {
    reader ??= await signIn('sam');
    const list = await reader.api<InteractionList>('/api/interactions?limit=100');
    const voice = list.interactions.filter((one) => one.startedAt >= allo.startedAt);
    return Promise.all(voice.map(({ interactionId }) => (reader as RobotAgent).api<Interaction>(`/api/interactions/${interactionId}`)));
  };
  return {
    allo, baseUrl, sipAddress: `127.0.0.1:${allo.sipPort}`, dataDirectory, signIn, history,
    completed: (callingNumber) => until(async () => {
      const found = (await history()).find((one) => one.callingNumber === callingNumber);
      return found?.endedAt === undefined ? undefined : found;
    }, `the call from ${callingNumber} in the history`),
    stop: async () => {
      for (const robot of robots) await robot.close();
      await allo.stop();
      await rm(dataDirectory, { recursive: true });
    },
  };
}
