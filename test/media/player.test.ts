import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sinon from 'sinon';
import { G711 } from '../../server/media/codec/g711.ts';
import { Sources } from '../../server/media/engine/sources.ts';
import { Ticker } from '../../server/media/engine/ticker.ts';
import { analyseTone, levelDbfs } from '../../server/media/listen/tone.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { readWav, writeWav } from '../../server/media/listen/wav.ts';
import { AudioCache } from '../../server/media/player/audio-cache.ts';
import { makeHoldMusic } from '../../server/media/player/hold-music.ts';
import { Playlist } from '../../server/media/player/playlist.ts';
import type { ReadySource } from '../../server/media/player/playlist.ts';
import { makeTone } from '../../server/media/player/tones.ts';
import { decodeTelephoneWav, decodeWav, wavHeader } from '../../server/media/player/wav-file.ts';
import { WavRecorder } from '../../server/media/recorder/wav-recorder.ts';
import { joinSamples, makeSine } from './support/signals.ts';

const renderAll = (playlist: Playlist, maxFrames = 1_000): { samples: Int16Array; frames: number } => {
  const frames: Int16Array[] = [];
  for (let tick = 0; tick < maxFrames; tick += 1) {
    const frame = new Int16Array(160);
    const isDone = playlist.render(frame, tick);
    frames.push(frame);
    if (isDone) break;
  }
  return { samples: joinSamples(frames), frames: frames.length };
};

describe('Playlist', () => {
  it('joins pieces of any length without a seam and ends with the last sample (property)', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 400 }), { minLength: 1, maxLength: 6 }), (pieces) => {
      const sources = pieces.map((piece) => ({ kind: 'samples' as const, samples: Int16Array.from(piece) }));
      const whole = pieces.flat();
      const { samples, frames } = renderAll(new Playlist(sources, false));
      assert.deepEqual([...samples.subarray(0, whole.length)], whole);
      assert.equal(frames, Math.max(1, Math.ceil(whole.length / 160)));
      assert.ok(samples.subarray(whole.length).every((sample) => sample === 0));
    }));
  });

  it('begins again without a seam when it loops', () => {
    const piece = Int16Array.from({ length: 250 }, (_, i) => i + 1);
    const { samples } = renderAll(new Playlist([{ kind: 'samples', samples: piece }], true), 10);
    assert.ok(samples.every((sample, i) => sample === (i % 250) + 1));
  });

  it('ends a loop of nothing instead of hanging', () => {
    assert.equal(renderAll(new Playlist([{ kind: 'silence', length: 0 }], true)).frames, 1);
  });

  it('keeps listeners of one music in step, whenever they came', () => {
    const music: ReadySource = { kind: 'in-step', samples: Int16Array.from({ length: 1_000 }, (_, i) => i) };
    const [early, late] = [new Playlist([music], true), new Playlist([music], true)];
    const [one, other] = [new Int16Array(160), new Int16Array(160)];
    for (let tick = 0; tick < 20; tick += 1) {
      early.render(one, tick);
      if (tick >= 7) {
        late.render(other, tick);
        assert.deepEqual(other, one);
      }
    }
  });
});

describe('tones and music', () => {
  it('makes ringback of 1.5 s and 3.5 s of silence at 440 Hz (ITU-T E.180)', () => {
    const tone = makeTone('ringback');
    assert.equal(tone.length, 40_000);
    assert.ok(analyseTone(tone.subarray(0, 12_000), 440).share > 0.98);
    assert.deepEqual(silentGaps(tone, { minimumMs: 100 }), [{ startMs: 1_500, lengthMs: 3_500 }]);
  });

  it('makes music that is quiet, never silent, and the same each time', () => {
    const music = makeHoldMusic();
    assert.deepEqual(music, makeHoldMusic());
    assert.ok(levelDbfs(music) > -35 && levelDbfs(music) < -15, String(levelDbfs(music)));
    assert.deepEqual(silentGaps(music, { minimumMs: 60 }), []);
    assert.ok(music.every((sample) => Math.abs(sample) < 20_000));
    const seam = joinSamples([music.subarray(-400), music.subarray(0, 400)]);
    assert.ok(seam.every((sample, i) => i === 0 || Math.abs(sample - (seam[i - 1] ?? 0)) < 2_500));
  });
});

describe('decodeWav', () => {
  const header = (format: number, bits: number, options: { channels?: number; rate?: number; dataBytes: number }): Buffer => {
    const bytes = wavHeader(options.dataBytes, options.rate ?? 8_000);
    bytes.writeUInt16LE(format, 20);
    bytes.writeUInt16LE(options.channels ?? 1, 22);
    bytes.writeUInt16LE(bits, 34);
    return bytes;
  };

  it('reads 16-bit PCM, A-law and µ-law', () => {
    const pcm = Buffer.concat([header(1, 16, { dataBytes: 4 }), Buffer.from([1, 0, 0xff, 0xff])]);
    assert.deepEqual([...decodeWav(pcm, 'x').samples], [1, -1]);
    for (const [format, codec] of [[6, G711.PCMA], [7, G711.PCMU]] as const) {
      const file = Buffer.concat([header(format, 8, { dataBytes: 2 }), Buffer.from([0x80, 0x00])]);
      assert.deepEqual([...decodeWav(file, 'x').samples], [codec.toLinear[0x80], codec.toLinear[0]]);
    }
  });

  it('passes over other chunks and takes data of unknown length to the end (a recording cut off)', () => {
    const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
    const base = header(1, 16, { dataBytes: 0 });
    const file = Buffer.concat([base.subarray(0, 36), list, base.subarray(36), Buffer.from([1, 0, 2, 0])]);
    assert.deepEqual([...decodeWav(file, 'x').samples], [1, 2]);
  });

  for (const [why, file] of [
    ['not a RIFF', Buffer.from('hello, this is a text')],
    ['2 channels', header(1, 16, { dataBytes: 0, channels: 2 })],
    ['encoding', header(3, 32, { dataBytes: 4 })],
    ['no data', header(1, 16, { dataBytes: 0 }).subarray(0, 36)],
    ['16000 Hz', Buffer.concat([header(1, 16, { dataBytes: 2, rate: 16_000 }), Buffer.from([1, 0])])],
  ] as const) {
    it(`says what is wrong: ${why}`, () => {
      assert.throws(() => decodeTelephoneWav(file, 'prompt.wav'), (error: Error) => error.message.includes('prompt.wav') && error.message.includes(why));
    });
  }

  it('survives anything', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (tail) => {
      const file = Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), tail]);
      try {
        decodeWav(file, 'x');
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'media.bad-wav');
      }
    }));
  });
});

