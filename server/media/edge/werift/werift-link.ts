import { RTCPeerConnection, RTCRtpCodecParameters, StunProtocol } from 'werift';
import type { RTCDtlsTransport, RTCRtpTransceiver } from 'werift';
import { AppError } from '../../../base/app-error.ts';
import { delay, withDeadline } from '../../../base/deadline.ts';
import type { VoiceCodec } from '../../../model/media-terms.ts';
import { VOICE_CODECS } from '../../../model/media-terms.ts';
import { CODEC_FACTS } from '../../codec/voice-codec.ts';
import { isRtcp } from '../../rtp/packet.ts';
import { agreeOnAudio } from '../../sdp/agree-audio.ts';
import type { AgreedAudio, InboundFormat } from '../../sdp/agree-audio.ts';
import { findAudio, isWebRtc } from '../../sdp/audio-section.ts';
import { parseSdp } from '../../sdp/session-description.ts';
import { OFFERED_EVENT_TYPES, offeredFormats } from '../../sdp/write-plain.ts';
import { MASTER_LENGTHS } from '../../srtp/packet-cipher.ts';
import type { SrtpProfile } from '../../srtp/packet-cipher.ts';
import { SrtpContext } from '../../srtp/srtp-context.ts';
import type { EdgeLink, EdgeNegotiation, PacketSink } from '../edge.ts';
import { announceAddress, narrowBrowserSdp, narrowOwnSdp } from './browser-sdp.ts';

/** Candidates of one local address take milliseconds; more is a fault. */
const GATHER_MS = 2_000;
/** From both descriptions known to DTLS complete. */
const CONNECT_MS = 20_000;
/** A browser checks its path every 2.5 s at most; silent for so long it is gone (RFC 7675 §5.1: 30 s). */
const CONSENT_MS = 30_000;

/** What a link to one browser needs. */
export interface WeriftLinkOptions {
  readonly host: string;
  readonly announcedHost: string;
  readonly sink: PacketSink;
  /** Codecs, best first. */
  readonly preferences: readonly VoiceCodec[];
  readonly onClosed: () => void;
}

/** What the DTLS exporter gives (RFC 5764 §4.2). */
type ExportedKeys = Readonly<Record<'localKey' | 'localSalt' | 'remoteKey' | 'remoteSalt', Buffer>>;

/** Addresses that a browser may check from at once: its interfaces, and its ways through NATs. */
const MAX_CHECKED = 16;
/** DTLS record: type, version, epoch, number, length (RFC 6347 §4.1). */
const RECORD_HEADER_BYTES = 13;
const FIRST_RECORD_TYPE = 20;
const LAST_RECORD_TYPE = 23;
const ALERT = 21;

type StunFilter = NonNullable<NonNullable<ConstructorParameters<typeof RTCPeerConnection>[0]>['iceFilterStunResponse']>;

/** Between the end of a browser's DTLS and its leg's failure: its BYE comes another way. */
const GOODBYE_MS = 2_000;

/** Protection profiles by their numbers in DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const PROFILES: Readonly<Record<number, SrtpProfile>> = { 1: 'AES_CM_128_HMAC_SHA1_80', 7: 'AEAD_AES_128_GCM' };

/**
 * One browser: werift does ICE (lite), DTLS and the descriptions. RTP and RTCP pass it by: they
 * go between its socket and our own SRTP contexts, keyed by its DTLS, with no object made for a
 * packet on the way.
 * @remarks ICE lite, RFC 8445 §2.5: we have one known address, and the browser nominates.
 */
export class WeriftLink implements EdgeLink {
  readonly ssrc: number;
  readonly #options: WeriftLinkOptions;
  readonly #peer: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #dtls: RTCDtlsTransport;
  /** Best first; those of the latest offer of ours, once there was one. */
  #codecs: readonly VoiceCodec[];
  #offered: ReadonlyMap<number, InboundFormat> | undefined;
  #outbound: SrtpContext | undefined;
  #inbound: SrtpContext | undefined;
  #socket: StunProtocol['transport']['socket'] | undefined;
  #remote: readonly [string, number] | undefined;
  /** Where checks came from that knew our user names; the latest is last. */
  readonly #checked = new Set<string>();
  #lastHeardMs = performance.now();
  #connecting: AbortController | undefined;
  readonly #closed = new AbortController();
  #isConnected = false;
  #closing: Promise<void> | undefined;

