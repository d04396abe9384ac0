import { SipEngine } from '../../../server/sip-engine/sip-engine.ts';

/**
 * Only the engine, in a process of its own, so that its share of the CPU can be told from the
 * application's. Arguments: SIP port, admin port. Prints its figures on SIGUSR2.
 */
const [sipPort = 0, adminPort = 0] = process.argv.slice(2).map(Number);
const engine = await SipEngine.start({
  listeners: [{ transport: 'udp', host: '127.0.0.1', port: sipPort }, { transport: 'tcp', host: '127.0.0.1', port: sipPort }],
  adminPort, secret: 'bench',
});
process.on('SIGUSR2', () => console.log(JSON.stringify(engine.stats())));
process.on('SIGTERM', () => void engine.close());
console.log('ready');
