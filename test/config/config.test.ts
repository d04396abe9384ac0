import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isComplete, readConfig } from '../../server/config.ts';
import { preflight } from '../../server/preflight.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    const reading = readConfig({});
    assert.ok(isComplete(reading));
    assert.equal(reading.values.ALLO_HTTP_PORT, 8080);
    assert.equal(reading.values.ALLO_SIP_PORT, 5060);
    assert.ok(reading.values.ALLO_DATA_DIR.endsWith('/data'));
  });

  it('takes an empty variable for an unset one', () => {
    assert.equal(readConfig({ ALLO_HTTP_PORT: '' }).values.ALLO_HTTP_PORT, 8080);
  });

  it('reports every fault together, each in a line that names its variable', () => {
    const { faults } = readConfig({ ALLO_HTTP_PORT: 'eighty', ALLO_TIME_ZONE: 'Mars/Olympus', ALLO_LOOKUP_DEADLINE_MS: '-1', ALLO_SIP_PROT: '5060' });
    assert.equal(faults.length, 4);
    for (const key of ['ALLO_HTTP_PORT=eighty', 'ALLO_TIME_ZONE=Mars/Olympus', 'ALLO_LOOKUP_DEADLINE_MS=-1', 'ALLO_SIP_PROT: there is no such variable']) {
      assert.ok(faults.some((fault) => fault.startsWith(key)), `${key} in ${faults.join('\n')}`);
    }
  });

  it('does not repeat a password that it refuses', () => {
    const { faults } = readConfig({ ALLO_DEMO_PASSWORD: 'secret' });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', /^ALLO_DEMO_PASSWORD: /);
    assert.equal(faults[0]?.includes('secret'), false);
  });

  it('knows a speech service, and keeps its credentials to itself', () => {
    const { values, faults } = readConfig({ ALLO_SPEECH_URL: 'http://127.0.0.1:5002/{language}/say', ALLO_SPEECH_AUTHORIZATION: 'Bearer x' });
    assert.deepEqual(faults, []);
    assert.deepEqual([values.ALLO_SPEECH_URL, values.ALLO_SPEECH_BODY, values.ALLO_SPEECH_TIMEOUT_MS], ['http://127.0.0.1:5002/{language}/say', 'json', 3_000]);
    assert.match(readConfig({ ALLO_SPEECH_URL: 'ftp://voices' }).faults[0] ?? '', /^ALLO_SPEECH_URL=ftp:\/\/voices: must be http/);
    assert.match(readConfig({ ALLO_SPEECH_URL: 'http://user:pass@voices' }).faults[0] ?? '', /without credentials/);
    const { faults: alone } = readConfig({ ALLO_SPEECH_AUTHORIZATION: 'Bearer secret-word' });
    assert.deepEqual(alone, ['ALLO_SPEECH_AUTHORIZATION: is of no use without ALLO_SPEECH_URL']);
  });

  it('refuses an RTP range that has no room', () => {
    assert.equal(readConfig({ ALLO_RTP_PORT_MIN: '20000', ALLO_RTP_PORT_MAX: '20001' }).faults.length, 1);
  });

  for (const [key, value] of Object.entries({
    ALLO_DATABASE_URL: 'mysql://localhost/allo', ALLO_REDIS_URL: 'redis://localhost',
    ALLO_WEBRTC_EDGE: 'mediasoup', ALLO_MEDIA_NODES: '10.0.0.2',
  })) {
    it(`stops at ${key}, whose side is not built, with a sentence and without a fall-back`, () => {
      const { faults } = readConfig({ [key]: value });
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', /not supported yet/);
    });
  }
});

describe('the configuration of a drachtio-server', () => {
  const WS = { ALLO_SIP_WS_URL: 'wss://sip.example/' };
  it('takes its secret from the URL or from a variable of its own', () => {
    assert.deepEqual(readConfig({ ALLO_DRACHTIO_URL: 'tcp://:s%40crt@10.0.0.1:9022', ...WS }).faults, []);
    assert.deepEqual(readConfig({ ALLO_DRACHTIO_URL: 'tcp://[::1]', ALLO_DRACHTIO_SECRET: 'secret', ...WS }).faults, []);
  });
  for (const [what, env, fault] of [
    ['another scheme', { ALLO_DRACHTIO_URL: 'http://10.0.0.1', ALLO_DRACHTIO_SECRET: 'x', ...WS }, /^ALLO_DRACHTIO_URL: must be tcp:/],
    ['a user name', { ALLO_DRACHTIO_URL: 'tcp://me:hush@10.0.0.1', ...WS }, /^ALLO_DRACHTIO_URL: must be tcp:/],
    ['no secret', { ALLO_DRACHTIO_URL: 'tcp://10.0.0.1', ...WS }, /^ALLO_DRACHTIO_SECRET: must be set/],
    ['a secret alone', { ALLO_DRACHTIO_SECRET: 'x' }, /^ALLO_DRACHTIO_SECRET: is of no use/],
    ['no way for browsers', { ALLO_DRACHTIO_URL: 'tcp://:x@10.0.0.1' }, /^ALLO_SIP_WS_URL: must be set/],
    ['a way that is no WebSocket', { ALLO_SIP_WS_URL: 'https://sip.example' }, /^ALLO_SIP_WS_URL=https:\/\/sip\.example: must be ws/],
  ] as const) {
    it(`has a sentence for ${what}, without the secret`, () => {
      const { faults } = readConfig(env);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', fault);
      assert.doesNotMatch(faults[0] ?? '', /hush/);
    });
  }
  it('needs no SIP port of ours', async () => {
    const busy = createServer();
    const port = await new Promise<number>((resolve) => {
      busy.listen(0, '127.0.0.1', () => {
        const address = busy.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    assert.deepEqual(await preflight({ ALLO_DRACHTIO_URL: 'tcp://:x@10.0.0.1', ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: port }), []);
    await new Promise((resolve) => { busy.close(resolve); });
  });
});

describe('the preflight', () => {
  let directory: string;
  before(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-preflight-')); });
  after(() => rm(directory, { recursive: true }));

  it('says nothing when all is well', async () => {
    assert.deepEqual(await preflight({ ALLO_DATA_DIR: join(directory, 'new'), ALLO_HTTP_HOST: '127.0.0.1', ALLO_HTTP_PORT: 0, ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: 0 }), []);
  });

  it('names each port that is in use and a directory that cannot be written, together', async () => {
    const busy = createServer();
    const port = await new Promise<number>((resolve) => {
      busy.listen(0, '127.0.0.1', () => {
        const address = busy.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const file = join(directory, 'file');
    await writeFile(file, '');
    const faults = await preflight({ ALLO_DATA_DIR: join(file, 'data'), ALLO_HTTP_HOST: '127.0.0.1', ALLO_HTTP_PORT: port, ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: port });
    await new Promise((resolve) => { busy.close(resolve); });
    assert.equal(faults.length, 3);
    assert.match(faults.join('\n'), /ALLO_DATA_DIR=.*cannot be written/);
    assert.match(faults.join('\n'), /ALLO_HTTP_PORT: TCP 127\.0\.0\.1:\d+ is in use by another program/);
    assert.match(faults.join('\n'), /ALLO_SIP_PORT: TCP 127\.0\.0\.1:\d+ is in use/);
  });

  it('names an address that this machine does not have', async () => {
    const faults = await preflight({ ALLO_HTTP_HOST: '192.0.2.1', ALLO_HTTP_PORT: 0 });
    assert.match(faults.join('\n'), /ALLO_HTTP_PORT: TCP 192\.0\.2\.1:0 is not an address of this machine/);
  });
});
