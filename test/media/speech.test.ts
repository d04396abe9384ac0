import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { speechRms, TARGET_RMS } from '../../ivr-flows/shape-voice.ts';
import { decodeWav } from '../../ivr-flows/wav.ts';
import { epochMs } from '../../server/base/time.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import { KeptSpeech, type KeptSpeechOptions } from '../../server/media/speech/kept-speech.ts';
import { openSpeech } from '../../server/media/speech/open-speech.ts';
import { WorkSlots } from '../../server/media/speech/work-slots.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import { makeEspeak, makeService, type EngineBehaviour, type EngineUnderTest, type MakeEngine } from './support/speech-engines.ts';

const never = new AbortController().signal;
const TEXTS = { fr: 'Bonjour Amel', ar: 'مرحبا', en: 'Good morning' } as const;
/** Programs start slowly on a busy machine. */
const PATIENT_MS = 8_000;
const SHORT_MS = 400;

/** What every speech engine must do behind the port, whatever becomes of it. */
function speechContract(name: string, makeEngine: MakeEngine): void {
  describe(`KeptSpeech, given ${name}`, () => {
    let directory: string;
    let faults: string[];
    let opened: EngineUnderTest[];
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'allo-speech-'));
      faults = [];
      opened = [];
    });
    afterEach(async () => {
      for (const { close } of opened) await close();
      await rm(directory, { recursive: true, force: true });
    });

    const open = async (behaviour: EngineBehaviour, options: Partial<KeptSpeechOptions> = {}): Promise<{ readonly speech: KeptSpeech; readonly under: EngineUnderTest }> => {
      const under = await makeEngine(behaviour, directory);
      opened.push(under);
      const speech = new KeptSpeech({
        engine: under.engine, directory: join(directory, 'kept'), timeoutMs: PATIENT_MS, onFault: ({ message }) => faults.push(message), ...options,
      });
      return { speech, under };
    };
    const pathOf = (source: AudioSource | 'unavailable'): string => {
      assert.ok(source !== 'unavailable' && source.kind === 'file', faults.join());
      return source.path;
    };

    for (const language of LANGUAGES) {
      it(`speaks ${language} as a telephone file, as loud as the prompts and without silence around it`, async () => {
        const { speech } = await open('speaks');
        const path = pathOf(await speech.synthesize(TEXTS[language], language, never));
        const { samples, sampleRate } = await readWav(path);
        assert.equal(sampleRate, 8_000);
        assert.ok(samples.length > 2_000);
        const decibels = 20 * Math.log10(speechRms(decodeWav(await readFile(path))) / TARGET_RMS);
        assert.ok(Math.abs(decibels) < 2, `${decibels} dB off the prompts`);
        for (const { startMs, lengthMs } of silentGaps(samples)) {
          if (startMs === 0 || startMs + lengthMs >= samples.length / 8) assert.ok(lengthMs <= 60, `${lengthMs} ms of silence at ${startMs} ms`);
        }
      });
    }

    it('asks the engine once for a text, also when several callers want it at once', async () => {
      const { speech, under } = await open('speaks');
      const [one, other] = await Promise.all([speech.synthesize('hello', 'en', never), speech.synthesize('hello', 'en', never)]);
      assert.deepEqual(one, other);
      assert.deepEqual(await speech.synthesize(' hello\n', 'en', never), one);
      assert.equal(await under.timesAsked(), 1);
    });

    it('finds what it spoke before, after a restart and with an engine that is gone', async () => {
      const { speech, under } = await open('speaks');
      const first = await speech.synthesize('hello', 'en', never);
      await under.close();
      const later = new KeptSpeech({ engine: { id: under.engine.id, speak: () => Promise.reject(new Error('gone')) }, directory: join(directory, 'kept') });
      assert.deepEqual(await later.synthesize('hello', 'en', never), first);
      assert.equal(await later.synthesize('hello again', 'en', never), 'unavailable');
    });

    it('goes on for the second caller of a text when the first hangs up', async () => {
      const { speech, under } = await open('speaks');
      const first = new AbortController();
      const [one, other] = [speech.synthesize('hello', 'en', first.signal), speech.synthesize('hello', 'en', never)];
      first.abort(new Error('hung up'));
      assert.equal(await one, 'unavailable');
      pathOf(await other);
      assert.equal(await under.timesAsked(), 1);
      assert.deepEqual(faults, [], 'a caller who hangs up is no fault');
    });

    for (const [behaviour, fault] of [
      ['hangs', /within 400 ms|in time/], ['fails', /500|3/], ['sends no audio', /no WAV|RIFF|read/], ['never stops', /more than|MAXBUFFER/],
      ['sends silence', /no sound in it/], ['is not there', /reached|ENOENT/],
    ] as const) {
      it(`leaves the sentence out in time and says why when the engine ${behaviour}`, async () => {
        const { speech } = await open(behaviour, behaviour === 'hangs' ? { timeoutMs: SHORT_MS } : {});
        const startedAt = performance.now();
        assert.equal(await speech.synthesize('the secret of Carol', 'en', never), 'unavailable');
        assert.ok(performance.now() - startedAt < (behaviour === 'hangs' ? SHORT_MS : PATIENT_MS) + 1_000);
        assert.equal(faults.length, 1);
        assert.match(faults[0] ?? '', fault);
        assert.doesNotMatch(faults.join(), /Carol/);
        const left = await readdir(join(directory, 'kept')).catch(() => []);
        assert.deepEqual(left, [], 'nothing is kept of it');
      });
    }

    it('comes back at once when the caller is gone, and says nothing of it', async () => {
      const { speech } = await open('hangs', { timeoutMs: SHORT_MS });
      const caller = new AbortController();
      const waiting = speech.synthesize('hello', 'en', caller.signal);
      caller.abort();
      assert.equal(await waiting, 'unavailable');
      assert.equal(await speech.synthesize('hello', 'en', AbortSignal.abort()), 'unavailable');
      assert.deepEqual(faults, []);
    });
  });
}

