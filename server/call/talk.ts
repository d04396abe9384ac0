import { asId, type LegId } from '../model/ids.ts';
import { likeliest, type CallerMatch } from '../model/caller-match.ts';
import type { Digit } from '../model/digit.ts';
import type { Playback } from '../model/audio.ts';
import { describeCallingNumber } from '../model/phone-number.ts';
import type { Termination } from '../model/termination.ts';
import type { CallServices } from './call-services.ts';
import type { LiveCall } from './live-call.ts';
import type { ConnectedAgent } from './offer-call.ts';
import type { MediaLeg } from './ports.ts';

/** How a conversation ended. */
export type TalkResult =
  | { readonly kind: 'over'; readonly termination: Termination }
  /** The agent's side broke, she did not hang up: the customer is still there. */
  | { readonly kind: 'agent-lost'; readonly reason: string };

/** A conversation in progress, as the agent's desk steers it. */
export class Conversation {
  readonly agent: ConnectedAgent;
  readonly #call: LiveCall;
  readonly #caller: MediaLeg;
  readonly #services: CallServices;
  readonly #startedAt: number;
  #callerName: string | undefined;
  #onHold = false;
  #isOver = false;
  #music: Playback | undefined;
  /** Made with the conversation: the agent may be gone before the bridge is written down. */
  readonly #lost: Promise<TalkResult>;
  #lose: (result: TalkResult) => void = () => undefined;

  constructor(call: LiveCall, caller: MediaLeg, agent: ConnectedAgent, services: CallServices) {
    this.#call = call;
    this.#caller = caller;
    this.agent = agent;
    this.#services = services;
    this.#startedAt = services.clock();
    this.#lost = new Promise((resolve) => { this.#lose = resolve; });
  }

  /**
   * Bridges both sides and waits until one of them ends it.
   * @returns `agent-lost` when the agent's softphone or network failed. Never rejects.
   */
  async run(match: CallerMatch): Promise<TalkResult> {
    const { agentId, leg, media } = this.agent;
    const call = this.#call;
    this.#callerName = likeliest(match)?.displayName;
    const stopDigits = leg.onDigit((digit) => media.takeInfoKey(digit));
    leg.onReoffer(async (sdp) => {
      const answer = await media.reoffer(sdp);
      return answer.kind === 'agreed' ? answer.sdp : undefined;
    });
    await call.note({ type: 'bridge.started', agentId, agentLegId: asId<LegId>(leg.legId) });
    if (!this.#onHold) this.#setHearing(1);
    this.#show();
    const result = await Promise.race([
      call.leg.ended.then((): TalkResult | Promise<TalkResult> => this.#endedByCaller()),
      leg.ended.then((termination) => endedByAgent(termination)),
      media.failed.then(({ reason }): TalkResult => ({ kind: 'agent-lost', reason })),
      this.#lost,
    ]);
    stopDigits();
    await this.#end(result);
    return result;
  }

  /**
   * Puts the customer on hold with music, or takes her back; the last wish counts.
   * @returns whether anything changed.
   */
  async hold(on: boolean): Promise<boolean> {
    if (this.#isOver || on === this.#onHold) return false;
    // At once, so that a second click before the first is durable is none.
    this.#onHold = on;
    await this.#call.note({ type: on ? 'hold.started' : 'hold.ended', agentId: this.agent.agentId });
    if (this.#isOver || on !== this.#onHold) return true;
    if (on) {
      this.#setHearing(0);
      this.#music = this.#caller.play([{ kind: 'music' }], { loop: true });
    } else {
      this.#music?.stop();
      this.#music = undefined;
      this.#setHearing(1);
    }
    this.#show();
    return true;
  }

  sendDigit(digit: Digit): void {
    this.#caller.sendDigit(digit);
  }

  /** The agent is gone for good: the customer goes on to somebody else. */
  loseAgent(reason: string): void {
    this.#lose({ kind: 'agent-lost', reason });
  }

  async #endedByCaller(): Promise<TalkResult> {
    return { kind: 'over', termination: await this.#call.terminationOfCaller() };
  }

  async #end(result: TalkResult): Promise<void> {
    const { agentId, leg, media } = this.agent;
    this.#isOver = true;
    this.#setHearing(0);
    this.#music?.stop();
    this.#music = undefined;
    const termination = result.kind === 'over' ? result.termination : { result: 'failed', reason: result.reason } as const;
    const endedBy = termination.result === 'caller' || termination.result === 'agent' ? termination.result : 'system';
    await this.#call.note({ type: 'bridge.ended', agentId, endedBy });
    this.#services.desk.dropItem(agentId, 'call');
    await leg.hangUp(termination);
    await media.close();
  }

  #setHearing(gain: 0 | 1): void {
    this.#services.media.setHears(this.#caller, this.agent.media, gain);
    this.#services.media.setHears(this.agent.media, this.#caller, gain);
  }

  #show(): void {
    this.#services.desk.putItem(this.agent.agentId, {
      kind: 'my-call', key: 'call', callId: this.#call.callId, startedAt: this.#startedAt, onHold: this.#onHold,
      callerNumber: describeCallingNumber(this.#call.calling),
      ...(this.#callerName === undefined ? {} : { callerName: this.#callerName }),
    });
  }
}

/** A BYE from the agent ends the call; a broken leg does not. */
function endedByAgent(termination: Termination): TalkResult {
  return termination.result === 'failed'
    ? { kind: 'agent-lost', reason: termination.reason }
    : { kind: 'over', termination: { ...termination, result: 'agent', reason: 'agent-hung-up' } };
}
