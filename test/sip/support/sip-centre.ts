import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { withDeadline } from '../../../server/base/deadline.ts';
import { Scope } from '../../../server/base/scope.ts';
import { systemClock } from '../../../server/base/time.ts';
import type { InboundLeg, InviteFacts } from '../../../server/call/ports.ts';
import type { Trunk } from '../../../server/model/centre.ts';
import { SipEngine, type SipTimers } from '../../../server/sip-engine/sip-engine.ts';
import { SipApplication, type Admission } from '../../../server/sip/sip-application.ts';
import { FakeCredentials } from './fake-credentials.ts';
import { WsPhone } from './ws-phone.ts';

/** The answer that the tests' call layer gives. */
export const LOCAL_SDP = [
  'v=0', 'o=allo 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 41000 RTP/AVP 8 101', 'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000', '',
].join('\r\n');

/** What differs from test to test. */
export interface CentreOptions {
  readonly timers?: Partial<SipTimers>;
  readonly admit?: (facts: InviteFacts) => Admission;
  readonly trunks?: readonly Trunk[];
  readonly trunkPassword?: string;
}

/** The real engine and the real application, with a call layer that is the test's. */
export class SipCentre {
  readonly credentials = new FakeCredentials();
  readonly faults: unknown[] = [];
  /** Handles each inbound leg; replaced by the test. */
  onInbound: (leg: InboundLeg) => void = () => undefined;
  readonly #scope = new Scope();
  readonly #admit: (facts: InviteFacts) => Admission;
  #engine: SipEngine | undefined;
  #application: SipApplication | undefined;
  readonly #adminSockets = new Set<Socket>();
  #wsUrl = '';

  private constructor(options: CentreOptions) {
    this.#admit = options.admit ?? (() => ({ kind: 'trunk' }));
  }

  static async start(options: CentreOptions = {}): Promise<SipCentre> {
    const centre = new SipCentre(options);
    await centre.#open(options);
    return centre;
  }

  get engine(): SipEngine {
    if (!this.#engine) throw new Error('not started');
    return this.#engine;
  }

  get application(): SipApplication {
    if (!this.#application) throw new Error('not started');
    return this.#application;
  }

  /** `127.0.0.1:port` of a SIP listener. */
  address(transport: 'udp' | 'tcp'): string {
    const bound = this.engine.bound.find((listener) => listener.transport === transport);
    return `127.0.0.1:${bound?.port ?? 0}`;
  }

  /** The next call that comes in. */
  nextCall(): Promise<InboundLeg> {
    return new Promise((resolve) => { this.onInbound = resolve; });
  }

  async openPhone(username: string): Promise<WsPhone> {
    const phone = await WsPhone.open(this.#wsUrl, username);
    this.#scope.onClose(() => phone.close());
    return phone;
  }

  /** Cuts the admin connection, as a network fault does. */
  dropApplications(): void {
    for (const socket of this.#adminSockets) socket.destroy();
  }

  async untilReconnected(): Promise<void> {
    const before = this.application.counters().reconnects;
    await withDeadline(5_000, async (signal) => {
      while (!signal.aborted && this.application.counters().reconnects === before) await new Promise((resolve) => { setTimeout(resolve, 20); });
    });
  }

  async close(): Promise<void> {
    await this.#scope.close();
  }

  async #open(options: CentreOptions): Promise<void> {
    const engine = await SipEngine.start({
      listeners: [{ transport: 'udp', host: '127.0.0.1', port: 0 }, { transport: 'tcp', host: '127.0.0.1', port: 0 }],
      adminPort: 0, secret: 'test-secret', onFault: (fault) => this.faults.push(fault), ...(options.timers ? { timers: options.timers } : {}),
    });
    this.#scope.onClose(() => engine.close());
    this.#engine = engine;
    const http = createServer();
    http.on('upgrade', (request, socket, head) => engine.handleUpgrade(request, socket, head));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    this.#scope.onClose(() => new Promise<void>((resolve) => { http.close(() => resolve()); }));
    const address = http.address();
    this.#wsUrl = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/sip`;
    const application = await SipApplication.connect({
      drachtio: { host: '127.0.0.1', port: await this.#openRelay(engine.adminPort), secret: 'test-secret' },
      realm: 'allo', credentials: this.credentials, admit: this.#admit,
      onInbound: (leg) => this.onInbound(leg), onFault: (cause) => this.faults.push(cause), clock: systemClock,
      trunks: options.trunks ?? [], trunkPassword: () => options.trunkPassword,
    });
    this.#scope.onClose(() => application.close());
    this.#application = application;
  }

  /** A relay before the admin port, whose connections a test can cut. */
  async #openRelay(adminPort: number): Promise<number> {
    const relay = createTcpServer((near) => {
      const far = connect(adminPort, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#adminSockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => socket.destroy()).on('close', () => this.#adminSockets.delete(socket));
      }
      near.pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    this.#scope.onClose(() => new Promise<void>((resolve) => { relay.close(() => resolve()); }));
    const address = relay.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
}
