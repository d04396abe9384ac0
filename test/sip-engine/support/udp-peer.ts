import { createSocket, type Socket } from 'node:dgram';

/** A raw UDP socket that speaks SIP by hand, for what SIPp cannot do. */
export class UdpPeer {
  readonly received: string[] = [];
  readonly #socket: Socket;
  #waiting: { matches: (text: string) => boolean; resolve: (text: string) => void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const text = data.toString('utf8');
      const waiting = this.#waiting.find(({ matches }) => matches(text));
      if (waiting === undefined) {
        this.received.push(text);
        return;
      }
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      waiting.resolve(text);
    });
  }

  static open(): Promise<UdpPeer> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => { socket.bind(0, '127.0.0.1', () => resolve(new UdpPeer(socket))); });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string | Buffer, port: number): void {
    this.#socket.send(typeof text === 'string' ? Buffer.from(text, 'utf8') : text, port, '127.0.0.1');
  }

  /**
   * The next message that starts with `start`; each is handed out once.
   * @throws Error after two seconds.
   */
  next(start: string, deadlineMs = 2_000): Promise<string> {
    const matches = (text: string): boolean => text.startsWith(start);
    const index = this.received.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.received.splice(index, 1)[0] ?? '');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${start}; got ${JSON.stringify(this.received)}`)), deadlineMs);
      this.#waiting.push({ matches, resolve: (text) => { clearTimeout(timer); resolve(text); } });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => { this.#socket.close(() => resolve()); });
  }
}

/** What a hand-made request is filled with. */
export interface RequestParts {
  readonly method: string;
  readonly port: number;
  readonly branch: string;
  readonly callId: string;
  readonly sequence?: number;
  readonly toTag?: string;
  readonly uri?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Writes a request by hand. */
export function handMade(parts: RequestParts): string {
  const body = parts.body ?? '';
  return [
    `${parts.method} ${parts.uri ?? 'sip:1000@127.0.0.1'} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${parts.port};branch=${parts.branch}`,
    'From: Carol <sip:carol@127.0.0.1>;tag=carol',
    `To: <sip:1000@127.0.0.1>${parts.toTag === undefined ? '' : `;tag=${parts.toTag}`}`,
    `Call-ID: ${parts.callId}`,
    `CSeq: ${parts.sequence ?? 1} ${parts.method}`,
    'Max-Forwards: 70',
    ...(parts.headers ?? [`Contact: <sip:carol@127.0.0.1:${parts.port}>`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** The value of a header in a raw message. */
export function headerOf(text: string, name: string): string {
  return new RegExp(`\\r\\n${name}: *([^\\r\\n]*)`, 'i').exec(text)?.[1] ?? '';
}

/** The To tag of a raw message. */
export const toTagOf = (text: string): string => /;tag=([^;\r\n]+)/.exec(headerOf(text, 'To'))?.[1] ?? '';
