import Srf from 'drachtio-srf';

/**
 * A drachtio-srf application in a process of its own. Arguments: admin port, `uas` or `b2bua`,
 * and for `b2bua` the URI of the far end.
 */
const [adminPort = '0', kind = 'uas', target = ''] = process.argv.slice(2);
const SDP = 'v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

const srf = new Srf();
void srf.connect({ host: '127.0.0.1', port: Number(adminPort), secret: 'bench' });
srf.on('connect', (error: unknown) => {
  if (error) throw new Error('the engine refused the application', { cause: error });
  console.log('ready');
});
srf.invite((request, response) => {
  // A call that fails is counted by the caller; here it must not end the run.
  (kind === 'uas' ? answer(request, response) : bridge(request, response)).catch((cause: unknown) => console.error(String(cause)));
});
srf.use('options', (_request: unknown, response: { send(status: number): void }) => { response.send(200); });

type Handler = Parameters<Parameters<typeof srf.invite>[0]>;

async function answer(request: Handler[0], response: Handler[1]): Promise<void> {
  response.send(180);
  await srf.createUAS(request, response, { localSdp: SDP });
}

async function bridge(request: Handler[0], response: Handler[1]): Promise<void> {
  const { uas, uac } = await srf.createB2BUA(request, response, target, { localSdpB: request.body });
  uas.on('destroy', () => void uac.destroy());
  uac.on('destroy', () => void uas.destroy());
}
