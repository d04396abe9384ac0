import assert from 'node:assert/strict';
import { SipEngine } from '../../server/sip-engine/sip-engine.ts';
import { SipCaller } from '../../server/sip/outbound/sip-caller.ts';
import { freePort } from '../support/sipp.ts';
import { LOCAL_SDP, SipCentre } from './support/sip-centre.ts';
import * as sipp from './support/scenario.ts';

const fail = (cause: unknown): never => { throw cause; };

describe('DrachtioConnection', () => {
  it('says when the SIP server is not there', async () => {
    const address = { host: '127.0.0.1', port: await freePort(), secret: 'x' };
    await assert.rejects(SipCaller.connect(address, fail), { code: 'sip.server-unreachable' });
  });
  it('says when the secret is not accepted', async () => {
    const engine = await SipEngine.start({ listeners: [], adminPort: 0, secret: 'right' });
    try {
      await assert.rejects(SipCaller.connect({ host: '127.0.0.1', port: engine.adminPort, secret: 'wrong' }, fail), { code: 'sip.secret-refused' });
    } finally {
      await engine.close();
    }
  });
  it('closes more than once, and while it tries to come back', async () => {
    const engine = await SipEngine.start({ listeners: [], adminPort: 0, secret: 's' });
    const caller = await SipCaller.connect({ host: '127.0.0.1', port: engine.adminPort, secret: 's' }, fail);
    await engine.close();
    await caller.close();
    await caller.close();
  });
});

describe('SipApplication.close', () => {
  it('hangs up the calls that are left', async () => {
    const centre = await SipCentre.start();
    const incoming = centre.nextCall();
    const calling = sipp.call([
      sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.expectRequest('BYE', 'text="shutting-down"'), sipp.replyInDialog(200),
    ], { remote: centre.address('udp') });
    const leg = await incoming;
    await leg.answer(LOCAL_SDP);
    await centre.close();
    assert.equal((await leg.ended).reason, 'shutting-down');
    const result = await calling;
    assert.equal(result.exitCode, 0, result.errors);
  });
});
