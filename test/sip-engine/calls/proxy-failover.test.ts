import assert from 'node:assert/strict';
import { FakeResolver, service } from '../support/fake-resolver.ts';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { Phone } from '../support/phone.ts';
import type { SrfRequest } from '../support/srf.ts';
import { answerTo, StreamServer } from '../support/stream-peer.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';

interface ProxyResult {
  readonly connected: boolean;
  readonly finalStatus: number;
}
type Proxying = SrfRequest & { proxy(options: { destination: string[]; remainInDialog?: boolean }): Promise<ProxyResult> };

describe('a proxied target with several addresses (RFC 3263 §4.3, RFC 3261 §16.7)', () => {
  let harness: Harness;
  let dns: FakeResolver;
  let carol: Phone;
  let one: Phone;
  let two: Phone;
  let result: Promise<ProxyResult>;

  beforeEach(async () => {
    dns = new FakeResolver();
    dns.a['edge.example'] = ['127.0.0.1'];
    harness = await startHarness({ resolver: dns, timers: { t1: 5, t2: 20, t4: 10 } });
    harness.srf.use('invite', (req) => { result = (req as Proxying).proxy({ destination: ['sip:alice@carrier.example'], remainInDialog: true }); }); // A cast: only these tests proxy.
    [carol, one, two] = [await Phone.open(harness.udp), await Phone.open(harness.udp), await Phone.open(harness.udp)];
    await until('the application serves INVITE', () => harness.engine.stats().gauges.applications === 1);
  });
  afterEach(async () => {
    await until('nothing is left', () => harness.engine.stats().gauges.transactions === 0);
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await Promise.all([carol.close(), one.close(), two.close()]);
  });

  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;
  const zone = (transport: 'udp' | 'tcp', ...ports: number[]): void => {
    dns.srv[`_sip._${transport}.carrier.example`] = ports.map((port, priority) => service('edge.example', port, priority));
  };
  const invite = (headers: readonly string[] = []): string => carol.request({ method: 'INVITE', body: sdp(4_000), headers });
  /** A refusal with all Vias of its request. */
  const busy = (request: string): string => answerTo(request, '486 Busy Here').replace(/Via: .*\r\n/, request.match(/Via: .*\r\n/g)?.join('') ?? '');
  const branchOf = (text: string): string => /branch=([^;\r]+)/.exec(text)?.[1] ?? '';

  it('gets the request at the next address after a 503, in a transaction of its own, of which the caller hears nothing', async () => {
    zone('udp', one.port, two.port);
    invite();
    const refused = await one.next('INVITE');
    one.answer(refused, '503 Service Unavailable', { tag: 'one' });
    await one.next('ACK');
    const retried = await two.next('INVITE');
    assert.notEqual(branchOf(retried), branchOf(refused));
    assert.match(branchOf(retried), /\.[0-9a-f]{20}$/, 'the loop mark (§16.6, item 8)');
    for (const name of ['Call-ID', 'CSeq', 'From', 'Contact', 'Record-Route']) assert.equal(headerOf(retried, name), headerOf(refused, name));
    two.answer(retried, '200 OK', { tag: 'two' });
    assert.equal(toTagOf(await carol.next('SIP/2.0 200')), 'two');
    const { connected, finalStatus } = await result;
    assert.deepEqual([connected, finalStatus, counter('retried.next-target')], [true, 200, 1]);
  });

  it('gets it there after silence', async () => {
    zone('udp', one.port, two.port);
    invite();
    await one.next('INVITE');
    two.answer(await two.next('INVITE'), '200 OK', { tag: 'two' });
    await carol.next('SIP/2.0 200');
  });

  it('gets it there when no connection can be made, with a Via and a Record-Route of the new one', async () => {
    const gone = await StreamServer.open();
    const { port } = gone;
    await gone.close();
    const alive = await StreamServer.open();
    zone('tcp', port, alive.port);
    const call = invite();
    const connection = await alive.connection();
    const sent = await connection.next('INVITE');
    assert.match(headerOf(sent, 'Via'), new RegExp(`^SIP/2\\.0/TCP 127\\.0\\.0\\.1:${harness.tcp};`));
    assert.match(headerOf(sent, 'Record-Route'), new RegExp(`@127\\.0\\.0\\.1:${harness.tcp};transport=tcp;lr>`));
    connection.send(busy(sent));
    carol.acknowledgeRefusal(call, toTagOf(await carol.next('SIP/2.0 486')));
    await alive.close();
  });

  it('answers the caller with the failure of the last, a 503 as 500 (§16.7, item 6)', async () => {
    zone('udp', one.port, two.port);
    const sent = invite();
    for (const phone of [one, two]) phone.answer(await phone.next('INVITE'), '503 Service Unavailable', { tag: 'x' });
    carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 500')));
    assert.equal((await result).connected, false);
  });

  it('calls no other once it rings', async () => {
    zone('udp', one.port, two.port);
    const sent = invite();
    const rung = await one.next('INVITE');
    one.answer(rung, '180 Ringing', { tag: 'one' });
    await carol.next('SIP/2.0 180');
    one.answer(rung, '503 Service Unavailable', { tag: 'one' });
    carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 500')));
    assert.deepEqual(two.received, []);
  });

  it('is cancelled at the address that has it, and nowhere else (§16.10)', async () => {
    zone('udp', one.port, two.port);
    const sent = invite();
    one.answer(await one.next('INVITE'), '503 Service Unavailable', { tag: 'one' });
    const rung = await two.next('INVITE');
    two.answer(rung, '180 Ringing', { tag: 'two' });
    await carol.next('SIP/2.0 180');
    carol.cancel(sent);
    const cancel = await two.next('CANCEL');
    assert.equal(branchOf(cancel), branchOf(rung));
    two.answer(cancel, '200 OK');
    two.answer(rung, '487 Request Terminated', { tag: 'two' });
    carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 487')));
    assert.equal(one.received.some((text) => text.startsWith('CANCEL')), false);
  });

  it('goes over TCP when it has become too large for UDP (RFC 3261 §18.1.1)', async () => {
    const server = await StreamServer.open();
    zone('udp', server.port);
    const sent = invite([`X-Large: ${'x'.repeat(1_300)}`]);
    const connection = await server.connection();
    const large = await connection.next('INVITE');
    assert.match(headerOf(large, 'Via'), /^SIP\/2\.0\/TCP /);
    connection.send(busy(large));
    carol.acknowledgeRefusal(sent, toTagOf(await carol.next('SIP/2.0 486')));
    await server.close();
  });
});
