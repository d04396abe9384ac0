import assert from 'node:assert/strict';
import { analyseTone, dominantFrequency, levelDbfs, SILENCE_DBFS } from '../../../server/media/listen/tone.ts';
import { asId, type LegId } from '../../../server/model/ids.ts';
import { STANDARD_BEEP } from '../../../server/model/recording-policy.ts';
import { VirtualBridge, voiceOf, type VirtualParty } from '../support/fake-link.ts';
import { makeSine } from '../support/signals.ts';
import { HandFile } from './hand-file.ts';
import { RecordingKit, type HeardRecording } from './recording-kit.ts';

const CAROL_HZ = 440;
const ALICE_HZ = 700;
const SAM_HZ = 1_000;
const DAVE_HZ = 1_300;

const frame = (frequency: number, i: number): Int16Array => makeSine(frequency, 20, { amplitude: 6_000, startSample: i * 160 });
const LEVEL = 20 * Math.log10(6_000 / 32_768);

describe('a recording of a conversation', () => {
  let kit: RecordingKit;
  let bridge: VirtualBridge;
  let carol: VirtualParty;
  let alice: VirtualParty;
  let sam: VirtualParty;
  let spoken = 0;

  beforeEach(async () => {
    kit = await RecordingKit.open();
    bridge = new VirtualBridge();
    [carol, alice, sam] = [bridge.join('PCMA'), bridge.join('PCMU'), bridge.join('PCMA')];
    spoken = 0;
  });
  afterEach(() => kit.close());

  const hearEachOther = (one: VirtualParty, other: VirtualParty, gain = 1): void => {
    one.leg.setHears(other.leg, gain);
    other.leg.setHears(one.leg, gain);
  };

  /** Everybody speaks for so long. */
  const talk = (ms: number, voices: readonly (readonly [VirtualParty, number])[] = [[carol, CAROL_HZ], [alice, ALICE_HZ], [sam, SAM_HZ]]): void => {
    for (let i = 0; i < ms / 20; i += 1, spoken += 1) bridge.step(voices.map(([party, frequency]) => [party, frame(frequency, spoken)] as const));
  };

  const levelsOf = (samples: Int16Array | undefined, ...frequencies: readonly number[]): readonly number[] => frequencies.map((hz) => analyseTone(samples ?? new Int16Array(), hz).levelDbfs);

  const assertHears = (samples: Int16Array | undefined, heard: readonly number[], notHeard: readonly number[]): void => {
    for (const [i, level] of levelsOf(samples, ...heard).entries()) assert.ok(Math.abs(level - LEVEL) < 1, `${heard[i]} Hz is at ${level} dBFS`);
    for (const [i, level] of levelsOf(samples, ...notHeard).entries()) assert.ok(level < -55, `${notHeard[i]} Hz is at ${level} dBFS`);
  };

  /** Records while `happen` does, and listens to it. */
  const recorded = async (happen: (control: { readonly setPaused: (isPaused: boolean) => number }) => void, more: Parameters<RecordingKit['order']>[1] = {}): Promise<HeardRecording> => {
    const recordings = kit.recordingsOf(bridge);
    const order = await kit.order(carol.leg, more);
    await recordings.start(order);
    happen({ setPaused: (isPaused) => recordings.setPaused(order.recordingId, isPaused) });
    await recordings.stop(order.recordingId);
    return kit.hear(order.recordingId);
  };

  it('has the customer on the left and the agent on the right, each alone, though packets are forwarded', async () => {
    hearEachOther(carol, alice);
    const { channels: [left, right], durationMs } = await recorded(() => talk(2_000));
    assert.equal(durationMs, 2_000);
    assert.equal(carol.leg.route, 'forward', 'recording does not slow the conversation down');
    assertHears(left?.subarray(1_600), [CAROL_HZ], [ALICE_HZ, SAM_HZ]);
    assertHears(right?.subarray(1_600), [ALICE_HZ], [CAROL_HZ, SAM_HZ]);
  });

  it('has both sides on one clock: what is said in one frame stands in one frame', async () => {
    hearEachOther(carol, alice);
    const { channels } = await recorded(() => {
      talk(400);
      for (let i = 0; i < 4; i += 1) {
        talk(160, [[carol, 0], [alice, 0]]);
        talk(100, [[carol, CAROL_HZ], [alice, ALICE_HZ]]);
      }
      talk(200, [[carol, 0], [alice, 0]]);
    });
    const loudFrames = channels.map((samples) => Array.from({ length: samples.length / 160 }, (_, i) => levelDbfs(samples.subarray(i * 160, (i + 1) * 160)) > -40));
    assert.deepEqual(loudFrames[0]?.slice(5), loudFrames[1]?.slice(5));
    assert.ok(loudFrames[0]?.includes(true) && loudFrames[0].slice(20).includes(false));
  });

  it('never has a whisper: the supervisor is heard by the agent and not by the customer', async () => {
    hearEachOther(carol, alice);
    alice.leg.setHears(sam.leg, 1);
    sam.leg.setHears(carol.leg, 1);
    sam.leg.setHears(alice.leg, 1);
    const { channels: [left, right] } = await recorded(() => talk(1_500));
    assertHears(right?.subarray(1_600), [ALICE_HZ], [SAM_HZ, CAROL_HZ]);
    assertHears(left?.subarray(1_600), [CAROL_HZ], [SAM_HZ, ALICE_HZ]);
    assert.ok((levelsOf(voiceOf(alice, 20), SAM_HZ)[0] ?? SILENCE_DBFS) > -20, 'the whisper was heard by Alice');
  });

  it('has everybody who talks to the customer on the right, from the moment that they do', async () => {
    hearEachOther(carol, alice);
    sam.leg.setHears(carol.leg, 1);
    const { channels: [, right] } = await recorded(() => {
      talk(1_000);
      carol.leg.setHears(sam.leg, 1);
      talk(1_000);
      carol.leg.setHears(alice.leg, 0);
      talk(1_000);
    });
    assertHears(right?.subarray(1_600, 8_000), [ALICE_HZ], [SAM_HZ]);
    assertHears(right?.subarray(9_600, 16_000), [ALICE_HZ, SAM_HZ], []);
    assertHears(right?.subarray(17_600, 24_000), [SAM_HZ], [ALICE_HZ]);
  });

  it('has nothing of the staff while the customer is on hold and they consult', async () => {
    const dave = bridge.join('PCMA');
    hearEachOther(carol, alice);
    const { channels: [left, right] } = await recorded(() => {
      talk(500);
      hearEachOther(carol, alice, 0);
      hearEachOther(alice, dave);
      talk(1_000, [[carol, CAROL_HZ], [alice, ALICE_HZ], [dave, DAVE_HZ]]);
    });
    assert.ok(levelDbfs(right?.subarray(4_800) ?? new Int16Array([1])) < -60);
    assertHears(left?.subarray(4_800), [CAROL_HZ], [ALICE_HZ, DAVE_HZ]);
  });

  it('goes on through the loss of an agent and the next one', async () => {
    hearEachOther(carol, alice);
    const recordings = kit.recordingsOf(bridge);
    const order = await kit.order(carol.leg);
    await recordings.start(order);
    talk(500);
    await alice.leg.close();
    talk(100);
    hearEachOther(carol, sam);
    talk(500);
    await recordings.stop(order.recordingId);
    const { channels: [, right] } = await kit.hear(order.recordingId);
    assertHears(right?.subarray(1_600, 4_000), [ALICE_HZ], [SAM_HZ]);
    assertHears(right?.subarray(6_400, 8_800), [SAM_HZ], [ALICE_HZ]);
  });

  it('changes who is heard without a click', async () => {
    hearEachOther(carol, alice);
    // At 730 Hz frames begin anywhere in the wave, so that a gain that jumps is a click.
    const { channels: [, right] } = await recorded(() => {
      for (const gain of [0, 1, 0.3, 1, 0]) {
        talk(200, [[carol, CAROL_HZ], [alice, 730]]);
        carol.leg.setHears(alice.leg, gain);
      }
      talk(100, [[carol, CAROL_HZ], [alice, 730]]);
    });
    let largest = 0;
    for (let i = 1_601; i < (right?.length ?? 0); i += 1) largest = Math.max(largest, Math.abs((right?.[i] ?? 0) - (right?.[i - 1] ?? 0)));
    // Such a sine moves by 6,000·2π·730/8,000 = 3,440 at most from sample to sample.
    assert.ok(largest > 3_000 && largest < 3_600, `a step of ${largest}`);
  });

  it('is silent while paused, of both sides, says where, and goes on in its place', async () => {
    hearEachOther(carol, alice);
    const { channels, durationMs, footer } = await recorded(({ setPaused }) => {
      talk(1_000);
      assert.equal(setPaused(true), 1_000);
      talk(1_500);
      assert.equal(setPaused(false), 2_500);
      talk(500);
    });
    assert.equal(durationMs, 3_000);
    assert.deepEqual(footer?.markers, [{ kind: 'paused', fromMs: 1_000, toMs: 2_500 }]);
    for (const samples of channels) {
      assert.equal(levelDbfs(samples.subarray(8_000, 20_000)), SILENCE_DBFS);
      assert.ok(levelDbfs(samples.subarray(1_600, 8_000)) > -25 && levelDbfs(samples.subarray(20_000)) > -25);
    }
  });

  it('is silent for the time of frames that the engine gave up', async () => {
    hearEachOther(carol, alice);
    const { channels: [left], durationMs } = await recorded(() => {
      talk(500);
      bridge.tick += 25;
      talk(500);
    });
    assert.equal(durationMs, 1_500);
    assert.equal(levelDbfs(left?.subarray(4_000, 8_000) ?? new Int16Array([1])), SILENCE_DBFS);
  });

  describe('given the warning tone', () => {
    const beep = { ...STANDARD_BEEP, everyMs: 1_000, lengthMs: 200 };

    it('lets everybody in the conversation hear it, from the beginning, and nobody else, and is not in the recording', async () => {
      hearEachOther(carol, alice);
      sam.leg.setHears(carol.leg, 1);
      const { channels } = await recorded(() => talk(2_400), { beep });
      for (const party of [carol, alice]) {
        const heard = voiceOf(party);
        for (const startMs of [20, 1_020, 2_020]) {
          assert.ok(Math.abs((levelsOf(heard.subarray(startMs * 8, startMs * 8 + 1_200), 1_400)[0] ?? 0) - beep.levelDbfs) < 1, `at ${startMs} ms`);
        }
        assert.ok((levelsOf(heard.subarray(2_400, 7_200), 1_400)[0] ?? 0) < -50);
      }
      assert.ok((levelsOf(voiceOf(sam), 1_400)[0] ?? 0) < -50);
      for (const samples of channels) assert.ok((levelsOf(samples, 1_400)[0] ?? 0) < -60);
    });

    it('is not heard while the recording is paused, nor when it is over', async () => {
      hearEachOther(carol, alice);
      await recorded(({ setPaused }) => {
        talk(500);
        setPaused(true);
        talk(2_000);
      }, { beep });
      assert.ok((levelsOf(voiceOf(carol).subarray(4_000), 1_400)[0] ?? 0) < -50);
      const from = voiceOf(carol).length;
      talk(2_000);
      assert.ok((levelsOf(voiceOf(carol).subarray(from), 1_400)[0] ?? 0) < -50);
      assert.equal(carol.leg.route, 'forward');
    });
  });

  it('ends with its leg, whole', async () => {
    hearEachOther(carol, alice);
    const recordings = kit.recordingsOf(bridge);
    const order = await kit.order(carol.leg);
    await recordings.start(order);
    talk(300);
    recordings.endOf(carol.leg);
    await carol.leg.close();
    const end = await kit.ended(order.recordingId);
    assert.equal(end.how, 'leg-closed');
    assert.equal(end.durationMs, 300);
    assert.equal(dominantFrequency((await kit.hear(order.recordingId)).channels[0]?.subarray(800) ?? new Int16Array())?.toFixed(0), '440');
    assert.throws(() => recordings.setPaused(order.recordingId, true), { code: 'media.recording-over' });
  });

  it('cannot be begun on a leg that is gone, and leaves no open file', async () => {
    const file = new HandFile();
    const recordings = kit.recordingsOf(bridge, async () => file);
    await assert.rejects(recordings.start(await kit.order(carol.leg, { legId: asId<LegId>('gone') })), { code: 'media.no-leg' });
    assert.equal(recordings.count, 0);
    assert.equal(file.isClosed, true);
  });
});