  constructor(options: WeriftLinkOptions) {
    this.#options = options;
    this.#codecs = options.preferences;
    this.#peer = new RTCPeerConnection({
      codecs: { audio: listCodecs(), video: [] },
      iceServers: [],
      iceLite: true,
      // Only the address that we were given: no interface is looked up, no STUN server asked.
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [options.host],
      iceInterfaceAddresses: options.host.includes(':') ? { udp6: options.host } : { udp4: options.host },
      iceFilterStunResponse: (message, address, protocol) => this.#admitCheck(message, address, protocol),
    });
    this.#transceiver = this.#peer.addTransceiver('audio', { direction: 'sendrecv' });
    this.#dtls = this.#transceiver.dtlsTransport;
    this.#dtls.srtpStarted = true; // werift's own packet path stays off: ours takes its place.
    this.ssrc = this.#transceiver.sender.ssrc;
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#connected();
      else if (state === 'failed') this.#fail('webrtc-failed');
    });
    this.#dtls.onStateChange.subscribe((state) => {
      if (state === 'failed') this.#fail('dtls-failed');
      else if (state === 'closed') this.#browserLeft();
    });
  }

  /** Makes our offer, with all candidates. */
  makeOffer(): Promise<string> {
    return this.propose(this.#codecs);
  }

  async propose(codecs: readonly VoiceCodec[]): Promise<string> {
    await this.#untilConnected(); // werift forgets that it connects when it is given another description meanwhile.
    this.#codecs = codecs;
    this.#offered = offeredFormats(codecs, 'rfc4733');
    this.#transceiver.codecs = listCodecs(); // After a negotiation werift would offer only what was agreed on then.
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    return narrowOwnSdp(await this.#localSdp(), this.#offered.keys());
  }

  async acceptAnswer(sdp: string): Promise<EdgeNegotiation<object>> {
    const narrowed = this.#narrow(sdp, this.#offered);
    if (narrowed.kind === 'unsupported') return narrowed;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: narrowed.sdp });
    this.#expectConnection();
    return { kind: 'agreed', audio: narrowed.audio };
  }

  async reoffer(sdp: string): Promise<EdgeNegotiation<{ readonly sdp: string }>> {
    const narrowed = this.#narrow(sdp, undefined);
    if (narrowed.kind === 'unsupported') return narrowed;
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: narrowed.sdp });
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    this.#restartedIce();
    this.#expectConnection();
    return { kind: 'agreed', audio: narrowed.audio, sdp: await this.#localSdp() };
  }

  send(packet: Buffer): void {
    if (this.#outbound !== undefined) this.#transmit(this.#outbound.protect(packet));
  }

  sendControl(packet: Buffer): void {
    if (this.#outbound !== undefined) this.#transmit(this.#outbound.protectControl(packet));
  }

  /** Fails when the browser has not checked the path for so long that it must be gone. */
  checkConsent(): void {
    if (this.#isConnected && performance.now() - this.#lastHeardMs > CONSENT_MS) this.#fail('ice-consent-lost');
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#closed.abort();
    this.#connecting?.abort();
    this.#outbound = undefined;
    this.#inbound = undefined;
    this.#options.onClosed();
    await this.#peer.close();
  }

  #transmit(encrypted: Buffer): void {
    // While ICE restarts nothing is nominated: the path from before serves until then (RFC 8445 §2.4).
    this.#remote = this.#dtls.iceTransport.connection.nominated?.remoteAddr ?? this.#remote;
    if (this.#remote !== undefined) this.#socket?.send(encrypted, this.#remote[1], this.#remote[0]);
  }

  /** Takes voice off werift's socket before werift looks at it (RFC 7983 §7: first byte 128 to 191). */
  #adoptSocket(protocol: unknown): void {
    if (this.#socket !== undefined || !(protocol instanceof StunProtocol)) return;
    const { transport } = protocol;
    this.#socket = transport.socket;
    // A datagram that the network refuses is a lost packet; a path that is gone is found by consent.
    this.#socket.on('error', () => { this.#refusedSends += 1; });
    const forWerift = transport.onData;
    transport.onData = (datagram, address) => {
      const first = datagram[0] ?? 0;
      if (first >= 128 && first <= 191) this.#receive(datagram);
      else if (first <= 3 || this.#isHandshake(datagram, address)) forWerift(datagram, address);
      else this.#refusedPackets += 1;
    };
  }

  /**
   * Whether a datagram may reach werift's DTLS, which takes an alert, or a handshake that is none,
   * for the end of the call, whoever sent it.
   * @remarks RFC 6347 §4.1.2.7: what is invalid is to be dropped silently.
   */
  #isHandshake(datagram: Buffer, address: readonly [string, number]): boolean {
    if (datagram.length < RECORD_HEADER_BYTES || !this.#checked.has(address.join(' '))) return false;
    const type = datagram.readUInt8(0);
    const isOpenAlert = type === ALERT && datagram.readUInt16BE(3) === 0; // Epoch 0: nobody has signed it.
    return type >= FIRST_RECORD_TYPE && type <= LAST_RECORD_TYPE && !(isOpenAlert && this.#isConnected);
  }

  #receive(datagram: Buffer): void {
    const inbound = this.#inbound;
    if (inbound === undefined) return;
    const control = isRtcp(datagram);
    const packet = control ? inbound.unprotectControl(datagram) : inbound.unprotect(datagram);
    if (packet === undefined) this.#refusedPackets += 1;
    else if (control) this.#options.sink.onControl(packet);
    else this.#options.sink.onPacket(packet);
  }

  #refusedSends = 0;
  #refusedPackets = 0;

  /** Datagrams that were not authentic, and sends that the network refused. */
  get refused(): number { return this.#refusedPackets + this.#refusedSends; }

  /**
   * Takes checks only from the browser that we described ourselves to, and follows it when it
   * nominates another path.
   * @remarks RFC 8445 §7.3: both user names, which only the two descriptions carry.
   */
  #admitCheck(...[message, address, protocol]: Parameters<StunFilter>): boolean {
    const { connection } = this.#dtls.iceTransport;
    const userName: unknown = message.getAttributeValue('USERNAME');
    const ours = `${connection.localUsername}:`;
    const isForUs = connection.remoteUsername === ''
      ? typeof userName === 'string' && userName.startsWith(ours) // A check may overtake the answer that says who checks.
      : userName === `${ours}${connection.remoteUsername}`;
    if (!isForUs) return false;
    this.#lastHeardMs = performance.now();
    this.#rememberChecked(address.join(' '));
    this.#adoptSocket(protocol);
    const { nominated } = connection;
    if (nominated !== undefined && message.attributesKeys.includes('USE-CANDIDATE')
      && (nominated.remoteAddr[0] !== address[0] || nominated.remoteAddr[1] !== address[1])) connection.resetNominatedPair();
    return true;
  }

  #rememberChecked(address: string): void {
    this.#checked.delete(address);
    this.#checked.add(address);
    if (this.#checked.size <= MAX_CHECKED) return;
    for (const oldest of this.#checked) {
      this.#checked.delete(oldest);
      return;
    }
  }

  /** @param offered - what we offered, when the description answers it. */
  #narrow(sdp: string, offered: ReadonlyMap<number, InboundFormat> | undefined): { readonly kind: 'narrowed'; readonly sdp: string; readonly audio: AgreedAudio } | { readonly kind: 'unsupported'; readonly reason: string } {
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return { kind: 'unsupported', reason: `the description is malformed: ${parsed.reason}` };
    const others = parsed.session.media.filter(({ kind, port }) => kind !== 'audio' && port !== 0);
    if (others.length > 0) return { kind: 'unsupported', reason: `only audio is spoken, not ${others.map(({ kind }) => kind).join(', ')}` };
    const section = findAudio(parsed.session);
    if (section === undefined || !isWebRtc(section)) return { kind: 'unsupported', reason: 'no audio section with DTLS-SRTP' };
    const audio = agreeOnAudio(section, this.#wishes(offered));
    if (audio === undefined) return { kind: 'unsupported', reason: `no codec in common: got ${section.media.formats.join(' ').slice(0, 100)}` };
    return {
      kind: 'narrowed',
      sdp: narrowBrowserSdp(sdp, [audio.payloadType, ...(audio.events === undefined ? [] : [audio.events.payloadType])]),
      // A browser always has an address of its own: 0.0.0.0 in its description is not a hold (RFC 8840 §4.1).
      audio: { ...audio, peerListens: section.direction === 'sendrecv' || section.direction === 'recvonly' },
    };
  }

  #wishes(offered: ReadonlyMap<number, InboundFormat> | undefined): Parameters<typeof agreeOnAudio>[1] {
    const [prefer] = this.#codecs;
    return { codecs: this.#codecs, ...(prefer === undefined ? {} : { prefer }), ...(offered === undefined ? {} : { offered }) };
  }

  async #localSdp(): Promise<string> {
    await withDeadline(GATHER_MS, async (signal) => {
      while (this.#peer.iceGatheringState !== 'complete' && !signal.aborted) await delay(5, signal);
    });
    const sdp = this.#peer.localDescription?.sdp;
    if (sdp === undefined || !sdp.includes('a=candidate:')) {
      throw new AppError({ code: 'media.no-candidates', category: 'config', message: `no UDP port could be opened on ${this.#options.host} for WebRTC` });
    }
    return announceAddress(sdp, this.#options.host, this.#options.announcedHost);
  }

  /** werift does not start ICE again by itself while DTLS is up: after a restart we do. */
  #restartedIce(): void {
    const { iceTransport } = this.#dtls;
    if (!this.#isConnected || iceTransport.state !== 'new') return;
    iceTransport.start().catch(() => this.#fail('ice-failed'));
  }

  #expectConnection(): void {
    if (this.#isConnected || this.#connecting !== undefined) return;
    this.#connecting = new AbortController();
    void delay(CONNECT_MS, this.#connecting.signal).then((how) => {
      if (how === 'elapsed') this.#fail('webrtc-timeout');
    });
  }

  /** Waits while a connection is being made, whatever comes of it. */
  async #untilConnected(): Promise<void> {
    const connecting = this.#connecting?.signal;
    if (connecting !== undefined && !this.#isConnected) await delay(CONNECT_MS, connecting);
  }

  #connected(): void {
    if (this.#isConnected || this.#closing !== undefined) return;
    this.#isConnected = true;
    this.#connecting?.abort();
    this.#lastHeardMs = performance.now();
    this.#startSrtp();
    this.#options.sink.onReady();
  }

  /** Keys both directions from the DTLS exporter (RFC 5764 §4.2). */
  #startSrtp(): void {
    const { dtls } = this.#dtls;
    const profile = PROFILES[dtls?.srtp.srtpProfile ?? 0];
    if (dtls === undefined || profile === undefined) {
      this.#fail('no-srtp-profile');
      return;
    }
    const lengths = MASTER_LENGTHS[profile];
    // A cast because werift's declaration leaves the types out: these are the exporter's four parts.
    const { localKey, localSalt, remoteKey, remoteSalt } = dtls.extractSessionKeys(lengths.key, lengths.salt) as ExportedKeys;
    this.#outbound = new SrtpContext(profile, { key: localKey, salt: localSalt });
    this.#inbound = new SrtpContext(profile, { key: remoteKey, salt: remoteSalt });
  }

  /** A page that hangs up closes its media at once: its BYE is given time to say so first. */
  #browserLeft(): void {
    void delay(GOODBYE_MS, this.#closed.signal).then((how) => {
      if (how === 'elapsed') this.#fail('browser-left');
    });
  }

  #fail(reason: string): void {
    if (this.#closing !== undefined) return;
    this.#connecting?.abort();
    this.#options.sink.onFailed(reason);
  }
}

/** Everything that may be spoken with a browser; each description names what it is about. */
const listCodecs = (): RTCRtpCodecParameters[] => [
  ...VOICE_CODECS.map((codec) => {
    const { clockRate, payloadType, fmtp } = CODEC_FACTS[codec];
    return new RTCRtpCodecParameters({
      mimeType: `audio/${codec}`, clockRate, channels: codec === 'opus' ? 2 : 1, payloadType,
      ...(fmtp === undefined ? {} : { parameters: fmtp }),
    });
  }),
  ...([8_000, 48_000] as const).map((clockRate) => new RTCRtpCodecParameters({
    mimeType: 'audio/telephone-event', clockRate, channels: 1, payloadType: OFFERED_EVENT_TYPES[clockRate], parameters: '0-15',
  })),
];
