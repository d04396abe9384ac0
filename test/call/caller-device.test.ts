import assert from 'node:assert/strict';
import sinon, { type SinonFakeTimers } from 'sinon';
import { epochMs } from '../../server/base/time.ts';
import { callerDevice } from '../../server/call/caller-device.ts';
import { asId, type LegId } from '../../server/model/ids.ts';
import type { Digit } from '../../server/model/digit.ts';
import { FakeLeg, FakeMediaLeg } from './support/fake-legs.ts';

describe('the keys of a caller', () => {
  let time: SinonFakeTimers;
  before(() => { time = sinon.useFakeTimers({ now: 1000, toFake: ['Date'] }); });
  after(() => time.restore());

  const heard: Digit[] = [];
  const leg = new FakeLeg('carol');
  const media = new FakeMediaLeg(asId<LegId>('carol'));
  const stop = callerDevice(leg, media, () => epochMs(Date.now())).onDigit((digit) => heard.push(digit));
  const rtp = (digit: Digit): void => media.digitListeners.forEach((listener) => listener(digit));
  const info = (digit: Digit): void => leg.digitListeners.forEach((listener) => listener(digit));

  it('are heard by RFC 4733 and by SIP INFO, and one press that comes both ways once', () => {
    rtp('2');
    info('2');
    time.tick(400);
    info('2');
    time.tick(400);
    rtp('2');
    rtp('2');
    assert.deepEqual(heard, ['2', '2', '2', '2']);
  });

  it('are not heard any more after the flow has ended', () => {
    stop();
    assert.equal(media.digitListeners.size + leg.digitListeners.size, 0);
  });
});
