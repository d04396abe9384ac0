import type { SentRequest, SipResponse, SipStack } from '../../../server/sip/drachtio/messages.ts';

/** A request that the fake stack was asked to send. */
export interface AskedRequest {
  readonly method: string;
  readonly uri: string;
  readonly proxy: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the far end answers; `silent` nothing, `unsent` could not leave. */
export type FarEnd = (request: AskedRequest) => 'silent' | 'unsent' | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly address?: string };

/** A stack whose requests outside of dialogs are answered by a script, for tests with faked time. */
export class FakeTrunkStack implements SipStack {
  readonly asked: AskedRequest[] = [];
  farEnd: FarEnd;

  constructor(farEnd: FarEnd) {
    this.farEnd = farEnd;
  }

  use(): void { /* nothing comes in */ }
  connect(): void { /* always there */ }
  disconnect(): void { /* always there */ }
  on(): void { /* nothing happens */ }
  createUAS(): void { /* nothing comes in */ }
  createUAC(..._args: Parameters<SipStack['createUAC']>): void { /* no calls here */ }

  request(uri: string, options: { readonly method: string; readonly headers: Record<string, string>; readonly proxy?: string }, callback: (error: unknown, sent?: SentRequest) => void): void {
    const request = { uri, method: options.method, proxy: options.proxy ?? '', headers: options.headers };
    this.asked.push(request);
    const answer = this.farEnd(request);
    if (answer === 'unsent') return callback(new Error('no route'));
    callback(null, {
      on: (_, listener) => {
        if (answer !== 'silent') listener(toResponse(answer));
      },
    });
  }
}

function toResponse(answer: Exclude<ReturnType<FarEnd>, string>): SipResponse {
  const headers = new Map(Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    status: answer.status, body: '', finalResponseSent: true, source_address: answer.address ?? '192.0.2.1',
    get: (name) => headers.get(name.toLowerCase()), send: () => undefined,
  };
}
