import type { SipStack } from '../../../server/sip/drachtio/messages.ts';
import { fakeResponse, type FakeResponse } from './fake-dialog.ts';

/** A request that the fake stack was asked to send. */
export interface AskedRequest {
  readonly method: string;
  readonly uri: string;
  readonly proxy: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the far end answers; `silent` nothing, `unsent` could not leave. */
export type FarEnd = (request: AskedRequest) => 'silent' | 'unsent' | FakeResponse;

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

  request(...[uri, options, callback]: Parameters<SipStack['request']>): void {
    const request = { uri, method: options.method, proxy: options.proxy ?? '', headers: options.headers };
    this.asked.push(request);
    const answer = this.farEnd(request);
    if (answer === 'unsent') return callback(new Error('no route'));
    callback(null, {
      on: (_, listener) => {
        if (answer !== 'silent') listener(fakeResponse(answer));
      },
    });
  }
}
