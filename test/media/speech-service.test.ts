import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav, type Sound } from '../../ivr-flows/wav.ts';
import { dominantFrequency } from '../../server/media/listen/tone.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import { openSpeech } from '../../server/media/speech/open-speech.ts';
import { ServiceEngine, type SpeechService } from '../../server/media/speech/service-engine.ts';
import { SpeechStandIn } from './support/speech-stand-in.ts';

const never = new AbortController().signal;
const HERTZ = 700;
const toneAt = (sampleRate: number): Sound =>
  ({ sampleRate, samples: Float32Array.from({ length: sampleRate / 2 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * HERTZ * i) / sampleRate)) });

/** 16-bit samples without a header. */
function pcm(sampleRate: number, order: 'big' | 'little'): Buffer {
  const data = encodeWav(toneAt(sampleRate)).subarray(44);
  return order === 'little' ? data : Buffer.from(data).swap16();
}

describe('ServiceEngine', () => {
  let standIn: SpeechStandIn;
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-service-'));
    standIn = await SpeechStandIn.start(send(encodeWav(toneAt(24_000)), 'audio/wav'));
  });
  afterEach(async () => {
    await standIn.close();
    await rm(directory, { recursive: true, force: true });
  });

  const send = (body: Buffer, type: string, status = 200) => (response: ServerResponse): void => { response.writeHead(status, { 'content-type': type }).end(body); };
  const speak = (service: Partial<SpeechService> = {}, signal = never): Promise<Sound> =>
    new ServiceEngine({ url: standIn.url, ...service }).speak('Bonjour « Amel »', 'fr', signal);
  const hertzOf = ({ samples, sampleRate }: Sound): number =>
    Math.round(dominantFrequency(Int16Array.from(samples, (sample) => sample * 32_767), sampleRate) ?? 0);

  it('posts text and language as JSON (RFC 8259)', async () => {
    await speak();
    const [request] = standIn.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(request.body), { text: 'Bonjour « Amel »', language: 'fr' });
    assert.equal(request.headers.authorization, undefined);
  });

  it('posts the text alone, with its language beside it', async () => {
    await speak({ body: 'text' });
    const [request] = standIn.requests;
    assert.equal(request?.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(request.headers['content-language'], 'fr');
    assert.equal(request.body, 'Bonjour « Amel »');
  });

  it('names the language in the URL and shows its credentials, where the service wants it', async () => {
    await speak({ url: `${standIn.url}/{language}?voice={language}-1`, authorization: 'Bearer key' });
    assert.equal(standIn.requests[0]?.url, '/speak/fr?voice=fr-1');
    assert.equal(standIn.requests[0].headers.authorization, 'Bearer key');
  });

  for (const [type, body, sampleRate] of [
    ['audio/wav', encodeWav(toneAt(48_000)), 48_000],
    ['application/octet-stream', encodeWav(toneAt(8_000)), 8_000],
    ['audio/L16;rate=16000', pcm(16_000, 'big'), 16_000],
    ['audio/l16; rate=24000; channels=1', pcm(24_000, 'big'), 24_000],
    ['audio/pcm; rate=22050', pcm(22_050, 'little'), 22_050],
  ] as const) {
    it(`hears ${type} at ${sampleRate} Hz (RFC 2586)`, async () => {
      standIn.answer = send(body, type);
      const sound = await speak();
      assert.equal(sound.sampleRate, sampleRate);
      assert.ok(Math.abs(hertzOf(sound) - HERTZ) <= 3, `${hertzOf(sound)} Hz`);
    });
  }

  for (const [why, type, body, message] of [
    ['an empty answer', 'audio/wav', Buffer.alloc(0), /no WAV or PCM/],
    ['PCM without its rate', 'audio/l16', pcm(16_000, 'big'), /without its rate/],
    ['PCM with a rate that is no number', 'audio/pcm;rate=fast', pcm(16_000, 'little'), /without its rate/],
    ['two channels of PCM', 'audio/l16;rate=16000;channels=2', pcm(16_000, 'big'), /channels/],
    ['a WAV of floats', 'audio/wav', Buffer.concat([encodeWav(toneAt(8_000)).fill(3, 20, 21)]), /16-bit PCM/],
    ['MP3', 'audio/mpeg', Buffer.from('ID3'), /audio\/mpeg/],
  ] as const) {
    it(`refuses ${why}`, async () => {
      standIn.answer = send(body, type);
      await assert.rejects(speak(), message);
    });
  }

  for (const status of [204, 301, 401, 404, 429, 503]) {
    it(`takes ${status} for a failure, whatever comes with it`, async () => {
      standIn.answer = (response) => { response.writeHead(status, { 'content-type': 'audio/wav', location: '/elsewhere' }).end(status === 204 ? undefined : encodeWav(toneAt(8_000))); };
      await assert.rejects(speak(), { code: 'media.speech-failed', message: `the speech service answered ${status}` });
      assert.equal(standIn.requests.length, 1, 'a redirection is not followed');
    });
  }

  it('fails when the answer breaks off', async () => {
    standIn.answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': 100_000 });
      response.write(encodeWav(toneAt(8_000)), () => response.destroy());
    };
    await assert.rejects(speak(), /broke off/);
  });

  it('ends with its signal while the answer trickles in, and closes the connection', async () => {
    const controller = new AbortController();
    const closed = new Promise((resolve) => {
      standIn.answer = (response) => {
        response.once('close', resolve);
        response.writeHead(200, { 'content-type': 'audio/wav' }).write('RIFF', () => controller.abort());
      };
    });
    await assert.rejects(speak({}, controller.signal), { code: 'media.speech-failed' });
    await closed;
  });

  it('is what openSpeech opens when a service is named', async () => {
    const speech = openSpeech({ directory, service: { url: standIn.url } });
    const source = await speech.synthesize('Bonjour', 'fr', never);
    assert.ok(source !== 'unavailable' && source.kind === 'file');
    const { samples, sampleRate } = await readWav(source.path);
    assert.equal(sampleRate, 8_000);
    assert.ok(Math.abs((dominantFrequency(samples) ?? 0) - HERTZ) < 3);
    assert.equal(standIn.requests.length, 1);
  });
});
