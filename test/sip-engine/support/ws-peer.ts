import { WebSocket } from 'ws';

/** A SIP peer over WebSocket, as a browser is one: it can be reached over its connection only. */
export class WsPeer {
  readonly received: string[] = [];
  readonly #socket: WebSocket;
  #waiting: { matches: (text: string) => boolean; resolve: (text: string) => void }[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('utf8'); // The library's default binaryType.
      const waiting = this.#waiting.find(({ matches }) => matches(text));
      if (waiting === undefined) this.received.push(text);
      else {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        waiting.resolve(text);
      }
    });
  }

  /** @param options - `ca`: the authority of the server, for wss. @throws Error when the upgrade is refused. */
  static open(url: string, options: { protocols?: string[]; origin?: string; ca?: string } = {}): Promise<WsPeer> {
    const socket = new WebSocket(url, options.protocols ?? ['sip'], {
      ...(options.origin === undefined ? {} : { origin: options.origin }), ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    return new Promise((resolve, reject) => {
      const peer = new WsPeer(socket);
      socket.once('open', () => resolve(peer));
      socket.once('error', reject);
    });
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  next(start: string): Promise<string> {
    const matches = (text: string): boolean => text.startsWith(start);
    const index = this.received.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.received.splice(index, 1)[0] ?? '');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${start}; got ${JSON.stringify(this.received)}`)), 2_000);
      this.#waiting.push({ matches, resolve: (text) => { clearTimeout(timer); resolve(text); } });
    });
  }

  /** Cuts the connection, as a closed tab does. */
  async cut(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => { this.#socket.once('close', () => resolve()); });
    this.#socket.terminate();
    await closed;
  }
}
