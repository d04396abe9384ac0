import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { SipPlace } from '../../server/config/sip-places.ts';
import { readSipPlace } from '../../server/config/sip-places.ts';
import { banner } from '../../server/start/banner.ts';
import { httpUrl } from '../../server/start/http-url.ts';
import { openAuthority } from '../sip-engine/support/certificates.ts';

const told = (...sip: readonly string[]): string => banner({
  httpUrl: 'http://localhost:8080', numbers: ['1000', '1001'], users: [], password: 'secret', dataDirectory: '/data',
  sip: sip.map((place): SipPlace => readSipPlace(place) ?? assert.fail(place)),
});

describe('the banner', () => {
  it('says every listener, and what a telephone on this machine dials', () => {
    const text = told('udp:0.0.0.0:5060', 'tcp:0.0.0.0:5060', 'tls:[::]:5061');
    assert.match(text, /Dial +sip:1000@127\.0\.0\.1:5060, sip:1001@127\.0\.0\.1:5060\n/);
    assert.match(text, /SIP +udp:0\.0\.0\.0:5060, tcp:0\.0\.0\.0:5060, tls:\[::\]:5061\n/);
    assert.match(text, /npm run call .* --for 20\n/);
  });

  it('dials by the transport that there is, on the address that there is', () => {
    assert.match(told('wss:127.0.0.1:8443', 'tls:[::]:5061', 'tcp:192.0.2.1:5060'), /sip:1000@192\.0\.2\.1:5060;transport=tcp,/);
    assert.match(told('wss:127.0.0.1:8443', 'tls:[::]:5061'), /sip:1000@\[::1\]:5061;transport=tls,/);
    assert.match(told('wss:127.0.0.1:8443'), /Dial +1000, 1001\n/);
  });

  it('proposes the command line where it can call, by UDP', () => {
    assert.match(told('udp:[::1]:5070'), /npm run call .* --server \[::1\]:5070\n/);
    assert.doesNotMatch(told('tcp:0.0.0.0:5060'), /npm run call/);
  });

  it('says that another server has the sockets', () => {
    assert.match(told(), /Dial +1000, 1001\n.*SIP +on the server of ALLO_DRACHTIO_URL\n/);
  });
});

describe('httpUrl', () => {
  it('names localhost where the microphone is given without TLS', () => {
    for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) assert.equal(httpUrl({ host, port: 8080 }), 'http://localhost:8080');
    assert.equal(httpUrl({ host: '192.0.2.1', port: 80 }), 'http://192.0.2.1:80');
    assert.equal(httpUrl({ host: '2001:db8::1', port: 80 }), 'http://[2001:db8::1]:80');
  });

  it('names whom the certificate speaks for, when browsers of other machines may come', async () => {
    const authority = await openAuthority();
    const issue = async (names: string): Promise<X509Certificate> => new X509Certificate((await authority.issue(names)).cert);
    const certificate = await issue('IP:192.0.2.1,DNS:*.example.dz,DNS:desk.example.dz,DNS:sip.example.dz');
    assert.equal(httpUrl({ host: '0.0.0.0', port: 8443, certificate }), 'https://desk.example.dz:8443');
    assert.equal(httpUrl({ host: '127.0.0.1', port: 8443, certificate }), 'https://localhost:8443');
    assert.equal(httpUrl({ host: '::', port: 8443, certificate: await issue('DNS:*.example.dz') }), 'https://localhost:8443');
    await authority.close();
  });
});
