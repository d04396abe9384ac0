import assert from 'node:assert/strict';
import { AppError } from '../../server/base/app-error.ts';
import { PEAK_LIMIT, resample, shapeVoice, speechRms, TARGET_RMS, TELEPHONE_RATE } from '../../ivr-flows/shape-voice.ts';
import { decodeWav, encodeWav, type Sound } from '../../ivr-flows/wav.ts';

/** A tone between two silences. */
function tone(options: { hz: number; ms: number; silenceMs: number; amplitude: number; sampleRate: number }): Sound {
  const at = (ms: number): number => Math.round((ms * options.sampleRate) / 1000);
  const samples = new Float32Array(at(options.silenceMs) * 2 + at(options.ms));
  for (let i = 0; i < at(options.ms); i += 1) {
    samples[at(options.silenceMs) + i] = options.amplitude * Math.sin((2 * Math.PI * options.hz * i) / options.sampleRate);
  }
  return { sampleRate: options.sampleRate, samples };
}

const rms = (samples: Float32Array): number => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

describe('shapeVoice', () => {
  it('makes 8 kHz, cuts the silence and keeps a margin', () => {
    const shaped = shapeVoice(tone({ hz: 440, ms: 500, silenceMs: 300, amplitude: 0.3, sampleRate: 22_050 }));
    assert.equal(shaped?.sampleRate, TELEPHONE_RATE);
    const ms = ((shaped?.samples.length ?? 0) / TELEPHONE_RATE) * 1000;
    assert.ok(ms >= 520 && ms <= 570, `${ms} ms`);
  });

  it('begins and ends with nothing, however suddenly the voice does', () => {
    const shaped = shapeVoice(tone({ hz: 440, ms: 500, silenceMs: 0, amplitude: 0.3, sampleRate: 8_000 }));
    assert.ok(shaped);
    assert.ok([0, -1].every((end) => Math.abs(shaped.samples.at(end) ?? 1) === 0));
    // Four milliseconds later it is there.
    assert.ok(rms(shaped.samples.subarray(32, 200)) > 0.09);
  });

  for (const amplitude of [0.002, 0.05, 0.9]) {
    it(`brings an amplitude of ${amplitude} to −20 dBFS`, () => {
      const shaped = shapeVoice(tone({ hz: 440, ms: 500, silenceMs: 100, amplitude, sampleRate: 8_000 }));
      assert.ok(shaped);
      assert.ok(Math.abs(20 * Math.log10(speechRms(shaped) / TARGET_RMS)) < 0.5);
    });
  }

  it('never goes above the peak limit, however spiky the voice is', () => {
    const voice = tone({ hz: 200, ms: 1_000, silenceMs: 0, amplitude: 0.02, sampleRate: 8_000 });
    for (let i = 0; i < voice.samples.length; i += 200) voice.samples[i] = 1;
    const peak = (shapeVoice(voice)?.samples ?? new Float32Array()).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(peak > 0 && peak <= PEAK_LIMIT, `${peak}`);
  });

  it('gives nothing for silence and for nothing', () => {
    assert.equal(shapeVoice({ sampleRate: 22_050, samples: new Float32Array(22_050) }), undefined);
    assert.equal(shapeVoice({ sampleRate: 22_050, samples: new Float32Array(0) }), undefined);
  });
});

describe('resample', () => {
  it('keeps what the telephone can carry and removes what would fold back', () => {
    const kept = resample(tone({ hz: 1_000, ms: 500, silenceMs: 0, amplitude: 0.5, sampleRate: 22_050 }), 8_000);
    assert.ok(Math.abs(rms(kept.samples.subarray(400, 3_600)) - 0.5 / Math.SQRT2) < 0.01);
    const removed = resample(tone({ hz: 6_000, ms: 500, silenceMs: 0, amplitude: 0.5, sampleRate: 22_050 }), 8_000);
    assert.ok(rms(removed.samples.subarray(400, 3_600)) < 0.005, 'an alias at 2 kHz');
  });
});

describe('decodeWav', () => {
  const voice: Sound = { sampleRate: 8_000, samples: Float32Array.from([0, 0.5, -0.5, 1, -1]) };

  it('reads what encodeWav writes', () => {
    const read = decodeWav(encodeWav(voice));
    assert.equal(read.sampleRate, 8_000);
    read.samples.forEach((sample, i) => assert.ok(Math.abs(sample - (voice.samples[i] ?? 9)) < 1e-4));
  });

  it('reads a file whose writer did not know its length (a pipe)', () => {
    const bytes = encodeWav(voice);
    bytes.writeUInt32LE(0x7ffff000, 40);
    assert.equal(decodeWav(bytes).samples.length, 5);
  });

  it('mixes two channels and passes over other chunks', () => {
    const mono = encodeWav({ sampleRate: 8_000, samples: Float32Array.from([0.5, -0.5, 0.2, 0.4]) });
    mono.writeUInt16LE(2, 22);
    const odd = Buffer.concat([mono.subarray(0, 36), Buffer.from('LIST\x03\0\0\0abc\0', 'latin1'), mono.subarray(36)]);
    const { samples } = decodeWav(odd);
    assert.equal(samples.length, 2);
    assert.ok(Math.abs((samples[1] ?? 0) - 0.3) < 1e-3);
  });

  it('refuses what is no 16-bit PCM', () => {
    const refused = (bytes: Buffer): void =>
      assert.throws(() => decodeWav(bytes), (error) => error instanceof AppError && error.code === 'prompts.wav');
    refused(Buffer.alloc(0));
    refused(Buffer.from('not a wave file at all'));
    refused(encodeWav(voice).subarray(0, 36));
    const aLaw = encodeWav(voice);
    aLaw.writeUInt16LE(6, 20);
    refused(aLaw);
  });
});
