import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../server/base/app-error.ts';
import { withDeadline } from '../../server/base/deadline.ts';

/** What one SIPp process should do. */
export interface SippOptions {
  /** Absolute path of the scenario file. */
  readonly scenario: string;
  /** `host:port` to call; absent for a scenario that waits for calls. */
  readonly remote?: string;
  /** SIPp transport mode; default `u1` (UDP, one socket). */
  readonly transport?: 'u1' | 'un' | 't1' | 'tn';
  /** Local SIP port; default an ephemeral port that was free a moment ago. */
  readonly localPort?: number;
  /** Number of calls after which SIPp ends; default 1. */
  readonly calls?: number;
  /** Further command-line arguments, for instance `['-s', '1000', '-r', '50']`. */
  readonly args?: readonly string[];
  /** Longest life of the process in milliseconds; default 20,000. */
  readonly timeoutMs?: number;
  /** Directory for its files, kept afterwards; then messages are not traced. Default a temporary one, removed. */
  readonly keepIn?: string;
}

/** How a SIPp process ended. */
export interface SippResult {
  /** 0: all calls as the scenario says; 1: at least one failed; `null`: ended by a signal. */
  readonly exitCode: number | null;
  /** Whether `timeoutMs` passed, or `stop` was called, before SIPp ended by itself. */
  readonly stopped: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** SIPp's log of every message sent and received (`-trace_msg`). */
  readonly messages: string;
  /** SIPp's own explanation of failures (`-trace_err`). */
  readonly errors: string;
}

/** A running SIPp process. */
export interface SippProcess {
  readonly port: number;
  /** Resolves when the process is gone; never rejects. */
  readonly finished: Promise<SippResult>;
  /** Ends the process early (by its id) and waits for it. */
  stop(): Promise<SippResult>;
}

const MAX_OUTPUT_CHARS = 1_000_000;

/**
 * Runs one SIPp scenario to its end, for tests that need a SIP peer that is not ours.
 * @returns the outcome; `exitCode` 0 is success. A process that overstays is killed.
 * @throws AppError `sipp.not-started` when the program cannot be run.
 */
export async function runSipp(options: SippOptions): Promise<SippResult> {
  const running = await startSipp(options);
  return running.finished;
}

/**
 * Starts SIPp; a scenario that waits for calls is handed over when its SIP socket is bound.
 * @throws AppError `sipp.not-started` when the program cannot be run or never binds its port.
 */
export async function startSipp(options: SippOptions): Promise<SippProcess> {
  const port = options.localPort ?? await freePort();
  const directory = options.keepIn ?? await mkdtemp(join(tmpdir(), 'allo-sipp-'));
  const child = spawn('sipp', commandLine(options, port, directory), {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout = keepTail(output.stdout + text); });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr = keepTail(output.stderr + text); });

  let stopped = false;
  const kill = (): void => {
    stopped = true;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(kill, options.timeoutMs ?? 20_000);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(String(cause), cause)));
    child.once('close', (code) => resolve(code));
  });
  const finished = exited.then(
    async (exitCode) => ({
      exitCode, stopped, ...output,
      messages: await readLog(join(directory, 'messages.log')),
      errors: await readLog(join(directory, 'errors.log')),
    }),
  ).finally(async () => {
    clearTimeout(timer);
    if (options.keepIn === undefined) await rm(directory, { recursive: true, force: true });
  });

  try {
    if (options.remote === undefined) {
      await Promise.race([untilBound(port, options.transport ?? 'u1', () => child.exitCode !== null), exited]);
    }
  } catch (cause) {
    kill();
    await finished.catch(() => undefined); // Its failure is `cause`, thrown below.
    throw cause;
  }
  return {
    port,
    finished,
    stop: () => {
      if (child.exitCode === null) kill();
      return finished;
    },
  };
}

function commandLine(options: SippOptions, port: number, directory: string): string[] {
  return [
    ...(options.remote === undefined ? [] : [options.remote]),
    '-sf', options.scenario,
    '-i', '127.0.0.1', '-p', String(port),
    '-t', options.transport ?? 'u1',
    '-m', String(options.calls ?? 1),
    '-nostdin',
    ...(options.keepIn === undefined ? ['-trace_msg', '-message_file', join(directory, 'messages.log')] : []),
    '-trace_err', '-error_file', join(directory, 'errors.log'),
    ...(options.args ?? []),
  ];
}

const keepTail = (text: string): string => (text.length > MAX_OUTPUT_CHARS ? text.slice(-MAX_OUTPUT_CHARS) : text);

async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''; // Node's file errors carry a code; SIPp writes no file when it has nothing to say.
    throw cause;
  }
}

/**
 * Finds a port that is free for UDP and TCP on loopback at this moment.
 * @returns the port number; another process may take it before the caller does.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw notStarted('no TCP address');
  const udpIsFree = await new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(address.port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
  await new Promise<void>((resolve) => { server.close(() => resolve()); });
  return udpIsFree ? address.port : freePort();
}

/** Asks the kernel's socket table, because SIPp says nothing when it is ready. */
async function untilBound(port: number, transport: string, isGone: () => boolean): Promise<void> {
  const table = transport.startsWith('t') ? '/proc/net/tcp' : '/proc/net/udp';
  const needle = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  await withDeadline(5_000, async (signal) => {
    while (!signal.aborted && !isGone()) {
      const lines = (await readFile(table, 'utf8')).split('\n');
      if (lines.some((line) => line.slice(0, 30).includes(needle))) return;
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  });
}

const notStarted = (why: string, cause?: unknown): AppError =>
  new AppError({ code: 'sipp.not-started', category: 'config', message: `sipp could not be run: ${why}`, cause });
