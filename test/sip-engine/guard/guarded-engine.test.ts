import assert from 'node:assert/strict';
import type { GuardOptions } from '../../../server/sip-engine/guard/guard-options.ts';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from '../support/srf.ts';
import { handMade, toTagOf, UdpPeer } from '../support/udp-peer.ts';

describe('an engine that trusts nobody', () => {
  let harness: Harness;
  let carol: UdpPeer;
  let mallory: UdpPeer;
  let dialog: Promise<SrfDialog>;
  let n = 0;

  const start = async (guard: Partial<GuardOptions>): Promise<void> => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 }, guard: { trusted: [], ...guard } });
    dialog = new Promise((resolve, reject) => {
      harness.srf.invite((req: SrfRequest, res: SrfResponse) => {
        if (req.uri.includes('flood')) res.send(404);
        else harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject);
      });
    });
    harness.srf.use('options', (_req, res) => res.send(200));
  };
  beforeEach(async () => {
    carol = await UdpPeer.open();
    mallory = await UdpPeer.open();
    n += 1;
  });
  afterEach(async () => {
    await Promise.all([carol.close(), mallory.close()]);
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });

  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const call = async (): Promise<string> => {
    const parts = { port: carol.port, callId: `guarded-${n}` };
    carol.send(handMade({ ...parts, method: 'INVITE', branch: `z9hG4bK-${n}-1`, body: sdp(4_000), headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp'] }), harness.udp);
    const tag = toTagOf(await carol.next('SIP/2.0 200'));
    carol.send(handMade({ ...parts, method: 'ACK', branch: `z9hG4bK-${n}-2`, toTag: tag }), harness.udp);
    await dialog;
    return tag;
  };
  const hangUp = async (toTag: string): Promise<void> => {
    carol.received.length = 0;
    carol.send(handMade({ port: carol.port, callId: `guarded-${n}`, method: 'BYE', branch: `z9hG4bK-${n}-3`, toTag, sequence: 2 }), harness.udp);
    await carol.next('SIP/2.0 200');
  };
  const flood = async (count: number, headers?: readonly string[]): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      mallory.send(handMade({
        method: 'INVITE', port: mallory.port, branch: `z9hG4bK-flood-${n}-${i}`, callId: `flood-${n}-${i}`, uri: `sip:flood-${i}@127.0.0.1`,
        headers: [`Contact: <sip:m@127.0.0.1:${mallory.port}>`, ...headers ?? []],
      }), harness.udp);
      if (i % 50 === 49) await new Promise((resolve) => { setImmediate(resolve); });
    }
  };

  it('keeps a call that stands through a flood of INVITEs from its own address, and says what it dropped', async () => {
    await start({ provenFactor: 1, calls: { perSecond: 1, burst: 5 } });
    const tag = await call();
    await flood(500);
    await until('the flood has been seen', () => counter('dropped.guard-calls') + counter('dropped.guard-banned') > 450);
    assert.equal(harness.engine.stats().gauges.dialogs, 1);
    await hangUp(tag);
  });

  it('bans who calls one unknown user after the other, and does not answer any more', async () => {
    await start({ failedUsers: 5 });
    await flood(5);
    await until('the ban', () => counter('banned.enumeration') === 1);
    const before = counter('sent.udp');
    await flood(1, []);
    carol.send(handMade({ method: 'OPTIONS', port: carol.port, branch: `z9hG4bK-${n}-9`, callId: `o-${n}` }), harness.udp);
    await until('both are dropped', () => counter('dropped.guard-banned') >= 1);
    await new Promise((resolve) => { setTimeout(resolve, 30); });
    assert.deepEqual(carol.received, []);
    assert.ok(counter('sent.udp') - before < 60, 'only retransmissions of what was answered before');
  });

  it('says nothing to a scanner', async () => {
    await start({});
    await flood(3, ['User-Agent: friendly-scanner']);
    await until('all are dropped', () => counter('dropped.guard-scanner') + counter('dropped.guard-banned') === 3);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.deepEqual(mallory.received, []);
  });

  it('sends no more to an address that may be forged than it allows, however often it retransmits', async () => {
    await start({ answerBytes: 1_000, answerFactor: 3 });
    const invite = handMade({
      method: 'INVITE', port: mallory.port, branch: `z9hG4bK-${n}-a`, callId: `amp-${n}`,
      headers: [`Contact: <sip:m@127.0.0.1:${mallory.port}>`, 'Content-Type: application/sdp'], body: sdp(4_000),
    });
    mallory.send(invite, harness.udp);
    await until('the meter stops it', () => counter('dropped.guard-amplification') > 0);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    const received = mallory.received.join('').length;
    assert.ok(received <= 1_000 + 3 * invite.length, `${received} bytes for ${invite.length}`);
  });
});
