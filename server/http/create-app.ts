import express, { Router, type Express } from 'express';
import type { Logger } from 'pino';
import type { Clock } from '../base/time.ts';
import type { HttpServices } from './http-services.ts';
import { answerNotFound, answerProblem } from './problem.ts';
import { requireSameOrigin } from './require-same-origin.ts';
import { callRecordingRoutes } from './routes/call-recording.ts';
import { callUsRoutes } from './routes/call-us.ts';
import { customerRoutes } from './routes/customers.ts';
import { dispositionRoutes } from './routes/dispositions.ts';
import { healthRoutes } from './routes/health.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { ledgerProofRoutes } from './routes/ledger-proof.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { sessionRoutes } from './routes/session.ts';
import { sessionSipRoutes } from './routes/session-sip.ts';
import { statusRoutes } from './routes/status.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { guardWith } from './signed-in.ts';
import { softphonePages } from './softphone-pages.ts';

/** The largest request body. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** What the pages and the API are made of. */
export interface AppOptions {
  readonly services: HttpServices;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absolute path of the built browser application. */
  readonly softphoneDirectory: string;
  /**
   * Which proxies are believed about the client's address, host and scheme: none, or what
   * Express's `trust proxy` takes (`loopback`, CIDR blocks).
   */
  readonly trustProxy?: false | string | readonly string[];
  /** Further origins that are ours, for a proxy that rewrites `Host`. */
  readonly publicOrigins?: readonly string[];
}

/** Joins routes, guards and pages; knows no socket. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustProxy ?? false);
  app.use(setSecurityHeaders(options.services.sipWebSocketUrl));
  app.use(healthRoutes(options.services.checkReadiness));
  app.use('/api', apiRoutes(options), answerNotFound);
  app.use(softphonePages(options.softphoneDirectory), answerNotFound);
  app.use(answerProblem(options.log));
  return app;
}

function apiRoutes({ services, clock, log, publicOrigins = [] }: AppOptions): Router {
  const guard = guardWith(services.sessions);
  const api = Router();
  api.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  api.use(requireSameOrigin(publicOrigins));
  api.use(express.json({ limit: BODY_LIMIT_BYTES }));
  api.use('/session/sip', sessionSipRoutes(services, guard));
  api.use('/session', sessionRoutes({ services, guard, clock, log }));
  api.use('/call-us', callUsRoutes(services, clock));
  api.use('/customers', customerRoutes(services.customers, guard));
  api.use('/interactions', interactionRoutes(services, guard));
  api.use('/interactions', callRecordingRoutes(services.steerRecording, guard));
  api.use('/recordings', recordingRoutes(services.recordings, guard));
  api.use('/dispositions', dispositionRoutes(services.centre, guard));
  api.use('/ledger', ledgerProofRoutes(services.proveLedger, guard));
  api.use('/status', statusRoutes(services.nodeStatus, guard));
  return api;
}
