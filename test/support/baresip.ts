import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './sipp.ts';
import { until } from './until.ts';

/** How a telephone is set up. */
export interface BaresipOptions {
  /** User part of its From: the calling number. */
  readonly number: string;
  /** What it says all the time: a sine of this frequency. */
  readonly toneHz: number;
  /** As baresip names them, best first; default: both laws of G.711. */
  readonly codecs?: readonly string[];
  /** Whether it encrypts with keys in its descriptions. */
  readonly encryption?: 'srtp' | 'srtp-mand';
  /** Whether it answers calls by itself. */
  readonly answers?: boolean;
}

/** A telephone that is not ours: the program baresip, with a tone for a voice and a recorder for an ear. */
export class Baresip {
  readonly #process: ChildProcess;
  readonly #control: Socket;
  readonly #directory: string;
  /** Where it takes calls: SIP over UDP. */
  readonly sipPort: number;
  /** Types of its events so far, for instance `CALL_ESTABLISHED`. */
  readonly events: string[] = [];

  private constructor(parts: { process: ChildProcess; control: Socket; directory: string; sipPort: number }) {
    const { process, control, directory, sipPort } = parts;
    this.#process = process;
    this.#control = control;
    this.#directory = directory;
    this.sipPort = sipPort;
    let text = '';
    control.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const [, type] of text.matchAll(/"event":true,"type":"(\w+)"/g)) if (type !== undefined) this.events.push(type);
      text = text.slice(text.lastIndexOf('},') + 2);
    });
  }

  /** Starts it, on ports of its own. It ends by itself after two minutes. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    const directory = await mkdtemp(join(tmpdir(), 'allo-baresip-'));
    const [sipPort, controlPort] = [await freePort(), await freePort()];
    await writeFile(join(directory, 'config'), configuration({ directory, sipPort, controlPort, toneHz: options.toneHz }));
    await writeFile(join(directory, 'accounts'), account(options));
    await writeFile(join(directory, 'contacts'), '');
    const process = spawn('baresip', ['-f', directory, '-t', '120'], { stdio: 'ignore' });
    const control = await until(() => tryConnect(controlPort), 'baresip to listen');
    return new Baresip({ process, control, directory, sipPort });
  }

  async dial(uri: string): Promise<void> {
    this.#command('dial', uri);
    await until(() => this.events.includes('CALL_ESTABLISHED'), 'the call to be answered');
  }

  /** Presses a key: RFC 4733 in its RTP. */
  press(key: string): void {
    this.#command('sndcode', key);
  }

  hangUp(): void {
    this.#command('hangup');
  }

  get isOver(): boolean {
    return this.events.includes('CALL_CLOSED');
  }

  /** Path of the WAV with all that it heard: whole once the call is over. */
  async heardFile(): Promise<string> {
    const name = (await readdir(this.#directory)).find((file) => file.endsWith('-dec.wav'));
    if (name === undefined) throw new Error('baresip has heard nothing');
    return join(this.#directory, name);
  }

  async close(): Promise<void> {
    this.#control.destroy();
    if (this.#process.exitCode === null) {
      const gone = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await gone;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Commands are JSON in a netstring. */
  #command(command: string, params = ''): void {
    const json = JSON.stringify({ command, params, token: command });
    this.#control.write(`${json.length}:${json},`);
  }
}

function account({ number, codecs = ['PCMA/8000', 'PCMU/8000'], encryption, answers = false }: BaresipOptions): string {
  const parameters = ['regint=0', `audio_codecs=${codecs.join(',')}`, ...(encryption === undefined ? [] : [`mediaenc=${encryption}`]), ...(answers ? ['answermode=auto'] : [])];
  return `<sip:${number}@127.0.0.1>;${parameters.join(';')}\n`;
}

function configuration({ directory, sipPort, controlPort, toneHz }: { directory: string; sipPort: number; controlPort: number; toneHz: number }): string {
  return `
poll_method epoll
sip_listen 127.0.0.1:${sipPort}
net_interface 127.0.0.1
audio_source ausine,${toneHz}
audio_player aubridge,nil
audio_alert aubridge,nil
ausrc_srate 48000
ausrc_channels 2
rtp_ports 31000-31999
snd_path ${directory}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
opus_stereo no
opus_sprop_stereo no
module srtp.so
module ausine.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${controlPort}
`;
}

function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
