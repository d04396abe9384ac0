import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { MemorySipCredentials } from '../../server/access/memory-sip-credentials.ts';
import { SignIn } from '../../server/access/sign-in.ts';
import type { CustomerFile, CustomerSummary } from '../../server/model/customer-file.ts';
import { asId, type CallId, type CustomerId, type OfferId, type QueueId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import type { Interaction, InteractionSummary } from '../../server/model/interaction.ts';
import type { Receipt } from '../../server/model/routing.ts';
import { epochMs } from '../../server/base/time.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../server/http/http-server.ts';
import type { HttpServices } from '../../server/http/http-services.ts';
import type { History, HistoryQuery } from '../../server/interaction/ports.ts';
import { HandClock } from '../access/hand-clock.ts';
import { alice, ATLAS, BARAKA, MemoryAccounts, MemorySessions, PASSWORD } from '../access/people.ts';

export const CLAIMS = asId<QueueId>('queue-claims');

const summary = (id: string, displayName: string): CustomerSummary => ({
  customerId: asId<CustomerId>(id), displayName, tier: 'gold', valueScore: 80, churnLight: 'green', hasOpenCase: false, hasActiveContract: true,
});

/** The file of a customer about whom little is known. */
export const fileOf = (customer: CustomerSummary): CustomerFile => ({
  ...customer, numbers: [], tierReason: 'premium', contracts: [], cases: [], invoices: [], orders: [], tasks: [],
  consent: { recording: true, marketing: false, optedOutChannels: [] }, customFields: {}, timeline: [],
});

/** Carol is a customer of Atlas, Boualem of Baraka. */
export const carol = summary('customer-carol', 'Carol Haddad');
const CUSTOMERS: Readonly<Record<string, readonly CustomerSummary[]>> = {
  [ATLAS]: [carol], [BARAKA]: [summary('customer-boualem', 'Boualem Kaci')],
};

/** A customer base in memory; can be told to hang or to fail. */
export class FakeCustomers {
  fault: Error | undefined;
  searches: { tenantId: TenantId; text: string; limit: number }[] = [];

  async search(tenantId: TenantId, text: string, limit: number): Promise<readonly CustomerSummary[]> {
    this.searches.push({ tenantId, text, limit });
    if (this.fault) throw this.fault;
    return (CUSTOMERS[tenantId] ?? []).filter(({ displayName }) => displayName.toLowerCase().includes(text.toLowerCase()));
  }

  async loadFile(tenantId: TenantId, customerId: CustomerId): Promise<CustomerFile | undefined> {
    if (this.fault) throw this.fault;
    const found = (CUSTOMERS[tenantId] ?? []).find((customer) => customer.customerId === customerId);
    return found && fileOf(found);
  }
}

const receipt: Receipt = {
  decidedAt: epochMs(1), snapshotHash: 'ab', policyVersion: 1, callId: asId<CallId>('call-1'), queueId: CLAIMS, key: 0,
  headStart: { ms: 0, parts: [], policyVersion: 1 }, waitedMs: 4_000, waiting: 1, position: 1,
  candidates: [{ agentId: alice.userId, idleMs: 9_000 }], excluded: [], chosen: alice.userId, tieBreak: 'only-candidate',
};

const interaction: Interaction = {
  interactionId: asId<CallId>('call-1'), channel: 'voice', direction: 'inbound', startedAt: epochMs(1_000), tenantId: ATLAS,
  trunkId: asId<TrunkId>('trunk-1'), trunkSequence: 1, sipCallId: 'abc@192.0.2.7', dialled: '1000', calling: { kind: 'anonymous' },
  ivrPath: [], queueStays: [], holds: [],
  offers: [{ offerId: asId<OfferId>('offer-1'), agentId: alice.userId, offeredAt: epochMs(5_000), outcome: 'accepted', receipt }],
};

/** One call of Atlas. */
export class FakeHistory implements History {
  queries: { tenantId: TenantId; query: HistoryQuery }[] = [];

  async find(tenantId: TenantId, callId: CallId): Promise<Interaction | undefined> {
    return tenantId === interaction.tenantId && callId === interaction.interactionId ? interaction : undefined;
  }

  async list(tenantId: TenantId, query: HistoryQuery): Promise<readonly InteractionSummary[]> {
    this.queries.push({ tenantId, query });
    return tenantId === interaction.tenantId ? [interaction] : [];
  }
}

/** A browser of one person: keeps the cookie, says where it comes from. */
export class Browser {
  cookie: string | undefined;
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookie) headers.set('Cookie', this.cookie);
    if (!headers.has('Origin')) headers.set('Origin', this.#baseUrl);
    const response = await fetch(`${this.#baseUrl}${path}`, { redirect: 'manual', ...init, headers });
    const set = response.headers.getSetCookie()[0];
    if (set) this.cookie = set.split(';', 1)[0];
    return response;
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
  }

  async signIn(username: string, password = PASSWORD): Promise<Response> {
    return this.post('/api/session', { username, password });
  }
}

