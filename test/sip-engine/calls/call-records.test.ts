import assert from 'node:assert/strict';
import { routesAreKnown, sdp, startHarness, until, type Harness } from '../support/harness.ts';
import { connectSrf, type Srf, type SrfDialog, type SrfRequest } from '../support/srf.ts';
import { handMade, headerOf, toTagOf, UdpPeer, type RequestParts } from '../support/udp-peer.ts';

interface RecordedMessage {
  readonly method?: string;
  readonly status?: number;
}

describe('call records (cdr events of drachtio-srf)', () => {
  let harness: Harness;
  let listener: Srf;
  let carol: UdpPeer;
  const heard: string[] = [];

  before(async () => {
    harness = await startHarness({ timers: { t1: 25, t2: 100, t4: 50 } });
    listener = await connectSrf(harness.engine.adminPort);
    const what = ({ method, status }: RecordedMessage): string => method ?? String(status);
    listener.on('cdr:attempt', (source: string, time: string, message: RecordedMessage) => {
      assert.match(time, /^\d\d:\d\d:\d\d\.\d+$/);
      heard.push(`attempt ${source} ${what(message)}`);
    });
    listener.on('cdr:start', (source: string, _time: string, role: string, message: RecordedMessage) => { heard.push(`start ${source} ${role} ${what(message)}`); });
    listener.on('cdr:stop', (source: string, _time: string, reason: string, message: RecordedMessage) => { heard.push(`stop ${source} ${reason} ${what(message)}`); });
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    listener.disconnect();
    await harness.close();
  });
  beforeEach(async () => {
    heard.length = 0;
    carol = await UdpPeer.open();
  });
  afterEach(async () => { await carol.close(); });

  let calls = 0;
  let target = 9;
  const request = (parts: Partial<RequestParts> & { method: string }): string => handMade({
    port: carol.port, branch: `z9hG4bK-c${calls}-${parts.method}-${parts.sequence ?? 1}`, callId: `record-${calls}`, ...parts,
  });
  const records = async (...expected: string[]): Promise<void> => {
    await until(expected.join(', '), () => heard.length >= expected.length);
    assert.deepEqual(heard, expected);
  };

  it('tell of a call that came in, was answered and ended', async () => {
    calls += 1;
    harness.srf.invite((req, res) => {
      if (req.get('Call-ID') === 'record-1' || req.get('Call-ID') === 'record-6') void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) });
      else if (req.get('Call-ID') === 'record-2') res.send(486);
      else if (req.get('Call-ID') === 'record-4' || req.get('Call-ID') === 'record-5') void (req as SrfRequest & { proxy(options: { destination: string }): Promise<unknown> }).proxy({ destination: `sip:127.0.0.1:${target}` }); // A cast: the tests' typing has no proxy.
    });
    await new Promise((resolve) => { setTimeout(resolve, 30); });
    carol.send(request({ method: 'INVITE' }), harness.udp);
    const toTag = toTagOf(await carol.next('SIP/2.0 200'));
    carol.send(request({ method: 'ACK', toTag }), harness.udp);
    carol.send(request({ method: 'BYE', sequence: 2, toTag }), harness.udp);
    await records('attempt network INVITE', 'start application uas 200', 'stop network normal-release BYE');
  });

  it('tell of one that was refused', async () => {
    calls += 1;
    carol.send(request({ method: 'INVITE' }), harness.udp);
    await records('attempt network INVITE', 'stop application call-rejected 486');
  });

  it('tell of one that the caller gave up', async () => {
    calls += 1;
    carol.send(request({ method: 'INVITE' }), harness.udp);
    await carol.next('SIP/2.0 100');
    carol.send(request({ method: 'CANCEL', branch: `z9hG4bK-c${calls}-INVITE-1` }), harness.udp);
    await records('attempt network INVITE', 'stop application call-canceled 487');
  });

  it('tell of one that was proxied', async () => {
    calls += 1;
    carol.send(request({ method: 'INVITE' }), harness.udp);
    await carol.next('SIP/2.0 4', 4_000);
    await records('attempt network INVITE', 'attempt application INVITE', 'stop network call-rejected 408', 'stop application call-rejected 408');
  });

  it('tell of each leg of one that was proxied and answered', async () => {
    calls += 1;
    const alice = await UdpPeer.open();
    target = alice.port;
    carol.send(request({ method: 'INVITE' }), harness.udp);
    const sent = await alice.next('INVITE');
    const vias = sent.split('\r\n').filter((line) => line.startsWith('Via:'));
    alice.send(['SIP/2.0 200 OK', ...vias, ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(sent, name)}`),
      `To: ${headerOf(sent, 'To')};tag=alice`, `Contact: <sip:127.0.0.1:${alice.port}>`, 'Content-Length: 0', '', ''].join('\r\n'), harness.udp);
    await carol.next('SIP/2.0 200');
    await records('attempt network INVITE', 'attempt application INVITE', 'start network proxy-uac 200', 'start application proxy-uas 200');
    await alice.close();
  });

  it('tell of one that was answered and never acknowledged', async () => {
    calls += 1;
    carol.send(request({ method: 'INVITE' }), harness.udp);
    await records('attempt network INVITE', 'start application uas 200', 'stop application ack-timeout BYE');
  });

  it('tell of one whose session expired, and of one whose application went away', async () => {
    const short = await startHarness({ timers: { t1: 25, t2: 100, t4: 50, second: 2 } });
    const told: string[] = [];
    const other = await connectSrf(short.engine.adminPort);
    other.on('cdr:stop', (source: string, _time: string, reason: string) => told.push(`${source} ${reason}`));
    short.srf.invite((req, res) => { void short.srf.createUAS(req, res, { localSdp: sdp(15_000) }); });
    for (const srf of [other, short.srf]) await routesAreKnown(srf, short);
    for (const headers of [['Supported: timer', 'Session-Expires: 90'], []]) {
      calls += 1;
      carol.send(request({ method: 'INVITE', headers: [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, ...headers] }), short.udp);
      carol.send(request({ method: 'ACK', toTag: toTagOf(await carol.next('SIP/2.0 200')) }), short.udp);
      if (headers.length > 0) await until('the session expires', () => told.length === 1);
    }
    await until('the application has the call', () => short.engine.stats().gauges.dialogs === 1);
    short.srf.disconnect();
    await until('both are told', () => told.length === 2);
    assert.deepEqual(told, ['application session-expired', 'application system-initiated-termination']);
    other.disconnect();
    await short.engine.close(); // Its own application is gone already.
  });

  it('tell of one that no application wanted', async () => {
    calls += 1;
    const alone = await startHarness();
    const told: string[] = [];
    alone.srf.on('cdr:attempt', (source: string) => told.push(`attempt ${source}`));
    alone.srf.on('cdr:stop', (source: string, _time: string, reason: string, message: RecordedMessage) => told.push(`stop ${source} ${reason} ${String(message.status)}`));
    await routesAreKnown(alone.srf, alone);
    carol.send(request({ method: 'INVITE' }), alone.udp);
    await carol.next('SIP/2.0 404');
    await until('both are told', () => told.length === 2);
    assert.deepEqual(told, ['attempt network', 'stop application call-rejected 404']);
    await alone.close();
  });

  it('tell of one that went out', async () => {
    const call = harness.srf.createUAC(`sip:127.0.0.1:${carol.port}`, { localSdp: sdp(1), callingNumber: '1' });
    const answer = (text: string): void => carol.send([
      'SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(text, name)}`),
      `To: ${headerOf(text, 'To').replace(/;tag=.*/, '')};tag=x`, `Contact: <sip:127.0.0.1:${carol.port}>`, 'Content-Length: 0', '', '',
    ].join('\r\n'), harness.udp);
    answer(await carol.next('INVITE'));
    const dialog: SrfDialog = await call;
    await carol.next('ACK');
    const ended = dialog.destroy();
    answer(await carol.next('BYE'));
    await ended;
    await records('attempt application INVITE', 'start network uac 200', 'stop application normal-release BYE');
  });
});
