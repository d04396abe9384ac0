import { once } from 'node:events';
import { Registerer, RegistererState, SessionState, UserAgent, type Invitation, type SessionDescriptionHandler } from 'sip.js';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, usePCMU } from 'werift';
import { WebSocket } from 'ws';
import { G711, decodeG711, encodeG711 } from '../../server/media/codec/g711.ts';
import type { SessionView, SipAccess } from '../../server/wire/api.ts';
import { parseServerFrame, type ClientFrame } from '../../server/wire/frames.ts';
import type { LiveItem, MyOfferItem } from '../../server/wire/live-item.ts';
import { TopicMirror } from '../../server/wire/topic-mirror.ts';
import { until } from './until.ts';

// sip.js looks for the browser's WebSocket.
Object.assign(globalThis, { WebSocket });

/** What a robot does when its softphone rings. */
export type RingBehaviour = 'answer' | 'reject' | 'ring-out';

/** One ring of the robot's softphone. */
export interface RobotRing {
  readonly callId: string | undefined;
  readonly offerId: string | undefined;
  readonly at: number;
  /** The pop that was on the page when the INVITE arrived; absent when none was. */
  readonly pop: MyOfferItem | undefined;
}

/** Without a browser, what Alice has in hers: session, live page, softphone, a voice at one frequency. */
export class RobotAgent {
  readonly #baseUrl: string;
  readonly #cookie: string;
  readonly #mirror = new TopicMirror();
  readonly #toneHz: number;
  #socket: WebSocket | undefined;
  #userAgent: UserAgent | undefined;
  #invitation: Invitation | undefined;
  #handler: WeriftHandler | undefined;
  #ref = 0;
  #hasCrashed = false;
  readonly session: SessionView;
  readonly rings: RobotRing[] = [];
  /** When each pop was on the page, by offer. */
  readonly popsShown = new Map<string, number>();
  behaviour: RingBehaviour = 'answer';

  private constructor(baseUrl: string, cookie: string, session: SessionView, toneHz: number) {
    this.#baseUrl = baseUrl;
    this.#cookie = cookie;
    this.session = session;
    this.#toneHz = toneHz;
  }