speechContract('espeak-ng', makeEspeak);
speechContract('a service', makeService);

describe('KeptSpeech', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-speech-')); });
  afterEach(async () => { await rm(directory, { recursive: true, force: true }); });
  const buzz = { sampleRate: 8_000, samples: Float32Array.from({ length: 4_000 }, (_, i) => 0.3 * Math.sin(i / 3)) };

  it('leaves out texts that are empty or endless', async () => {
    const speech = new KeptSpeech({ engine: { id: 'x', speak: () => Promise.resolve(buzz) }, directory });
    assert.equal(await speech.synthesize(' \n\t', 'en', never), 'unavailable');
    assert.equal(await speech.synthesize('a'.repeat(601), 'en', never), 'unavailable');
  });

  it('keeps only so many texts', async () => {
    const engine = { id: 'x', speak: () => Promise.resolve(buzz) };
    await new KeptSpeech({ engine, directory }).synthesize('one', 'en', never);
    await new KeptSpeech({ engine, directory, maxFiles: 1 }).synthesize('two', 'en', never);
    assert.equal((await readdir(directory)).length, 1);
  });

  it('keeps texts of different engines and languages apart', async () => {
    const paths = new Set<unknown>();
    for (const id of ['one', 'other']) {
      const speech = new KeptSpeech({ engine: { id, speak: () => Promise.resolve(buzz) }, directory });
      for (const language of LANGUAGES) {
        const source = await speech.synthesize('hello', language, never);
        paths.add(source !== 'unavailable' && source.kind === 'file' ? source.path : undefined);
      }
    }
    assert.equal(paths.size, 6);
  });

  for (const sampleRate of [0, 1, 7_999, 192_000, Number.NaN]) {
    it(`refuses speech of ${sampleRate} Hz before it is resampled`, async () => {
      const faults: string[] = [];
      const speech = new KeptSpeech({ engine: { id: 'x', speak: () => Promise.resolve({ ...buzz, sampleRate }) }, directory, onFault: ({ message }) => faults.push(message) });
      assert.equal(await speech.synthesize('hello', 'en', never), 'unavailable');
      assert.match(faults[0] ?? '', /Hz/);
    });
  }

  it('asks no more for half a minute when an engine has failed three times in a row', async () => {
    let now = 0;
    let asked = 0;
    let isWell = false;
    const faults: string[] = [];
    const speech = new KeptSpeech({
      engine: { id: 'x', speak: () => { asked += 1; return isWell ? Promise.resolve(buzz) : Promise.reject(new Error('down')); } },
      directory, clock: () => epochMs(now), onFault: ({ message }) => faults.push(message),
    });
    const say = (text: string) => speech.synthesize(text, 'en', never);
    for (const text of ['a', 'b', 'c', 'd', 'e']) assert.equal(await say(text), 'unavailable');
    assert.equal(asked, 3);
    assert.equal(faults.length, 3, 'a rest is not told each time');
    now += 30_000;
    await say('f');
    assert.equal(asked, 4, 'one text tries');
    await say('g');
    assert.equal(asked, 4, 'and the rest begins again');
    now += 30_000;
    isWell = true;
    assert.notEqual(await say('h'), 'unavailable');
    assert.notEqual(await say('i'), 'unavailable');
  });

  it('turns texts away when too many wait, and blames no engine for it', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    const faults: string[] = [];
    const speech = new KeptSpeech({ engine: { id: 'x', speak: () => held.then(() => buzz) }, directory, onFault: ({ message }) => faults.push(message) });
    const all = Array.from({ length: 40 }, (_, i) => speech.synthesize(`text ${i}`, 'en', never));
    // Each looks for its file first; those turned away are told at once.
    while (faults.length < 6) await new Promise((resolve) => { setImmediate(resolve); });
    assert.ok(faults.every((fault) => fault.includes('too many')));
    release();
    assert.equal((await Promise.all(all)).filter((source) => source !== 'unavailable').length, 34);
    assert.notEqual(await speech.synthesize('one more', 'en', never), 'unavailable');
  });

  it('never asks again for a program that is not there', async () => {
    const under = await makeEspeak('is not there', directory);
    let now = 0;
    const faults: string[] = [];
    const speech = new KeptSpeech({ engine: under.engine, directory, clock: () => epochMs(now), onFault: ({ message }) => faults.push(message) });
    assert.equal(await speech.synthesize('one', 'en', never), 'unavailable');
    now += 86_400_000;
    assert.equal(await speech.synthesize('two', 'en', never), 'unavailable');
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', /no-such-program/);
  });

  it('gives the text to espeak-ng as data: a shell would have made a file of it', async () => {
    const speech = openSpeech({ directory, timeoutMs: PATIENT_MS });
    assert.notEqual(await speech.synthesize(`hello; touch ${directory}/taken $(touch ${directory}/taken)`, 'en', never), 'unavailable');
    assert.equal((await readdir(directory)).includes('taken'), false);
  });
});

describe('WorkSlots', () => {
  it('runs so many at once, lets so many wait, and turns the others away', async () => {
    const slots = new WorkSlots(2, 1);
    const releases: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => { releases.push(resolve); });
      running -= 1;
      return 'done';
    };
    const all = [1, 2, 3, 4].map(() => slots.run(work));
    assert.equal(await all[3], 'full');
    for (let i = 0; i < 3; i += 1) {
      await new Promise((resolve) => { setImmediate(resolve); });
      releases.shift()?.();
    }
    assert.deepEqual(await Promise.all(all.slice(0, 3)), ['done', 'done', 'done']);
    assert.equal(most, 2);
  });
});
