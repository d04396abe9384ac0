import type { Trunk } from '../../model/centre.ts';
import type { TrunkId } from '../../model/ids.ts';
import type { SipRequest } from '../drachtio/messages.ts';
import { isWebSocket } from '../drachtio/web-socket.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import { SipTrunk, type SipTrunkOptions, type TrunkStatus } from './sip-trunk.ts';

/** What {@link SipTrunks} work with. */
export interface SipTrunksOptions extends SipTrunkOptions {
  readonly trunks: readonly Trunk[];
}

/** The trunks that calls leave by, and by whose registrations calls come. */
export class SipTrunks {
  readonly #trunks = new Map<TrunkId, SipTrunk>();

  constructor(options: SipTrunksOptions) {
    for (const trunk of options.trunks) {
      if (trunk.kind === 'sip' && trunk.peer) this.#trunks.set(trunk.trunkId, new SipTrunk(trunk, trunk.peer, options));
    }
  }

  find(trunkId: TrunkId): SipTrunk | undefined {
    return this.#trunks.get(trunkId);
  }

  status(): readonly TrunkStatus[] {
    return [...this.#trunks.values()].map((trunk) => trunk.status());
  }

  start(): void {
    for (const trunk of this.#trunks.values()) trunk.start();
  }

  /** The SIP server is back: what could not be registered meanwhile is tried at once. */
  wake(): void {
    for (const trunk of this.#trunks.values()) trunk.registration?.wake();
  }

  /** Unregisters everywhere. Never rejects. */
  async stop(): Promise<void> {
    await Promise.all([...this.#trunks.values()].map((trunk) => trunk.stop()));
  }

  /**
   * By whose registration an INVITE came.
   * @remarks It must come from the registrar. Its Request-URI is then our contact (RFC 3261 §16.5) and has our line
   *   token; equipment that drops URI parameters is known by the account's name, or by being the only one there.
   *   Never over WebSocket: browsers behind a proxy on the registrar's machine have its address.
   */
  findByInvite(request: Pick<SipRequest, 'uri' | 'source_address' | 'protocol'>): SipTrunk | undefined {
    if (isWebSocket(request.protocol)) return undefined;
    const there = [...this.#trunks.values()].filter((trunk) => trunk.isRegistrar(request.source_address));
    const line = /[;?&]line=([0-9a-f]{24})(?:[;?]|$)/.exec(request.uri)?.[1];
    if (line !== undefined) return there.find(({ registration }) => registration?.line === line);
    const { user } = parseAddress(request.uri);
    return there.find(({ registration }) => registration?.username === user) ?? (there.length === 1 ? there[0] : undefined);
  }
}
