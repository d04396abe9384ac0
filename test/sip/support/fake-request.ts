import type { SipRequest } from '../../../server/sip/drachtio/messages.ts';

/** What a fake request says; headers by lower-case name. */
export interface FakeRequestOptions {
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** A request as drachtio-srf hands it over, for tests that need no network. */
export function fakeRequest(options: FakeRequestOptions = {}): SipRequest {
  const headers = new Map(Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const body = options.body ?? '';
  const type = headers.get('content-type');
  return {
    method: options.method ?? 'INVITE',
    uri: options.uri ?? 'sip:1000@127.0.0.1',
    body,
    payload: [{ ...(type === undefined ? {} : { type }), content: body }],
    source: 'network',
    source_address: options.address ?? '127.0.0.1',
    source_port: options.port ?? 40_000,
    protocol: options.protocol ?? 'ws',
    get: (name) => headers.get(name.toLowerCase()),
    has: (name) => headers.has(name.toLowerCase()),
    on: () => undefined,
    cancel: () => undefined,
  };
}
