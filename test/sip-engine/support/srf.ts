import { createRequire } from 'node:module';
import { Server } from 'node:net';
import type { EventEmitter } from 'node:events';

/** A request as drachtio-srf hands it out; the part that the tests use. */
export interface SrfRequest extends EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly receivedOn: string;
  get(name: string): string;
  has(name: string): boolean;
  cancel(options: { headers?: Record<string, string> }, callback: (error: Error | null) => void): void;
}

/** A response as drachtio-srf hands it out. */
export interface SrfResponse {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  get(name: string): string;
  send(status: number, options?: { headers?: Record<string, string>; body?: string }, callback?: (error: unknown, sent?: SrfResponse) => void): void;
}

/** A dialog of drachtio-srf. */
export interface SrfDialog extends EventEmitter {
  readonly id: string;
  readonly sip: { callId: string; localTag: string; remoteTag: string };
  readonly local: { sdp: string; uri: string };
  readonly remote: { sdp: string; uri: string };
  destroy(options?: { headers?: Record<string, string> }): Promise<SrfRequest>;
  modify(sdp: string): Promise<string>;
  request(options: { method: string; headers?: Record<string, string>; body?: string }): Promise<SrfResponse>;
}

/** What a call through drachtio-srf may be given. */
export interface SrfCallOptions {
  readonly method?: string;
  readonly localSdp?: string;
  readonly headers?: Record<string, string>;
  readonly proxy?: string;
  readonly callingNumber?: string;
  readonly auth?: { username: string; password: string };
  readonly noAck?: boolean;
}

/** The unmodified drachtio-srf; its own typings leave out half of what it does. */
export interface Srf extends EventEmitter {
  connect(options: { host: string; port: number; secret: string; reconnect?: { maxAttempts: number }; enablePing?: boolean; pingInterval?: number }): void;
  listen(options: { server: Server; secret: string }): void;
  disconnect(): void;
  invite(handler: (req: SrfRequest, res: SrfResponse) => void): void;
  use(method: string, handler: (req: SrfRequest, res: SrfResponse) => void): void;
  createUAS(req: SrfRequest, res: SrfResponse, options: SrfCallOptions): Promise<SrfDialog>;
  createUAC(uri: string, options: SrfCallOptions, progress?: { cbRequest?: (error: Error | null, req: SrfRequest) => void; cbProvisional?: (res: SrfResponse) => void }): Promise<SrfDialog>;
  createB2BUA(req: SrfRequest, res: SrfResponse, uri: string, options: SrfCallOptions): Promise<{ uas: SrfDialog; uac: SrfDialog }>;
  request(uri: string, options: SrfCallOptions & { method: string; body?: string }): Promise<SrfRequest>;
  readonly app: { endSession: () => void };
  readonly locals: Record<string, unknown>;
}

// A cast because the package is CommonJS with typings that do not describe it.
const SrfClass = createRequire(import.meta.url)('drachtio-srf') as new (tags?: string | string[]) => Srf;

/**
 * Connects an application to an engine.
 * @param tags - what it calls itself.
 * @returns once the engine has accepted the secret.
 */
export function connectSrf(port: number, secret = 'cymru', tags: string[] = []): Promise<Srf> {
  return connected(new SrfClass(tags), (srf) => srf.connect({ host: '127.0.0.1', port, secret, reconnect: { maxAttempts: 1 } }));
}

/** Joins an application and an engine within the process; its methods have to be asked for afterwards. */
export function attachSrf(engine: { attach(server: Server): void }, secret = 'cymru'): Promise<Srf> {
  return connected(new SrfClass(), (srf) => {
    const server = new Server();
    srf.app.endSession = () => undefined; // Else an unserved request ends the connection.
    srf.listen({ server, secret });
    engine.attach(server);
  });
}

async function connected(srf: Srf, begin: (srf: Srf) => void): Promise<Srf> {
  await new Promise<void>((resolve, reject) => {
    srf.once('connect', (error: Error | null) => (error === null ? resolve() : reject(error)));
    srf.once('error', reject);
    begin(srf);
  });
  return srf;
}

/** Takes back what an application asked for with `srf.use`; drachtio-srf has it on its agent only. */
export function removeRoute(srf: Srf, method: string): void {
  // A cast because the tests' typing leaves out the agent.
  (srf as unknown as { app: { client: { removeRoute(method: string): void } } }).app.client.removeRoute(method);
}