/** A real server on an ephemeral port with fakes behind its ports. */
export class HttpRig {
  readonly clock = new HandClock();
  readonly accounts = new MemoryAccounts();
  readonly sessions = new MemorySessions();
  readonly customers = new FakeCustomers();
  readonly history = new FakeHistory();
  readonly credentials = new MemorySipCredentials({ realm: 'allo.test', clock: this.clock.read });
  readonly signedOut: string[] = [];
  /** What asking for a recording leads to, and who asked. */
  library: HttpServices['recordings'] = { open: async () => ({ kind: 'unknown' }) };
  readonly steered: { readonly userId: string; readonly callId: string; readonly action: string }[] = [];
  steerReply: Awaited<ReturnType<HttpServices['steerRecording']>> = { kind: 'done' };
  readonly logged: { readonly level: number; readonly msg: string; readonly instance?: string }[] = [];
  readonly directory = mkdtempSync(join(tmpdir(), 'allo-pages-'));
  readiness: Awaited<ReturnType<HttpServices['checkReadiness']>> = [{ name: 'database', isReady: true }];
  baseUrl = '';
  port = 0;
  server: HttpServer | undefined;

  readonly log: Logger = pino({ level: 'debug' }, {
    write: (line: string) => {
      // A cast because the logger writes its own objects.
      this.logged.push(JSON.parse(line) as HttpRig['logged'][number]);
    },
  });

  readonly services: HttpServices = {
    sessions: new SignIn({ accounts: this.accounts, sessions: this.sessions, clock: this.clock.read }),
    credentials: this.credentials,
    customers: this.customers,
    history: this.history,
    centre: {
      listUsers: (tenantId) => this.accounts.listUsers(tenantId),
      listQueues: async () => [],
      listDispositions: async (tenantId) => [{ code: `${tenantId}-code`, label: { fr: 'f', ar: 'a', en: 'e' } }],
    },
    recordings: { open: (listener, recordingId) => this.library.open(listener, recordingId) },
    steerRecording: async ({ userId }, callId, action) => {
      this.steered.push({ userId, callId, action });
      return this.steerReply;
    },
    callUs: { tenantId: ATLAS, dial: '1000' },
    explain: (said, language, names) => [`${language}: ${names.agentName(said.chosen) ?? '?'} because ${said.tieBreak}`],
    proveLedger: async (tenantId) => ({ tenantId, gap: 0 }),
    nodeStatus: async () => ({ calls: 3 }),
    checkReadiness: async () => this.readiness,
    onSignedOut: (sessionId) => this.signedOut.push(sessionId),
  };

  async start(options: Partial<HttpServerOptions> = {}): Promise<void> {
    mkdirSync(join(this.directory, 'assets'));
    writeFileSync(join(this.directory, 'index.html'), '<!doctype html><title>Allo</title>');
    writeFileSync(join(this.directory, 'assets', 'index-abc123.js'), 'export {};');
    writeFileSync(join(this.directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    this.server = createHttpServer({
      host: '127.0.0.1', port: 0, services: this.services, clock: this.clock.read, log: this.log,
      softphoneDirectory: this.directory, upgrades: new Map(), ...options,
    });
    const { port } = await this.server.listen();
    this.port = port;
    this.baseUrl = `http://127.0.0.1:${port}`;
  }

  browser(): Browser {
    return new Browser(this.baseUrl);
  }

  async browserOf(username: string): Promise<Browser> {
    const browser = this.browser();
    await browser.signIn(username);
    return browser;
  }

  async stop(): Promise<void> {
    await this.server?.close();
    rmSync(this.directory, { recursive: true });
  }
}
