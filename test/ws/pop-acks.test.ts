import assert from 'node:assert/strict';
import sinon from 'sinon';
import { asId, type OfferId } from '../../server/model/ids.ts';
import { PopAcks } from '../../server/ws/pop-acks.ts';
import { alice, amina } from '../access/people.ts';

const OFFER = asId<OfferId>('offer-1');

describe('PopAcks', () => {
  let timers: sinon.SinonFakeTimers;
  let acks: PopAcks;
  beforeEach(() => {
    timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    acks = new PopAcks();
  });
  afterEach(() => {
    const left = timers.countTimers();
    acks.close();
    timers.restore();
    assert.equal(left, 0);
  });

  it('says yes with the first confirmation, and stands the second', async () => {
    const wait = acks.wait(alice.userId, OFFER, 500);
    acks.confirm(alice.userId, OFFER);
    acks.confirm(alice.userId, OFFER);
    assert.equal(await wait, true);
  });

  it('says no when time is up', async () => {
    const wait = acks.wait(alice.userId, OFFER, 500);
    await timers.tickAsync(500);
    assert.equal(await wait, false);
  });

  it('says no at once when the offer is over', async () => {
    const wait = acks.wait(alice.userId, OFFER, 500);
    acks.giveUp(OFFER);
    assert.equal(await wait, false);
  });

  it('believes only the agent to whom the call is offered, and only for that offer', async () => {
    const wait = acks.wait(alice.userId, OFFER, 500);
    acks.confirm(amina.userId, OFFER);
    acks.confirm(alice.userId, asId<OfferId>('offer-2'));
    await timers.tickAsync(500);
    assert.equal(await wait, false);
  });

  it('lets nobody wait for ever when it closes', async () => {
    const wait = acks.wait(alice.userId, OFFER, 500);
    acks.close();
    assert.equal(await wait, false);
  });
});
