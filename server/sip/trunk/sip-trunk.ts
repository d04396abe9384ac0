import { BlockList, isIP } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../base/time.ts';
import type { Trunk, TrunkPeer } from '../../model/centre.ts';
import type { TenantId, TrunkId } from '../../model/ids.ts';
import type { DigestExchange } from '../digest/digest-exchange.ts';
import { wayOf } from '../drachtio/dialog-way.ts';
import type { SipDialog, SipStack } from '../drachtio/messages.ts';
import { sipUri, type SipUri } from '../headers/request-uri.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import { HealthWatch } from './health-watch.ts';
import { TrunkRegistration, type RegistrationStatus } from './registration.ts';
import type { TargetHealth } from './target-health.ts';
import { TrunkAccount } from './trunk-account.ts';

/** How one trunk stands, for the status page. */
export interface TrunkStatus {
  readonly trunkId: TrunkId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly targets: readonly ({ readonly target: string } & TargetHealth)[];
  /** Absent on trunks that do not register. */
  readonly registration?: RegistrationStatus;
}

/** What a {@link SipTrunk} works with. */
export interface SipTrunkOptions {
  /** The password of a trunk's account at its far end. */
  readonly passwordOf: (trunkId: TrunkId) => string | undefined;
  /** Host of our own From where the trunk names none. */
  readonly realm: string;
  readonly stack: () => SipStack | undefined;
  readonly clock: Clock;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
}

/** A trunk that calls can leave by: its far end, its health, its account. */
export class SipTrunk {
  readonly trunkId: TrunkId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly peer: TrunkPeer;
  readonly health: HealthWatch;
  readonly registration: TrunkRegistration | undefined;
  readonly #account: TrunkAccount;
  readonly #targets: readonly SipUri[];
  readonly #lacksPassword: boolean;
  readonly #options: SipTrunkOptions;

  /** @throws AppError `sip.unsafe-uri` for a target that is no URI. */
  constructor(trunk: Trunk, peer: TrunkPeer, options: SipTrunkOptions) {
    this.trunkId = trunk.trunkId;
    this.tenantId = trunk.tenantId;
    this.name = trunk.name;
    this.peer = peer;
    this.#options = options;
    this.#targets = peer.targets.map(sipUri);
    const password = options.passwordOf(trunk.trunkId);
    const account = peer.username === undefined || password === undefined ? undefined : { username: peer.username, password };
    this.#lacksPassword = peer.username !== undefined && password === undefined;
    this.#account = new TrunkAccount(account, peer);
    const asking = {
      ...options, peer, exchangeWith: (target: SipUri) => this.#account.exchangeWith(target), onAnswered: (address: string | undefined) => this.#account.learn(address),
    };
    this.health = new HealthWatch({ ...asking, targets: this.#targets, logger: options.logger?.child({ trunkId: trunk.trunkId }) });
    this.registration = account && peer.registerExpiresS !== undefined
      ? new TrunkRegistration({ ...asking, trunkId: trunk.trunkId, account, expiresS: peer.registerExpiresS, order: () => this.targetsInOrder() })
      : undefined;
  }

  targetsInOrder(): readonly SipUri[] {
    return this.health.inOrder();
  }

  start(): void {
    if (this.#lacksPassword) this.#options.logger?.warn({ trunkId: this.trunkId }, 'trunk has an account without a password');
    this.health.start();
    this.registration?.start();
  }

  async stop(): Promise<void> {
    this.health.stop();
    await this.registration?.stop();
  }

  /** RFC 3608 §6.1: only requests to the registrar that gave it follow its route. */
  serviceRoute(target: string): string | undefined {
    const live = this.registration?.live;
    return live?.target === target ? live.serviceRoute : undefined;
  }

  /** Answers the challenges of a request to one target; nothing without an account. */
  exchangeWith(target: SipUri): DigestExchange | undefined {
    return this.#account.exchangeWith(target);
  }

  /**
   * Answers the challenges of requests within a dialog, each by an exchange of its own; nothing without an account.
   * @param target - where its INVITE went; absent for a call that came in: the registrar, or the target at its address.
   */
  exchangesIn(dialog: SipDialog, target?: SipUri): (() => DigestExchange) | undefined {
    const { peerAddress } = wayOf(dialog);
    const from = target ?? this.registration?.live?.target ?? this.#targets.find((one) => addressOf(one) === peerAddress) ?? this.#targets[0];
    return from && this.#account.exchangesIn(dialog, from);
  }

  status(): TrunkStatus {
    const unknown: TargetHealth = { state: 'unknown', since: this.#options.clock(), against: 0 };
    const noPassword: RegistrationStatus | undefined = this.#lacksPassword && this.peer.registerExpiresS !== undefined
      ? { state: 'failed', failures: 0, lastFailure: { at: this.#options.clock(), reason: 'no-password' } } : undefined;
    const registration = this.registration?.status ?? noPassword;
    return {
      trunkId: this.trunkId, tenantId: this.tenantId, name: this.name,
      targets: this.#targets.map((target) => ({ target, ...(this.health.healthOf(target) ?? unknown) })),
      ...(registration ? { registration } : {}),
    };
  }

  /** Whether an address is one of the registrar's: the one that answered, or one that is set up by number. */
  isRegistrar(address: string): boolean {
    const live = this.registration?.live;
    const family = isIP(address);
    if (live === undefined || family === 0) return false;
    const known = new BlockList();
    for (const one of [live.address ?? '', ...this.peer.targets.map(addressOf)]) {
      const version = isIP(one);
      if (version !== 0) known.addAddress(one, version === 6 ? 'ipv6' : 'ipv4');
    }
    return known.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

const addressOf = (target: string): string => parseAddress(target).host.replace(/^\[|\]$/g, '');
