import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type ConnectionOptions, type TlsOptions } from 'node:tls';
import { headerOf } from './udp-peer.ts';

/** One end of a TCP or TLS connection that speaks SIP by hand. */
export class StreamPeer {
  readonly socket: Socket;
  isClosed = false;
  /** Everything that arrived and was not handed out. */
  text = '';
  readonly #closed: Promise<void>;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.text += data.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined); // Told by `closed`.
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  static tcp(port: number, host = '127.0.0.1'): Promise<StreamPeer> {
    const socket = connectTcp({ port, host });
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(new StreamPeer(socket))).once('error', reject);
    });
  }

  /** @throws Error when the handshake fails. */
  static tls(port: number, options: ConnectionOptions): Promise<StreamPeer> {
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    return new Promise((resolve, reject) => {
      socket.once('secureConnect', () => resolve(new StreamPeer(socket))).once('error', reject);
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next message without a body that starts so; what stands before it is dropped. @throws Error after two seconds. */
  async next(start: string, deadlineMs = 2_000): Promise<string> {
    const until = Date.now() + deadlineMs;
    for (;;) {
      const from = this.text.indexOf(start);
      const end = from < 0 ? -1 : this.text.indexOf('\r\n\r\n', from);
      if (end >= 0) {
        const message = this.text.slice(from, end + 4);
        this.text = this.text.slice(end + 4);
        return message;
      }
      if (Date.now() > until || this.isClosed) throw new Error(`no ${start}; got ${JSON.stringify(this.text)}${this.isClosed ? ', closed' : ''}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, until - Date.now()));
        this.#wake = () => { clearTimeout(timer); resolve(); };
      });
    }
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.#closed;
  }
}

/** A TCP or TLS server that speaks SIP by hand. */
export class StreamServer {
  readonly connections: StreamPeer[] = [];
  readonly #server: Server;
  #wake: () => void = () => undefined;

  private constructor(server: Server, event: 'connection' | 'secureConnection') {
    this.#server = server;
    server.on(event, (socket: Socket) => {
      this.connections.push(new StreamPeer(socket));
      this.#wake();
    });
    server.on('tlsClientError', () => undefined); // A client that does not trust us.
  }

  static async open(options: { tls?: TlsOptions; port?: number; host?: string } = {}): Promise<StreamServer> {
    const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
    const opened = new StreamServer(server, options.tls === undefined ? 'connection' : 'secureConnection');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(options.port ?? 0, options.host ?? '127.0.0.1', () => resolve());
    });
    return opened;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // It listens on a port, so it is no pipe.
  }

  /** The connection of this number, from 0. */
  async connection(index = 0): Promise<StreamPeer> {
    for (let tries = 0; tries < 2; tries += 1) {
      const found = this.connections[index];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 2_000);
        this.#wake = () => { clearTimeout(timer); resolve(); };
      });
    }
    throw new Error(`no connection ${index}`);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
    await Promise.all(this.connections.map((one) => one.close()));
    await closed;
  }
}

/** A response to a raw request, without a body. */
export const answerTo = (request: string, status: string, headers: readonly string[] = []): string => [
  `SIP/2.0 ${status}`,
  ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`),
  `To: ${headerOf(request, 'To')};tag=peer`, ...headers, 'Content-Length: 0', '', '',
].join('\r\n');

/** An OPTIONS for a stream, by hand. */
export const ping = (transport: string, sentBy: string, id: string, params = ''): string => [
  'OPTIONS sip:centre.example SIP/2.0', `Via: SIP/2.0/${transport} ${sentBy};branch=z9hG4bK-${id}${params}`,
  'From: <sip:carol@carrier.example>;tag=c', 'To: <sip:centre.example>', `Call-ID: ${id}`, 'CSeq: 1 OPTIONS', 'Max-Forwards: 70',
  'Content-Length: 0', '', '',
].join('\r\n');
