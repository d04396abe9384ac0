import type { Socket } from 'node:net';
import { addressKey } from '../../base/address-key.ts';
import type { SipLimits } from '../guard/limits.ts';

/** Counts open connections, also those still in a handshake, in total and by address. */
export class ConnectionCount {
  readonly #limits: Pick<SipLimits, 'connections' | 'connectionsPerAddress'>;
  readonly #perAddress = new Map<string, number>();
  #total = 0;
  #onDrained: (() => void) | undefined;

  constructor(limits: Pick<SipLimits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Whether one more connection from this address would be too many. */
  isFull(address: string): boolean {
    return this.#total >= this.#limits.connections || (this.#perAddress.get(addressKey(address)) ?? 0) >= this.#limits.connectionsPerAddress;
  }

  /** Resolves when no connection is open any more. */
  drained(): Promise<void> {
    if (this.#total === 0) return Promise.resolve();
    return new Promise((resolve) => { this.#onDrained = resolve; });
  }

  /** Counts a connection until its socket is closed. @returns false, and counts nothing, when it is one too many. */
  take(socket: Socket, address: string): boolean {
    if (socket.destroyed || this.isFull(address)) return false;
    const key = addressKey(address);
    this.#total += 1;
    this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
    socket.once('close', () => {
      this.#total -= 1;
      if (this.#total === 0) this.#onDrained?.();
      const left = (this.#perAddress.get(key) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(key);
      else this.#perAddress.set(key, left);
    });
    return true;
  }
}
