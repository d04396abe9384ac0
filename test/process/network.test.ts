import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { openAuthority, writeIdentity, type Authority, type IdentityFiles } from '../sip-engine/support/certificates.ts';
import { sdp } from '../sip-engine/support/harness.ts';
import { answerTo, ping, StreamPeer } from '../sip-engine/support/stream-peer.ts';
import { handMade, headerOf, toTagOf, UdpPeer } from '../sip-engine/support/udp-peer.ts';
import { WsPeer } from '../sip-engine/support/ws-peer.ts';
import { AlloProcess } from '../support/allo-process.ts';
import { PASSWORD, runCentre } from '../support/running-centre.ts';
import { freePort } from '../support/sipp.ts';
import { until } from '../support/until.ts';

describe('Allo on a network', function () {
  this.timeout(60_000);
  let directory: string;
  let authority: Authority;
  let files: IdentityFiles;
  let allo: AlloProcess | undefined;
  const peers: { close(): unknown }[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-network-'));
    authority = await openAuthority();
    files = await writeIdentity(directory, 'ours', await authority.issue('DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1'));
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close();
    await allo?.kill();
    allo = undefined;
    await authority.close();
    await rm(directory, { recursive: true, force: true });
  });

  const start = (env: Readonly<Record<string, string>>): AlloProcess => {
    allo = AlloProcess.start({ ALLO_DATA_DIR: join(directory, 'data'), ALLO_LOG_LEVEL: 'warn', ALLO_DRAIN_LIMIT_MS: '0', ALLO_DEMO_PASSWORD: PASSWORD, ...env });
    return allo;
  };
  const keep = <T extends { close(): unknown }>(peer: T): T => {
    peers.push(peer);
    return peer;
  };
  const overWs = async (url: string): Promise<WsPeer> => {
    const peer = await WsPeer.open(url, { ca: authority.ca });
    keep({ close: () => peer.cut() });
    return peer;
  };

  it('answers OPTIONS on every listener: UDP, TCP and TLS of both families, WS and WSS', async () => {
    const [http, sip, tls, ws, wss] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
    const listen = [...['127.0.0.1', '[::1]'].flatMap((host) => [`udp:${host}:${sip}`, `tcp:${host}:${sip}`, `tls:${host}:${tls}`]), `ws:127.0.0.1:${ws}`, `wss:127.0.0.1:${wss}`];
    const running = start({ ALLO_HTTP_PORT: String(http), ALLO_SIP_LISTEN: listen.join(', '), ALLO_SIP_TLS_CERT: files.certFile, ALLO_SIP_TLS_KEY: files.keyFile });
    await running.ready();
    for (const place of listen) assert.ok(running.output.includes(place), `${place} in ${running.output}`);

    for (const host of ['127.0.0.1', '::1']) {
      assert.match(await overUdp(host, sip), /^SIP\/2\.0 200 /);
      const streams = { tcp: await StreamPeer.tcp(sip, host), tls: await StreamPeer.tls(tls, { host, ca: authority.ca }) };
      for (const [transport, peer] of Object.entries(streams)) {
        keep(peer).send(ping(transport.toUpperCase(), 'peer.example:9', `${transport}${host.length}`));
        await peer.next('SIP/2.0 200');
      }
    }
    for (const url of [`ws://127.0.0.1:${ws}/`, `wss://127.0.0.1:${wss}/`]) {
      const browser = await overWs(url);
      browser.send(ping(url.startsWith('wss') ? 'WSS' : 'WS', 'abc.invalid', url));
      await browser.next('SIP/2.0 200');
    }
  });

  it('tells a peer outside of the local networks the outside of its NAT, for signalling and for media', async () => {
    const [http, sip] = [await freePort(), await freePort()];
    const running = start({
      ALLO_HTTP_PORT: String(http), ALLO_SIP_LISTEN: `udp:127.0.0.1:${sip}`,
      ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: `5080:${sip}`, ALLO_SIP_LOCAL_NETWORKS: '10.0.0.0/8',
      ALLO_MEDIA_EXTERNAL_ADDRESS: '203.0.113.6',
    });
    await running.ready();
    const carol = keep(await UdpPeer.open());
    const call = { port: carol.port, callId: 'behind-nat', uri: `sip:1000@127.0.0.1:${sip}` };
    const headers = [`Contact: <sip:carol@127.0.0.1:${carol.port}>`, 'Content-Type: application/sdp'];
    carol.send(handMade({ ...call, method: 'INVITE', branch: 'z9hG4bK-nat-1', headers, body: sdp(carol.port) }), sip);
    const answer = await carol.next('SIP/2.0 200', 8_000);
    assert.match(headerOf(answer, 'Contact'), /^<sip:203\.0\.113\.5:5080/);
    assert.match(answer, /\r\nc=IN IP4 203\.0\.113\.6\r\n/);
    carol.send(handMade({ ...call, method: 'ACK', branch: 'z9hG4bK-nat-2', toTag: toTagOf(answer) }), sip);

    running.signal('SIGTERM');
    const bye = await carol.next('BYE ', 8_000);
    assert.match(headerOf(bye, 'Via'), /^SIP\/2\.0\/UDP 203\.0\.113\.5:5080;/);
    carol.send(answerTo(bye, '200 OK'), sip);
    assert.equal(await running.exited(), 0);
  });

  it('serves pages, desks and softphones with TLS when it has a certificate for them', async () => {
    const [http, sip] = [await freePort(), await freePort()];
    const running = start({
      ALLO_HTTP_PORT: String(http), ALLO_HTTP_TLS_CERT: files.certFile, ALLO_HTTP_TLS_KEY: files.keyFile,
      ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(sip),
    });
    await running.ready();
    const origin = `https://localhost:${http}`;
    assert.match(running.output, new RegExp(`Desks +${origin}\\n`));
    const cookie = await signIn(origin, authority.ca);
    assert.match(cookie, /; Secure/);
    const desk = new WebSocket(`wss://localhost:${http}/ws`, { ca: authority.ca, headers: { cookie: cookie.split(';')[0] ?? '', origin } });
    await once(desk, 'open');
    desk.terminate();
    await once(desk, 'close');
    const softphone = await overWs(`wss://localhost:${http}/sip`);
    softphone.send(ping('WSS', 'abc.invalid', 'softphone'));
    await softphone.next('SIP/2.0 200');
  });

  it('believes a proxy that is named, and takes pages of the origins that are named', async () => {
    const centre = await runCentre({ ALLO_HTTP_TRUSTED_PROXIES: '127.0.0.0/8, ::1', ALLO_HTTP_ORIGINS: 'https://desk.example.dz' });
    const proxied = { Origin: 'https://desk.example.dz', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'desk.example.dz' };
    const session = await fetch(`${centre.baseUrl}/api/session`, {
      method: 'POST', headers: { ...proxied, 'Content-Type': 'application/json' }, body: JSON.stringify({ username: 'alice', password: PASSWORD }),
    });
    const [cookie = ''] = session.headers.getSetCookie();
    assert.match(cookie, /; Secure/);
    const access = await fetch(`${centre.baseUrl}/api/session/sip`, { method: 'POST', headers: { ...proxied, Cookie: cookie.split(';')[0] ?? '' } });
    assert.match(await access.text(), /"webSocketUrl":"wss:\/\/desk\.example\.dz\/sip"/);
    const desk = new WebSocket(`${centre.baseUrl.replace('http', 'ws')}/ws`, { origin: 'https://desk.example.dz', headers: { cookie: cookie.split(';')[0] ?? '' } });
    await once(desk, 'open');
    desk.terminate();
    await once(desk, 'close');
    await centre.stop();
  });

  it('presents renewed certificates of both servers while it runs', async () => {
    const tls = await freePort();
    const certificate = { ALLO_SIP_TLS_CERT: files.certFile, ALLO_SIP_TLS_KEY: files.keyFile, ALLO_HTTP_TLS_CERT: files.certFile, ALLO_HTTP_TLS_KEY: files.keyFile };
    const centre = await runCentre({ ALLO_SIP_HOST: '', ALLO_SIP_PORT: '', ALLO_SIP_LISTEN: `tls:127.0.0.1:${tls}`, ...certificate }, { certificateCheckMs: 20 });
    await writeIdentity(directory, 'ours', await authority.issue('IP:127.0.0.1,DNS:renewed.example'));
    for (const port of [tls, Number(new URL(centre.baseUrl).port)]) {
      await until(async () => (await namesOf(port, authority.ca)).includes('renewed.example'), `the new certificate on port ${port}`);
    }
    await centre.stop();
  });

  it('says everything that is wrong with listeners and certificates at once, one line each, and exits with 1', async () => {
    await writeFile(join(directory, 'other.key'), (await authority.issue('DNS:other.example')).key);
    const running = start({
      ALLO_HTTP_PORT: '0', ALLO_HTTP_TLS_CERT: join(directory, 'missing.pem'), ALLO_HTTP_TLS_KEY: files.keyFile,
      ALLO_SIP_LISTEN: `tls:127.0.0.1:${await freePort()}, tcp:198.51.100.77:5060`, ALLO_SIP_PORT: '5060',
      ALLO_SIP_TLS_CERT: files.certFile, ALLO_SIP_TLS_KEY: join(directory, 'other.key'), ALLO_SIP_LOCAL_NETWORKS: 'lan',
    });
    assert.equal(await running.exited(), 1);
    assert.deepEqual(running.output.trim().replaceAll(`${directory}/`, '').split('\n'), [
      'allo: ALLO_SIP_LOCAL_NETWORKS=lan: "lan" must be a network like 10.0.0.0/8, or an address',
      'allo: ALLO_SIP_LISTEN: stands in the place of ALLO_SIP_PORT; unset one or the other',
      'allo: ALLO_SIP_LOCAL_NETWORKS: is of no use without ALLO_SIP_EXTERNAL_ADDRESS',
      'allo: ALLO_HTTP_TLS_CERT=missing.pem: there is no such file',
      'allo: ALLO_SIP_TLS_KEY=other.key: is not the key of the certificate ours.pem',
      'allo: ALLO_SIP_LISTEN: TCP 198.51.100.77:5060 is not an address of this machine',
    ]);
  });
});

/** Sends one OPTIONS and waits for its answer. */
function overUdp(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('message', (data) => { socket.close(() => resolve(data.toString())); });
    socket.bind(0, host, () => socket.send(ping('UDP', 'peer.example:9', `udp${host.length}`, ';rport'), port, host));
  });
}

/** Signs a supervisor in. @returns the line that sets the cookie. */
function signIn(origin: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { Origin: origin, 'Content-Type': 'application/json' };
    request(`${origin}/api/session`, { ca, agent: false, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.headers['set-cookie']?.[0] ?? `no cookie: ${response.statusCode}`));
    }).once('error', reject).end(JSON.stringify({ username: 'sam', password: PASSWORD }));
  });
}

/** Whom the certificate on a port speaks for. */
async function namesOf(port: number, ca: string): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', ca });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  await once(socket, 'close');
  return subjectaltname;
}
