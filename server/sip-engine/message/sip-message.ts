import { headerName, type HeaderName } from './header-names.ts';

/**
 * One header line. Everywhere inside the engine text is a *binary string*: one character per
 * byte of the wire (latin1), so that lengths are bytes and UTF-8 passes through untouched.
 */
export interface Header {
  readonly name: HeaderName;
  value: string;
}

/** The headers of a message, in the order of the wire. */
export class Headers {
  readonly list: Header[];

  constructor(list: Header[] = []) {
    this.list = list;
  }

  /** @returns the first value of a header given by its lower-case key. */
  get(key: string): string | undefined {
    for (const header of this.list) if (header.name.key === key) return header.value;
    return undefined;
  }

  /** @returns every line of a header, in order; values with commas are not split. */
  all(key: string): string[] {
    const values: string[] = [];
    for (const header of this.list) if (header.name.key === key) values.push(header.value);
    return values;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Appends a line; `spelling` may be any form of the name. */
  add(spelling: string, value: string): this {
    this.list.push({ name: headerName(spelling), value });
    return this;
  }

  /** Removes every line of a header. */
  remove(key: string): void {
    for (let i = this.list.length - 1; i >= 0; i -= 1) {
      if (this.list[i]?.name.key === key) this.list.splice(i, 1);
    }
  }
}

/** A parsed request; its headers and body may be read by everyone and changed by nobody but its maker. */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A parsed response. */
export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Anything that travels as SIP. */
export type SipMessage = SipRequest | SipResponse;

/**
 * Writes a message for the wire, with the right Content-Length.
 * @returns a binary string.
 */
export function serialize(message: SipMessage): string {
  let text = message.kind === 'request'
    ? `${message.method} ${message.uri} SIP/2.0\r\n`
    : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  for (const { name, value } of message.headers.list) {
    if (name.key !== 'content-length') text += `${name.label}: ${value}\r\n`;
  }
  return `${text}Content-Length: ${message.body.length}\r\n\r\n${message.body}`;
}
