import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { respellForEspeak } from '../../../ivr-flows/espeak-arabic.ts';
import { PROMPTS_DIRECTORY, readManifest, textsOf } from '../../../ivr-flows/prompt-manifest.ts';
import { ToneReceiver } from '../../../server/media/dtmf/tone-receiver.ts';
import { decodeWav } from '../../../server/media/player/wav-file.ts';
import { LANGUAGES } from '../../../server/model/language.ts';
import type { Language } from '../../../server/model/language.ts';

/** Variants of espeak-ng's voices with the pitch each is spoken at: two women, of whom the first is the hardest found, a man, a hoarse one. */
const VOICES = [['+f2', 80], ['+f4', 80], ['+m3', 30], ['+croak', 45]] as const;

/** Brings speech down to 8 kHz by averaging, which leaves more above 3.4 kHz than a telephone would. */
function toTelephoneRate({ samples, sampleRate }: { samples: Int16Array; sampleRate: number }): Int16Array {
  const ratio = sampleRate / 8_000;
  return Int16Array.from({ length: Math.floor(samples.length / ratio) }, (_, i) => {
    const piece = samples.subarray(Math.floor(i * ratio), Math.floor((i + 1) * ratio));
    return piece.reduce((sum, sample) => sum + sample, 0) / piece.length;
  });
}

function speak(text: string, voice: string, pitch: number): Int16Array {
  const { stdout } = spawnSync('espeak-ng', ['-v', voice, '-p', String(pitch), '-s', '150', '-b', '1', '--stdin', '--stdout'], { input: text, maxBuffer: 2 ** 30 });
  return toTelephoneRate(decodeWav(stdout, voice));
}

describe('ToneReceiver, talk-off', () => {
  it('hears no key in the 13 minutes of speech of the prompts in French, Arabic and English', async () => {
    let samples = 0;
    for (const language of LANGUAGES) {
      const directory = join(PROMPTS_DIRECTORY, language);
      for (const file of await readdir(directory)) {
        const voice = decodeWav(await readFile(join(directory, file)), file);
        samples += voice.samples.length;
        assert.deepEqual(new ToneReceiver().hear(voice.samples), [], `${language}/${file}`);
      }
    }
    assert.ok(samples > 13 * 60 * 8_000, `${samples / 480_000} minutes`);
  });

  it('hears no key in 35 minutes of four voices in French, Arabic and English', async function speech() {
    this.timeout(60_000);
    const read = await readManifest();
    assert.ok(read.kind === 'read');
    const textOf = (language: Language): string => [...textsOf(read.manifest, language).values()].join('. ');
    let samples = 0;
    for (const language of LANGUAGES) {
      const text = language === 'ar' ? respellForEspeak(textOf(language)) : textOf(language);
      for (const [voice, pitch] of VOICES) {
        const speech = speak(text, `${language}${voice}`, pitch);
        samples += speech.length;
        assert.deepEqual(new ToneReceiver().hear(speech), [], `${language}${voice}`);
      }
    }
    assert.ok(samples > 35 * 60 * 8_000, `${samples / 480_000} minutes`);
  });
});
