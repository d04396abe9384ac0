import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SipEngine } from '../../../../server/sip-engine/sip-engine.ts';
import { SECRET, startApplication } from './applications.ts';
import { settingsFromParent, tellParent } from './as-child.ts';
import type { EnginePorts, FiguresQuestion, ServerFigures, ServerReady, ServerSettings } from './server-messages.ts';

/** The engine, an application, or both as `npm start` has them: in one process. Answers {@link FiguresQuestion}s. */
const settings = settingsFromParent<ServerSettings>();
const engine = settings.runs === 'application' ? undefined : await SipEngine.start({
  listeners: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
  ...(settings.runs === 'both' ? {} : { adminPort: 0 }), secret: SECRET, timers: { t1: settings.t1Ms }, onFault: (fault) => console.error(fault),
});
process.on('message', ({ collectGarbage }: FiguresQuestion) => tellParent(figures(collectGarbage)));
tellParent(await start());

async function start(): Promise<ServerReady> {
  if (settings.runs === 'application') {
    await startApplication(settings.application, settings);
    return { runs: 'application' };
  }
  if (!engine) throw new Error('no engine');
  const ports: EnginePorts = { sipPort: engine.bound[0]?.port ?? 0, wsPort: await listenForWebSockets(engine), adminPort: engine.adminPort };
  if (settings.runs === 'both') await startApplication(settings.application, engine);
  return { runs: settings.runs, ports };
}

async function listenForWebSockets(upgraded: SipEngine): Promise<number> {
  const http = createServer().on('upgrade', (request, socket, head) => upgraded.handleUpgrade(request, socket, head));
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return (http.address() as AddressInfo).port; // Listening on a port, not on a path.
}

function figures(collectGarbage: boolean): ServerFigures {
  if (collectGarbage) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  return { heapBytes: heapUsed, rssBytes: rss, resources, ...(engine ? { held: engine.stats().gauges } : {}) };
}
