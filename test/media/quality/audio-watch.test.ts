import assert from 'node:assert/strict';
import { encodeG711, G711 } from '../../../server/media/codec/g711.ts';
import { AudioWatch } from '../../../server/media/quality/audio-watch.ts';
import type { AudioSigns } from '../../../server/media/quality/audio-watch.ts';
import { isDigitalSilence } from '../../../server/media/quality/digital-silence.ts';
import { PeerHearing } from '../../../server/media/quality/peer-hearing.ts';
import type { PeerReport } from '../../../server/media/rtp/rtcp.ts';
import { makeSine } from '../support/signals.ts';

const heard: AudioSigns = { expectedSinceMs: 0, lastPacketMs: 0, lastSoundMs: 0, suppressesSilence: false, isPeerDeaf: false };

describe('AudioWatch', () => {
  const told = (watch: AudioWatch, signs: Partial<AudioSigns>, nowMs: number): string =>
    watch.check({ ...heard, ...signs }, nowMs).map(({ kind, state }) => `${kind} ${state}`).join(', ');

  it('tells once that nothing comes, and once that it comes again', () => {
    const watch = new AudioWatch();
    assert.deepEqual([1_000, 2_000, 3_000].map((nowMs) => told(watch, {}, nowMs)), ['', 'no-packets began', '']);
    assert.equal(told(watch, { lastPacketMs: 4_000, lastSoundMs: 4_000 }, 4_100), 'no-packets ended');
  });

  it('tells digital silence from no packets', () => {
    const watch = new AudioWatch();
    assert.equal(told(watch, { lastPacketMs: 2_490 }, 2_500), 'digital-silence began');
    assert.equal(told(watch, { lastPacketMs: 2_490 }, 5_000), 'no-packets began, digital-silence ended');
  });

  it('expects nothing of a leg that nobody hears, and waits for one that is heard just now', () => {
    assert.equal(told(new AudioWatch(), { expectedSinceMs: undefined }, 60_000), '');
    assert.equal(told(new AudioWatch(), { expectedSinceMs: 59_000 }, 60_000), '');
    assert.equal(told(new AudioWatch(), { expectedSinceMs: 58_000 }, 60_000), 'no-packets began');
  });

  it('takes pauses of a sender that does not send its silence as such', () => {
    assert.equal(told(new AudioWatch(), { suppressesSilence: true }, 60_000), '');
  });

  it('tells that the peer hears nothing, whoever hears it', () => {
    const watch = new AudioWatch();
    assert.equal(told(watch, { expectedSinceMs: undefined, isPeerDeaf: true }, 10), 'peer-hears-nothing began');
    assert.equal(told(watch, { expectedSinceMs: undefined }, 20), 'peer-hears-nothing ended');
  });
});

describe('PeerHearing', () => {
  const about = (highestSequence: number, fractionLost = 0): PeerReport =>
    ({ bye: false, aboutUs: { fractionLost, cumulativeLost: 0, highestSequence, jitter: 0, lsr: 0, dlsr: 0 } });
  const nothing: PeerReport = { bye: false };
  const hearing = (...reports: readonly (readonly [PeerReport, number])[]): boolean => {
    const peer = new PeerHearing();
    for (const [report, sent] of reports) peer.note(report, sent);
    return peer.isDeaf;
  };

  it('is deaf when its reports have no block about us, though we send (RFC 3550 §6.4)', () => {
    assert.equal(hearing([nothing, 250], [nothing, 500]), true);
  });

  it('is deaf when its highest sequence stands still, or all was lost', () => {
    assert.equal(hearing([about(100), 250], [about(100), 500]), true);
    assert.equal(hearing([about(100), 250], [about(101, 255), 500]), true);
  });

  it('hears when it heard something, and again after it was deaf', () => {
    assert.equal(hearing([about(100), 250], [about(340, 12), 500]), false);
    assert.equal(hearing([about(100), 250], [about(100), 500], [about(330), 750]), false);
  });

  it('cannot tell by one report, nor when hardly anything was sent between two (hold)', () => {
    assert.equal(hearing([nothing, 250]), false);
    assert.equal(hearing([about(100), 250], [about(100), 300]), false);
  });
});

describe('isDigitalSilence', () => {
  for (const law of ['PCMA', 'PCMU'] as const) {
    it(`knows the codes of nothing, and hears the quietest room (${law})`, () => {
      const payload = new Uint8Array(160).fill(G711[law].silence);
      assert.equal(isDigitalSilence(law, payload), true);
      encodeG711(G711[law], makeSine(400, 20, { amplitude: 8 }), payload);
      assert.equal(isDigitalSilence(law, payload), true, 'the last step of A-law');
      encodeG711(G711[law], makeSine(400, 20, { amplitude: 30 }), payload);
      assert.equal(isDigitalSilence(law, payload), false);
    });
  }
});