describe('a recording of a message', () => {
  let kit: RecordingKit;
  let bridge: VirtualBridge;
  let carol: VirtualParty;
  beforeEach(async () => {
    kit = await RecordingKit.open();
    bridge = new VirtualBridge();
    carol = bridge.join('PCMA');
  });
  afterEach(() => kit.close());

  const silence = { beforeSpeechMs: 1_000, afterSpeechMs: 600 };

  /** Speaks for so long and is silent for so long; a clicking line is not silent to a packet counter. */
  const record = async (speechMs: number, quietMs: number, limits: { maxLengthMs: number; silence?: typeof silence }): Promise<{ how: string; durationMs: number; channels: number }> => {
    const recordings = kit.recordingsOf(bridge);
    const order = await kit.order(carol.leg, { kind: 'message', limits });
    await recordings.start(order);
    for (let i = 0; i < speechMs / 20; i += 1) bridge.step([[carol, frame(CAROL_HZ, i)]]);
    for (let i = 0; i < quietMs / 20; i += 1) bridge.step([[carol, makeSine(50, 20, { amplitude: 40, startSample: i * 160 })]]);
    const { how, durationMs } = await kit.ended(order.recordingId);
    return { how, durationMs, channels: (await kit.hear(order.recordingId)).channels.length };
  };

  it('is one channel, and ends at its longest to the frame', async () => {
    assert.deepEqual(await record(3_000, 0, { maxLengthMs: 2_000 }), { how: 'max-length', durationMs: 2_000, channels: 1 });
  });

  it('ends when nothing is said any more', async () => {
    const { how, durationMs } = await record(1_400, 2_000, { maxLengthMs: 60_000, silence });
    assert.equal(how, 'silence');
    // The voice comes 40 ms late out of the jitter buffer.
    assert.ok(Math.abs(durationMs - 2_040) <= 60, `${durationMs} ms`);
  });

  it('ends when nothing is said at all', async () => {
    assert.deepEqual(await record(0, 2_000, { maxLengthMs: 60_000, silence }), { how: 'silence', durationMs: 1_000, channels: 1 });
  });
});
