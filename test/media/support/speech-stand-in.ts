import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a stand-in was asked. */
export interface SpeechRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A text-to-speech service on loopback that answers as it is told. */
export class SpeechStandIn {
  readonly requests: SpeechRequest[] = [];
  answer: (response: ServerResponse) => void;
  readonly #server: Server;

  private constructor(server: Server, answer: (response: ServerResponse) => void) {
    this.#server = server;
    this.answer = answer;
  }

  static async start(answer: (response: ServerResponse) => void): Promise<SpeechStandIn> {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const standIn = new SpeechStandIn(server, answer);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => { void standIn.#take(request, response); });
    return standIn;
  }

  // A cast because a server that listens on a port has an address with one.
  get url(): string { return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/speak`; }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    this.requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    this.answer(response);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
