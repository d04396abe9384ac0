import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { parseClientFrame, type ClientFrame, type ServerFrame, type Topic } from '../../../server/wire/frames.ts';
import type { LiveItem } from '../../../server/wire/live-item.ts';
import type { SessionView } from '../../../server/wire/api.ts';
import { FakeRegistrar } from './fake-registrar.ts';

const DIST = join(import.meta.dirname, '../../../softphone/dist');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** An answer of the fake API: a JSON body, or a problem. */
export interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A centre of cardboard: serves the built pages, answers the API as told, and speaks the frames of one topic. */
export class FakeCentre extends EventEmitter<{ frame: [ClientFrame]; registrar: [FakeRegistrar] }> {
  readonly frames: ClientFrame[] = [];
  readonly answers = new Map<string, FakeAnswer>();
  readonly #items = new Map<string, LiveItem>();
  readonly #topic: Topic;
  #session: SessionView | undefined;
  #server: Server | undefined;
  #sockets = new WebSocketServer({ noServer: true });
  #seq = 0;
  registrar: FakeRegistrar | undefined;
  /** Refuses requests with this code while set. */
  refusal: string | undefined;

  constructor(topic: Topic, session?: SessionView) {
    super();
    this.#topic = topic;
    this.#session = session;
  }

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((cause: unknown) => response.writeHead(500).end(String(cause)));
    });
    server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        if (request.url?.startsWith('/sip')) {
          this.registrar = new FakeRegistrar(ws);
          this.emit('registrar', this.registrar);
        } else this.#onDesk(ws);
      });
    });
    this.#server = server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://localhost:${this.#port()}`;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#server) await once(this.#server, 'close');
  }

  /** Breaks every WebSocket. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** Changes the live page of everybody. */
  change(put: readonly LiveItem[], drop: readonly string[] = []): void {
    for (const key of drop) this.#items.delete(key);
    for (const item of put) this.#items.set(item.key, item);
    this.#seq += 1;
    for (const socket of this.#sockets.clients) {
      if (socket.protocol !== 'sip') send(socket, { type: 'delta', topic: this.#topic, seq: this.#seq, put: [...put], drop: [...drop] });
    }
  }

  /** Waits for a frame of a type. */
  async hears<T extends ClientFrame['type']>(type: T): Promise<Extract<ClientFrame, { type: T }>> {
    const isIt = (frame: ClientFrame): frame is Extract<ClientFrame, { type: T }> => frame.type === type;
    for (;;) {
      const found = this.frames.find(isIt);
      if (found) return found;
      await once(this, 'frame');
    }
  }

  #onDesk(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      const parsed = parseClientFrame(data.toString('utf8'));
      if (parsed.kind === 'invalid') throw new Error(`the page sent an invalid frame: ${parsed.message}`);
      const { frame } = parsed;
      this.frames.push(frame);
      if (frame.type === 'follow' || frame.type === 'resync') send(socket, { type: 'snapshot', topic: frame.topic, seq: this.#seq, items: [...this.#items.values()] });
      else if (frame.type === 'ping') send(socket, { type: 'pong', ref: frame.ref, at: Date.now() });
      else if ('ref' in frame) send(socket, this.refusal === undefined ? { type: 'done', ref: frame.ref } : { type: 'refused', ref: frame.ref, code: this.refusal, message: 'refused' });
      this.emit('frame', frame);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/api/')) return sendFile(url.pathname, response);
    const answer = this.#api(`${request.method ?? 'GET'} ${url.pathname}`);
    const status = answer.status ?? 200;
    response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', ...answer.headers }).end(JSON.stringify(answer.body));
  }

  #api(route: string): FakeAnswer {
    const told = this.answers.get(route);
    if (told) return told;
    if (route === 'GET /api/session') return this.#session ? { body: this.#session } : { status: 401, body: { code: 'http.not-signed-in', title: 'Unauthorized', status: 401 } };
    if (route === 'POST /api/session/sip' || route === 'POST /api/call-us') {
      return { body: { webSocketUrl: `ws://localhost:${this.#port()}/sip`, aor: 'sip:u1@allo.invalid', username: 'u1', password: 'p1', expiresAt: Date.now() + 3_600_000, dial: 'sip:1000@allo.invalid' } };
    }
    return { status: 404, body: { code: 'http.not-found', title: 'Not Found', status: 404 } };
  }

  #port(): number {
    // A TCP server that listens has an address of this kind.
    return (this.#server?.address() as AddressInfo).port;
  }
}

function send(socket: WebSocket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = extname(path) === '' ? 'index.html' : normalize(path).replace(/^[/\\]+/, '');
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(await readFile(join(DIST, file)));
}
