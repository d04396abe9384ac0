import { Invitation, Inviter, SessionState, type Session, type Web } from 'sip.js';
import { AppError } from '../../server/base/app-error.ts';

/** What a {@link SipCall} tells its owner; each end exactly once. */
export interface SipCallListener {
  onEstablished(): void;
  /** Before the answer: the caller or the centre took it back. */
  onCancelled(): void;
  onEnded(): void;
  onFailed(reason: string): void;
}

/** One INVITE session of the softphone, incoming or outgoing. */
export class SipCall {
  readonly #session: Invitation | Inviter;
  readonly #listener: SipCallListener;
  #wasEstablished = false;
  #refusal: string | undefined;
  #isOver = false;

  constructor(session: Invitation | Inviter, listener: SipCallListener) {
    this.#session = session;
    this.#listener = listener;
    session.stateChange.addListener((state) => this.#onState(state));
  }

  /** Whether the session ended before anybody could listen to it. */
  get isTerminated(): boolean {
    return this.#session.state === SessionState.Terminated;
  }

  /** The far end's audio, filled as its track arrives; absent before negotiation. */
  get remoteStream(): MediaStream | undefined {
    return this.#media()?.remoteMediaStream;
  }

  get localStream(): MediaStream | undefined {
    return this.#media()?.localMediaStream;
  }

  /** Sends the INVITE of an outgoing call. */
  async place(): Promise<void> {
    if (!(this.#session instanceof Inviter)) throw wrongDirection();
    await this.#session.invite({
      requestDelegate: {
        onReject: (response) => {
          this.#refusal = `sip-${response.message.statusCode ?? 0}`;
        },
      },
    });
  }

  /** Answers an incoming call with 200 and an SDP answer. */
  async accept(): Promise<void> {
    if (!(this.#session instanceof Invitation)) throw wrongDirection();
    await this.#session.accept();
  }

  /** Refuses an incoming call: 603 when the agent declines, 486 when busy, 500 when she cannot (RFC 3261 §21.5.1). */
  async decline(statusCode: 603 | 486 | 500): Promise<void> {
    if (!(this.#session instanceof Invitation) || this.#session.state !== SessionState.Initial) return;
    this.#isOver = true;
    await this.#session.reject({ statusCode });
  }

  /** CANCEL, 480 or BYE, whichever the session needs; nothing when it is over. */
  async release(): Promise<void> {
    this.#isOver = true;
    switch (this.#session.state) {
      case SessionState.Initial:
      case SessionState.Establishing:
        if (this.#session instanceof Inviter) await this.#session.cancel();
        else await this.#session.reject({ statusCode: 480 });
        return;
      case SessionState.Established:
        await this.#session.bye();
        return;
      case SessionState.Terminating:
      case SessionState.Terminated:
        return;
    }
  }

  /** Silences the microphone at its source, or lets it be heard again. */
  setMuted(isMuted: boolean): void {
    for (const track of this.localStream?.getAudioTracks() ?? []) track.enabled = !isMuted;
  }

  /** Sends a key by RFC 4733. @returns whether the far end takes keys that way. */
  sendDigit(digit: string): boolean {
    return this.#media()?.sendDtmf(digit, { duration: 160, interToneGap: 70 }) ?? false;
  }

  #onState(state: SessionState): void {
    if (state === SessionState.Established) {
      this.#wasEstablished = true;
      this.#watchMedia();
      if (!this.#isOver) this.#listener.onEstablished();
    }
    if (state === SessionState.Terminated) this.#onTerminated();
  }

  #onTerminated(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#wasEstablished) this.#listener.onEnded();
    else if (this.#refusal !== undefined) this.#listener.onFailed(this.#refusal);
    else this.#listener.onCancelled();
  }

  /** A call whose media failed is over, whatever its signalling says. */
  #watchMedia(): void {
    const connection = this.#media()?.peerConnection;
    connection?.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed' && !this.#isOver) this.#listener.onFailed('media-failed');
    });
  }

  #media(): Web.SessionDescriptionHandler | undefined {
    // The factory of this softphone makes no other kind; sip.js types only the interface.
    return (this.#session as Session).sessionDescriptionHandler as Web.SessionDescriptionHandler | undefined;
  }
}

function wrongDirection(): AppError {
  return new AppError({ code: 'phone.wrong-direction', category: 'bug', message: 'only an incoming call is accepted, only an outgoing one placed' });
}
