import type { Logger } from 'pino';
import type { OutboundCall, OutboundOutcome } from '../../call/ports.ts';
import type { Milliseconds } from '../../base/time.ts';
import type { SipDialog, SipStack } from '../drachtio/messages.ts';
import type { SipUri } from '../headers/request-uri.ts';
import { AgentSipLeg } from '../leg/agent-sip-leg.ts';
import { Settlement } from '../settlement.ts';
import type { SipTrunk } from '../trunk/sip-trunk.ts';
import type { SipTrunks } from '../trunk/sip-trunks.ts';
import { formatNumber } from './caller-identity.ts';
import { dialTarget, failed, type Dialling, type Stop } from './dial-target.ts';

/** What a {@link TrunkDialler} works with. */
export interface TrunkDiallerOptions {
  readonly trunks: SipTrunks;
  readonly stack: () => SipStack | undefined;
  /** Hears of each answered leg, in the turn of the loop in which it is made. */
  readonly onLeg: (leg: AgentSipLeg) => void;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
  /** How long a target may say nothing at all before the next is tried; default 8 s. */
  readonly silenceMs?: Milliseconds;
}

/** A 100 is not told to applications, so silence may also be a network that takes seconds to ring: not too short. */
const SILENCE_MS = 8_000;

/** Digits, a leading plus, the keys of a keypad; or an account's name. */
const NUMBER = /^(?:\+?[0-9*#]{1,32}|[a-z0-9][\w.-]{0,63})$/i;

/**
 * Places calls through trunks.
 * @remarks RFC 3263 §4.3: the next target after 503, 408 or a failure of the transport; each try is a call of its own
 *   on the wire (Call-ID), as the first may still come to life. A call that has rung stays where it rang.
 */
export class TrunkDialler {
  readonly #options: TrunkDiallerOptions;
  readonly #dialling = new Set<Settlement<Stop>>();

  constructor(options: TrunkDiallerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async place(call: OutboundCall, signal: AbortSignal): Promise<OutboundOutcome> {
    if (signal.aborted) return { kind: 'cancelled' };
    const trunk = this.#options.trunks.find(call.trunkId);
    if (trunk?.tenantId !== call.tenantId) return failed('unknown-trunk');
    if (!NUMBER.test(call.to)) return failed('bad-number');
    const stop = new Settlement<Stop>();
    const onAbort = (): void => stop.settle('cancelled');
    const timer = setTimeout(() => stop.settle('no-answer'), call.answerTimeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#dialling.add(stop);
    try {
      return await this.#throughTargets(this.#prepare(call, trunk, stop.promise));
    } catch (cause) {
      this.#options.onFault(cause);
      return failed('fault');
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#dialling.delete(stop);
    }
  }

  /** Ends every call under way as failed: the SIP server is out of reach. */
  lose(): void {
    for (const stop of this.#dialling) stop.settle('signalling-lost');
  }

  #prepare(call: OutboundCall, trunk: SipTrunk, stopped: Promise<Stop>): Dialling {
    const { stack, silenceMs = SILENCE_MS } = this.#options;
    const adopt = (dialog: SipDialog, target: SipUri): AgentSipLeg => this.#adopt(dialog, call, () => trunk.exchangesIn(dialog, target));
    return { call, trunk, number: formatNumber(call.to, trunk.peer), stopped, stack, silenceMs, adopt };
  }

  async #throughTargets(dialling: Dialling): Promise<OutboundOutcome> {
    const { call, trunk } = dialling;
    let outcome: OutboundOutcome = failed('no-target');
    for (const target of trunk.targetsInOrder()) {
      const result = await dialTarget(dialling, target);
      outcome = result.outcome;
      if (result.kind === 'final') return outcome;
      this.#options.logger?.warn({ callId: call.callId, trunkId: call.trunkId, target, outcome }, 'trunk target not reached');
    }
    return outcome;
  }

  #adopt(dialog: SipDialog, { legId, callId }: OutboundCall, exchangesIn: () => ReturnType<SipTrunk['exchangesIn']>): AgentSipLeg {
    const { onFault, onLeg, logger } = this.#options;
    const leg = new AgentSipLeg(dialog, {
      legId, onFault, exchangesIn, farEnd: 'caller', hasSessionTimer: true, logger: logger?.child({ callId, sipCallId: dialog.sip.callId }),
    });
    onLeg(leg);
    return leg;
  }
}
