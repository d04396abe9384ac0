import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import { parseApplicationFrame, type ApplicationFrame } from './application-frame.ts';
import type { ApplicationLink } from './application-link.ts';
import { frame, FrameReader } from './frame-reader.ts';
import { nokPayload, okPayload } from './frames-out.ts';

/** Most bytes that may wait for an application; one that does not read is cut off. */
const MAX_WAITING_BYTES = 64 * 1_048_576;

/** What a connection needs from the server that accepted it. */
export interface ApplicationHost {
  readonly limits: SipLimits;
  readonly counters: Counters;
  isSecret(secret: string): boolean;
  /** The reply to a good secret: SIP endpoints, version, local endpoints. */
  greeting(): readonly string[];
  onAuthenticated(application: ApplicationConnection): void;
  onSip(application: ApplicationConnection, frame: Extract<ApplicationFrame, { verb: 'sip' | 'proxy' }>): void;
  onClosed(application: ApplicationConnection): void;
}

/** One application: the link to it, and the methods that it asked for. */
export class ApplicationConnection {
  readonly routes = new Set<string>();
  /** What the application calls itself (`new Srf(tags)`). */
  tags: ReadonlySet<string> = new Set();
  readonly #link: ApplicationLink;
  readonly #host: ApplicationHost;
  readonly #reader: FrameReader;
  #authenticated = false;
  #open = true;
  #deadline: NodeJS.Timeout | undefined;
  /** Frames written in this turn of the loop, sent together: one system call instead of many. */
  #batch = '';

  constructor(link: ApplicationLink, host: ApplicationHost) {
    this.#link = link;
    this.#host = host;
    this.#reader = new FrameReader(host.limits.frameBytes);
    this.#deadline = setTimeout(() => {
      host.counters.add('application.not-authenticated');
      this.close('not authenticated in time');
    }, host.limits.authenticateMs);
    link.open({ onText: (chunk) => this.#read(chunk), onGone: () => this.#gone() });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Sends one payload; lost, counted, when the application is gone. */
  send(payload: string): void {
    if (!this.#open) {
      this.#host.counters.add('dropped.application-gone');
      return;
    }
    if (this.#batch === '') queueMicrotask(() => this.#flush());
    this.#batch += frame(payload);
  }

  /** Ends the connection after what was written. */
  close(reason: string): void {
    if (!this.#open) return;
    this.#host.counters.add(`application.closed`);
    if (reason !== '') this.#flush();
    this.#link.end();
    this.#gone();
  }

  #flush(): void {
    if (this.#batch === '') return;
    this.#link.write(this.#batch);
    this.#batch = '';
    if (this.#link.waitingBytes > MAX_WAITING_BYTES) {
      this.#host.counters.add('application.too-slow');
      this.#link.destroy();
      this.#gone();
    }
  }

  #read(chunk: string): void {
    const payloads = this.#reader.push(chunk);
    if (payloads === undefined) {
      this.#host.counters.add('application.bad-frame');
      this.close('bad frame');
      return;
    }
    for (const payload of payloads) {
      if (!this.#open) return;
      this.#handle(parseApplicationFrame(payload, this.#host.limits));
    }
  }

  #handle(request: ApplicationFrame): void {
    if (!this.#authenticated && request.verb !== 'authenticate') {
      this.send(nokPayload(request.id, 'not authenticated'));
      this.close('not authenticated');
      return;
    }
    switch (request.verb) {
      case 'authenticate':
        this.#authenticate(request);
        break;
      case 'route':
        this.routes.add(request.method);
        this.send(okPayload(request.id));
        break;
      case 'remove_route':
        this.routes.delete(request.method);
        this.send(okPayload(request.id));
        break;
      case 'ping':
        this.send(okPayload(request.id));
        break;
      case 'refused':
        this.#host.counters.add('application.refused-frame');
        this.send(nokPayload(request.id, request.reason));
        break;
      case 'sip':
      case 'proxy':
        this.#host.onSip(this, request);
        break;
    }
  }

  #authenticate(request: Extract<ApplicationFrame, { verb: 'authenticate' }>): void {
    if (!this.#host.isSecret(request.secret)) {
      this.#host.counters.add('application.wrong-secret');
      this.send(nokPayload(request.id, 'incorrect secret'));
      this.close('incorrect secret');
      return;
    }
    clearTimeout(this.#deadline);
    this.#authenticated = true;
    this.tags = new Set(request.tags);
    this.send(okPayload(request.id, ...this.#host.greeting()));
    this.#host.onAuthenticated(this);
  }

  #gone(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#deadline);
    this.#host.onClosed(this);
  }
}
