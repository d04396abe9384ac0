import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { openDatabase } from '../db/open-database.ts';
import { seedDemonstration } from '../db/seed/seed-demonstration.ts';
import { MemorySipCredentials } from './access/memory-sip-credentials.ts';
import { hashPassword } from './access/passwords.ts';
import { SignIn } from './access/sign-in.ts';
import { Scope } from './base/scope.ts';
import { systemClock, type EpochMs, type Milliseconds } from './base/time.ts';
import { AgentRoster } from './call/agent-roster.ts';
import { CallCentre } from './call/call-centre.ts';
import { TrunkTable } from './call/find-trunk.ts';
import type { Config } from './config.ts';
import { createHttpServer } from './http/http-server.ts';
import type { UpgradeHandler } from './http/upgrade-router.ts';
import { CallHistory } from './interaction/open-history.ts';
import { sayDate, sayMoney, sayNumber } from './media/say/say.ts';
import { Dispatcher } from './routing/dispatcher.ts';
import { explainReceipt } from './routing/explain.ts';
import { MemoryRoutingStore } from './routing/memory-routing-store.ts';
import type { SipEngineOptions } from './sip-engine/sip-engine.ts';
import type { BannerFacts } from './start/banner.ts';
import { watchCertificate } from './start/certificate-watch.ts';
import { expectGood, readIdentity } from './start/certificates.ts';
import { demoPassword } from './start/demo-password.ts';
import type { EdgeOptions } from './start/edge-options.ts';
import { openMedia, openSip } from './start/edges.ts';
import { faultLog, type FaultReport } from './start/fault-log.ts';
import { flowRunner, selfCareFrom } from './start/flow-runner.ts';
import { callUsTarget, readFloor, Wallboard } from './start/floor.ts';
import { lateDesk } from './start/late-desk.ts';
import { httpUrl } from './start/http-url.ts';
import { loadFlows } from './start/load-flows.ts';
import { readiness } from './start/readiness.ts';
import { openRecordingDisk, openRecordings } from './start/recordings.ts';
import { DeskHub } from './ws/desk-hub.ts';

/** What only tests change. */
export interface AlloOptions {
  readonly sipTimers?: SipEngineOptions['timers'];
  /** How often the files of certificates are looked at. */
  readonly certificateCheckMs?: Milliseconds;
}

/** A node that runs. */
export interface RunningAllo {
  readonly startedAt: EpochMs;
  readonly httpUrl: string;
  readonly sipPort: number;
  readonly bannerFacts: BannerFacts;
  /** Writes a fault to the node's log: for what belongs to the process and not to one of its parts. */
  readonly reportFault: FaultReport;
  /** Drains (new calls get 503, running ones may end), then closes everything. @returns how many calls had to be ended. */
  stop(): Promise<number>;
}

const SOFTPHONE_DIRECTORY = fileURLToPath(new URL('../softphone/dist', import.meta.url));

/** Where a call goes whose flow is missing. */
const FALLBACK_QUEUE_KEY = 'service';

/**
 * Joins ports and adapters into one node, from the ledger up to the sockets; what was opened
 * is closed again when a later part cannot start.
 * @throws AppError of the part that could not start.
 */
export async function startAllo(config: Config, options: AlloOptions = {}): Promise<RunningAllo> {
  const scope = new Scope();
  const log = pino({ level: config.ALLO_LOG_LEVEL, redact: ['pii.*', '*.pii'] }, pino.destination({ dest: 2, sync: true }));
  try {
    return await open({ config, scope, log, clock: systemClock, onFault: faultLog(log), certificateCheckMs: options.certificateCheckMs }, options);
  } catch (cause) {
    await scope.close();
    throw cause;
  }
}

