import { chmod, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { encodeWav } from '../../../ivr-flows/wav.ts';
import { EspeakEngine } from '../../../server/media/speech/espeak-engine.ts';
import { ServiceEngine } from '../../../server/media/speech/service-engine.ts';
import type { SpeechEngine } from '../../../server/media/speech/speech-engine.ts';
import { SpeechStandIn } from './speech-stand-in.ts';

/** How an engine behaves in a test. */
export type EngineBehaviour = 'speaks' | 'hangs' | 'fails' | 'sends no audio' | 'never stops' | 'sends silence' | 'is not there';

/** An engine under test, and how often it was asked. */
export interface EngineUnderTest {
  readonly engine: SpeechEngine;
  readonly timesAsked: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Makes an engine that behaves so. @param directory - where it may write. */
export type MakeEngine = (behaviour: EngineBehaviour, directory: string) => Promise<EngineUnderTest>;

const SCRIPTS: Readonly<Record<Exclude<EngineBehaviour, 'is not there'>, string>> = {
  speaks: 'exec espeak-ng "$@"',
  hangs: 'exec sleep 60',
  // What it is told it repeats on standard error, which no fault may tell.
  fails: 'cat >&2; exit 3',
  'sends no audio': 'cat >/dev/null; echo this is no sound',
  'never stops': 'cat >/dev/null; exec cat /dev/zero',
  'sends silence': 'cat >/dev/null; exec cat "$0.wav"',
};

const tone = (amplitude: number): Buffer =>
  encodeWav({ sampleRate: 24_000, samples: Float32Array.from({ length: 12_000 }, (_, i) => amplitude * Math.sin((2 * Math.PI * 400 * i) / 24_000)) });

/** espeak-ng, or a script in its place. */
export const makeEspeak: MakeEngine = async (behaviour, directory) => {
  if (behaviour === 'is not there') return { engine: new EspeakEngine('no-such-program'), timesAsked: () => Promise.resolve(0), close: () => Promise.resolve() };
  const program = join(directory, 'espeak.sh');
  await writeFile(`${program}.wav`, tone(0));
  await writeFile(`${program}.log`, '');
  await writeFile(program, `#!/bin/sh\necho asked >> "$0.log"\n${SCRIPTS[behaviour]}\n`);
  await chmod(program, 0o755);
  return {
    engine: new EspeakEngine(program),
    timesAsked: async () => (await readFile(`${program}.log`, 'utf8')).split('\n').length - 1,
    close: () => Promise.resolve(),
  };
};

const sendWav = (response: ServerResponse, wav: Buffer): void => { response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav); };

function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'audio/wav' });
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on('drain', more);
  more();
}

const ANSWERS: Readonly<Record<Exclude<EngineBehaviour, 'is not there'>, (response: ServerResponse) => void>> = {
  speaks: (response) => sendWav(response, tone(0.02)),
  hangs: () => undefined,
  fails: (response) => { response.writeHead(500).end('no voice today'); },
  'sends no audio': (response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>'); },
  'never stops': flood,
  'sends silence': (response) => sendWav(response, tone(0)),
};

/** A service on loopback. */
export const makeService: MakeEngine = async (behaviour) => {
  const standIn = await SpeechStandIn.start(behaviour === 'is not there' ? () => undefined : ANSWERS[behaviour]);
  const engine = new ServiceEngine({ url: standIn.url });
  // Its port is free again, and nobody listens there.
  if (behaviour === 'is not there') await standIn.close();
  return {
    engine,
    timesAsked: () => Promise.resolve(standIn.requests.length),
    close: () => (behaviour === 'is not there' ? Promise.resolve() : standIn.close()),
  };
};
