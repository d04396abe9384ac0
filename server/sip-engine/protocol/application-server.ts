import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { AppError } from '../../base/app-error.ts';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import { ApplicationConnection, type ApplicationHost } from './application-connection.ts';
import { socketLink, type ApplicationLink } from './application-link.ts';
import { InProcessSocket } from './in-process-socket.ts';

/** Said to be a drachtio-server that answers pings (from v0.8.2 on). */
const PROTOCOL_VERSION = 'v0.8.26';

const HOST = '127.0.0.1';

/** What the application server is made with. */
export interface ApplicationServerOptions extends Pick<ApplicationHost, 'onSip' | 'onClosed'> {
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly secret: string;
  /** `protocol/address:port` of every SIP listener. */
  readonly endpoints: () => readonly string[];
}

/** What {@link ApplicationServer.select} found. */
export type Selection =
  | { readonly kind: 'application'; readonly application: ApplicationConnection }
  /** None of those that may have it asked for the method. */
  | { readonly kind: 'no-route' }
  | { readonly kind: 'no-application' }
  /** None that is connected carries the tag. */
  | { readonly kind: 'no-tagged-application' };

/** Takes applications, from loopback and from within the process, and chooses one for each new request, in turn. */
export class ApplicationServer {
  readonly #server: Server;
  readonly #host: ApplicationHost;
  readonly #connections = new Set<ApplicationConnection>();
  readonly #authenticated: ApplicationConnection[] = [];
  /** Who had the last request of a method and tag; no more entries than routes of applications. */
  readonly #turns = new Map<string, number>();
  #port = 0;

  private constructor(options: ApplicationServerOptions) {
    const secret = digest(Buffer.from(options.secret, 'utf8').toString('latin1'));
    this.#host = {
      limits: options.limits,
      counters: options.counters,
      isSecret: (given) => timingSafeEqual(digest(given), secret),
      greeting: () => [options.endpoints().join(','), PROTOCOL_VERSION, options.endpoints().join(',')],
      onAuthenticated: (application) => { this.#authenticated.push(application); },
      onSip: options.onSip,
      onClosed: (application) => {
        this.#connections.delete(application);
        const index = this.#authenticated.indexOf(application);
        if (index < 0) return;
        this.#authenticated.splice(index, 1);
        options.onClosed(application);
      },
    };
    this.#server = createServer((socket) => this.#accept(socketLink(socket)));
  }

  /**
   * Makes the server, and listens for applications of other processes.
   * @param port - on loopback, 0 for an ephemeral one; undefined: nobody but this process may connect.
   * @throws AppError `sip.port-in-use` or `sip.listen-failed`.
   */
  static async open(port: number | undefined, options: ApplicationServerOptions): Promise<ApplicationServer> {
    const applications = new ApplicationServer(options);
    if (port !== undefined) await applications.#listen(port, options);
    return applications;
  }

  async #listen(port: number, options: ApplicationServerOptions): Promise<void> {
    const server = this.#server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, HOST, () => {
          server.removeListener('error', reject);
          resolve();
        });
      });
    } catch (cause) {
      const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      throw new AppError({
        code: inUse ? 'sip.port-in-use' : 'sip.listen-failed',
        category: 'config',
        message: `the SIP engine cannot listen for applications on tcp ${HOST}:${port}${inUse ? ': the port is in use' : ''}`,
        details: { transport: 'tcp', host: HOST, port },
        cause,
      });
    }
    server.on('error', () => options.counters.add('fault.application-accept'));
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : port;
  }

  /**
   * Connects to an application of this process, without a socket of the system.
   * @param server - the one that the application gave to `srf.listen`; it need not listen.
   */
  attach(server: Server): void {
    const socket = new InProcessSocket();
    this.#accept(socket.link);
    server.emit('connection', socket);
  }

  #accept(link: ApplicationLink): void {
    this.#connections.add(new ApplicationConnection(link, this.#host));
  }

  /** The port that it listens on; 0 when it does not. */
  get port(): number {
    return this.#port;
  }

  /** Applications that have authenticated. */
  get size(): number {
    return this.#authenticated.length;
  }

  /**
   * Chooses the application for a request outside a dialog, in turn among those that asked for its method.
   * @param tag - only applications that carry it may have the request; undefined: any.
   */
  select(method: string, tag?: string): Selection {
    if (this.#authenticated.length === 0) return { kind: 'no-application' };
    const allowed = tag === undefined ? this.#authenticated : this.#authenticated.filter(({ tags }) => tags.has(tag));
    if (allowed.length === 0) return { kind: 'no-tagged-application' };
    const wanted = method.toLowerCase();
    const candidates = allowed.filter(({ routes }) => routes.has(wanted));
    if (candidates.length === 0) return { kind: 'no-route' };
    // A turn for each kind of request, or two kinds that alternate would each meet the same application for ever.
    const kind = tag === undefined ? wanted : `${wanted} ${tag}`;
    const turn = ((this.#turns.get(kind) ?? -1) + 1) % candidates.length;
    this.#turns.set(kind, turn);
    const application = candidates[turn];
    return application === undefined ? { kind: 'no-route' } : { kind: 'application', application };
  }

  /** The application that asked for an event of the engine, as `cdr:start`; undefined when none did. */
  listener(event: string): ApplicationConnection | undefined {
    return this.#authenticated.find((application) => application.routes.has(event));
  }

  async close(): Promise<void> {
    // Calls back also when it does not listen.
    const closed = new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
    for (const application of [...this.#connections]) application.close('engine closes');
    await closed;
  }
}

/** Equal lengths, whatever is compared, so that the comparison tells nothing by its time. */
const digest = (secret: string): Buffer => createHash('sha256').update(secret, 'latin1').digest();
