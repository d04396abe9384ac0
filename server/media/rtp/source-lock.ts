/** Valid packets in a row from one address before it is the only one heard. */
const PACKETS_TO_LOCK = 3;

/**
 * Decides which address a leg's packets may come from, so that nobody can talk into a call.
 *   open (negotiated address or first that sends well) -> locked (that address only)
 * @remarks Symmetric RTP (RFC 4961): behind a NAT the address in the SDP is not where packets
 *   come from, so until the lock any source that sends valid packets may become it. The
 *   negotiated address wins at once. A new negotiation opens the lock again.
 */
export class SourceLock {
  #negotiatedAddress = '';
  #negotiatedPort = 0;
  #lockedAddress: string | undefined;
  #lockedPort = 0;
  #candidateAddress = '';
  #candidatePort = 0;
  #streak = 0;

  /** A description named the peer's address; the same one again changes nothing. */
  negotiate(address: string, port: number): void {
    if (address === this.#negotiatedAddress && port === this.#negotiatedPort) return;
    this.#negotiatedAddress = address;
    this.#negotiatedPort = port;
    this.#lockedAddress = undefined;
    this.#streak = 0;
  }

  get isLocked(): boolean { return this.#lockedAddress !== undefined; }

  /** Where to send: the locked source, before that the negotiated address. */
  get target(): { readonly address: string; readonly port: number } {
    return this.#lockedAddress === undefined
      ? { address: this.#negotiatedAddress, port: this.#negotiatedPort }
      : { address: this.#lockedAddress, port: this.#lockedPort };
  }

  /**
   * Whether a valid packet from this address is heard.
   * @returns `locked` for the packet that closed the lock, so that sending may follow it.
   */
  admit(address: string, port: number): 'accept' | 'locked' | 'drop' {
    if (this.#lockedAddress !== undefined) {
      return port === this.#lockedPort && address === this.#lockedAddress ? 'accept' : 'drop';
    }
    if (address === this.#negotiatedAddress && port === this.#negotiatedPort) return this.#lock(address, port);
    if (address !== this.#candidateAddress || port !== this.#candidatePort) {
      this.#candidateAddress = address;
      this.#candidatePort = port;
      this.#streak = 0;
    }
    this.#streak += 1;
    return this.#streak >= PACKETS_TO_LOCK ? this.#lock(address, port) : 'drop';
  }

  #lock(address: string, port: number): 'locked' {
    this.#lockedAddress = address;
    this.#lockedPort = port;
    return 'locked';
  }
}