async function open(edge: EdgeOptions, { sipTimers }: AlloOptions): Promise<RunningAllo> {
  const { config, scope, clock, log, onFault } = edge;
  const startedAt = clock();

  // What is kept: database, demonstration, ledger.
  const password = await demoPassword(config.ALLO_DATA_DIR, config.ALLO_DEMO_PASSWORD);
  const database = await openDatabase({ dataDirectory: config.ALLO_DATA_DIR });
  scope.onClose(() => database.close());
  await seedDemonstration(database, { password, hashPassword, clock });
  const tenantIds = (await database.tenants.listTenants()).map(({ tenantId }) => tenantId);
  const disk = await openRecordingDisk(edge);
  const calls = await CallHistory.open({
    dataDirectory: config.ALLO_DATA_DIR, store: database.interactions, tenantIds, clock, onFault, closeRecording: disk.closeRecording,
  });
  scope.onClose(() => calls.close());
  for (const callId of calls.interrupted) log.warn({ callId }, 'a call of the last run was interrupted');

  // The centre's set-up, its flows, its wallboard.
  const floor = await readFloor(database.centre);
  const flows = await loadFlows(new Set([...floor.queues.values()].map(({ key }) => key)));
  const wallboard = new Wallboard(floor, { timeZone: config.ALLO_TIME_ZONE, clock });
  scope.onClose(() => wallboard.close());
  calls.log.onEvent((event) => wallboard.apply(event));
  await wallboard.rebuild(database.todaysFacts);

  // People: sign-in and desks. The desks serve a centre that is made below, and needs them.
  const sessions = new SignIn({ accounts: database.accounts, sessions: database.sessions, clock });
  const credentials = new MemorySipCredentials({
    realm: config.ALLO_SIP_DOMAIN, clock, onRevoked: (username) => sip.dropRegistrations(username),
  });
  const publicOrigins = config.ALLO_HTTP_ORIGINS ?? [];
  const hub = new DeskHub({ sessions, desk: lateDesk(() => centre), wallboard, clock, log, graceMs: config.ALLO_AGENT_GRACE_MS, publicOrigins });
  scope.onClose(() => hub.close());

  // Routing.
  const store = new MemoryRoutingStore();
  const policies = new Map([...floor.queues].map(([queueId, { policy }]) => [queueId, policy]));
  const dispatcher = new Dispatcher({ store, policies: () => policies, clock, onFault: (cause) => onFault(cause, 'routing') });
  scope.onClose(() => dispatcher.close());
  const roster = new AgentRoster({ store, desk: hub, clock, onFault, record: async (event) => { await calls.log.append(event); } });
  scope.onClose(() => roster.close());
  for (const user of floor.users) if (user.role === 'agent') await roster.add(user);

  // Media, SIP, and the calls between them. No INVITE is read before this turn of the event loop has ended.
  const { media, speech } = await openMedia(edge);
  const { recorder, library } = await openRecordings(edge, { disk, media, database, tenantIds });
  const recordingPolicies = await database.recordings.listPolicies();
  const trunks = new TrunkTable(floor.trunks);
  const { engine, sip } = await openSip({
    ...edge, trunks, peers: floor.trunks, credentials, onInbound: (leg) => void centre.take(leg), ...(sipTimers ? { timers: sipTimers } : {}),
  });
  const centre: CallCentre = new CallCentre({
    clock, trunks, onFault, roster, media, recorder, recordingPolicies, desk: hub, screens: hub, signalling: sip,
    limits: {
      lookUpDeadlineMs: config.ALLO_LOOKUP_DEADLINE_MS, fileDeadlineMs: config.ALLO_FILE_DEADLINE_MS,
      popAckTimeoutMs: config.ALLO_POP_ACK_TIMEOUT_MS, maxCalls: config.ALLO_MAX_CALLS,
    },
    centre: database.centre, directory: database.customers, queues: floor.queues,
    openRecorder: (tenantId, callId) => calls.openRecorder(tenantId, callId),
    numberCall: (trunkId, record) => calls.trunkSequence.number(trunkId, record),
    runIvr: flowRunner({
      flows, clock, speech, timeZone: config.ALLO_TIME_ZONE, fallbackQueueKey: FALLBACK_QUEUE_KEY,
      selfCare: selfCareFrom(database.customers, clock, config.ALLO_FILE_DEADLINE_MS),
      sayer: { money: sayMoney, date: sayDate, number: sayNumber },
    }),
    enterQueue: (entry) => dispatcher.enter(entry),
  });

  // Pages and API.
  const callUs = callUsTarget(floor);
  const upgrades = new Map<string, UpgradeHandler>([['/ws', (request, socket, head) => hub.handleUpgrade(request, socket, head)]]);
  // With a SIP server elsewhere, browsers connect to that one.
  if (engine) upgrades.set('/sip', (request, socket, head) => engine.handleUpgrade(request, socket, head));
  const presentable = expectGood(readIdentity('ALLO_HTTP_TLS', config, clock()));
  const http = createHttpServer({
    host: config.ALLO_HTTP_HOST, port: config.ALLO_HTTP_PORT, clock, log,
    softphoneDirectory: SOFTPHONE_DIRECTORY,
    upgrades, publicOrigins,
    trustProxy: config.ALLO_HTTP_TRUSTED_PROXIES ?? false,
    ...(presentable ? { tls: presentable.identity } : {}),
    services: {
      sessions, credentials, customers: database.customers, history: database.history, centre: database.centre,
      ...(callUs ? { callUs } : {}),
      ...(config.ALLO_SIP_WS_URL === undefined ? {} : { sipWebSocketUrl: config.ALLO_SIP_WS_URL }),
      recordings: library,
      steerRecording: (user, callId, action) => centre.record(user, callId, action),
      explain: explainReceipt,
      proveLedger: (tenantId) => calls.prove(tenantId),
      nodeStatus: async (tenantId) => {
        const { legs, ports, recordings } = await media.stats();
        const trunks = sip.trunkStatus().filter((trunk) => trunk.tenantId === tenantId);
        return {
          liveCalls: centre.liveCalls, unrecordedCalls: centre.unrecordedCalls, draining: centre.isDraining, sip: sip.counters(), trunks,
          sipServer: engine?.stats() ?? {}, media: { legs, ports, recordings },
        };
      },
      checkReadiness: readiness({ isDraining: () => centre.isDraining, checkDatabase: () => database.tenants.listTenants() }),
      onSignedOut: (sessionId) => hub.endSession(sessionId, 'signed out'),
    },
  });
  const { port } = await http.listen();
  scope.onClose(() => http.close());
  if (presentable) watchCertificate(edge, { name: 'ALLO_HTTP_TLS', renew: (identity) => http.renewCertificate(identity) });
  // Before the server waits for its connections: browsers are told to come back, instead of being cut.
  scope.onClose(() => hub.close());

  const url = httpUrl({ host: config.ALLO_HTTP_HOST, port, certificate: presentable?.certificate });
  const bound = engine?.bound ?? [];
  return {
    startedAt, httpUrl: url, sipPort: bound[0]?.port ?? config.ALLO_SIP_PORT, reportFault: onFault,
    bannerFacts: {
      httpUrl: url, sip: bound, password, users: floor.users, dataDirectory: config.ALLO_DATA_DIR,
      numbers: floor.entryPoints.map(({ number }) => number),
    },
    stop: async () => {
      const ended = await centre.drain(config.ALLO_DRAIN_LIMIT_MS);
      await scope.close();
      return ended;
    },
  };
}
