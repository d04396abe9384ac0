import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { epochMs, type Clock, type EpochMs, type Milliseconds } from '../../base/time.ts';

/** Always as many digits, so that each beat overwrites the one before in a single small write. */
const DIGITS = 15;

const fileOf = (directory: string): string => join(directory, 'alive');

/** What a {@link Heartbeat} is made of. */
export interface HeartbeatOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Between two beats; default 1000. */
  readonly everyMs?: Milliseconds;
  readonly onFault: (cause: unknown, what: string) => void;
}

/**
 * Writes down once a second that the process lives, so that after a crash an interrupted call is
 * dated to the second. Not synced: a killed process loses nothing, a loss of power at most what
 * the system had not written yet, which errs on the honest side.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #file: FileHandle;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> = Promise.resolve();

  private constructor(options: HeartbeatOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
    this.#timer = setInterval(() => this.#beat(), options.everyMs ?? 1000);
    // It tells of a process that lives for other reasons.
    this.#timer.unref();
    this.#beat();
  }

  /** Starts beating; overwrites what an earlier process said, so read that first. */
  static async start(options: HeartbeatOptions): Promise<Heartbeat> {
    return new Heartbeat(options, await open(fileOf(options.directory), 'a+').then(async (made) => {
      await made.close();
      return open(fileOf(options.directory), 'r+');
    }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.#file.close();
  }

  #beat(): void {
    const said = String(this.#options.clock()).padStart(DIGITS, '0');
    this.#beating = this.#beating
      .then(async () => { await this.#file.write(said, 0); })
      .catch((cause: unknown) => this.#options.onFault(cause, 'writing the heartbeat'));
  }
}

/** When the process before this one was last known to live; nothing when it left no sign. */
export async function readLastAlive(directory: string): Promise<EpochMs | undefined> {
  try {
    const said = await readFile(fileOf(directory), 'utf8');
    return new RegExp(`^\\d{${DIGITS}}`).test(said) ? epochMs(Number(said.slice(0, DIGITS))) : undefined;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