  /** Signs in over HTTP. @throws Error when the centre refuses. */
  static async signIn(baseUrl: string, credentials: { username: string; password: string }, toneHz = 440): Promise<RobotAgent> {
    const response = await fetch(`${baseUrl}/api/session`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: baseUrl }, body: JSON.stringify(credentials),
    });
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
    const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    // A cast because the answer is the API's own type.
    return new RobotAgent(baseUrl, cookie, await response.json() as SessionView, toneHz);
  }

  /** The items on its live page. */
  get items(): ReadonlyMap<string, LiveItem> {
    return this.#mirror.items;
  }

  get isTalking(): boolean {
    return this.#invitation?.state === SessionState.Established;
  }

  /** What the robot has heard since the call began: 16-bit PCM, 8 kHz. */
  get heard(): Int16Array {
    return this.#handler?.heard() ?? new Int16Array();
  }

  /** Asks in its session, whatever the answer is. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.#baseUrl}${path}`, {
      ...init, headers: { cookie: this.#cookie, origin: this.#baseUrl, 'content-type': 'application/json' },
    });
  }

  async api<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    // A cast because the answer is the API's own type.
    return await response.json() as T;
  }

  /** Opens the live page of a topic; a supervisor has `wallboard`. */
  async follow(topic: 'desk' | 'wallboard'): Promise<void> {
    const socket = new WebSocket(`${this.#baseUrl.replace('http', 'ws')}/ws`, { headers: { cookie: this.#cookie, origin: this.#baseUrl } });
    this.#socket = socket;
    // What a socket carries as text arrives as a Buffer.
    socket.on('message', (data: Buffer) => this.#onFrame(data.toString('utf8')));
    await once(socket, 'open');
    this.#send({ type: 'follow', topic });
    await until(() => this.#seen, 'the first snapshot');
  }

  #seen = false;

  /** Registers the softphone with minted credentials. */
  async register(): Promise<void> {
    const access = await this.api<SipAccess>('/api/session/sip', { method: 'POST', body: '{}' });
    const uri = UserAgent.makeURI(access.aor);
    if (!uri) throw new Error(`not a URI: ${access.aor}`);
    this.#userAgent = new UserAgent({
      uri, authorizationUsername: access.username, authorizationPassword: access.password,
      transportOptions: { server: access.webSocketUrl, keepAliveInterval: 0 },
      sessionDescriptionHandlerFactory: () => (this.#handler = new WeriftHandler(this.#toneHz)),
      logBuiltinEnabled: false,
      delegate: { onInvite: (invitation) => this.#onInvite(invitation) },
    });
    await this.#userAgent.start();
    const registerer = new Registerer(this.#userAgent, { expires: 300 });
    await registerer.register();
    await until(() => registerer.state === RegistererState.Registered, 'the registration');
  }

  /** Live page, softphone, and into rotation: ready for calls. */
  async start(): Promise<void> {
    await this.follow('desk');
    await this.register();
    await this.request({ type: 'go-available' });
    await until(() => this.state === 'available', 'being available');
  }

  get state(): string | undefined {
    const me = this.#mirror.items.get('me');
    return me?.kind === 'my-state' ? me.state : undefined;
  }

  /** Sends a command and waits for `done`. @throws Error with the code when it is refused. */
  async request(frame: DistributiveOmit<Extract<ClientFrame, { ref: number }>, 'ref'>): Promise<void> {
    const ref = (this.#ref += 1);
    const reply = new Promise<void>((resolve, reject) => this.#replies.set(ref, { resolve, reject }));
    this.#send({ ...frame, ref });
    return reply;
  }

  readonly #replies = new Map<number, { resolve: () => void; reject: (cause: Error) => void }>();

  async hangUp(): Promise<void> {
    await this.#invitation?.bye();
  }

  /** The browser is gone, as in a crash: no BYE, no unregistering. */
  crash(): void {
    this.#hasCrashed = true;
    this.#socket?.terminate();
    this.#handler?.close();
    void this.#userAgent?.transport.dispose();
  }

  async close(): Promise<void> {
    if (this.isTalking && !this.#hasCrashed) await this.hangUp();
    this.#handler?.close();
    await this.#userAgent?.stop();
    this.#socket?.terminate();
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #onFrame(text: string): void {
    const parsed = parseServerFrame(text);
    if (parsed.kind === 'invalid') throw new Error(`the server sent ${text}: ${parsed.message}`);
    const { frame } = parsed;
    switch (frame.type) {
      case 'snapshot':
        this.#mirror.snapshot(frame.seq, frame.items);
        this.#seen = true;
        return this.#showPop();
      case 'delta':
        if (this.#mirror.delta(frame.seq, frame.put, frame.drop) === 'gap') this.#send({ type: 'resync', topic: frame.topic });
        return this.#showPop();
      case 'done':
        return this.#settle(frame.ref, ({ resolve }) => resolve());
      case 'refused':
        return frame.ref === undefined ? undefined : this.#settle(frame.ref, ({ reject }) => reject(new Error(frame.code)));
      case 'pong':
      case 'signed-out':
    }
  }

  #settle(ref: number, how: (reply: { resolve: () => void; reject: (cause: Error) => void }) => void): void {
    const reply = this.#replies.get(ref);
    this.#replies.delete(ref);
    if (reply) how(reply);
  }

  #showPop(): void {
    const pop = this.#mirror.items.get('pop');
    if (pop?.kind !== 'my-pop' || this.popsShown.has(pop.pop.offerId)) return;
    this.popsShown.set(pop.pop.offerId, performance.timeOrigin + performance.now());
    this.#send({ type: 'pop-shown', offerId: pop.pop.offerId });
  }

  #onInvite(invitation: Invitation): void {
    const pop = this.#mirror.items.get('pop');
    this.rings.push({
      callId: invitation.request.getHeader('X-Allo-Call'),
      offerId: invitation.request.getHeader('X-Allo-Offer'),
      at: performance.timeOrigin + performance.now(),
      pop: pop?.kind === 'my-pop' ? pop : undefined,
    });
    this.#invitation = invitation;
    if (this.behaviour === 'answer') void invitation.accept();
    if (this.behaviour === 'reject') void invitation.reject({ statusCode: 486 });
    if (this.behaviour === 'ring-out') void invitation.progress({ statusCode: 180 });
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const FRAME = 160;

/** Media of a robot: a steady tone out, everything that comes in kept. */
class WeriftHandler implements SessionDescriptionHandler {
  readonly #peer = new RTCPeerConnection({
    codecs: { audio: [usePCMU()] }, iceServers: [], iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'],
  });
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly #chunks: Int16Array[] = [];
  readonly #toneHz: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(toneHz: number) {
    this.#toneHz = toneHz;
    this.#peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => {
        if (packet.header.payloadType !== 0) return;
        const samples = new Int16Array(packet.payload.length);
        decodeG711(G711.PCMU, packet.payload, samples);
        this.#chunks.push(samples);
      });
    });
  }

  heard(): Int16Array {
    const all = new Int16Array(this.#chunks.reduce((length, chunk) => length + chunk.length, 0));
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  async setDescription(sdp: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp });
    this.#peer.addTrack(this.#track);
  }

  async getDescription(): Promise<{ body: string; contentType: string }> {
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    this.#talk();
    return { body: this.#peer.localDescription?.sdp ?? '', contentType: 'application/sdp' };
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp';
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#track.stop();
    void this.#peer.close();
  }

  #talk(): void {
    let frame = 0;
    this.#timer = setInterval(() => {
      const samples = Int16Array.from({ length: FRAME }, (_, n) => 8000 * Math.sin((2 * Math.PI * this.#toneHz * (frame * FRAME + n)) / 8000));
      const payload = Buffer.alloc(FRAME);
      encodeG711(G711.PCMU, samples, payload);
      this.#track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 0, sequenceNumber: frame % 65_536, timestamp: (frame * FRAME) >>> 0, ssrc: 4711, marker: frame === 0 }), payload));
      frame += 1;
    }, 20);
  }
}
