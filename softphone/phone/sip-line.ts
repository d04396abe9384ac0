import { Inviter, Registerer, RegistererState, UserAgent, Web, type Invitation } from 'sip.js';
import { AppError } from '../../server/base/app-error.ts';
import type { SipAccess } from '../../server/wire/api.ts';

/** How long a registration lasts, seconds; refreshed at four fifths of it. */
const REGISTRATION_S = 300;
/** Host candidates are there at once; nothing else is waited for. */
const ICE_GATHERING_MS = 500;
const CONNECT_TIMEOUT_S = 8;
/** Keeps middle boxes from forgetting the flow (RFC 5626 §3.5.1), seconds. */
const KEEP_ALIVE_S = 20;
/** The centre ends the ringing; this is only the last resort, seconds. */
const NO_ANSWER_S = 180;

/** What a {@link SipLine} tells its owner. */
export interface SipLineListener {
  onRegistered(): void;
  /** The socket closed or the registrar refused; at most once. */
  onLost(reason: string): void;
  onInvite(invitation: Invitation): void;
}

/** One registration with one set of minted credentials; new credentials need a new line. */
export class SipLine {
  readonly #agent: UserAgent;
  readonly #registerer: Registerer;
  readonly #listener: SipLineListener;
  readonly expiresAt: number;
  #isOver = false;

  /** @param microphone - gives the stream that was opened for the call at hand. */
  constructor(access: SipAccess, listener: SipLineListener, microphone: () => Promise<MediaStream>) {
    this.#listener = listener;
    this.expiresAt = access.expiresAt;
    this.#agent = new UserAgent({
      uri: toUri(access.aor),
      authorizationUsername: access.username,
      authorizationPassword: access.password,
      transportOptions: { server: access.webSocketUrl, connectionTimeout: CONNECT_TIMEOUT_S, keepAliveInterval: KEEP_ALIVE_S, traceSip: false },
      sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(microphone),
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: ICE_GATHERING_MS,
        // No STUN: the centre sees where packets come from, and nobody else learns of the call.
        peerConnectionConfiguration: { iceServers: [], bundlePolicy: 'max-bundle' },
      },
      noAnswerTimeout: NO_ANSWER_S,
      logLevel: 'error',
      logConfiguration: false,
      userAgentString: 'Allo softphone',
      delegate: {
        onDisconnect: () => this.#lose('connection-lost'),
        onInvite: (invitation) => this.#listener.onInvite(invitation),
      },
    });
    this.#registerer = new Registerer(this.#agent, { expires: REGISTRATION_S, refreshFrequency: 80 });
    this.#registerer.stateChange.addListener((state) => {
      // A refresh that was refused: the registrar forgot us, or the credentials expired.
      if (state === RegistererState.Unregistered) this.#lose('registration-refused');
    });
  }

  /** Connects and registers; how it went is told to the listener. Never rejects. */
  async open(): Promise<void> {
    await this.#connectAndRegister(() => this.#agent.start());
  }

  /** Connects and registers again, with the call in progress kept. Never rejects. */
  async reopen(): Promise<void> {
    this.#isOver = false;
    await this.#connectAndRegister(() => this.#agent.reconnect());
  }

  /**
   * Makes the session of an outgoing call; nothing is sent yet.
   * @param target - a SIP URI.
   */
  invite(target: string): Inviter {
    return new Inviter(this.#agent, toUri(target));
  }

  /** Unregisters and closes the socket; the listener hears nothing more. Never rejects. */
  async close(): Promise<void> {
    this.#isOver = true;
    try {
      await this.#agent.stop();
    } catch (cause) {
      // The socket may be gone already, and with it the registration.
      console.warn('softphone: closing the line', cause);
    }
  }

  async #connectAndRegister(connect: () => Promise<void>): Promise<void> {
    try {
      await connect();
      await this.#registerer.register({
        requestDelegate: {
          onAccept: () => {
            if (!this.#isOver) this.#listener.onRegistered();
          },
          onReject: (response) => this.#lose(`sip-${response.message.statusCode ?? 0}`),
        },
      });
    } catch (cause) {
      console.warn('softphone: connecting', cause);
      this.#lose('unreachable');
    }
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onLost(reason);
  }
}

function toUri(text: string): NonNullable<ReturnType<typeof UserAgent.makeURI>> {
  const uri = UserAgent.makeURI(text);
  if (!uri) throw new AppError({ code: 'phone.bad-uri', category: 'upstream', message: `not a SIP address: ${text}` });
  return uri;
}