describe('AudioCache, Sources and WavRecorder on disk', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-player-')); });
  afterEach(async () => { await rm(directory, { recursive: true, force: true }); });

  it('decodes a file once for many readers, and lets the least recently used go', async () => {
    for (const name of ['a', 'b', 'c']) await writeWav(join(directory, `${name}.wav`), makeSine(400, 100), 8_000);
    const cache = new AudioCache(3_500);
    const path = (name: string): string => join(directory, `${name}.wav`);
    const [one, other] = await Promise.all([cache.load(path('a')), cache.load(path('a'))]);
    assert.equal(one, other);
    await cache.load(path('b'));
    assert.equal(await cache.load(path('a')), one);
    await cache.load(path('c'));
    assert.ok(cache.bytes <= 3_500);
    assert.equal(await cache.load(path('a')), one, 'used last but one');
    assert.equal(cache.bytes, 3_200);
  });

  it('reads a file again after a failure', async () => {
    const cache = new AudioCache(10_000);
    const path = join(directory, 'late.wav');
    await assert.rejects(cache.load(path), { code: 'media.no-file' });
    await writeWav(path, makeSine(400, 20), 8_000);
    assert.equal((await cache.load(path)).length, 160);
  });

  it('refuses a file that is too large to keep', async () => {
    const path = join(directory, 'large.wav');
    await writeFile(path, Buffer.alloc(9_700_000));
    await assert.rejects(new AudioCache(1).load(path), { code: 'media.bad-wav' });
  });

  it('does not leave the prompts directory by an id, nor take a relative path', async () => {
    const sources = new Sources({ cache: new AudioCache(1_000), promptsDirectory: directory });
    for (const id of ['../../etc/passwd', '/etc/passwd', 'a/../../b', '']) {
      await assert.rejects(sources.prepare([{ kind: 'prompt', language: 'fr', id }]), { code: 'media.bad-source' });
    }
    await assert.rejects(sources.prepare([{ kind: 'file', path: 'here.wav' }]), { code: 'media.bad-source' });
    await assert.rejects(sources.prepare(Array.from({ length: 201 }, () => ({ kind: 'silence', ms: 1 } as const))), { code: 'media.bad-source' });
  });

  it('leaves a playable file when nobody closes the recording (a crash)', async () => {
    const path = join(directory, 'crash.wav');
    const recorder = await WavRecorder.create(path);
    const voice = makeSine(440, 1_200);
    for (let at = 0; at < voice.length; at += 160) recorder.write(voice.subarray(at, at + 160));
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    const { samples } = await readWav(path);
    assert.deepEqual(samples, voice.subarray(0, 8_000));
    await recorder.close();
    assert.deepEqual((await readWav(path)).samples, voice);
  });
});

describe('Ticker', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => { clock = sinon.useFakeTimers(); });
  afterEach(() => { clock.restore(); });

  it('ticks each 20 ms for an hour without drift, though every timer fires late', async () => {
    let lateness = 0;
    const at: number[] = [];
    const ticker = new Ticker(() => Date.now() + lateness, () => at.push(Date.now() + lateness));
    ticker.start();
    for (let i = 0; i < 180_000; i += 1) {
      lateness = (i * 7) % 13;
      clock.tick(20);
    }
    ticker.stop();
    assert.ok(Math.abs(at.length - 180_000) <= 1, `${at.length} ticks`);
    assert.ok(at.every((ms, i) => ms - (i + 1) * 20 >= -1 && ms - (i + 1) * 20 < 33));
  });

  it('makes up for a stall at once, for 200 ms at most, and counts what it gave up', () => {
    let stall = 0;
    const ticks: number[] = [];
    const ticker = new Ticker(() => Date.now() + stall, (tick) => ticks.push(tick));
    ticker.start();
    clock.tick(100);
    assert.equal(ticks.length, 5);
    stall = 100;
    clock.tick(20);
    assert.equal(ticks.length, 11);
    stall = 10_100;
    clock.tick(20);
    assert.equal(ticks.length, 21);
    assert.equal(ticker.figures().skipped, 491);
    assert.equal(ticks.at(-1), 512, 'frame numbers follow the time, not the frames sent');
    ticker.stop();
  });

  it('stops, and starts again where it was', () => {
    const ticks: number[] = [];
    const ticker = new Ticker(() => Date.now(), (tick) => ticks.push(tick));
    ticker.start();
    ticker.start();
    clock.tick(40);
    ticker.stop();
    clock.tick(1_000);
    ticker.start();
    clock.tick(20);
    ticker.stop();
    assert.deepEqual(ticks, [1, 2, 3]);
  });
});
