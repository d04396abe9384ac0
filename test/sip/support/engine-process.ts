import { createServer } from 'node:http';
import { once } from 'node:events';
import { SipEngine } from '../../../server/sip-engine/sip-engine.ts';

/**
 * A SIP server alone in a process of its own, in the place of a drachtio-server. Ports and secret are arguments
 * (`sipPort adminPort wsPort secret`); it says `ready` and runs until it is killed.
 */
const [sipPort, adminPort, wsPort, secret = ''] = process.argv.slice(2);
const engine = await SipEngine.start({
  listeners: (['udp', 'tcp'] as const).map((transport) => ({ transport, host: '127.0.0.1', port: Number(sipPort) })),
  adminPort: Number(adminPort), secret,
});
const http = createServer();
http.on('upgrade', (request, socket, head) => engine.handleUpgrade(request, socket, head));
http.listen(Number(wsPort), '127.0.0.1');
await once(http, 'listening');
process.stdout.write('ready\n');
