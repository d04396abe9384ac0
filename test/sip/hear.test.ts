import assert from 'node:assert/strict';
import { describeHeard, hear } from '../../server/cli/call/hear.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import { makeHoldMusic } from '../../server/media/player/hold-music.ts';

const tone = (hz: number, seconds: number): Int16Array =>
  Int16Array.from({ length: seconds * 8_000 }, (_, i) => Math.round(8_000 * Math.sin((2 * Math.PI * hz * i) / 8_000)));
const join = (...pieces: readonly Int16Array[]): Int16Array => Int16Array.from(pieces.flatMap((piece) => [...piece]));
const silence = (seconds: number): Int16Array => new Int16Array(seconds * 8_000);

describe('hear', () => {
  it('names the frequency of a tone', () => {
    const heard = hear(tone(440, 3));
    assert.ok(Math.abs((heard.toneHz ?? 0) - 440) < 2);
    assert.ok(Math.abs(heard.levelDbfs - -12.2) < 0.2);
    assert.equal(heard.gaps.count, 0);
  });
  it('finds the gaps in it', () => assert.deepEqual(hear(join(tone(440, 1), silence(2), tone(440, 1))).gaps, { count: 1, longestMs: 2_000 }));
  it('hears speech in a prompt, and music on hold, and calls both a guess', async () => {
    const prompt = await readWav(new URL('../../ivr-flows/prompts/en/bill-help-menu.wav', import.meta.url).pathname);
    const speech = hear(prompt.samples);
    assert.ok(speech.guess.speech > 0.8 * speech.seconds, JSON.stringify(speech));
    const music = hear(makeHoldMusic());
    assert.ok(music.guess.music > 0.9 * music.seconds, JSON.stringify(music));
    assert.match(describeHeard(music).join('\n'), /a guess, .*music about 10 s/);
  });
  it('hears nothing in nothing', () => assert.deepEqual(describeHeard(hear(silence(0))), ['heard nothing']));
  it('hears silence in silence', () => assert.match(describeHeard(hear(silence(3))).join('\n'), /silence about 3 s/));
});
